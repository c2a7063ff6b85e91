"""The gates of `eval.toml`: what must hold for a build to pass.

    baseline = "baseline.json"      # beside this file

    [floors]                        # no measure below
    passed = 0.8

    [not_worse]                     # than the baseline
    measures = ["passed"]           # no significant fall of these
    significance = 0.05
    newly_failed = 0                # facts that passed there and may fail now

Besides, always: every fact with `must_pass` passes, and all evidence still stands in the articles.
Without an `eval.toml` every fact must pass.
"""

from __future__ import annotations

import difflib
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from eval.compare import RESAMPLES, SEED, ComparedFact, Comparison, compare
from eval.errors import GatesWrong
from eval.outcome import Outcome
from eval.summary import LOWER_IS_BETTER, Summary

FILE_NAME = "eval.toml"


class NotWorse(BaseModel):
    """How a run may differ from the baseline."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    measures: tuple[str, ...] = ("passed",)
    significance: float = Field(0.05, gt=0, lt=1)
    newly_failed: int = Field(0, ge=0)
    resamples: int = Field(RESAMPLES, ge=99, le=1_000_000)
    seed: int = Field(SEED, ge=0)


class Gates(BaseModel):
    """The contents of `eval.toml`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    baseline: str | None = None
    floors: dict[str, float] = Field(default_factory=dict)
    not_worse: NotWorse = Field(default_factory=NotWorse)
    every_fact: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One gate. `facts` are the ids of those that it is about."""

    name: str
    passed: bool
    message: str
    facts: tuple[str, ...] = field(default=())


def find_gates(facts: Path) -> Path | None:
    """The `eval.toml` inside or beside a folder of facts."""
    folder = facts if facts.is_dir() else facts.parent
    for place in (folder / FILE_NAME, folder.parent / FILE_NAME):
        if place.is_file():
            return place
    return None


def read_gates(path: Path | None) -> Gates:
    """The gates of a file; without one every fact must pass. Raises: GatesWrong."""
    if path is None:
        return Gates(every_fact=True)
    try:
        return Gates(**tomllib.loads(path.read_text("utf-8")))
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise GatesWrong(f"{path}: {place}: {first['msg']}. See docs/evaluation.md.") from error
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise GatesWrong(f"{path}: cannot be read: {error}. Mend the file.") from error


def check_gates(
    gates: Gates,
    summary: Summary,
    outcomes: Sequence[Outcome],
    before: Mapping[str, ComparedFact] | None,
    after: Mapping[str, ComparedFact],
) -> tuple[Check, ...]:
    """Every gate, in the order in which people want to read them. Raises: GatesWrong."""
    checks = [_must_pass(outcomes), _evidence(outcomes)]
    if gates.every_fact:
        failed = tuple(o.fact.id for o in outcomes if not o.passed)
        checks.append(
            Check(
                name="every fact",
                passed=not failed,
                message=f"{len(outcomes) - len(failed)} of {len(outcomes)} facts pass",
                facts=failed,
            )
        )
    checks.extend(_floor(name, floor, summary) for name, floor in gates.floors.items())
    if before is not None:
        checks.extend(_against_baseline(gates.not_worse, before, after))
    return tuple(checks)


def _must_pass(outcomes: Sequence[Outcome]) -> Check:
    must = [o for o in outcomes if o.fact.must_pass]
    failed = tuple(o.fact.id for o in must if not o.passed)
    return Check(
        name="must pass",
        passed=not failed,
        message=f"{len(must) - len(failed)} of {len(must)} must-pass facts pass",
        facts=failed,
    )


def _evidence(outcomes: Sequence[Outcome]) -> Check:
    gone = tuple(o.fact.id for o in outcomes if o.cause == "evidence gone")
    return Check(
        name="evidence stands",
        passed=not gone,
        message=f"{len(gone)} facts quote what the articles no longer say"
        if gone
        else "the articles say what the facts quote",
        facts=gone,
    )


def _floor(name: str, floor: float, summary: Summary) -> Check:
    measure = summary.measures.get(name)
    if measure is None:
        near = difflib.get_close_matches(name, summary.measures, n=1)
        hint = f"Did you mean '{near[0]}'?" if near else f"Known: {', '.join(summary.measures)}"
        raise GatesWrong(f"{FILE_NAME}: floors.{name}: no such measure. {hint}")
    if measure.value is None:
        return Check(name=f"floor {name}", passed=False, message=f"not measured, wanted {floor:g}")
    lower = name in LOWER_IS_BETTER
    held = measure.value <= floor if lower else measure.value >= floor
    word = "at most" if lower else "at least"
    return Check(
        name=f"floor {name}", passed=held, message=f"{measure.value:.3f}, wanted {word} {floor:g}"
    )


def _against_baseline(
    rules: NotWorse, before: Mapping[str, ComparedFact], after: Mapping[str, ComparedFact]
) -> list[Check]:
    known: set[str] = {name for fact in after.values() for name in fact.measures}
    unknown = [name for name in rules.measures if name not in known]
    if unknown and after:
        raise GatesWrong(
            f"{FILE_NAME}: not_worse.measures: no measure '{unknown[0]}' of single facts. "
            f"Known: {', '.join(sorted(known))}"
        )
    comparison = compare(before, after, rules.measures, resamples=rules.resamples, seed=rules.seed)
    checks = [_significance(rules, comparison, at) for at in range(len(comparison.differences))]
    broken = comparison.broken
    checks.append(
        Check(
            name="newly failed",
            passed=len(broken) <= rules.newly_failed,
            message=f"{len(broken)} facts that passed in the baseline fail, "
            f"{rules.newly_failed} allowed; {len(comparison.mended)} now pass",
            facts=broken,
        )
    )
    return checks


def _significance(rules: NotWorse, comparison: Comparison, at: int) -> Check:
    found = comparison.differences[at]
    worse = found.mean < 0 and found.p_worse < rules.significance
    return Check(
        name=f"not worse {found.measure}",
        passed=not worse,
        message=f"{found.before:.3f} → {found.after:.3f}, 95% interval of the change "
        f"{found.low:+.3f} to {found.high:+.3f}, p = {found.p_worse:.3f}",
        facts=comparison.broken if worse else (),
    )


def baseline_path(gates: Gates, file: Path | None) -> Path | None:
    """Where the baseline of these gates is, or would be recorded."""
    if gates.baseline is None or file is None:
        return None
    return file.parent / gates.baseline
