"""Questions to begin with, made from the articles and kept where the pipeline answers them."""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path
from typing import Protocol

from rag.question_forms import questions_of
from rag.sentences import sentence_spans
from rag.types import Answer, Article

WANTED = 4
MAX_ASKED = 32
MAX_ARTICLES = 200
MIN_CONFIDENCE = 0.8
MAX_QUESTION_WORDS = 16
FOLDER = "suggestions"
# Changed with the patterns, so that stored questions are made anew.
WAY = "1"


class Answering(Protocol):
    """What suggestions need of a pipeline."""

    @property
    def articles(self) -> dict[str, Article]:
        """The articles by id."""

    def ask(self, question: str) -> Answer:
        """The proven answer to a question."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A question made from a sentence. `expected` is what its answer must hold ("" for any)."""

    question: str
    document: str
    start: int
    end: int
    expected: str


def candidates(article: Article) -> list[Candidate]:
    """Questions that sentences of the article answer, by their form alone; some may be odd."""
    found: list[Candidate] = []
    for start, end in sentence_spans(article.text):
        sentence = " ".join(article.text[start:end].split())
        for question, expected in questions_of(sentence):
            if 4 <= len(question.split()) <= MAX_QUESTION_WORDS:
                found.append(
                    Candidate(
                        question=question,
                        document=article.id,
                        start=start,
                        end=end,
                        expected=expected,
                    )
                )
    return found


def verified(pipeline: Answering, wanted: int = WANTED, asked: int = MAX_ASKED) -> tuple[str, ...]:
    """At most `wanted` questions that the pipeline answers from the sentence they were made from.

    Articles take turns; at most `asked` questions are tried.
    """
    made = [candidates(article) for article in list(pipeline.articles.values())[:MAX_ARTICLES]]
    turns = [item for row in zip_longest(*made) for item in row if item is not None]
    kept: list[str] = []
    used: set[tuple[str, int]] = set()
    for candidate in turns[:asked]:
        if len(kept) == wanted:
            break
        if (candidate.document, candidate.start) in used or candidate.question in kept:
            continue
        if _answers(pipeline.ask(candidate.question), candidate):
            kept.append(candidate.question)
            used.add((candidate.document, candidate.start))
    return tuple(kept)


def _answers(answer: Answer, candidate: Candidate) -> bool:
    if answer.abstained or answer.confidence < MIN_CONFIDENCE:
        return False
    said = (answer.short_answer or answer.text).lower()
    overlaps = any(
        citation.document == candidate.document
        and citation.start < candidate.end
        and candidate.start < citation.end
        for citation in answer.citations
    )
    return overlaps and candidate.expected.lower() in said


class Suggestions:
    """The suggested questions of whatever generation answers: made once, in the background, and kept
    in a file of the data directory."""

    def __init__(self, current: Callable[[], Answering], data_dir: Path) -> None:
        self._current = current
        self._folder = data_dir / FOLDER
        self._known: dict[str, tuple[str, ...]] = {}
        self._making = threading.Lock()

    def questions(self) -> Sequence[str]:
        """The questions of the current generation; none until they are made, which this begins."""
        pipeline = self._current()
        name = _name(pipeline)
        if name not in self._known:
            stored = self._stored(name)
            if stored is not None:
                self._known[name] = stored
            elif self._making.acquire(blocking=False):
                threading.Thread(target=self._make, args=(pipeline, name), daemon=True).start()
        return self._known.get(name, ())

    def make(self) -> tuple[str, ...]:
        """Makes and stores the questions of the current generation now."""
        pipeline = self._current()
        with self._making:
            return self._store(_name(pipeline), verified(pipeline))

    def _make(self, pipeline: Answering, name: str) -> None:
        try:
            self._store(name, verified(pipeline))
        finally:
            self._making.release()

    def _store(self, name: str, questions: tuple[str, ...]) -> tuple[str, ...]:
        self._known[name] = questions
        self._folder.mkdir(parents=True, exist_ok=True)
        path = self._folder / f"{name}.json"
        path.with_suffix(".part").write_text(json.dumps(questions, ensure_ascii=False), "utf-8")
        path.with_suffix(".part").replace(path)
        return questions

    def _stored(self, name: str) -> tuple[str, ...] | None:
        try:
            values = json.loads((self._folder / f"{name}.json").read_text("utf-8"))
        except (OSError, ValueError):
            return None
        return tuple(value for value in values if isinstance(value, str))


def _name(pipeline: Answering) -> str:
    """What the questions depend on: the way they are made, and the articles' texts."""
    digests = WAY + "".join(sorted(article.sha256 for article in pipeline.articles.values()))
    return hashlib.sha256(digests.encode()).hexdigest()[:16]
