"""Two runs of the same facts: which flipped, and is the difference more than chance?

For each measure the facts are paired; d is after minus before.

- interval: paired bootstrap, the percentiles of the mean of d over resampled facts.
- p: sign-flip permutation, the share of random sign changes of d whose mean is as low as the real one.

Both are seeded, so the same two runs give the same figures.

Source: Efron and Tibshirani 1993, chapters 13 and 15; Smucker, Allan and Carterette 2007,
https://doi.org/10.1145/1321440.1321528. Computed by scipy.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

RESAMPLES = 9_999
SEED = 1949
CONFIDENCE = 0.95


class ComparedFact(Protocol):
    """What a comparison needs to know of a fact."""

    @property
    def passed(self) -> bool:
        """Whether it passed."""

    @property
    def cause(self) -> str | None:
        """Why it failed."""

    @property
    def measures(self) -> Mapping[str, float | None]:
        """Its measures; None is "not measured"."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """A measure over the `n` facts that both runs measured. `p_worse`: chance of a fall this deep."""

    measure: str
    n: int
    before: float
    after: float
    low: float
    high: float
    p_worse: float
    p_better: float

    @property
    def mean(self) -> float:
        """After minus before."""
        return self.after - self.before


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """Ids of facts in the order of the later run; `gone` and `new` are in one run only."""

    broken: tuple[str, ...]
    mended: tuple[str, ...]
    other_cause: tuple[str, ...]
    gone: tuple[str, ...]
    new: tuple[str, ...]
    differences: tuple[Difference, ...]


def compare(
    before: Mapping[str, ComparedFact],
    after: Mapping[str, ComparedFact],
    measures: Sequence[str],
    *,
    resamples: int = RESAMPLES,
    seed: int = SEED,
) -> Comparison:
    """Compares two runs fact by fact; a measure that no fact has in both is left out."""
    both = [name for name in after if name in before]
    differences = []
    for measure in measures:
        pairs = [
            (old, new)
            for name in both
            if (old := before[name].measures.get(measure)) is not None
            and (new := after[name].measures.get(measure)) is not None
        ]
        if pairs:
            differences.append(difference(measure, pairs, resamples=resamples, seed=seed))
    return Comparison(
        broken=tuple(n for n in both if before[n].passed and not after[n].passed),
        mended=tuple(n for n in both if not before[n].passed and after[n].passed),
        other_cause=tuple(
            n
            for n in both
            if not before[n].passed and not after[n].passed and before[n].cause != after[n].cause
        ),
        gone=tuple(name for name in before if name not in after),
        new=tuple(name for name in after if name not in before),
        differences=tuple(differences),
    )


def difference(
    measure: str,
    pairs: Sequence[tuple[float, float]],
    *,
    resamples: int = RESAMPLES,
    seed: int = SEED,
) -> Difference:
    """The difference of at least one pair `(before, after)`.

    >>> found = difference("passed", [(1.0, 1.0)] * 5)
    >>> found.low, found.high, found.p_worse
    (0.0, 0.0, 1.0)
    """
    before = sum(old for old, _ in pairs) / len(pairs)
    after = sum(new for _, new in pairs) / len(pairs)
    changes = [new - old for old, new in pairs]
    low, high = _interval(changes, resamples, seed)
    return Difference(
        measure=measure,
        n=len(pairs),
        before=before,
        after=after,
        low=low,
        high=high,
        p_worse=_p(changes, "less", resamples, seed),
        p_better=_p(changes, "greater", resamples, seed),
    )


def _interval(changes: Sequence[float], resamples: int, seed: int) -> tuple[float, float]:
    if len(set(changes)) == 1:
        return changes[0], changes[0]
    from scipy.stats import bootstrap

    found: Any = bootstrap(
        (changes,),
        _mean,
        n_resamples=resamples,
        confidence_level=CONFIDENCE,
        method="percentile",
        rng=seed,
    )
    return float(found.confidence_interval.low), float(found.confidence_interval.high)


def _p(changes: Sequence[float], alternative: str, resamples: int, seed: int) -> float:
    if not any(changes):
        return 1.0
    from scipy.stats import permutation_test

    # Signs of zeros change nothing; one is kept because scipy wants two values.
    found: Any = permutation_test(
        ([*(change for change in changes if change), 0.0],),
        _mean,
        permutation_type="samples",
        n_resamples=resamples,
        alternative=alternative,
        rng=seed,
    )
    return float(found.pvalue)


def _mean(values: Any, axis: int = -1) -> Any:
    import numpy as np

    return np.mean(values, axis=axis)
