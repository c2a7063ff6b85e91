"""What the commands print."""

from __future__ import annotations

import pytest

from rag.types import NOT_IN_ARTICLES, Answer, Citation, Passage, Sentence
from ui.terminal import print_answer

QUOTE = "The [bold]ferry[/bold] carries 40 people."


def answer(**changes: object) -> Answer:
    values: dict[str, object] = {
        "question": "How many people does the ferry carry?",
        "standalone_question": "How many people does the ferry carry?",
        "abstained": False,
        "short_answer": "40",
        "text": QUOTE,
        "confidence": 0.9,
        "sentences": (Sentence(text=QUOTE, citations=(1,)),),
        "citations": (
            Citation(
                number=1,
                document="ferry",
                title="The \x1b[31mferry",
                sha256="0" * 64,
                start=10,
                end=10 + len(QUOTE),
                quote=QUOTE,
                answer_start=10 + QUOTE.index("40"),
                answer_end=12 + QUOTE.index("40"),
            ),
        ),
        "passages": (),
        "answered_by": "reader",
        "generation": "g",
        "timings_ms": {},
    }
    return Answer(**(values | changes))  # type: ignore[arg-type]


def test_markup_in_an_article_stays_text(capsys: pytest.CaptureFixture[str]) -> None:
    print_answer(answer())
    assert "[bold]ferry[/bold]" in capsys.readouterr().out


def test_no_control_character_reaches_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    hostile = "\x1b]0;owned\x07 carries"
    print_answer(
        answer(
            short_answer=hostile,
            sentences=(Sentence(text=hostile, citations=(1,)),),
        )
    )
    printed = capsys.readouterr().out
    assert not [character for character in printed if ord(character) < 32 and character != "\n"]


def test_an_abstention_shows_the_closest_passages(capsys: pytest.CaptureFixture[str]) -> None:
    passage = Passage(document="ferry", title="Ferry", start=0, end=5, text="Boats.", score=0.5)
    print_answer(
        answer(
            abstained=True,
            short_answer=None,
            text=NOT_IN_ARTICLES,
            sentences=(),
            citations=(),
            passages=(passage,),
        )
    )
    printed = capsys.readouterr().out
    assert printed.startswith(NOT_IN_ARTICLES)
    assert "Boats." in printed and "[1]" not in printed
