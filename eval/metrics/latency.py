"""Latency of each step: the median and the 95th percentile, in milliseconds.

Percentiles by the nearest rank: the smallest measured value with at least p% at or under it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Latency:
    """Milliseconds of one step over `n` questions."""

    n: int
    p50_ms: float
    p95_ms: float


def percentile(values: Sequence[float], percent: float) -> float:
    """The nearest-rank percentile of at least one value.

    >>> percentile([10, 20, 30, 40], 50), percentile([10, 20, 30, 40], 95)
    (20, 40)
    """
    ordered = sorted(values)
    return ordered[max(0, math.ceil(percent / 100 * len(ordered)) - 1)]


def latencies(timings: Sequence[Mapping[str, float]]) -> dict[str, Latency]:
    """The latency of each step that was timed, from the timings of each question."""
    steps: dict[str, list[float]] = {}
    for timing in timings:
        for step, value in timing.items():
            steps.setdefault(step, []).append(value)
    return {
        step: Latency(n=len(values), p50_ms=percentile(values, 50), p95_ms=percentile(values, 95))
        for step, values in steps.items()
    }
