"""A public data set as this project sees it: articles, and questions about them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from rag.types import Article


@dataclass(frozen=True, slots=True, kw_only=True)
class BenchQuestion:
    """A question; any of `answers` is right; `documents` hold the answer."""

    id: str
    question: str
    answers: tuple[str, ...]
    documents: tuple[str, ...]
    unanswerable: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Benchmark:
    """A data set. Ids of articles and of questions are unique."""

    name: str
    articles: tuple[Article, ...]
    questions: tuple[BenchQuestion, ...]


def limited(benchmark: Benchmark, limit: int | None) -> Benchmark:
    """The benchmark with at most `limit` questions, evenly spread; all articles stay."""
    return replace(benchmark, questions=tuple(spread(benchmark.questions, limit)))


def spread(questions: Sequence[BenchQuestion], limit: int | None) -> Sequence[BenchQuestion]:
    """Every n-th question, so that a part stands for the whole; the same part every time."""
    size = len(questions)
    if limit is None or limit >= size:
        return questions
    return [questions[at * size // limit] for at in range(limit)]
