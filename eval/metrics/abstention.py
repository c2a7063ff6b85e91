"""Abstention: is "the articles do not say" said where, and only where, it is right?

    precision = abstained on unanswerable / abstained
    recall    = abstained on unanswerable / unanswerable
    F1        = 2PR / (P + R)

Source: Rajpurkar et al. 2018, https://arxiv.org/abs/1806.03822 (unanswerable questions).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Abstention:
    """None where nothing was abstained from, or nothing is unanswerable."""

    precision: float | None
    recall: float | None
    f1: float | None


def abstention(cases: Sequence[tuple[bool, bool]]) -> Abstention:
    """From `(unanswerable, abstained)` of each question.

    >>> abstention([(True, True), (True, False), (False, True), (False, False)]).f1
    0.5
    """
    both = sum(unanswerable and abstained for unanswerable, abstained in cases)
    abstained_total = sum(abstained for _, abstained in cases)
    unanswerable_total = sum(unanswerable for unanswerable, _ in cases)
    total = abstained_total + unanswerable_total
    return Abstention(
        precision=both / abstained_total if abstained_total else None,
        recall=both / unanswerable_total if unanswerable_total else None,
        f1=2 * both / total if abstained_total and unanswerable_total else None,
    )
