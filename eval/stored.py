"""Runs on disk: the canonical `report.json`, the smaller baseline, and reading either back.

The same outcomes give the same bytes: keys are sorted, figures are rounded, and nothing depends on
the clock, the machine or the place of a file. Timings go to a file of their own.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from eval.errors import ReportWrong
from eval.gates import Check
from eval.metrics.latency import latencies
from eval.outcome import Outcome, Run
from eval.summary import DECIMALS, Summary

FORMAT = 1
# The measures of a fact in reports and comparisons, "passed" first.
COMPARED = ("passed", "accuracy", "exact_match", "token_f1", "containment", "citation_recall")


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredFact:
    """One fact of a stored run. `evidence` are the `(document, quote)` that stood when it was run."""

    id: str
    passed: bool
    cause: str | None
    got: str
    measures: Mapping[str, float | None]
    evidence: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredRun:
    """A run read back; `name` is for people."""

    name: str
    generation: str
    facts: Mapping[str, StoredFact]


def report_json(run: Run, summary: Summary, checks: tuple[Check, ...]) -> str:
    """The canonical report."""
    return _dump(
        {
            "format": FORMAT,
            "subject": asdict(run.subject),
            "summary": summary_dict(summary),
            "gates": [asdict(check) for check in checks],
            "facts": [fact_dict(outcome) for outcome in run.outcomes],
        }
    )


def timings_json(run: Run) -> str:
    """The latency of each step and of each fact; differs from run to run."""
    steps = latencies([outcome.timings_ms for outcome in run.outcomes])
    return _dump(
        {
            "format": FORMAT,
            "steps": {name: asdict(latency) for name, latency in steps.items()},
            "facts": {o.fact.id: dict(o.timings_ms) for o in run.outcomes},
        }
    )


def baseline_json(run: Run, summary: Summary) -> str:
    """What later runs are compared with: one line a fact, so that a change reads well in a diff."""
    head = {
        "format": FORMAT,
        "subject": asdict(run.subject),
        "measures": {name: measure.value for name, measure in summary.measures.items()},
    }
    lines = [json.dumps(_baseline_fact(o), ensure_ascii=False) for o in run.outcomes]
    return _dump(head)[:-3] + ',\n  "facts": [\n    ' + ",\n    ".join(lines) + "\n  ]\n}\n"


def read_run(path: Path) -> StoredRun:
    """A `report.json` or a baseline. Raises: ReportWrong."""
    try:
        value: Any = json.loads(path.read_text("utf-8"))
        if value["format"] != FORMAT:
            raise ReportWrong(
                f"'{path}' has report format {value['format']}, this Groundwire reads {FORMAT}. "
                "Record it anew: groundwire eval baseline"
            )
        facts = [_stored_fact(item) for item in value["facts"]]
        return StoredRun(
            name=path.name,
            generation=str(value["subject"]["generation"]),
            facts={fact.id: fact for fact in facts},
        )
    except FileNotFoundError as error:
        raise ReportWrong(f"No report at '{path}'. Write one: groundwire eval --report DIR") from (
            error
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise ReportWrong(
            f"'{path}' is not a report of groundwire eval: {error!r}. Name a report.json or a baseline."
        ) from error


def stored(run: Run, name: str) -> StoredRun:
    """A run as it would be read back."""
    return StoredRun(
        name=name,
        generation=run.subject.generation,
        facts={o.fact.id: _stored_fact(_baseline_fact(o)) for o in run.outcomes},
    )


def summary_dict(summary: Summary) -> dict[str, Any]:
    """The JSON form of a summary."""
    return {
        "total": summary.total,
        "passed": summary.passed,
        "measures": {name: asdict(measure) for name, measure in summary.measures.items()},
        "causes": summary.causes,
        "tags": [asdict(group) for group in summary.tags],
        "risk_coverage": [
            {key: round(value, DECIMALS) for key, value in asdict(point).items()}
            for point in summary.curve
        ],
    }


def fact_dict(outcome: Outcome) -> dict[str, Any]:
    """The JSON form of one outcome, without its timings."""
    fact = outcome.fact
    return {
        "id": fact.id,
        "file": fact.file,
        "line": fact.line,
        "question": fact.question,
        "standalone": fact.standalone,
        "form": fact.form,
        "tags": list(fact.tags),
        "must_pass": fact.must_pass,
        "unanswerable": fact.unanswerable,
        "reason": fact.reason,
        "expected": list(fact.answers),
        "evidence": [
            {"document": e.document, "quote": e.quote, "places": [list(p) for p in e.places]}
            for e in fact.evidence
        ],
        "passed": outcome.passed,
        "cause": outcome.cause,
        "detail": outcome.detail,
        "abstained": outcome.abstained,
        "understood": outcome.understood,
        "got": outcome.got,
        "answer": outcome.sentence,
        "confidence": outcome.confidence,
        "guess": outcome.guess,
        "guess_right": outcome.guess_right,
        "rank": outcome.rank,
        "passages_read": outcome.passages_read,
        "citations": [asdict(cited) for cited in outcome.citations],
        "measures": fact_measures(outcome),
    }


def fact_measures(outcome: Outcome) -> dict[str, float | None]:
    """Every measure of one fact, rounded; None is "not measured"."""
    measures: dict[str, float | None] = {
        "passed": float(outcome.passed),
        "accuracy": None if outcome.fact.unanswerable else float(outcome.right),
    }
    measures.update(outcome.measures)
    return {
        name: None if value is None else round(value, DECIMALS) for name, value in measures.items()
    }


def _baseline_fact(outcome: Outcome) -> dict[str, Any]:
    measures = fact_measures(outcome)
    return {
        "id": outcome.fact.id,
        "passed": outcome.passed,
        "cause": outcome.cause,
        "got": outcome.got,
        "measures": {name: measures[name] for name in COMPARED},
        "evidence": [
            {"document": e.document, "quote": e.quote} for e in outcome.fact.evidence if e.places
        ],
    }


def _stored_fact(value: Mapping[str, Any]) -> StoredFact:
    return StoredFact(
        id=str(value["id"]),
        passed=bool(value["passed"]),
        cause=value["cause"],
        got=str(value["got"]),
        measures=dict(value["measures"]),
        evidence=tuple((str(e["document"]), str(e["quote"])) for e in value["evidence"]),
    )


def _dump(value: Mapping[str, Any]) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False) + "\n"
