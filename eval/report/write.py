"""The folder of reports: report.json, timings.json, junit.xml, report.md, report.html."""

from __future__ import annotations

from pathlib import Path

from eval.errors import ReportWrong
from eval.gates import Check
from eval.outcome import Run
from eval.report.html import html
from eval.report.junit import junit
from eval.report.markdown import markdown
from eval.stored import report_json, timings_json
from eval.summary import Summary


def write_reports(
    folder: Path, run: Run, summary: Summary, checks: tuple[Check, ...]
) -> list[Path]:
    """Writes every format into `folder`. Raises: ReportWrong."""
    texts = {
        "report.json": report_json(run, summary, checks),
        "timings.json": timings_json(run),
        "junit.xml": junit(run, checks),
        "report.md": markdown(run, summary, checks),
        "report.html": html(run, summary, checks),
    }
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in texts.items():
            (folder / name).write_text(text, "utf-8", newline="\n")
    except OSError as error:
        raise ReportWrong(
            f"Cannot write to '{folder}': {error.strerror}. Name another folder: --report DIR"
        ) from error
    return [folder / name for name in texts]
