"""The values that flow through the pipeline, in the order in which they come to be.

All offsets count characters (Unicode code points) of `Article.text`; ends are exclusive.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

NOT_IN_ARTICLES = "The articles do not say."


@dataclass(frozen=True, slots=True, kw_only=True)
class Article:
    """One article. `sha256` is the digest of `text` in UTF-8; `source` is a path under the folder."""

    id: str
    title: str
    text: str
    sha256: str
    source: str

    @classmethod
    def of(cls, *, id: str, title: str, text: str, source: str) -> Article:
        """The article of a text, with the text's digest. Raises: UnicodeEncodeError."""
        return cls(id=id, title=title, text=text, sha256=text_sha256(text), source=source)


def text_sha256(text: str) -> str:
    """The SHA-256 of a text in UTF-8, in hexadecimal. Raises: UnicodeEncodeError."""
    return hashlib.sha256(text.encode()).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Chunk:
    """The unit of the index. `article.text[start:end] == text`."""

    article_id: str
    start: int
    end: int
    text: str

    @property
    def id(self) -> str:
        """Unique within a generation."""
        return f"{self.article_id}:{self.start}-{self.end}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """A chunk retrieved for a question.

    `score` is the fused score (reciprocal rank, at most 1); `dense` is the cosine similarity and
    `lexical` the BM25 score, each None where that side did not find the chunk.
    """

    document: str
    title: str
    start: int
    end: int
    text: str
    score: float
    dense: float | None = None
    lexical: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Citation:
    """A span of an article that supports a sentence. `article.text[start:end] == quote`.

    Where the quote holds the short answer, `answer_start` and `answer_end` are its place in the
    article: `article.text[answer_start:answer_end]` lies inside the quote.
    """

    number: int
    document: str
    title: str
    sha256: str
    start: int
    end: int
    quote: str
    answer_start: int | None = None
    answer_end: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Sentence:
    """A sentence of an answer with the numbers of the citations it rests on (at least one)."""

    text: str
    citations: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What was answered and on what it rests.

    `abstained` answers have no sentence and no citation; `passages` then are the closest ones.
    `confidence` is the calibrated probability (0 to 1) that the short answer is right. `verdict` is
    "yes" or "no" where a quote says so in so many words, else None.
    """

    question: str
    standalone_question: str
    abstained: bool
    short_answer: str | None
    text: str
    confidence: float
    sentences: tuple[Sentence, ...]
    citations: tuple[Citation, ...]
    passages: tuple[Passage, ...]
    answered_by: str
    generation: str
    timings_ms: Mapping[str, float]
    verdict: Literal["yes", "no"] | None = None

    @property
    def lead(self) -> str:
        """What stands before the sentences: the short answer, or Yes or No; else empty."""
        return self.short_answer or (self.verdict or "").capitalize()

    def to_dict(self) -> dict[str, Any]:
        """The one JSON form of an answer: for the command line, the HTTP API and the evaluation."""
        return asdict(self)
