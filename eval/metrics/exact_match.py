"""Exact match: 1 if the normalised texts are equal, else 0; the best over the accepted answers.

Source: Rajpurkar et al. 2016, https://arxiv.org/abs/1606.05250.
"""

from __future__ import annotations

from collections.abc import Sequence

from eval.metrics.normal import words


def exact_match(answer: str, accepted: Sequence[str]) -> float:
    """1.0 or 0.0.

    >>> exact_match("the Kremlin.", ["Kremlin", "Moscow"])
    1.0
    """
    said = words(answer)
    return float(any(said == words(text) for text in accepted))
