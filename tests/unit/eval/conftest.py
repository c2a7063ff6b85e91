"""Facts, answers and outcomes made by hand, over one short article."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from hashlib import sha256
from typing import Any

import pytest

from eval.facts import Evidence, Fact
from eval.outcome import Outcome, Run, Subject
from eval.runner import judge
from rag.types import NOT_IN_ARTICLES, Answer, Article, Citation, Passage, Sentence

TEXT = "The harbour was opened in 1883. It has 27 cranes. <b>The clock</b> is late & old."
SENTENCE = (32, 49)
SHA = sha256(TEXT.encode()).hexdigest()


@pytest.fixture
def article() -> Article:
    return Article(id="harbour", title="Harbour", text=TEXT, sha256=SHA, source="harbour.txt")


@pytest.fixture
def fact() -> Callable[..., Fact]:
    """A fact about the cranes, with changes: `fact(id="x", must_pass=True)`."""

    def make(**changes: Any) -> Fact:
        quote = TEXT[slice(*SENTENCE)]
        cranes = Fact(
            id="cranes",
            question="How many cranes are there?",
            answers=("27",),
            evidence=(Evidence(document="harbour", quote=quote, line=5, places=(SENTENCE,)),),
            tags=("number",),
            must_pass=False,
            form="short",
            unanswerable=False,
            reason="",
            file="town.yaml",
            line=2,
        )
        return replace(cranes, **changes)

    return make


@pytest.fixture
def unanswerable(fact: Callable[..., Fact]) -> Fact:
    return fact(id="mayor", answers=(), evidence=(), unanswerable=True, reason="no mayor is named")


@pytest.fixture
def answer() -> Callable[..., Answer]:
    """A right answer to the cranes, citing its sentence; `shift` moves the citation."""

    def make(short: str | None = "27", *, shift: int = 0, **changes: Any) -> Answer:
        start, end = SENTENCE[0] + shift, SENTENCE[1] + shift
        quote = TEXT[slice(*SENTENCE)]
        right = Answer(
            question="How many cranes are there?",
            standalone_question="How many cranes are there?",
            abstained=False,
            short_answer=short,
            text=f"{quote} [1]",
            confidence=0.9,
            sentences=(Sentence(text=quote, citations=(1,)),),
            citations=(
                Citation(
                    number=1, document="harbour", title="Harbour", sha256=SHA,
                    start=start, end=end, quote=quote,
                ),
            ),
            passages=(passage(0, 80),),
            answered_by="test",
            generation="g",
            timings_ms={"total": 12.5},
        )  # fmt: skip
        return replace(right, **changes)

    return make


@pytest.fixture
def abstained(answer: Callable[..., Answer]) -> Answer:
    return answer(
        None, abstained=True, text=NOT_IN_ARTICLES, confidence=0.2, sentences=(), citations=()
    )


def passage(start: int, end: int) -> Passage:
    return Passage(
        document="harbour", title="Harbour", start=start, end=end, text=TEXT[start:end], score=1.0
    )


@pytest.fixture
def outcome(article: Article) -> Callable[..., Outcome]:
    """Judges an answer; `guess` is the answer without the threshold."""

    def make(
        fact: Fact,
        answer: Answer,
        guess: Answer | None = None,
        ranking: tuple[Passage, ...] | None = None,
    ) -> Outcome:
        ranked = answer.passages if ranking is None else ranking
        return judge(fact, answer, guess or answer, ranked, {"harbour": article})

    return make


@pytest.fixture
def run(article: Article) -> Callable[..., Run]:
    """A run of these outcomes."""

    def make(*outcomes: Outcome) -> Run:
        subject = Subject(
            version="0", generation="g", embedder="e", embedder_digest="1", reader="r",
            reader_digest="2", top_k=8, threshold=0.5, articles={"harbour": SHA},
        )  # fmt: skip
        return Run(subject=subject, outcomes=outcomes, articles={"harbour": article})

    return make
