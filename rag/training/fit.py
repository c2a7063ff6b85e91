"""Inside the last step of training: candidates with their features → weights, threshold and tables."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit
from sklearn.linear_model import LogisticRegression

from rag.confidence import TIMES, Calibration
from rag.features import Features
from rag.support import normal

FOLDS = 5
STRENGTH = 5e-4  # inverse of the penalty; 2e-4 to 3e-3 do alike


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One candidate of one question: its features, whether it is right, and its question.

    `asked_so` says whether the product answers questions of this form by candidates of this kind.
    """

    features: Features
    right: bool
    question: int
    group: str
    asked_so: bool = True


def is_right(span: str, gold: Sequence[str]) -> bool:
    """Whether a span shares enough words with a gold answer: token F1 of at least a half.

    >>> is_right("the 3rd of May", ["3rd of May 1990"]), is_right("May", ["3rd of May 1990"])
    (True, False)
    """
    return any(token_f1(normal(span).split(), normal(answer).split()) >= 0.5 for answer in gold)


def token_f1(found: Sequence[str], wanted: Sequence[str]) -> float:
    """The harmonic mean of the shares of words in common."""
    common = sum((Counter(found) & Counter(wanted)).values())
    return 2 * common / (len(found) + len(wanted)) if common else 0.0


def fit(rows: Sequence[Row]) -> tuple[Calibration, list[tuple[float, bool]]]:
    """Weights fitted on all rows, and their scale on answers chosen by weights that did not see them.

    Paragraphs are dealt into folds; the answers of each fold are chosen by weights of the others, and
    Platt's scale is fitted on all those answers to questions that are `asked_so`. Returns the
    calibration and (probability, right) of the answer chosen for each of these questions.
    """
    unseen: list[tuple[float, bool]] = []
    for number in range(FOLDS):
        raw = _weights([row for row in rows if _fold(row.group) != number])
        kept = [row for row in rows if row.asked_so and _fold(row.group) == number]
        unseen.extend(_chosen(kept, raw))
    scale = LogisticRegression(C=1e6, max_iter=2000)
    scale.fit([[logit] for logit, _ in unseen], [right for _, right in unseen])
    slope, shift = float(scale.coef_[0][0]), float(scale.intercept_[0])
    raw = _weights(rows)
    calibrated = Calibration(
        weights={name: _short(weight * slope) for name, weight in raw.weights.items()},
        intercept=_short(raw.intercept * slope + shift),
    )
    return calibrated, [(float(expit(slope * logit + shift)), right) for logit, right in unseen]


def _weights(rows: Sequence[Row]) -> Calibration:
    """Logistic weights of all features and their products, fitted on standard scores."""
    names = sorted(rows[0].features)
    values = np.array([[row.features[name] for name in names] for row in rows])
    centre, spread = values.mean(axis=0), _spread(values)
    first, second = np.triu_indices(len(names))
    products = ((values - centre) / spread)[:, first] * ((values - centre) / spread)[:, second]
    terms = np.hstack([(values - centre) / spread, products])
    shift, scale = terms.mean(axis=0), _spread(terms)
    model = LogisticRegression(C=STRENGTH, max_iter=1000)
    model.fit((terms - shift) / scale, [row.right for row in rows])
    fitted = model.coef_[0] / scale
    linear, crossed = fitted[: len(names)] / spread, fitted[len(names) :]
    crossed = crossed / (spread[first] * spread[second])
    # back to the features as they are: (x - a)(y - b) = xy - bx - ay + ab
    intercept = float(model.intercept_[0] - fitted @ shift - linear @ centre)
    intercept += float(crossed @ (centre[first] * centre[second]))
    np.subtract.at(linear, first, crossed * centre[second])
    np.subtract.at(linear, second, crossed * centre[first])
    weights = dict(zip(names, map(float, linear), strict=True))
    for one, other, weight in zip(first, second, crossed, strict=True):
        weights[f"{names[one]}{TIMES}{names[other]}"] = float(weight)
    return Calibration(weights=weights, intercept=intercept)


def _spread(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """The standard deviation of each column; 1 for a column that does not vary."""
    spread = values.std(axis=0)
    return np.where(spread > 1e-9, spread, 1.0)


def _chosen(rows: Sequence[Row], calibration: Calibration) -> list[tuple[float, bool]]:
    """The logit of each question's likeliest candidate, and whether it is right."""
    best: dict[int, tuple[float, bool]] = {}
    probabilities = calibration.probabilities([row.features for row in rows])
    for row, probability in zip(rows, probabilities, strict=True):
        logit = _logit(probability)
        if row.question not in best or logit > best[row.question][0]:
            best[row.question] = (logit, row.right)
    return list(best.values())


def threshold_for(chosen: Sequence[tuple[float, bool]], risk: float) -> float:
    """The lowest probability from which on the share of wrong answers stays within `risk`.

    >>> threshold_for([(0.9, True), (0.8, True), (0.4, False), (0.3, False)], 0.1)
    0.8
    """
    ordered = sorted(chosen, key=lambda item: -item[0])
    wrong, lowest = 0, 1.0
    for place, (probability, right) in enumerate(ordered, start=1):
        wrong += not right
        if wrong / place <= risk:
            lowest = probability
    return round(lowest, 4)


def reliability(chosen: Sequence[tuple[float, bool]], bins: int = 10) -> list[dict[str, float]]:
    """Mean probability and share right in equal bins, for a reliability diagram."""
    table: list[dict[str, float]] = []
    for number in range(bins):
        low, high = number / bins, (number + 1) / bins
        inside = [
            item for item in chosen if low <= item[0] < high or (number == 9 and item[0] == 1)
        ]
        if inside:
            table.append(
                {
                    "from": low,
                    "to": high,
                    "answers": len(inside),
                    "probability": round(float(np.mean([p for p, _ in inside])), 4),
                    "right": round(float(np.mean([r for _, r in inside])), 4),
                }
            )
    return table


def risk_coverage(chosen: Sequence[tuple[float, bool]]) -> list[dict[str, float]]:
    """The share answered and the share wrong among those, for thresholds from 0 to 0.95.

    Source: El-Yaniv and Wiener 2010, https://jmlr.org/papers/v11/el-yaniv10a.html
    """
    table: list[dict[str, float]] = []
    for threshold in np.arange(0, 1, 0.05):
        answered = [right for probability, right in chosen if probability >= threshold]
        if answered:
            table.append(
                {
                    "threshold": round(float(threshold), 2),
                    "coverage": round(len(answered) / len(chosen), 4),
                    "risk": round(1 - float(np.mean(answered)), 4),
                }
            )
    return table


def _fold(group: str) -> int:
    return hashlib.sha256(group.encode()).digest()[1] % FOLDS


def _short(value: float) -> float:
    return float(f"{value:.6g}")


def _logit(probability: float) -> float:
    clipped = min(1 - 1e-9, max(1e-9, probability))
    return float(np.log(clipped / (1 - clipped)))
