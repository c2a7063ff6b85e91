"""Seventh step: passages → an answer. The extractive reader finds the span, support weighs it,
and the sentences around it are what is shown and cited."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from rag.confidence import Calibration
from rag.embedding import Embedder
from rag.questions import form_of
from rag.reader import Candidate, Reader
from rag.sentences import Span, sentence_spans
from rag.support import (
    Asked,
    Read,
    Text,
    alike,
    asked,
    normal,
    passage_read,
    read_text,
    sentence_features,
    sentence_of,
    span_features,
)
from rag.types import Article, Citation, Passage, Sentence

MAX_SENTENCES = 4
# A second place is cited, and a further sentence of a long answer shown, from these probabilities.
SECOND_PLACE = 0.5
FURTHER_SENTENCE = 0.35


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """What an answerer proposes. `confidence` belongs to the draft even where it is too low."""

    short_answer: str | None
    sentences: tuple[Sentence, ...]
    citations: tuple[Citation, ...]
    confidence: float
    passages_read: int


class Answerer(Protocol):
    """Question and passages → a draft; the pipeline abstains and proves."""

    @property
    def name(self) -> str:
        """Who answers, as `Answer.answered_by` says it."""

    def answer(
        self, question: str, passages: Sequence[Passage], articles: Mapping[str, Article]
    ) -> Draft | None:
        """A draft, or None where nothing in the passages bears on the question."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """A candidate span with its probability."""

    candidate: Candidate
    probability: float


class ExtractiveAnswerer:
    """Answers with the articles' own words. `rarity(term)` says how rare a term is, 0 to 1."""

    def __init__(
        self,
        reader: Reader,
        embedder: Embedder,
        rarity: Callable[[str], float],
        span_calibration: Calibration,
        sentence_calibration: Calibration,
    ) -> None:
        self._reader = reader
        self._embedder = embedder
        self._rarity = rarity
        self._span = span_calibration
        self._sentence = sentence_calibration
        self._article_texts: dict[str, Text] = {}
        self._article_sentences: dict[str, tuple[Span, ...]] = {}

    @property
    def name(self) -> str:
        return f"extractive: {self._reader.card['name']}"

    def answer(
        self, question: str, passages: Sequence[Passage], articles: Mapping[str, Article]
    ) -> Draft | None:
        if not passages:
            return None
        wanted = asked(question, self._rarity)
        reads = [
            passage_read(
                passage.text,
                self._text_of(articles[passage.document]),
                passage.dense if passage.dense is not None else 0.0,
                rank,
            )
            for rank, passage in enumerate(passages)
        ]
        candidates, read = self._reader.read(
            question, [passage.text for passage in passages], _enough
        )
        judged = judge(wanted, candidates, reads, self._span)
        if form_of(question) == "short":
            return self._short(judged, passages, articles, read) if judged else None
        return self._long(question, wanted, candidates, passages, reads, articles, read)

    def _short(
        self,
        judged: Sequence[Judged],
        passages: Sequence[Passage],
        articles: Mapping[str, Article],
        read: int,
    ) -> Draft:
        best = judged[0]
        citations = [self._cite(1, best.candidate, passages, articles)]
        answer = normal(_text_in(best.candidate, passages))
        for other in judged[1:]:
            cited = self._cite(len(citations) + 1, other.candidate, passages, articles)
            same = alike(answer, normal(_text_in(other.candidate, passages)))
            fresh = all(
                (cited.document, cited.start) != (known.document, known.start)
                and cited.quote != known.quote
                for known in citations
            )
            if same and fresh and other.probability >= SECOND_PLACE and len(citations) < 3:
                citations.append(cited)
        sentences = tuple(
            Sentence(text=citation.quote, citations=(citation.number,)) for citation in citations
        )
        return Draft(
            short_answer=_text_in(best.candidate, passages),
            sentences=sentences,
            citations=tuple(citations),
            confidence=best.probability,
            passages_read=read,
        )

    def _long(
        self,
        question: str,
        wanted: Asked,
        candidates: Sequence[Candidate],
        passages: Sequence[Passage],
        reads: Sequence[Read],
        articles: Mapping[str, Article],
        read: int,
    ) -> Draft | None:
        """The best sentence and, around it, those that also answer, in the article's order."""
        places: list[tuple[int, Span]] = []
        seen: set[tuple[str, int]] = set()
        for row in range(read):
            for span in reads[row].sentences:
                key = (passages[row].document, passages[row].start + span[0])
                if key not in seen:
                    seen.add(key)
                    places.append((row, span))
        if not places:
            return None
        texts = [passages[row].text[slice(*span)] for row, span in places]
        similarities = self._embedder.embed(texts) @ self._embedder.embed_query(question)
        scored: list[tuple[float, int, Span]] = []
        for (row, span), text, similarity in zip(places, texts, similarities, strict=True):
            margin = max(
                (
                    candidate.margin
                    for candidate in candidates
                    if candidate.passage == row
                    and span[0] <= candidate.start
                    and candidate.end <= span[1]
                ),
                default=-12.0,
            )
            features = sentence_features(
                wanted, read_text(text), float(similarity), margin, reads[row]
            )
            scored.append((self._sentence.probability(features), row, span))
        scored.sort(key=lambda item: -item[0])
        best, best_row, _ = scored[0]
        chosen = [scored[0]]
        for item in scored[1:]:
            near = passages[item[1]].document == passages[best_row].document
            if (
                near
                and item[0] >= max(FURTHER_SENTENCE, 0.6 * best)
                and len(chosen) < MAX_SENTENCES
            ):
                chosen.append(item)
        citations: list[Citation] = []
        for _, row, span in sorted(chosen, key=lambda i: passages[i[1]].start + i[2][0]):
            passage = passages[row]
            start, end = self._sentence_in_article(
                articles[passage.document], passage.start + span[0], passage.start + span[1]
            )
            if any(start < known.end and known.start < end for known in citations):
                continue
            citations.append(_citation(len(citations) + 1, articles[passage.document], start, end))
        return Draft(
            short_answer=None,
            sentences=tuple(
                Sentence(text=citation.quote, citations=(citation.number,))
                for citation in citations
            ),
            citations=tuple(citations),
            confidence=best,
            passages_read=read,
        )

    def _cite(
        self,
        number: int,
        candidate: Candidate,
        passages: Sequence[Passage],
        articles: Mapping[str, Article],
    ) -> Citation:
        passage = passages[candidate.passage]
        article = articles[passage.document]
        inner = (passage.start + candidate.start, passage.start + candidate.end)
        start, end = self._sentence_in_article(article, *inner)
        return _citation(number, article, start, end, inner)

    def _sentence_in_article(self, article: Article, start: int, end: int) -> Span:
        if article.sha256 not in self._article_sentences:
            self._article_sentences[article.sha256] = tuple(sentence_spans(article.text))
        return sentence_of(self._article_sentences[article.sha256], start, end)

    def _text_of(self, article: Article) -> Text:
        if article.sha256 not in self._article_texts:
            self._article_texts[article.sha256] = read_text(f"{article.title}\n{article.text}")
        return self._article_texts[article.sha256]


