"""Markdown for a pull request or a job summary: the verdict first, what failed, then the figures."""

from __future__ import annotations

import re

from eval.gates import Check
from eval.outcome import Outcome, Run
from eval.report.words import SHOWN, expected, figure, got, one_line, verdict
from eval.summary import Summary

MOST_FAILURES = 50
_SPECIAL = re.compile(r"([\\`*_{}\[\]<>#|~])")


def markdown(run: Run, summary: Summary, checks: tuple[Check, ...]) -> str:
    """The report as GitHub-flavoured Markdown."""
    failed = [check for check in checks if not check.passed]
    lines = [
        f"## {verdict(len(failed))}: {summary.passed} of {summary.total} facts pass",
        "",
        *(
            f"- {'✓' if c.passed else '✗'} **{_plain(c.name)}**: {_plain(c.message)}"
            for c in checks
        ),
    ]
    for check in failed:
        if check.facts:
            lines.append(f"- {_plain(check.name)}: {', '.join(f'`{n}`' for n in check.facts[:30])}")
    lines += _failures([o for o in run.outcomes if not o.passed], summary)
    lines += ["", "| measure | value | facts | not measured |", "|---|---:|---:|---:|"]
    for name, words in SHOWN:
        if name in summary.measures:
            measure = summary.measures[name]
            lines.append(f"| {words} | {figure(measure)} | {measure.n} | {measure.not_measured} |")
    subject = run.subject
    lines += [
        "",
        f"Generation `{subject.generation}` of {len(subject.articles)} articles · "
        f"{_plain(subject.reader)} `{subject.reader_digest[:12]}` · {_plain(subject.embedder)} · "
        f"top {subject.top_k} · threshold {subject.threshold:g}",
    ]
    return "\n".join(lines) + "\n"


def _failures(outcomes: list[Outcome], summary: Summary) -> list[str]:
    if not outcomes:
        return []
    causes = ", ".join(f"{count} {cause}" for cause, count in summary.causes.items())
    lines = [
        "",
        f"<details><summary>{len(outcomes)} facts failed: {causes}</summary>",
        "",
        "| fact | cause | question | expected | got |",
        "|---|---|---|---|---|",
    ]
    for outcome in outcomes[:MOST_FAILURES]:
        cells = (
            f"`{outcome.fact.id}`",
            f"{outcome.cause}: {_plain(one_line(outcome.detail))}",
            _plain(one_line(outcome.fact.question)),
            _plain(one_line(expected(outcome))),
            _plain(one_line(got(outcome), 160)),
        )
        lines.append(f"| {' | '.join(cells)} |")
    if len(outcomes) > MOST_FAILURES:
        lines += ["", f"… and {len(outcomes) - MOST_FAILURES} more in report.html"]
    return [*lines, "", "</details>"]


def _plain(text: str) -> str:
    """Text without meaning to Markdown."""
    return _SPECIAL.sub(r"\\\1", " ".join(text.split()))
