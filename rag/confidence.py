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


def calibration_of(card: Mapping[str, Any], which: str) -> Calibration:
    """The model `which` ("span" or "sentence") of a reader's card. Raises: ModelUnavailable."""
    try:
        stored = card["calibration"][which]
        return Calibration(weights=dict(stored["weights"]), intercept=float(stored["intercept"]))
    except (KeyError, TypeError, ValueError) as error:
        raise ModelUnavailable(
            f"The reader '{card.get('name')}' has no calibration '{which}': {error!r}. Fit one with: "
            "python -m rag.training.calibrate"
        ) from error


def in_words(confidence: float) -> str:
    """The confidence as people read it; the bounds are frequencies of being right.

    >>> [in_words(p) for p in (0.95, 0.8, 0.6)]
    ['high confidence', 'good confidence', 'low confidence']
    """
    if confidence >= 0.9:
        return "high confidence"
    return "good confidence" if confidence >= 0.7 else "low confidence"
