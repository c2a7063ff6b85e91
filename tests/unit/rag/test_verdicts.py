"""A yes or no is said only where the sentence says it; every doubtful case is left alone."""

from __future__ import annotations

import pytest

from rag.verdicts import verdict


@pytest.mark.parametrize(
    ("question", "quote", "expected"),
    [
        ("Was the museum closed in 2019?", "The museum was closed in 2019, for repairs.", "yes"),
        ("Has Ghana ratified the treaty?", "Ghana ratified the treaty in March.", "yes"),
        ("Is the ferry free for cyclists?", "By day, the ferry is free for cyclists.", "yes"),
        (
            "Was the strike called off by the union?",
            "The strike was called off by the union.",
            "yes",
        ),
        ("Did the council approve the budget?", "The council did not approve the budget.", "no"),
        ("Did Maria Lopez finish the race?", "Maria Lopez never finished the race.", "no"),
        ("Does the train stop in Ulm?", "The train doesn’t stop in Ulm.", "no"),
    ],
)
def test_plain_statements(question: str, quote: str, expected: str) -> None:
    assert verdict(question, quote) == expected


@pytest.mark.parametrize(
    ("question", "quote"),
    [
        # roles exchanged
        ("Did Bolivia invade Chile?", "In 1879 Chile invaded Bolivia."),
        # another entity, number, year
        ("Did the Dutch team win the cup?", "The Belgian team won the cup."),
        ("Did 300 people attend?", "About 200 people attended."),
        ("Was it opened in 1901?", "It was opened in 1911."),
        # one word away from the contrary
        ("Did the Soviets aid China?", "In 1960 the Soviets stopped aiding China."),
        ("Did Trump meet Putin?", "Trump declined to meet Putin."),
        ("Did Modi attend the parade?", "Modi's defence minister attended the parade."),
        ("Did Modi attend the parade?", "The wife of Modi attended the parade."),
        ("Did Trump attend the gala?", "Melania Trump attended the gala."),
        ("Did the president attend the gala?", "The vice president attended the gala."),
        ("Did the king open the bridge?", "The king opened the door of the bridge."),
        ("Did the king open the bridge?", "The king opened the bridge museum."),
        ("Did Peru ratify the treaty?", "Peru ratified part of the treaty."),
        ("Did Peru ratify the treaty?", "Peru has not yet ratified the treaty."),
        ("Did Trump arrive in Beijing?", "Trump arrived in Beijing, but no deal was signed."),
        # another time
        ("Is Medvedev the president of Russia?", "Medvedev was the president of Russia."),
        ("Was Medvedev the president of Russia?", "Medvedev is the president of Russia."),
        ("Does the train stop in Ulm?", "The train stopped in Ulm."),
        ("Did the king open the bridge?", "The king will open the bridge."),
        ("Did the king open the bridge?", "The king opens the bridge."),
        ("Has Ghana ratified the treaty?", "Ghana will have ratified the treaty."),
        # hearsay, condition, plan, attempt, denial
        ("Did the minister resign?", "The newspaper claimed that the minister resigned."),
        ("Will the bridge be closed?", "The bridge will be closed if the river rises."),
        ("Has the company sold the mine?", "The company plans to have sold the mine by May."),
        ("Did the climbers reach the summit?", "The climbers failed to reach the summit."),
        ("Did the bank lose money?", "The bank denied that it lost money."),
        ("Did he write the letter?", "Did he write the letter himself?"),
        # a part for the whole
        ("Did all members vote for the law?", "The members voted for the law."),
        ("Did the schools close?", "Only some schools closed."),
        # two negations, and a question that is negative itself
        ("Did they find the ship?", "It is not true that they did not find the ship."),
        ("Didn't they find the ship?", "They found the ship."),
        # too little asked
        ("Did it rain?", "It rained."),
    ],
)
def test_doubtful_cases(question: str, quote: str) -> None:
    assert verdict(question, quote) is None
