"""Agreement of two raters beyond chance: Cohen's kappa for yes/no judgements.

    kappa = (observed - expected) / (1 - expected)
    expected = P(both yes by chance) + P(both no by chance)

Source: Cohen 1960, https://doi.org/10.1177/001316446002000104.
"""

from __future__ import annotations

from collections.abc import Sequence


def kappa(pairs: Sequence[tuple[bool, bool]]) -> float | None:
    """-1 to 1; None without pairs, or where chance alone explains all (one rater always the same).

    >>> kappa([(True, True), (False, False), (True, False), (False, True)])
    0.0
    """
    if not pairs:
        return None
    size = len(pairs)
    first = sum(one for one, _ in pairs) / size
    second = sum(other for _, other in pairs) / size
    observed = sum(one == other for one, other in pairs) / size
    expected = first * second + (1 - first) * (1 - second)
    return None if expected == 1 else (observed - expected) / (1 - expected)
