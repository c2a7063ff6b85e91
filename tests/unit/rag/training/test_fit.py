"""The fit of the calibration, on questions whose right answers are known to come from a formula."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest

from rag.training.fit import Row, fit, reliability, risk_coverage, threshold_for


@pytest.fixture(scope="module")
def rows() -> list[Row]:
    generator = random.Random(3)
    made: list[Row] = []
    for question in range(1500):
        for _ in range(3):
            margin = generator.gauss(0, 1)
            right = generator.random() < 1 / (1 + 2.718 ** -(3 * margin - 1))
            features = {"margin": margin, "noise": generator.gauss(0, 1)}
            made.append(
                Row(features=features, right=right, question=question, group=str(question // 5))
            )
    return made


def test_probabilities_are_frequencies_on_answers_not_seen(rows: list[Row]) -> None:
    calibration, chosen = fit(rows)
    assert len(chosen) == 1500
    assert calibration.weights["margin"] > 10 * abs(calibration.weights["noise"])
    for line in reliability(chosen):
        if line["answers"] > 100:
            assert line["probability"] == pytest.approx(line["right"], abs=0.1)


def test_what_only_two_features_together_tell_is_learned() -> None:
    generator = random.Random(5)
    made: list[Row] = []
    for question in range(600):
        features = {"a": generator.gauss(3, 1), "b": generator.gauss(-2, 2), "same": 1.0}
        right = (features["a"] - 3) * (features["b"] + 2) > 0
        made.append(Row(features=features, right=right, question=question, group=str(question)))
    calibration, _ = fit(made)
    found = calibration.probabilities([row.features for row in made])
    told = [(p > 0.5) == row.right for p, row in zip(found, made, strict=True)]
    assert sum(told) / len(told) > 0.9


def test_the_threshold_keeps_the_risk_and_coverage_falls(rows: list[Row]) -> None:
    _, chosen = fit(rows)
    threshold = threshold_for(chosen, 0.15)
    answered = [right for probability, right in chosen if probability >= threshold]
    assert 0.14 < 1 - sum(answered) / len(answered) <= 0.151
    coverages = [line["coverage"] for line in risk_coverage(chosen)]
    assert coverages[0] == 1 and coverages == sorted(coverages, reverse=True)


def test_the_scale_belongs_to_the_questions_that_are_asked_so(rows: list[Row]) -> None:
    """Questions of another form, all without an answer, lend their rows to the weights alone."""
    others = [
        replace(row, right=False, question=row.question + 9_000, asked_so=False) for row in rows
    ]
    _, chosen = fit([*rows, *others])
    assert len(chosen) == 1500
    expected = sum(probability for probability, _ in chosen)
    assert expected == pytest.approx(sum(right for _, right in chosen), rel=0.02)
