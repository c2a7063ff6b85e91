from __future__ import annotations

import hashlib
import json
import threading
from pathlib import Path

import pytest

from rag.question_forms import base_form, questions_of
from rag.suggestions import Suggestions, candidates, verified
from rag.types import NOT_IN_ARTICLES, Answer, Article, Citation

PORT = (
    "The closure of the port affected 60,000 passengers. The old bridge was moved to Lisbon last spring.\n"
    "The treaty was signed by both sides in 1950. Nobody knows what came of it in the end, alas."
)


def article(text: str = PORT, name: str = "port") -> Article:
    return Article(
        id=name,
        title=name,
        text=text,
        sha256=hashlib.sha256(text.encode()).hexdigest(),
        source=name,
    )


class Fixed:
    """Answers each question from the sentence that the given words begin."""

    def __init__(self, held: Article, answers: dict[str, tuple[str, str]]) -> None:
        self.articles = {held.id: held}
        self.answers = answers
        self.asked: list[str] = []
        self.lock = threading.Lock()

    def ask(self, question: str) -> Answer:
        with self.lock:
            self.asked.append(question)
        held = next(iter(self.articles.values()))
        short, quote = self.answers.get(question, ("", ""))
        start = held.text.find(quote)
        cited = Citation(
            number=1,
            document=held.id,
            title=held.title,
            sha256=held.sha256,
            start=start,
            end=start + len(quote),
            quote=quote,
        )
        return Answer(
            question=question,
            standalone_question=question,
            abstained=not short,
            short_answer=short or None,
            text=quote or NOT_IN_ARTICLES,
            confidence=0.95 if short else 0.0,
            sentences=(),
            citations=(cited,) if short else (),
            passages=(),
            answered_by="test",
            generation="g",
            timings_ms={},
        )


@pytest.mark.parametrize(
    ("sentence", "question", "expected"),
    [
        (
            "The closure of the port affected 60,000 passengers.",
            "How many passengers were affected by the closure of the port?",
            "60,000",
        ),
        (
            "The old bridge was moved to Lisbon in spring.",
            "Where was the old bridge moved to?",
            "Lisbon",
        ),
        (
            "The treaty was signed by both sides in 1950.",
            "When was the treaty signed by both sides?",
            "1950",
        ),
        (
            "Ada Lovelace arrived in Paris on Monday for a week.",
            "When did Ada Lovelace arrive in Paris?",
            "Monday",
        ),
        (
            "He is among 29 poets attending the meeting, the largest ever.",
            "How many poets were attending the meeting?",
            "29",
        ),
        (
            "There was a record trade of $245 billion in 2024, they said.",
            "How much was the record trade in 2024?",
            "$245 billion",
        ),
        (
            "“It is over,” says Jane Doe, senior analyst at a bank in Lisbon.",
            "Who is Jane Doe?",
            "senior",
        ),
        (
            "The port was closed for a week because the sea was too rough.",
            "Why was the port closed for a week?",
            "",
        ),
    ],
)
def test_a_sentence_becomes_a_question_that_it_answers(
    sentence: str, question: str, expected: str
) -> None:
    assert dict(questions_of(sentence)).get(question) == expected


@pytest.mark.parametrize(
    "sentence",
    [
        "He was moved to Lisbon in the spring of that year.",
        "Short one here.",
        "In 1950, After the war ended the port was closed to all.",
        "word " * 60,
    ],
)
def test_a_sentence_that_does_not_stand_for_itself_becomes_none(sentence: str) -> None:
    assert list(questions_of(sentence)) == []


def test_base_forms() -> None:
    pairs = {
        "moved": "move",
        "visited": "visit",
        "seized": "seize",
        "met": "meet",
        "opened": "open",
    }
    assert {past: base_form(past) for past in pairs} == pairs


def test_only_questions_answered_from_their_own_sentence_are_kept() -> None:
    passengers = "How many passengers were affected by the closure of the port?"
    bridge = "Where was the old bridge moved to?"
    treaty = "When was the treaty signed by both sides?"
    pipeline = Fixed(
        article(),
        {
            passengers: ("60,000", "The closure of the port affected 60,000 passengers."),
            bridge: ("Lisbon", "The treaty was signed by both sides in 1950."),
            treaty: ("1949", "The treaty was signed by both sides in 1950."),
        },
    )
    assert {item.question for item in candidates(article())} == {passengers, bridge, treaty}
    assert verified(pipeline) == (passengers,)


def test_questions_are_made_once_and_kept_in_a_file(tmp_path: Path) -> None:
    passengers = "How many passengers were affected by the closure of the port?"
    quote = "The closure of the port affected 60,000 passengers."
    pipeline = Fixed(article(), {passengers: ("60,000", quote)})
    assert Suggestions(lambda: pipeline, tmp_path).make() == (passengers,)
    asked = len(pipeline.asked)
    again = Suggestions(lambda: pipeline, tmp_path)
    assert again.questions() == (passengers,)
    assert len(pipeline.asked) == asked
    stored = list((tmp_path / "suggestions").iterdir())
    assert [json.loads(path.read_text()) for path in stored] == [[passengers]]


def test_other_articles_have_other_questions(tmp_path: Path) -> None:
    empty = Fixed(article("Nothing to ask about here."), {})
    assert Suggestions(lambda: empty, tmp_path).make() == ()
    full = Fixed(article(), {})
    Suggestions(lambda: full, tmp_path).make()
    assert len(list((tmp_path / "suggestions").iterdir())) == 2
