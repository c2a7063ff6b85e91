"""Figures → Markdown tables and a JSON file, as docs/evaluation.md shows them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from eval.bench.figures import Figures

COLUMNS: tuple[tuple[str, str], ...] = (
    ("questions", "n"),
    ("EM", "exact_match"),
    ("F1", "token_f1"),
    ("EM forced", "exact_match_forced"),
    ("F1 forced", "token_f1_forced"),
    ("coverage", "coverage"),
    ("right when answered", "answered_right"),
    ("abstention P", "abstention_precision"),
    ("R", "abstention_recall"),
    ("F1 ", "abstention_f1"),
    ("AURC", "aurc"),
    ("success@1", "success_at_1"),
    ("recall@5", "recall_at_5"),
    ("p50 ms", "p50_ms"),
    ("p95 ms", "p95_ms"),
)


def answers_table(rows: Mapping[str, Figures]) -> str:
    """A row for each mode."""
    lines = [_row(["", *(name.strip() for name, _ in COLUMNS)]), _rule(len(COLUMNS))]
    for name, found in rows.items():
        lines.append(_row([name, *(_cell(getattr(found, field)) for _, field in COLUMNS)]))
    return "\n".join(lines)


def retrieval_table(rows: Mapping[str, Mapping[str, float | None]]) -> str:
    """A row for each side of the search."""
    names = list(next(iter(rows.values())))
    lines = [_row(["search", *names]), _rule(len(names))]
    for side, measures in rows.items():
        lines.append(_row([side, *(_cell(measures[name]) for name in names)]))
    return "\n".join(lines)


def _row(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _rule(columns: int) -> str:
    return "|---|" + "---:|" * columns


def _cell(value: float | int | None) -> str:
    if value is None:
        return "–"
    if isinstance(value, int):
        return f"{value:,}"
    return f"{value:.3f}" if value <= 1 else f"{value:.0f}"
