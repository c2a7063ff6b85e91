"""Features → a probability. Logistic regression with weights stored in the reader's card."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rag.errors import ModelUnavailable

TIMES = "*"


@dataclass(frozen=True, kw_only=True)
class Calibration:
    """A fitted logistic model. Its probabilities are calibrated on held-out questions.

    A weight belongs to a feature, or to the product of two: "margin" or "margin*sentence".
    """

    weights: Mapping[str, float]
    intercept: float

    def probability(self, features: Mapping[str, float]) -> float:
        """The probability, 0 to 1, that what the features describe is right. Raises: KeyError."""
        return self.probabilities([features])[0]

    def probabilities(self, rows: Sequence[Mapping[str, float]]) -> list[float]:
        """The probability of each row of features. Raises: KeyError, for a feature that is missing."""
        names, single, products = self._terms
        values = np.array([[row[name] for name in names] for row in rows])
        if not values.size:
            values = np.zeros((len(rows), len(names)))
        total = self.intercept + values @ single + ((values @ products) * values).sum(axis=1)
        return [float(value) for value in 1 / (1 + np.exp(-np.clip(total, -60.0, 60.0)))]

    @cached_property
    def _terms(self) -> tuple[list[str], NDArray[np.float64], NDArray[np.float64]]:
        """The features' names, their weights, and the weights of their products as a matrix."""
        names = sorted({name for term in self.weights for name in term.split(TIMES)})
        row_of = {name: row for row, name in enumerate(names)}
        single = np.zeros(len(names))
        products = np.zeros((len(names), len(names)))
        for term, weight in self.weights.items():
            first, _, second = term.partition(TIMES)
            if second:
                products[row_of[first], row_of[second]] = weight
            else:
                single[row_of[first]] = weight
        return names, single, products


# For a reader that was never calibrated: the share of a span against "no answer here" as the model
# itself gives it (softmax of the two), and a sentence by its cosine with the question.
UNCALIBRATED = {
    "span": Calibration(weights={"margin": 10.0}, intercept=0.0),
    "sentence": Calibration(weights={"similarity": 10.0}, intercept=-5.5),
}
UNCALIBRATED_THRESHOLD = 0.5


def is_calibrated(card: Mapping[str, Any]) -> bool:
    """Whether a reader's card holds a calibration."""
    return "calibration" in card


def calibration_of(card: Mapping[str, Any], which: str) -> Calibration:
    """The model `which` ("span" or "sentence") of a reader's card, or the uncalibrated one.

    Raises: ModelUnavailable where the card holds a calibration that is not whole.
    """
    if not is_calibrated(card):
        return UNCALIBRATED[which]
    try:
        stored = card["calibration"][which]
        weights = {str(name): float(weight) for name, weight in stored["weights"].items()}
        return Calibration(weights=weights, intercept=float(stored["intercept"]))
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise _broken(card, error) from error


def threshold_of(card: Mapping[str, Any]) -> float:
    """The probability below which answers of this reader are abstained from.

    Raises: ModelUnavailable where the card holds a calibration that is not whole.
    """
    if not is_calibrated(card):
        return UNCALIBRATED_THRESHOLD
    try:
        return float(card["calibration"]["threshold"])
    except (KeyError, TypeError, ValueError) as error:
        raise _broken(card, error) from error


def _broken(card: Mapping[str, Any], error: Exception) -> ModelUnavailable:
    return ModelUnavailable(
        f"The calibration of the reader '{card.get('name')}' is not whole: {error!r}. Fit it with: "
        "python -m rag.training.calibrate"
    )


def in_words(confidence: float) -> str:
    """The confidence as people read it; the bounds are frequencies of being right.

    >>> [in_words(p) for p in (0.95, 0.8, 0.6)]
    ['high confidence', 'good confidence', 'low confidence']
    """
    if confidence >= 0.9:
        return "high confidence"
    return "good confidence" if confidence >= 0.7 else "low confidence"
