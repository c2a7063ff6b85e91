"""Risk and coverage: how often is it wrong if only its surest answers are shown?

Questions are sorted by confidence, surest first. After each group of equal confidence:

    coverage = answered so far / all,   risk = wrong so far / answered so far

The area under the curve (AURC) is the mean risk over all coverages 1/n, 2/n, … 1; lower is better.
A tie counts as answered in any order: each of its questions adds the risk expected there.

Source: El-Yaniv and Wiener 2010, https://jmlr.org/papers/v11/el-yaniv10a.html; Geifman and El-Yaniv
2017, https://arxiv.org/abs/1705.08500.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby


@dataclass(frozen=True, slots=True, kw_only=True)
class Point:
    """What answering from `confidence` upwards gives."""

    confidence: float
    coverage: float
    risk: float


def risk_coverage(cases: Sequence[tuple[float, bool]]) -> tuple[Point, ...]:
    """The curve from `(confidence, right)` of each question; empty without questions.

    >>> [(p.coverage, p.risk) for p in risk_coverage([(0.9, True), (0.4, False)])]
    [(0.5, 0.0), (1.0, 0.5)]
    """
    points: list[Point] = []
    answered = wrong = 0
    for confidence, group in groupby(sorted(cases, key=_surest), key=lambda case: case[0]):
        rights = [right for _, right in group]
        answered += len(rights)
        wrong += rights.count(False)
        points.append(
            Point(confidence=confidence, coverage=answered / len(cases), risk=wrong / answered)
        )
    return tuple(points)


def area(cases: Sequence[tuple[float, bool]]) -> float | None:
    """The area under the curve, 0 to 1; None without questions.

    >>> area([(0.9, True), (0.4, False)])
    0.25
    """
    if not cases:
        return None
    total = 0.0
    answered, wrong = 0, 0.0
    for _, group in groupby(sorted(cases, key=_surest), key=lambda case: case[0]):
        rights = [right for _, right in group]
        share = rights.count(False) / len(rights)
        for _right in rights:
            answered += 1
            wrong += share
            total += wrong / answered
    return total / len(cases)


def _surest(case: tuple[float, bool]) -> float:
    return -case[0]
