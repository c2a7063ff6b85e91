from __future__ import annotations

import io
import json
from collections.abc import Callable
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rich.console import Console

from eval.errors import ReportWrong
from eval.facts import Fact
from eval.gates import Check
from eval.outcome import Run
from eval.report.html import html
from eval.report.junit import junit
from eval.report.markdown import markdown
from eval.report.terminal import print_checks, print_run
from eval.report.write import write_reports
from eval.stored import baseline_json, read_run, report_json, stored, timings_json
from eval.summary import summarise
from rag.types import Answer

Make = Callable[..., Any]
CHECKS = (
    Check(name="must pass", passed=True, message="1 of 1"),
    Check(name="floor passed", passed=False, message="0.5, wanted 0.6", facts=("mayor",)),
)


@pytest.fixture
def mixed(
    run: Make, fact: Make, answer: Make, outcome: Make, unanswerable: Fact, abstained: Answer
) -> Run:
    """One that passes, one read wrong, one wrongly answered, one wrongly abstained."""
    found: Run = run(
        outcome(fact(must_pass=True), answer()),
        outcome(fact(id="wrong", question="<script>alert(1)</script> | `x`"), answer("28")),
        outcome(unanswerable, answer(confidence=0.7)),
        outcome(fact(id="silent"), abstained, answer()),
    )
    return found


def test_the_summary_counts_not_measured_apart(mixed: Run) -> None:
    summary = summarise(mixed.outcomes)
    assert (summary.total, summary.passed) == (4, 1)
    assert summary.causes == {"wrongly answered": 1, "wrongly abstained": 1, "read wrong": 1}
    exact = summary.measures["exact_match"]
    assert (exact.n, exact.not_measured) == (3, 1) and exact.value == pytest.approx(1 / 3)
    assert summary.measures["abstention_recall"].value == 0.0
    empty = summarise([])
    assert {measure.value for measure in empty.measures.values()} == {None}


def test_the_json_is_canonical_and_has_no_timings(mixed: Run) -> None:
    summary = summarise(mixed.outcomes)
    text = report_json(mixed, summary, CHECKS)
    assert text == report_json(mixed, summarise(mixed.outcomes), CHECKS)
    value = json.loads(text, parse_constant=lambda name: pytest.fail(name))
    assert [fact["cause"] for fact in value["facts"]] == [
        None, "read wrong", "wrongly answered", "wrongly abstained",
    ]  # fmt: skip
    assert "_ms" not in text and "12.5" not in text
    assert json.loads(timings_json(mixed))["steps"]["total"]["p50_ms"] == 12.5


def test_report_and_baseline_are_read_back_alike(mixed: Run, tmp_path: Path) -> None:
    summary = summarise(mixed.outcomes)
    for name, text in (
        ("report.json", report_json(mixed, summary, CHECKS)),
        ("baseline.json", baseline_json(mixed, summary)),
    ):
        (tmp_path / name).write_text(text)
        back = read_run(tmp_path / name)
        now = stored(mixed, name).facts
        assert list(back.facts) == list(now)
        for fact_id, known in now.items():
            found = back.facts[fact_id]
            assert (found.passed, found.cause, found.got) == (known.passed, known.cause, known.got)
            assert found.evidence == known.evidence
            assert {k: found.measures[k] for k in known.measures} == known.measures


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"format": 1}', '{"format": 99}'])
def test_what_is_no_report_is_refused(text: str, tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    with pytest.raises(ReportWrong, match="No report at"):
        read_run(path)
    path.write_text(text)
    with pytest.raises(ReportWrong, match=r"a\.json"):
        read_run(path)


def test_junit_has_a_case_a_fact_and_its_cause(mixed: Run) -> None:
    root = ElementTree.fromstring(junit(mixed, CHECKS))
    cases = {case.get("name"): case for case in root.iter("testcase")}
    assert set(cases) == {"cranes", "wrong", "mayor", "silent", "must pass", "floor passed"}
    failure = cases["wrong"].find("failure")
    assert failure is not None and failure.get("type") == "read wrong"
    assert "expected: 27" in str(failure.text) and "got: 28" in str(failure.text)
    assert cases["cranes"].find("failure") is None
    suite = root.find("testsuite[@name='facts']")
    assert suite is not None and (suite.get("tests"), suite.get("failures")) == ("4", "3")


class Page(HTMLParser):
    """Collects what a page would load, run, and show."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.loads: list[str] = []
        self.marks: list[str | None] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        values = dict(attrs)
        self.loads += [str(values[name]) for name in ("src", "srcset", "data") if name in values]
        href = values.get("href")
        if href and not href.startswith("#"):
            self.loads.append(href)
        if tag == "mark":
            self.marks.append(values.get("class"))


def test_the_page_is_self_contained_escaped_and_marks_the_evidence(mixed: Run) -> None:
    page = Page()
    text = html(mixed, summarise(mixed.outcomes), CHECKS)
    page.feed(text)
    assert page.loads == [] and "script" not in page.tags and "b" not in page.tags
    assert page.tags.count("svg") == 3 and "url(" not in text and "@import" not in text
    assert page.marks.count("cited evidence") > 1  # once in the legend
    assert "&lt;script&gt;" in text and "&lt;b&gt;The clock" in text


def test_markdown_shows_verdict_gates_and_failures(mixed: Run) -> None:
    text = markdown(mixed, summarise(mixed.outcomes), CHECKS)
    assert text.startswith("## Failed: 1 of 4 facts pass\n")
    assert "✗ **floor passed**" in text and "`mayor`" in text
    assert "<script>" not in text
    rows = [line for line in text.splitlines() if line.startswith("| `")]
    assert len(rows) == 3
    assert all(row.replace("\\|", "").count("|") == 6 for row in rows)


def test_the_terminal_names_failed_facts_and_their_causes(mixed: Run) -> None:
    console = Console(record=True, width=120, file=io.StringIO())
    print_run(console, mixed, summarise(mixed.outcomes), {})
    print_checks(console, CHECKS)
    text = console.export_text()
    assert "1 of 4 facts pass · 1 wrongly answered · 1 wrongly abstained · 1 read wrong" in text
    assert "✗ floor passed: 0.5, wanted 0.6" in text and "silent" in text


def test_all_formats_are_written_and_a_folder_in_the_way_is_named(
    mixed: Run, tmp_path: Path
) -> None:
    summary = summarise(mixed.outcomes)
    paths = write_reports(tmp_path / "out", mixed, summary, CHECKS)
    assert sorted(path.name for path in paths) == [
        "junit.xml", "report.html", "report.json", "report.md", "timings.json",
    ]  # fmt: skip
    (tmp_path / "file").write_text("")
    with pytest.raises(ReportWrong, match=r"Cannot write to .*file"):
        write_reports(tmp_path / "file", mixed, summary, CHECKS)


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(text=st.text(max_size=30))
def test_any_text_gives_sound_reports(
    text: str, run: Make, fact: Make, answer: Make, outcome: Make
) -> None:
    found = run(outcome(fact(id=text or "x", question=text, answers=(text or "x",)), answer("28")))
    summary = summarise(found.outcomes)
    ElementTree.fromstring(junit(found, CHECKS))
    json.loads(report_json(found, summary, CHECKS))
    page = Page()
    page.feed(html(found, summary, CHECKS))
    assert page.tags.count("main") == 1 and "script" not in page.tags
