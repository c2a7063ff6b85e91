from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.confidence import Calibration, calibration_of, threshold_of
from rag.errors import ModelUnavailable


@given(st.floats(-1e6, 1e6), st.floats(-1e3, 1e3), st.floats(-1e3, 1e3))
def test_a_probability_is_one_and_grows_with_the_evidence(
    value: float, weight: float, intercept: float
) -> None:
    model = Calibration(weights={"margin": weight}, intercept=intercept)
    here = model.probability({"margin": value})
    there = model.probability({"margin": value + 1})
    assert 0 <= here <= 1
    assert (there >= here) if weight >= 0 else (there <= here)


def test_a_feature_that_is_missing_is_no_zero() -> None:
    with pytest.raises(KeyError):
        Calibration(weights={"margin": 1.0}, intercept=0).probability({})


def test_a_product_of_two_features_has_a_weight_of_its_own() -> None:
    model = Calibration(weights={"a": 1.0, "a*b": 2.0, "b*b": -1.0}, intercept=0.5)
    rows = [{"a": 1.0, "b": 3.0, "unused": 9.0}, {"b": 0.0, "a": -2.0}]
    logits = [0.5 + 1 + 6 - 9, 0.5 - 2]
    expected = [1 / (1 + math.exp(-logit)) for logit in logits]
    assert model.probabilities(rows) == pytest.approx(expected)
    assert model.probabilities([]) == []


def test_a_reader_that_was_never_calibrated_uses_its_own_null_answer() -> None:
    model = calibration_of({"name": "x"}, "span")
    assert model.probability({"margin": 0.0}) == threshold_of({"name": "x"}) == 0.5
    assert model.probability({"margin": 0.2}) > 0.85


@pytest.mark.parametrize(
    "stored", [{}, {"span": {"weights": 3}}, {"span": {}}, {"span": {"weights": {"a": "x"}}}, None]
)
def test_a_calibration_that_is_not_whole_is_refused(stored: object) -> None:
    card = {"name": "x", "calibration": stored}
    with pytest.raises(ModelUnavailable, match=r"rag\.training\.calibrate"):
        calibration_of(card, "span")
    with pytest.raises(ModelUnavailable, match="'x'"):
        threshold_of(card)
