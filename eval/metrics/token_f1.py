"""Token F1: the harmonic mean of word precision and recall, words counted as often as they occur.

    overlap = |answer ∩ accepted| as multisets
    P = overlap / |answer|,  R = overlap / |accepted|,  F1 = 2PR / (P + R)

Two texts without words are equal (1); the best over the accepted answers.

Source: Rajpurkar et al. 2016, https://arxiv.org/abs/1606.05250.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from eval.metrics.normal import words


def token_f1(answer: str, accepted: Sequence[str]) -> float:
    """0 to 1.

    >>> round(token_f1("Serbian President Vucic", ["Aleksandar Vucic", "Putin"]), 2)
    0.4
    """
    said = words(answer)
    return max((_f1(said, words(text)) for text in accepted), default=0.0)


def _f1(said: list[str], wanted: list[str]) -> float:
    if not said or not wanted:
        return float(said == wanted)
    overlap = sum((Counter(said) & Counter(wanted)).values())
    return 2 * overlap / (len(said) + len(wanted))
