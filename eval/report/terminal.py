"""The terminal: the verdict, what failed and why, and the figures that matter."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from eval.compare import Comparison
from eval.gates import Check
from eval.judgements import Agreement
from eval.metrics.latency import Latency
from eval.outcome import Outcome, Run
from eval.report.words import expected, figure, got, one_line
from eval.stored import StoredRun
from eval.summary import Summary

WIDTH = 120
MOST_FAILURES = 40
KEY_MEASURES = (
    ("accuracy", "right"),
    ("answered_right", "right when answered"),
    ("citation_precision", "citations on evidence"),
    ("abstention_f1", "abstention F1"),
    ("evidence_recall@5", "evidence in first 5"),
)


def report_console() -> Console:
    """The standard output; as wide as the terminal, or wide enough where it is a file."""
    console = Console(highlight=False)
    return console if console.is_terminal else Console(highlight=False, width=WIDTH)


def print_run(console: Console, run: Run, summary: Summary, latency: Mapping[str, Latency]) -> None:
    """Failures in a table, then one line of figures."""
    failures = [outcome for outcome in run.outcomes if not outcome.passed]
    if failures:
        table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), expand=True)
        for name, ratio in (("fact", 3), ("cause", 2), ("expected", 3), ("got", 4)):
            table.add_column(name, overflow="ellipsis", no_wrap=True, ratio=ratio)
        for outcome in failures[:MOST_FAILURES]:
            table.add_row(*_row(outcome))
        console.print(table)
        if len(failures) > MOST_FAILURES:
            console.print(f"… and {len(failures) - MOST_FAILURES} more; see them with --report DIR")
        console.print()
    console.print(
        Text.assemble(
            (f"{summary.passed} of {summary.total} facts pass", "bold"),
            "".join(f" · {count} {cause}" for cause, count in summary.causes.items()),
        )
    )
    figures = [
        f"{words} {figure(summary.measures[name])}"
        for name, words in KEY_MEASURES
        if name in summary.measures
    ]
    total = latency.get("total")
    if total:
        figures.append(f"p50 {total.p50_ms:.0f} ms, p95 {total.p95_ms:.0f} ms")
    console.print(Text(" · ".join(figures), style="dim"))


def print_checks(console: Console, checks: tuple[Check, ...]) -> None:
    """One line a gate, and the facts of those that failed."""
    for check in checks:
        mark = ("✓ ", "green") if check.passed else ("✗ ", "red")
        console.print(Text.assemble(mark, (check.name, "bold"), f": {check.message}"))
        if not check.passed and check.facts:
            console.print(Text("    " + ", ".join(check.facts), style="dim"))


def print_comparison(
    console: Console, before: StoredRun, after: StoredRun, comparison: Comparison
) -> None:
    """The flips in both directions, then the differences with their intervals."""
    _flips(console, "now fail", "red", comparison.broken, before, after)
    _flips(console, "now pass", "green", comparison.mended, before, after)
    _flips(console, "fail for another cause", "yellow", comparison.other_cause, before, after)
    for words, names in (
        ("only in the first", comparison.gone),
        ("only in the second", comparison.new),
    ):
        if names:
            console.print(Text(f"{len(names)} {words}: {', '.join(names[:20])}", style="dim"))
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for name in (
        "measure",
        "facts",
        "before",
        "after",
        "change",
        "95% interval",
        "p worse",
        "p better",
    ):
        table.add_column(name, justify="left" if name == "measure" else "right")
    for d in comparison.differences:
        table.add_row(
            d.measure,
            str(d.n),
            f"{d.before:.3f}",
            f"{d.after:.3f}",
            f"{d.mean:+.3f}",
            f"{d.low:+.3f} to {d.high:+.3f}",
            f"{d.p_worse:.3f}",
            f"{d.p_better:.3f}",
        )
    console.print(table)


def print_agreement(console: Console, rows: Sequence[Agreement]) -> None:
    """Kappa with people, a line for each system and kind of answer."""
    names = list(rows[0].kappas) if rows else []
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for name in ("answers of", "kind", "form", "n", *names):
        table.add_column(name, justify="right" if name in ("n", *names) else "left")
    for row in rows:
        figures = ("–" if value is None else f"{value:.3f}" for value in row.kappas.values())
        table.add_row(row.system, row.kind, row.form, str(row.n), *figures)
    console.print(table)


def _flips(
    console: Console,
    words: str,
    style: str,
    names: tuple[str, ...],
    before: StoredRun,
    after: StoredRun,
) -> None:
    if not names:
        return
    console.print(Text(f"{len(names)} {words}", style=f"bold {style}"))
    for name in names:
        old, new = before.facts[name], after.facts[name]
        console.print(
            Text(
                f"  {name}: {old.cause or 'passed'} ({one_line(old.got, 60) or 'abstained'}) → "
                f"{new.cause or 'passed'} ({one_line(new.got, 60) or 'abstained'})"
            )
        )
    console.print()


def _row(outcome: Outcome) -> tuple[Text, Text, Text, Text]:
    return (
        Text(outcome.fact.id + (" *" if outcome.fact.must_pass else "")),
        Text(str(outcome.cause), style="red"),
        Text(one_line(expected(outcome), 80)),
        Text(one_line(got(outcome), 100)),
    )
