from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from eval.errors import GatesWrong
from eval.facts import Fact
from eval.gates import Check, Gates, baseline_path, check_gates, find_gates, read_gates
from eval.outcome import Outcome
from eval.stored import stored
from eval.summary import summarise
from rag.types import Answer

Make = Callable[..., Any]


@pytest.fixture
def judged(run: Make) -> Callable[..., dict[str, Check]]:
    """The checks of these outcomes by name, after a run of other ones."""

    def make(
        gates: Gates, outcomes: list[Outcome], before: list[Outcome] | None = None
    ) -> dict[str, Check]:
        known = None if before is None else stored(run(*before), "before").facts
        after = stored(run(*outcomes), "now").facts
        checks = check_gates(gates, summarise(outcomes), outcomes, known, after)
        return {check.name: check for check in checks}

    return make


def test_without_a_file_every_fact_must_pass(
    judged: Make, fact: Make, answer: Make, outcome: Make
) -> None:
    good, bad = outcome(fact(), answer()), outcome(fact(id="b"), answer("28"))
    assert all(check.passed for check in judged(read_gates(None), [good]).values())
    failed = judged(read_gates(None), [good, bad])["every fact"]
    assert not failed.passed and failed.facts == ("b",)


def test_a_must_pass_fact_and_gone_evidence_fail_always(
    judged: Make, fact: Make, answer: Make, outcome: Make
) -> None:
    found = judged(Gates(), [outcome(fact(must_pass=True), answer("28"))])
    assert found["must pass"].facts == ("cranes",) and found["evidence stands"].passed
    gone = fact().evidence[0]
    moved = fact(evidence=(type(gone)(document="harbour", quote="gone", line=1),))
    assert judged(Gates(), [outcome(moved, answer())])["evidence stands"].facts == ("cranes",)


def test_floors(judged: Make, fact: Make, answer: Make, outcome: Make, unanswerable: Fact) -> None:
    both = [outcome(fact(), answer()), outcome(fact(id="b"), answer("28"))]
    found = judged(Gates(floors={"accuracy": 0.5, "passed": 0.6, "aurc": 0.2}), both)
    assert found["floor accuracy"].passed
    assert found["floor passed"].message == "0.500, wanted at least 0.6"
    assert found["floor aurc"].message.endswith("wanted at most 0.2")
    only = judged(Gates(floors={"accuracy": 0.1}), [outcome(unanswerable, answer())])
    assert only["floor accuracy"].message == "not measured, wanted 0.1"
    with pytest.raises(GatesWrong, match=r"floors\.acuracy: no such measure. Did you mean 'acc"):
        judged(Gates(floors={"acuracy": 0.5}), both)


def test_not_worse_than_the_baseline(
    judged: Make, fact: Make, answer: Make, outcome: Make, abstained: Answer
) -> None:
    good = [outcome(fact(id=f"f{n}"), answer()) for n in range(10)]
    one_bad = [outcome(fact(id="f0"), answer("28")), *good[1:]]
    all_bad = [outcome(fact(id=f"f{n}"), abstained) for n in range(10)]
    same = judged(Gates(), good, good)
    assert same["not worse passed"].passed and same["newly failed"].passed
    flip = judged(Gates(), one_bad, good)
    assert flip["not worse passed"].passed
    assert flip["newly failed"].facts == ("f0",) and not flip["newly failed"].passed
    allowed = Gates.model_validate({"not_worse": {"newly_failed": 1}})
    assert judged(allowed, one_bad, good)["newly failed"].passed
    fall = judged(allowed, all_bad, good)["not worse passed"]
    assert not fall.passed and len(fall.facts) == 10
    assert judged(Gates(), good, all_bad)["newly failed"].message.endswith("10 now pass")
    with pytest.raises(GatesWrong, match="no measure 'speed' of single facts"):
        judged(Gates.model_validate({"not_worse": {"measures": ["speed"]}}), good, good)


def test_the_file_is_found_inside_or_beside_the_facts(tmp_path: Path) -> None:
    facts = tmp_path / "facts"
    facts.mkdir()
    assert find_gates(facts) is None
    (tmp_path / "eval.toml").write_text('baseline = "b.json"')
    assert find_gates(facts) == tmp_path / "eval.toml"
    (facts / "eval.toml").write_text("[floors]\npassed = 0.5")
    assert find_gates(facts) == facts / "eval.toml"
    assert baseline_path(read_gates(tmp_path / "eval.toml"), tmp_path / "eval.toml") == (
        tmp_path / "b.json"
    )
    assert read_gates(facts / "eval.toml").floors == {"passed": 0.5}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[floor]\npassed = 1", "floor: Extra inputs are not permitted"),
        ('[floors]\npassed = "high"', "floors.passed: Input should be a valid number"),
        ("[not_worse]\nsignificance = 7", "not_worse.significance: Input should be less than 1"),
        ("floors = ", "cannot be read"),
    ],
)
def test_a_wrong_file_is_refused_in_one_line(text: str, message: str, tmp_path: Path) -> None:
    path = tmp_path / "eval.toml"
    path.write_text(text)
    with pytest.raises(GatesWrong) as caught:
        read_gates(path)
    assert str(path) in str(caught.value) and message in str(caught.value)
