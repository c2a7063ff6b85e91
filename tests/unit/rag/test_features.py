"""What the confidence in a sentence is made of, with margins given by hand."""

from __future__ import annotations

import pytest

from rag.alone import Alone
from rag.features import Evidence, sentence_features
from rag.reader import Candidate
from rag.support import asked, passage_read, read_text
from rag.types import Passage

CLOSED = "The bridge closed in May."
LEAKED = "It closed because the river rose, Ann Lee said."
TEXT = f"{CLOSED} {LEAKED}"
FIRST, SECOND = (0, len(CLOSED)), (len(CLOSED) + 1, len(TEXT))


def evidence(question: str, *candidates: tuple[int, int, float]) -> Evidence:
    given = Passage(
        document="d", title="D", text=TEXT, start=0, end=len(TEXT), score=1.0, dense=0.5
    )
    return Evidence(
        question=asked(question, lambda term: 0.5),
        reads=[passage_read(given, read_text(TEXT), 0)],
        candidates=[
            Candidate(passage=0, start=start, end=end, score=margin, null=0.0)
            for start, end, margin in candidates
        ],
        alone={(0, SECOND): Alone(best=3.0, spans={})},
    )


def test_each_sentence_is_compared_with_the_others() -> None:
    found = evidence("Why did the bridge close?", (4, 10, 2.0), (len(CLOSED) + 19, len(TEXT), 6.0))
    first, second = sentence_features(found, [(0, FIRST), (0, SECOND)], [0.7, 0.6])
    assert (first["margin"], second["margin"]) == (0.2, 0.6)
    assert second["lead"] == pytest.approx(0.4) == -first["lead"]
    assert second["similarity_lead"] == pytest.approx(-0.1)
    assert second["alone_lead"] == pytest.approx(0.3 + 1.2)


def test_a_sentence_without_others_leads_over_no_answer() -> None:
    (only,) = sentence_features(evidence("Why?", (4, 10, 2.0)), [(0, FIRST)], [0.7])
    assert only["lead"] == pytest.approx(0.2 + 1.2) and only["similarity_lead"] == 0.7


@pytest.mark.parametrize(
    ("question", "asked_for"),
    [
        ("Why did the bridge close?", (1.0, 1.0, 0.0)),
        ("What did Ann Lee say of the bridge?", (1.0, 0.0, 1.0)),
        ("When did the bridge close?", (0.0, 0.0, 0.0)),
    ],
)
def test_what_is_asked_for_and_what_is_given(
    question: str, asked_for: tuple[float, float, float]
) -> None:
    first, second = sentence_features(evidence(question), [(0, FIRST), (0, SECOND)], [0.5, 0.5])
    names = ("long_asked", "reason_asked", "statement_asked")
    assert tuple(first[name] for name in names) == asked_for
    assert (first["reason_given"], first["statement_given"]) == (0.0, 0.0)
    assert (second["reason_given"], second["statement_given"]) == (1.0, 1.0)
