from __future__ import annotations

import pytest

from rag.questions import agrees, expected_type, form_of


@pytest.mark.parametrize(
    ("question", "form"),
    [
        ("How many ships sank?", "short"),
        ("Who designed the bridge?", "short"),
        ("Was it Rome or Milan?", "short"),
        ("why did the bridge close", "long"),
        ("How did the crew repair the mast?", "long"),
        ("What did the mayor say about the strike?", "long"),
        ("Describe the harbour.", "long"),
        ("According to the mayor, why did it close?", "long"),
        ("reason for the closure of the bridge", "long"),
        ("What explanation did the captain give?", "long"),
        ("How thick is the ice?", "short"),
        ("How hot does it get in July?", "short"),
        ("Did the bridge close in 1990?", "yes_no"),
        ("Isn't the harbour frozen?", "yes_no"),
    ],
)
def test_the_form_of_the_answer(question: str, form: str) -> None:
    assert form_of(question) == form


@pytest.mark.parametrize(
    ("question", "kind", "fits", "does_not"),
    [
        ("How many ships sank?", "quantity", "three ships", "the ships"),
        ("How many ships sank?", "quantity", "3,000", "the 11th"),
        ("How old is the mayor?", "quantity", "61", "old"),
        ("When did it sink?", "time", "on 3 May", "in the harbour"),
        ("Which year was it?", "time", "1987", "Rome"),
        ("Who sank it?", "person", "Ada Lindqvist", "by accident"),
        ("Where is it?", "place", "near Oslo", "far away"),
    ],
)
def test_the_type_of_the_span(question: str, kind: str, fits: str, does_not: str) -> None:
    assert expected_type(question) == kind
    assert agrees(expected_type(question), fits)
    assert not agrees(expected_type(question), does_not)


def test_a_question_that_does_not_tell_takes_any_span() -> None:
    assert expected_type("What fell?") == "any"
    assert agrees("any", "a stone")
