"""Human judgements of answers, and how far the answer metric agrees with them.

Read from a folder: `evouna_*.json` (Wang et al. 2023, https://arxiv.org/abs/2305.12421) and
`NQ301_human.tsv` (Kamalloo et al. 2023, https://arxiv.org/abs/2305.06984); the accepted answers of the
latter are those that EVOUNA holds for the same questions.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import mean
from typing import Any

from eval.errors import BenchmarkWrong
from eval.metrics.agreement import kappa
from eval.metrics.answer_match import ENOUGH_RECALL, long_match, short_match
from eval.metrics.containment import containment
from eval.metrics.exact_match import exact_match
from eval.metrics.quantities import is_quantity
from eval.metrics.token_f1 import token_f1
from eval.metrics.word_recall import word_recall

SPAN_WORDS = 6
METRICS: tuple[tuple[str, Callable[[str, Sequence[str]], bool]], ...] = (
    ("exact match", lambda answer, accepted: exact_match(answer, accepted) == 1.0),
    ("token F1 ≥ 0.5", lambda answer, accepted: token_f1(answer, accepted) >= 0.5),
    ("word recall ≥ 2/3", lambda answer, accepted: word_recall(answer, accepted) >= ENOUGH_RECALL),
    ("containment", lambda answer, accepted: containment(answer, accepted) == 1.0),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """One answer of one system with a person's verdict."""

    system: str
    answer: str
    accepted: tuple[str, ...]
    right: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """Kappa of each metric with people, on the answers of one system; `ours` is the one that decides.

    `form` is the kind of answers the system gives: `short` where their mean is a few words.
    """

    system: str
    kind: str
    form: str
    n: int
    kappas: dict[str, float | None]


def read_judgements(folder: Path) -> tuple[Judgement, ...]:
    """All judgements of a folder. Raises: BenchmarkWrong."""
    files = sorted(folder.glob("evouna_*.json")) if folder.is_dir() else []
    if not files:
        raise BenchmarkWrong(f"No evouna_*.json in '{folder}'. Name the folder of judgements.")
    found: list[Judgement] = []
    accepted_of: dict[str, tuple[str, ...]] = {}
    for path in files:
        try:
            rows: list[dict[str, Any]] = json.loads(path.read_text("utf-8"))
            for row in rows:
                found.extend(_evouna(row, path.stem, accepted_of))
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise BenchmarkWrong(f"'{path}' is not in EVOUNA's layout: {error!r}") from error
    nq301 = folder / "NQ301_human.tsv"
    if nq301.is_file():
        found.extend(_nq301(nq301, accepted_of))
    return tuple(found)


def agreement_table(judgements: Sequence[Judgement]) -> tuple[Agreement, ...]:
    """Agreement per system on all answers, and on those whose accepted answer is a quantity."""
    systems = list(dict.fromkeys(judgement.system for judgement in judgements))
    rows: list[Agreement] = []
    for system in systems:
        mine = [judgement for judgement in judgements if judgement.system == system]
        form = "short" if mean(len(j.answer.split()) for j in mine) <= SPAN_WORDS else "long"
        quantities = [j for j in mine if any(is_quantity(text) for text in j.accepted)]
        for kind, chosen in (("all", mine), ("quantities", quantities)):
            rows.append(
                Agreement(
                    system=system, kind=kind, form=form, n=len(chosen), kappas=_kappas(chosen, form)
                )
            )
    return tuple(rows)


def _kappas(judgements: Sequence[Judgement], form: str) -> dict[str, float | None]:
    ours = short_match if form == "short" else long_match
    return {
        name: kappa([(metric(j.answer, j.accepted), j.right) for j in judgements])
        for name, metric in (*METRICS, ("ours", ours))
    }


def _evouna(
    row: dict[str, Any], name: str, accepted_of: dict[str, tuple[str, ...]]
) -> list[Judgement]:
    """The systems' answers to one question; questions marked improper have no verdict."""
    if not row["golden_answer"] or row.get("improper"):
        return []
    accepted = tuple(text for text in row["golden_answer"].split("/") if text.strip())
    accepted_of[row["question"].casefold()] = accepted
    return [
        Judgement(
            system=f"{name} {key.removeprefix('judge_')}",
            answer=row.get(key.replace("judge_", "answer_")) or "",
            accepted=accepted,
            right=verdict,
        )
        for key, verdict in row.items()
        if key.startswith("judge_") and isinstance(verdict, bool)
    ]


def _nq301(path: Path, accepted_of: dict[str, tuple[str, ...]]) -> list[Judgement]:
    """Twelve systems together; only questions whose accepted answers EVOUNA holds."""
    found: list[Judgement] = []
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file, delimiter="\t"):
            accepted = accepted_of.get((row["Question"] or "").casefold())
            if accepted and row["Acceptable?"] in ("Yes", "No"):
                answer = row["Model answer"] or ""
                form = "spans" if len(answer.split()) <= SPAN_WORDS else "sentences"
                found.append(
                    Judgement(
                        system=f"NQ301 {form}",
                        answer=answer,
                        accepted=accepted,
                        right=row["Acceptable?"] == "Yes",
                    )
                )
    return found
