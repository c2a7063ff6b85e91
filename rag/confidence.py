"""Features → a probability. Logistic regression with weights stored in the reader's card."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from rag.errors import ModelUnavailable


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibration:
    """A fitted logistic model. `probability` is calibrated on held-out questions."""

    weights: Mapping[str, float]
    intercept: float

    def probability(self, features: Mapping[str, float]) -> float:
        """The probability, 0 to 1, that what the features describe is right."""
        total = self.intercept + sum(
            weight * features[name] for name, weight in self.weights.items()
        )
        return 1 / (1 + math.exp(-max(-60.0, min(60.0, total))))


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
        return Calibration(weights=dict(stored["weights"]), intercept=float(stored["intercept"]))
    except (KeyError, TypeError, ValueError) as error:
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