def judge(
    wanted: Asked, candidates: Sequence[Candidate], reads: Sequence[Read], calibration: Calibration
) -> list[Judged]:
    """The candidates with their probabilities, likeliest first."""
    judged = [
        Judged(
            candidate=candidate,
            probability=calibration.probability(
                span_features(wanted, candidate, candidates, reads)
            ),
        )
        for candidate in candidates
    ]
    return sorted(judged, key=lambda item: (-item.probability, -item.candidate.margin))


def _enough(candidates: Sequence[Candidate]) -> bool:
    """Whether one span is so clearly best that further passages are not worth their time."""
    margins = sorted((candidate.margin for candidate in candidates), reverse=True)
    return len({c.passage for c in candidates}) >= 4 and bool(margins) and margins[0] > 9.0


def _text_in(candidate: Candidate, passages: Sequence[Passage]) -> str:
    return passages[candidate.passage].text[candidate.start : candidate.end]


def _citation(
    number: int, article: Article, start: int, end: int, inner: Span | None = None
) -> Citation:
    return Citation(
        number=number,
        document=article.id,
        title=article.title,
        sha256=article.sha256,
        start=start,
        end=end,
        quote=article.text[start:end],
        answer_start=inner[0] if inner else None,
        answer_end=inner[1] if inner else None,
    )
