from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.antecedents import names_in, phrases_in
from rag.conversation import Turn, resolve


def turn(standalone: str, answer: str = "", *evidence: str) -> Turn:
    return Turn(question=standalone, standalone=standalone, answer=answer, evidence=evidence)


CURIE = turn("When did Marie Curie move to Paris?", "1891")
BRIDGE = turn("Who designed the suspension bridge in Bristol?", "Isambard Kingdom Brunel")
BOATS = turn("How many boats were lost near Lisbon?", "12")
PRIZES = turn("Did Curie win two prizes?")
CONGRESS = turn("When was the first congress of the party held?", "1921")
SAID = turn("How many boats sank?", "12")


@pytest.mark.parametrize(
    ("before", "question", "standalone"),
    [
        (CURIE, "Why?", "Why did Marie Curie move to Paris?"),
        (CURIE, "And why not?", "Why didn’t Marie Curie move to Paris?"),
        (CURIE, "Since when?", "Since when did Marie Curie move to Paris?"),
        (CURIE, "With whom?", "With whom did Marie Curie move to Paris?"),
        (CURIE, "How long did she stay there?", "How long did Marie Curie stay in Paris?"),
        (CURIE, "What was her field?", "What was Marie Curie’s field?"),
        (CURIE, "And to Warsaw?", "When did Marie Curie move to Warsaw?"),
        (CURIE, "What about Albert Einstein?", "When did Albert Einstein move to Paris?"),
        (BRIDGE, "When did he die?", "When did Isambard Kingdom Brunel die?"),
        (BRIDGE, "How long is it?", "How long is the suspension bridge?"),
        (BOATS, "When was that?", "When were 12 boats lost near Lisbon?"),
        (BOATS, "And how many sailors?", "How many sailors were lost near Lisbon?"),
        (BOATS, "What sank them?", "What sank the boats?"),
        (PRIZES, "When?", "When did Curie win two prizes?"),
        (CONGRESS, "And the second?", "When was the second congress of the party held?"),
        (SAID, "Who said so?", "Who said that 12 boats sank?"),
        (CURIE, "Well, when did she move to Paris?", "When did Marie Curie move to Paris?"),
        (CURIE, "No one criticised her?", "No one criticised Marie Curie?"),
    ],
)
def test_a_follow_up_becomes_a_standalone_question(
    before: Turn, question: str, standalone: str
) -> None:
    found = resolve(question, [before])
    assert found.standalone == standalone
    assert found.why


@pytest.mark.parametrize(
    "question",
    [
        "Who leads Serbia?",
        "How many passengers were affected by the closure?",
        "What did Einstein say when he left Berlin?",
        "Is it true that the port closed?",
        "How long does it take to reach Lisbon?",
        "Are there any tigers in Spain?",
        "Which countries said that they would attend?",
        "What is the capital of France and why is it famous?",
    ],
)
def test_a_new_topic_inherits_nothing(question: str) -> None:
    found = resolve(question, [CURIE, BOATS])
    assert (found.standalone, found.why) == (question, "")


def test_the_first_question_stands_as_it_is() -> None:
    assert resolve("Why did he leave?", []).standalone == "Why did he leave?"


def test_the_latest_turn_counts_first_and_an_earlier_one_where_it_names_nobody() -> None:
    assert resolve("Where was he born?", [CURIE, BRIDGE]).standalone.startswith(
        "Where was Isambard Kingdom Brunel"
    )
    assert resolve("Where was she born?", [CURIE, BOATS]).standalone == (
        "Where was Marie Curie born?"
    )


def test_names_and_phrases_are_read_from_the_form_of_words() -> None:
    assert [name.text for name in names_in("Did the King of Spain visit Lisbon on Monday?")] == [
        "King",
        "Spain",
        "Lisbon",
    ]
    assert names_in("Describe what I said. Thought so.") == []
    assert phrases_in("How long is the old bridge over the river?") == [
        "the old bridge",
        "the river",
    ]


@given(
    st.text(max_size=80),
    st.lists(st.tuples(st.text(max_size=60), st.text(max_size=30)), max_size=3),
)
def test_any_text_resolves_to_a_text(question: str, turns: list[tuple[str, str]]) -> None:
    before = [turn(standalone, answer) for standalone, answer in turns]
    found = resolve(question, before)
    assert isinstance(found.standalone, str)
    assert found.standalone or not question.strip() or not question


@given(
    st.from_regex(
        r"(and|why|he|it|they|there|what about|that|the first| |\?|Xi|in){1,12}", fullmatch=True
    )
)
def test_any_mixture_of_these_words_resolves(question: str) -> None:
    assert resolve(question, [CURIE, BOATS, turn("?"), turn("")]).standalone is not None
