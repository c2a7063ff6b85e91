"""What the confidence is made of: one number for each thing that speaks for or against an answer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from rag.alone import Alone, AloneReads
from rag.questions import agrees
from rag.reader import Candidate
from rag.sentences import Span
from rag.support import (
    Asked,
    Read,
    Text,
    alike,
    coverage,
    missing_share,
    normal,
    place_of,
    read_text,
    same_place,
    sentence_place,
)

Features = dict[str, float]
# The margin where the reader sees no span, and bounds beyond which margins say nothing more.
NO_MARGIN = -12.0
HIGHEST_MARGIN = 16.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """A question with all candidates of the passages read, and its best sentences read alone."""

    question: Asked
    reads: Sequence[Read]
    candidates: Sequence[Candidate]
    alone: AloneReads


def span_features(evidence: Evidence) -> list[Features]:
    """What decides whether each candidate is right, in the candidates' order."""
    question, reads, candidates = evidence.question, evidence.reads, evidence.candidates
    answers = [normal(_span_text(candidate, reads)) for candidate in candidates]
    sentences: dict[tuple[int, Span], Text] = {}
    overall = over_passages(candidates)
    found: list[Features] = []
    for candidate, answer in zip(candidates, answers, strict=True):
        read = reads[candidate.passage]
        place = sentence_place(candidate, reads)
        if place not in sentences:
            sentences[place] = read_text(read.passage.text[slice(*place[1])])
        rival = max(
            (
                other.margin
                for other, text in zip(candidates, answers, strict=True)
                if not alike(answer, text)
            ),
            default=candidate.margin - 10.0,
        )
        agreeing = {
            place_of(other, reads)
            for other, text in zip(candidates, answers, strict=True)
            if other.margin > 0 and not same_place(other, candidate, reads) and alike(answer, text)
        }
        span = _span_text(candidate, reads)
        found.append(
            _of_margins(candidate, rival)
            | _of_sentence_alone(candidate, place[1][0], evidence.alone.get(place))
            | _of_words(question, span, sentences[place], read)
            | overall
            | {"agreement": min(2, len(agreeing)) / 2}
        )
    return found


def over_passages(candidates: Sequence[Candidate]) -> Features:
    """How the passages do together: how many were read, their mean margin and the second best."""
    best: dict[int, float] = {}
    for candidate in candidates:
        known = best.get(candidate.passage, NO_MARGIN)
        best[candidate.passage] = max(known, candidate.margin)
    margins = sorted(map(_margin, best.values()), reverse=True)
    return {
        "passages": len(margins) / 8,
        "second": margins[1] if len(margins) > 1 else _margin(NO_MARGIN),
        "mean": sum(margins) / len(margins) if margins else _margin(NO_MARGIN),
    }


def _of_margins(candidate: Candidate, rival: float) -> Features:
    return {
        "margin": _margin(candidate.margin),
        "margin_over_zero": max(0.0, _margin(candidate.margin)),
        "score": _clip(candidate.score, -10, 18) / 10,
        "lead": _clip(candidate.margin - rival, -10, 10) / 10,
    }


def _of_sentence_alone(candidate: Candidate, offset: int, alone: Alone | None) -> Features:
    """Whether the sentence, which begins at `offset`, answers by itself, and with this span."""
    place = candidate.start - offset, candidate.end - offset
    span = alone.spans.get(place) if alone else None
    return {
        "alone": _margin(alone.best if alone else NO_MARGIN),
        "alone_span": _margin(NO_MARGIN if span is None else span),
        "alone_missing": float(span is None),
    }


def _of_words(question: Asked, span: str, sentence: Text, read: Read) -> Features:
    span_terms = read_text(span).terms
    fits = agrees(question.kind, span)
    return _of_support(question, sentence, read) | {
        "type_met": float(question.kind != "any" and fits),
        "type_broken": float(not fits),
        "echo": len(span_terms & question.weights.keys()) / max(1, len(span_terms)),
        "length": min(30, len(span.split())) / 10,
    }


def sentence_features(
    evidence: Evidence, row: int, place: Span, similarity: float, overall: Features
) -> Features:
    """What decides whether the sentence at `place` of passage `row` answers.

    `similarity` is its cosine with the question; `overall` is `over_passages` of the candidates.
    """
    read = evidence.reads[row]
    sentence = read_text(read.passage.text[slice(*place)])
    inside = (
        candidate.margin
        for candidate in evidence.candidates
        if candidate.passage == row and place[0] <= candidate.start and candidate.end <= place[1]
    )
    alone = evidence.alone.get((row, place))
    return (
        _of_support(evidence.question, sentence, read)
        | overall
        | {
            "similarity": similarity,
            "margin": _margin(max(inside, default=NO_MARGIN)),
            "alone": _margin(alone.best if alone else NO_MARGIN),
            "length": min(60, len(sentence.text.split())) / 20,
        }
    )


def _of_support(question: Asked, sentence: Text, read: Read) -> Features:
    return {
        "dense": read.dense,
        "rank": 1.0 / (1 + read.rank),
        "sentence": coverage(question, sentence),
        "passage": coverage(question, read.passage),
        "article": coverage(question, read.article),
        "missing_names": missing_share(question.names, read.passage.terms),
        "missing_names_article": missing_share(question.names, read.article.terms),
        "missing_numbers": missing_share(question.numbers, read.passage.numbers),
    }


def _span_text(candidate: Candidate, reads: Sequence[Read]) -> str:
    return reads[candidate.passage].passage.text[candidate.start : candidate.end]


def _margin(value: float) -> float:
    return _clip(value, NO_MARGIN, HIGHEST_MARGIN) / 10


def _clip(value: float, low: float, high: float) -> float:
    return min(high, max(low, value))
