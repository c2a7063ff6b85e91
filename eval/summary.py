"""Fourth step: outcomes → the figures of a run. "Not measured" is counted apart, never NaN."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from eval.causes import CAUSES
from eval.metrics.abstention import abstention
from eval.metrics.retrieval import evaluate_run
from eval.metrics.risk_coverage import Point, area, risk_coverage
from eval.outcome import Outcome

PER_FACT = (
    "exact_match",
    "token_f1",
    "containment",
    "citation_precision",
    "citation_recall",
    "citation_verbatim",
    "citation_holds_answer",
)
LOWER_IS_BETTER = frozenset(("aurc",))
DECIMALS = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """A mean over `n` facts; `value` is None where nothing was measured."""

    value: float | None
    n: int
    not_measured: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """Passed and all facts of one tag."""

    tag: str
    passed: int
    total: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """The figures of a run. `causes` counts the failures in the order of `eval.causes`."""

    total: int
    passed: int
    measures: dict[str, Measure]
    causes: dict[str, int]
    tags: tuple[Group, ...]
    curve: tuple[Point, ...]


def summarise(outcomes: Sequence[Outcome]) -> Summary:
    """The figures of these outcomes."""
    answerable = [o for o in outcomes if not o.fact.unanswerable]
    measures = {
        "passed": _mean([float(o.passed) for o in outcomes]),
        "accuracy": _mean([float(o.right) for o in answerable]),
        "answered_right": _mean([float(o.right) for o in answerable if not o.abstained]),
    }
    for name in PER_FACT:
        measures[name] = _mean([o.measures[name] for o in outcomes])
    said_nothing = abstention([(o.fact.unanswerable, o.abstained) for o in outcomes])
    cases = [(o.confidence, o.guess_right) for o in outcomes]
    for name, value in (
        ("abstention_precision", said_nothing.precision),
        ("abstention_recall", said_nothing.recall),
        ("abstention_f1", said_nothing.f1),
        ("aurc", area(cases)),
    ):
        measures[name] = _whole(value, len(outcomes))
    measures |= _retrieval(answerable)
    causes = Counter(o.cause for o in outcomes)
    return Summary(
        total=len(outcomes),
        passed=sum(o.passed for o in outcomes),
        measures=measures,
        causes={cause: causes[cause] for cause in CAUSES if causes[cause]},
        tags=_tags(outcomes),
        curve=risk_coverage(cases),
    )


def _retrieval(answerable: Sequence[Outcome]) -> dict[str, Measure]:
    placed = [o for o in answerable if any(item.places for item in o.fact.evidence)]
    documents = evaluate_run(
        {o.fact.id: o.found_documents for o in placed},
        {o.fact.id: _wanted_documents(o) for o in placed},
    )
    evidence = evaluate_run(
        {o.fact.id: o.found_evidence for o in placed},
        {o.fact.id: _wanted_evidence(o) for o in placed},
    )
    levels = (("document", documents), ("evidence", evidence))
    return {
        f"{level}_{name}": Measure(
            value=_rounded(value), n=len(placed), not_measured=len(answerable) - len(placed)
        )
        for level, values in levels
        for name, value in values.items()
    }


def _wanted_documents(outcome: Outcome) -> list[str]:
    return list(dict.fromkeys(item.document for item in outcome.fact.evidence if item.places))


def _wanted_evidence(outcome: Outcome) -> list[str]:
    return [f"evidence-{n}" for n, item in enumerate(outcome.fact.evidence) if item.places]


def _tags(outcomes: Iterable[Outcome]) -> tuple[Group, ...]:
    groups: dict[str, list[bool]] = {}
    for outcome in outcomes:
        for tag in outcome.fact.tags or ("untagged",):
            groups.setdefault(tag, []).append(outcome.passed)
    return tuple(
        Group(tag=tag, passed=sum(passed), total=len(passed))
        for tag, passed in sorted(groups.items())
    )


def _mean(values: Sequence[float | None]) -> Measure:
    known = [value for value in values if value is not None]
    return Measure(
        value=_rounded(sum(known) / len(known)) if known else None,
        n=len(known),
        not_measured=len(values) - len(known),
    )


def _whole(value: float | None, n: int) -> Measure:
    """A figure of the whole run, not a mean."""
    measured = value is not None
    return Measure(value=_rounded(value), n=n if measured else 0, not_measured=0 if measured else n)


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, DECIMALS)
