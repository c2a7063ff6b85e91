from __future__ import annotations

import csv
import threading
from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner

from rag.errors import ConfigError
from rag.types import Answer, Citation, Sentence
from ui.feedback import Feedback, FeedbackStore
from ui.feedback_cli import app, draft, safe_cell, write_csv


def answer(question: str = "How many?", short: str = "29") -> Answer:
    return Answer(
        question=question,
        standalone_question=f"{question} of them",
        abstained=False,
        short_answer=short,
        text="It held 29.",
        confidence=0.9,
        sentences=(Sentence(text="It held 29.", citations=(1,)),),
        citations=(
            Citation(
                number=1,
                document="port",
                title="A port",
                sha256="ab",
                start=3,
                end=14,
                quote="It held 29.",
            ),
        ),
        passages=(),
        answered_by="extractive: test",
        generation="g1",
        timings_ms={},
    )


def test_a_vote_is_stored_with_all_that_was_shown(tmp_path: Path) -> None:
    store = FeedbackStore(tmp_path)
    number = store.add("c:0", "down", "wrong", answer())
    found = store.get(number)
    assert (found.vote, found.note, found.question) == ("down", "wrong", "How many?")
    assert (found.standalone, found.answer, found.generation) == ("How many? of them", "29", "g1")
    assert found.citations[0]["quote"] == "It held 29."
    assert found.given.endswith("+00:00")


def test_the_same_vote_again_keeps_its_note_and_another_vote_drops_it(tmp_path: Path) -> None:
    store = FeedbackStore(tmp_path)
    store.add("c:0", "down", "wrong", answer())
    store.add("c:0", "down", "", answer())
    assert [(item.vote, item.note) for item in store.all()] == [("down", "wrong")]
    store.add("c:0", "up", "", answer())
    store.add("c:1", "up", "", answer("Who?"))
    assert [(item.vote, item.note) for item in store.all()] == [("up", ""), ("up", "")]
    assert store.all("down") == ()
    store.withdraw("c:0")
    assert [item.question for item in store.all()] == ["Who?"]


def test_votes_from_many_threads_are_all_stored(tmp_path: Path) -> None:
    store = FeedbackStore(tmp_path)
    threads = [
        threading.Thread(target=store.add, args=(f"c:{number}", "up", "", answer()))
        for number in range(20)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(store.all()) == 20


def test_a_file_that_is_no_database_is_one_clear_line(tmp_path: Path) -> None:
    store = FeedbackStore(tmp_path)
    store.path.write_text("not a database " * 100)
    with pytest.raises(
        ConfigError, match=r"Cannot use '.*feedback.sqlite3': file is not a database"
    ):
        store.add("c:0", "up", "", answer())
    with pytest.raises(ConfigError, match="No feedback 7"):
        FeedbackStore(tmp_path / "none").get(7)


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", " =", "\n="])
def test_no_cell_begins_a_formula(start: str, tmp_path: Path) -> None:
    hostile = f"{start}cmd|' /C calc'!A0"
    assert safe_cell(hostile).startswith("'")
    store = FeedbackStore(tmp_path)
    store.add("c:0", "down", hostile, answer(hostile, hostile))
    write_csv(store.all(), tmp_path / "votes.csv")
    with (tmp_path / "votes.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file))
    assert not any(
        cell.startswith(("=", "+", "-", "@", "\t", "\r")) for row in rows for cell in row
    )


def test_a_draft_is_yaml_that_a_person_completes(tmp_path: Path) -> None:
    store = FeedbackStore(tmp_path)
    number = store.add("c:0", "down", "it's #wrong:\n- really", answer('Who said "so": yes?'))
    text = draft(store.get(number), [("port", "First line.\nSecond: line.")])
    values = yaml.safe_load(text)
    fact = values["facts"][0]
    assert fact["id"] == f"feedback-{number}"
    assert fact["question"] == 'Who said "so": yes? of them'
    assert fact["answers"] == []
    assert fact["evidence"] == [{"document": "port", "quote": ""}]
    assert "it's #wrong" in text
    assert r'#     "First line.\nSecond: line."' in text


def test_the_command_lists_votes_and_refuses_an_unknown_one(tmp_path: Path) -> None:
    FeedbackStore(tmp_path).add("c:0", "down", "[bold]odd[/bold]", answer())
    listed = CliRunner().invoke(app, ["--data-dir", str(tmp_path)], env={"COLUMNS": "200"})
    assert listed.exit_code == 0, listed.output
    assert "[bold]odd[/bold]" in listed.output
    none = CliRunner().invoke(app, ["--data-dir", str(tmp_path), "--vote", "up"])
    assert "No votes yet" in none.output
    wrong = CliRunner().invoke(app, ["--data-dir", str(tmp_path), "--vote", "left"])
    assert isinstance(wrong.exception, ConfigError)


def test_feedback_values_are_what_the_store_returns(tmp_path: Path) -> None:
    store = FeedbackStore(tmp_path)
    store.add("c:0", "up", "", answer())
    assert isinstance(store.all()[0], Feedback)
    assert store.all()[0].abstained is False
