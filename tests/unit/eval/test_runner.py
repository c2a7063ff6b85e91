from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import pytest

from eval.facts import Evidence, Fact
from eval.outcome import Outcome
from eval.runner import check
from rag.conversation import Turn
from rag.types import Answer, Article, Passage

Make = Callable[..., Any]
FAR = Passage(document="harbour", title="", start=0, end=10, text="The harbou", score=0.1)


def test_a_right_and_proven_answer_passes(fact: Make, answer: Make, outcome: Make) -> None:
    found: Outcome = outcome(fact(), answer())
    assert found.passed and found.right and found.rank == 1 and found.got == "27"
    assert found.measures == {
        "exact_match": 1.0,
        "token_f1": 1.0,
        "containment": 1.0,
        "citation_precision": 1.0,
        "citation_recall": 1.0,
        "citation_verbatim": 1.0,
        "citation_holds_answer": 1.0,
    }


@pytest.mark.parametrize("shift", [1, -1])
def test_a_citation_moved_by_one_character_is_cited_wrong(
    shift: int, fact: Make, answer: Make, outcome: Make
) -> None:
    found: Outcome = outcome(fact(), answer(shift=shift))
    assert found.cause == "cited wrong"
    start, end = 32 + shift, 49 + shift
    assert found.detail == f"citation 1 is not the article's text at harbour {start}–{end}"
    assert found.measures["citation_verbatim"] == 0.0


def test_a_true_quote_from_elsewhere_is_cited_wrong(
    fact: Make, answer: Make, outcome: Make
) -> None:
    right: Answer = answer()
    (cited,) = right.citations
    elsewhere = replace(cited, start=0, end=31, quote="The harbour was opened in 1883.")
    found: Outcome = outcome(fact(), replace(right, citations=(elsewhere,)))
    assert (found.cause, found.detail) == ("cited wrong", "no citation overlaps the evidence")


def test_the_first_fault_on_the_way_is_the_cause(
    fact: Make, answer: Make, abstained: Answer, outcome: Make
) -> None:
    wrong: Answer = answer("28")
    near = wrong.passages
    low = replace(wrong, passages=(FAR,))
    assert outcome(fact(), wrong).cause == "read wrong"
    assert outcome(fact(), low, None, (FAR, *near)).cause == "ranked too low"
    assert outcome(fact(), low, None, (FAR,)).cause == "not retrieved"
    assert outcome(fact(), abstained, answer()).cause == "wrongly abstained"
    assert outcome(fact(), replace(abstained, passages=()), None, ()).cause == "not retrieved"


def test_a_wrong_abstention_shows_what_would_have_been_said(
    fact: Make, answer: Make, abstained: Answer, outcome: Make
) -> None:
    found: Outcome = outcome(fact(), abstained, answer())
    assert "would have said '27'" in found.detail
    assert found.guess_right and not found.right and found.got == ""


def test_an_unanswerable_fact_wants_an_abstention(
    unanswerable: Fact, answer: Make, abstained: Answer, outcome: Make
) -> None:
    assert outcome(unanswerable, abstained).passed
    found: Outcome = outcome(unanswerable, answer())
    assert found.cause == "wrongly answered" and "no mayor is named" in found.detail
    assert found.measures["exact_match"] is None and not found.guess_right


def test_evidence_that_is_gone_is_named_with_what_the_article_says_now(
    fact: Make, answer: Make, outcome: Make
) -> None:
    gone = Evidence(document="harbour", quote="It has 29 cranes.", line=5)
    found: Outcome = outcome(fact(evidence=(gone,)), answer())
    assert found.cause == "evidence gone"
    assert found.detail == "article 'harbour' no longer says it; it says: 'It has 27 cranes.'"
    lost = Evidence(document="mill", quote="It has 29 cranes.", line=5)
    assert outcome(fact(evidence=(lost,)), answer()).detail == "article 'mill' is not in the index"


def test_a_short_fact_may_be_answered_by_a_sentence_and_a_long_one_must_hold_its_words(
    fact: Make, answer: Make, outcome: Make
) -> None:
    assert outcome(fact(), answer(None)).passed
    assert outcome(fact(form="long", answers=("27 cranes",)), answer("27")).passed
    assert outcome(fact(form="long", answers=("28 cranes",)), answer("27")).cause == "read wrong"


@dataclass
class Conversation:
    """A target that records what it was asked."""

    answer: Answer
    articles: dict[str, Article]
    asked: list[tuple[str, str | None]]

    def ask(self, question: str, standalone: str | None = None) -> tuple[Answer, Answer]:
        self.asked.append((question, standalone))
        return self.answer, self.answer

    def ranking(self, question: str) -> tuple[Passage, ...]:
        return self.answer.passages


def test_a_follow_up_is_asked_as_the_product_understands_it(
    fact: Make, answer: Make, article: Article
) -> None:
    target: Any = Conversation(answer(), {"harbour": article}, [])
    first = fact(conversation="c", standalone="How many cranes are there?")
    _, turn = check(first, target)
    assert turn == Turn(
        question="How many cranes are there?",
        standalone="How many cranes are there?",
        answer="27",
        evidence=("It has 27 cranes.",),
    )
    check(replace(first, question="And how many cranes has the harbour?"), target, [turn])
    assert target.asked[0] == ("How many cranes are there?", None)
    assert target.asked[1][0] == "And how many cranes has the harbour?"
    assert target.asked[1][1] is not None
