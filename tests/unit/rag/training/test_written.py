"""The questions written for this project."""

from __future__ import annotations

import re

import pytest

from rag.training.data import Example
from rag.training.written import (
    digest,
    load_written,
    own_examples,
    own_passages,
    written_rows,
)


def test_every_line_is_whole() -> None:
    rows = written_rows()
    for row in rows:
        assert re.fullmatch(r"[0-9a-f]{12}", row["paragraph"]), row
        assert 0 <= int(row["start"]) < int(row["end"]), row
        assert row["question"] == " ".join(row["question"].split()) != "", row
        assert row["answer"] == " ".join(row["answer"].split()), row
    asked = {(row["paragraph"], row["question"]) for row in rows}
    assert len(asked) == len(rows) > 20_000
    assert 0.3 < sum(bool(row["answer"]) for row in rows) / len(rows) < 0.5


def test_every_own_passage_is_asked_about_and_holds_its_answers() -> None:
    found = own_examples()
    assert {example.context for example in found} == set(own_passages().values())
    assert len({example.article for example in found}) == len(own_passages()) > 500
    for example in found:
        ((start, end),) = example.spans
        assert example.context[start:end].strip() == example.context[start:end] != ""
    unanswered = [item for item in load_written(found) if item.span is None]
    assert len(unanswered) > len(found) / 2


def paragraph(context: str) -> Example:
    return Example(
        source="train-x", article="a", paragraph=1, question="?", context=context, spans=((0, 1),)
    )


def test_questions_find_their_paragraphs(monkeypatch: pytest.MonkeyPatch) -> None:
    here, elsewhere = paragraph("It rained. The hall held\n200 people. It was dry."), digest("?")
    line = {"paragraph": digest(here.context), "start": "11", "end": "36"}
    rows = [
        line | {"question": "How many fitted in?", "answer": "200 people"},
        line | {"question": "Who built it?", "answer": ""},
        line | {"paragraph": elsewhere, "question": "Where?", "answer": "hall"},
    ]
    monkeypatch.setattr("rag.training.written.written_rows", lambda: rows)
    found = load_written([here])
    assert [item.question for item in found] == ["How many fitted in?", "Who built it?"]
    assert found[0].passage == "The hall held\n200 people."
    assert found[0].span is not None and found[0].passage[slice(*found[0].span)] == "200 people"
    assert found[1].span is None


def test_an_answer_that_is_not_there_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    here = paragraph("The hall held 200 people.")
    row = {"paragraph": digest(here.context), "start": "0", "end": "25"}
    row |= {"question": "How many?", "answer": "300"}
    monkeypatch.setattr("rag.training.written.written_rows", lambda: [row])
    with pytest.raises(ValueError, match="'300' is not in its passage"):
        load_written([here])
