"""Whether a passage meets the question's constraints, read from their words.

A span can look right in a passage about something else. What the question names (its terms, names,
numbers) is looked for in the sentence, the passage and the article that the span comes from.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from rag.lexical import terms
from rag.quantities import numbers
from rag.questions import AnswerType, expected_type
from rag.reader import Candidate
from rag.sentences import Span, sentence_spans
from rag.types import Passage

_NAME = re.compile(r"(?<![.?!] )(?<!^)\b[A-Z][\w’'-]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What a question wants: weighted terms (rare ones count more), names, numbers, answer type."""

    weights: dict[str, float]
    names: frozenset[str]
    numbers: frozenset[str]
    kind: AnswerType


def asked(question: str, rarity: Callable[[str], float]) -> Asked:
    """Reads a question; `rarity(term)` is between 0 (in every chunk) and 1 (in none)."""
    names = {term for match in _NAME.findall(question) for term in terms(match)}
    return Asked(
        weights={term: 0.1 + rarity(term) for term in terms(question)},
        names=frozenset(names),
        numbers=frozenset(str(value) for value in numbers(question)),
        kind=expected_type(question),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """A text with what support looks at, read once."""

    text: str
    terms: frozenset[str]
    numbers: frozenset[str]


def read_text(text: str) -> Text:
    """Terms and numbers of a text."""
    return Text(
        text=text,
        terms=frozenset(terms(text)),
        numbers=frozenset(str(value) for value in numbers(text)),
    )


def coverage(question: Asked, text: Text) -> float:
    """The weighted share of the question's terms that the text holds, 0 to 1; 1 for no terms."""
    total = sum(question.weights.values())
    met = sum(weight for term, weight in question.weights.items() if term in text.terms)
    return met / total if total else 1.0


def missing_share(wanted: frozenset[str], found: frozenset[str]) -> float:
    """The share of `wanted` that is not found, 0 to 1; 0 where nothing is wanted."""
    return len(wanted - found) / len(wanted) if wanted else 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """A passage as support sees it: where it stands, its article, and how retrieval found it."""

    document: str
    start: int
    passage: Text
    article: Text
    sentences: tuple[Span, ...]
    dense: float
    rank: int


def sentence_of(spans: Sequence[Span], start: int, end: int) -> Span:
    """The smallest run of sentences that holds `[start, end)`, as one span."""
    touched = [span for span in spans if span[0] < end and start < span[1]]
    if not touched:
        return start, end
    return min(start, touched[0][0]), max(end, touched[-1][1])


def passage_read(passage: Passage, article: Text, rank: int) -> Read:
    """A retrieved passage made ready for support; `rank` counts from 0."""
    return Read(
        document=passage.document,
        start=passage.start,
        passage=read_text(passage.text),
        article=article,
        sentences=tuple(sentence_spans(passage.text)),
        dense=passage.dense if passage.dense is not None else 0.0,
        rank=rank,
    )


def place_of(candidate: Candidate, reads: Sequence[Read]) -> tuple[str, int, int]:
    """Where a candidate stands: document, start and end in its article."""
    read = reads[candidate.passage]
    return read.document, read.start + candidate.start, read.start + candidate.end


def same_place(one: Candidate, other: Candidate, reads: Sequence[Read]) -> bool:
    """Whether two candidates overlap in one article; chunks overlap, so passages repeat text."""
    document, start, end = place_of(one, reads)
    other_document, other_start, other_end = place_of(other, reads)
    return document == other_document and start < other_end and other_start < end


def sentence_place(candidate: Candidate, reads: Sequence[Read]) -> tuple[int, Span]:
    """The passage of a candidate, and the sentences of it that hold the span."""
    sentences = reads[candidate.passage].sentences
    return candidate.passage, sentence_of(sentences, candidate.start, candidate.end)


def normal(span: str) -> str:
    """A span for comparison: lower case, without articles, punctuation and surplus space."""
    words = re.findall(r"\w+", span.lower())
    return " ".join(word for word in words if word not in ("a", "an", "the"))


def alike(one: str, other: str) -> bool:
    """Whether two normal spans are the same answer: equal, or one inside the other by words."""
    return one == other or f" {one} " in f" {other} " or f" {other} " in f" {one} "
