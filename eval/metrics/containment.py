"""Containment: 1 if the words of an accepted answer stand in the answer, in order and unbroken.

The usual measure for answers that are sentences (`accuracy` of open question answering).

Source: Liu et al. 2023, https://arxiv.org/abs/2307.03172, section 2.1.
"""

from __future__ import annotations

from collections.abc import Sequence

from eval.metrics.normal import words


def containment(answer: str, accepted: Sequence[str]) -> float:
    """1.0 or 0.0; an accepted answer without words is contained in nothing.

    >>> containment("He landed in Baku, Azerbaijan.", ["Baku"]), containment("Bakus", ["Baku"])
    (1.0, 0.0)
    """
    said = words(answer)
    return float(any(_stands_in(words(text), said) for text in accepted))


def _stands_in(wanted: list[str], said: list[str]) -> bool:
    size = len(wanted)
    return size > 0 and any(said[at : at + size] == wanted for at in range(len(said) - size + 1))
