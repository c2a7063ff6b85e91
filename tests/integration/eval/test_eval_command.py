from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from typer.testing import CliRunner

from eval.cli import app
from eval.evidence import place_evidence
from eval.facts import load_facts
from rag.pipeline import Pipeline

Make = Callable[..., Any]
SEED_FACTS = Path(__file__).parents[3] / "eval" / "facts"


def groundwire(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "ui.cli", *arguments], capture_output=True, text=True, check=False
    )


def test_the_report_is_byte_identical_twice_in_two_processes(
    indexed_town: Any, tmp_path: Path
) -> None:
    written = []
    for name in ("a", "b"):
        done = groundwire(
            "eval", "--data-dir", str(indexed_town.data), "--facts", str(indexed_town.facts),
            "--report", str(tmp_path / name),
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        written.append((tmp_path / name / "report.json").read_bytes())
    assert written[0] == written[1]
    assert str(tmp_path).encode() not in written[0]
    assert str(indexed_town.folder).encode() not in written[0]
    suites = ElementTree.parse(tmp_path / "a" / "junit.xml").getroot()
    assert {case.get("name") for case in suites.iter("testcase")} >= {"cranes", "song"}


def test_the_shell_sees_two_and_one_line_where_it_could_not_run(
    indexed_town: Any, tmp_path: Path
) -> None:
    facts = tmp_path / "broken.yaml"
    facts.write_text("facts:\n  - id: a\n    questoin: Who?\n")
    done = groundwire("eval", "--data-dir", str(indexed_town.data), "--facts", str(facts))
    assert done.returncode == 2
    lines = done.stderr.splitlines()
    assert lines[0] == (
        f"groundwire: {facts}:3: facts[0].questoin: unknown field. Did you mean 'question'?"
    )
    assert "Traceback" not in done.stderr


def test_an_index_is_built_where_there_is_none(town: Any, evaluate: Make) -> None:
    result = evaluate(town, "--articles", str(town.articles))
    assert (result.code, result.causes) == (0, {})


def test_only_the_facts_of_a_tag_are_asked(indexed_town: Any, evaluate: Make) -> None:
    result = evaluate(indexed_town, "--tag", "person")
    assert [fact["id"] for fact in result.report["facts"]] == ["opened"]
    refused = evaluate(indexed_town, "--tag", "colour")
    assert refused.code == 2 and "Known tags: person" in refused.text


def test_two_reports_are_compared_in_both_directions(
    indexed_town: Any, evaluate: Make, tmp_path: Path
) -> None:
    evaluate(indexed_town)
    (tmp_path / "report" / "report.json").rename(tmp_path / "good.json")
    evaluate(indexed_town, "--top-k", "1")
    (tmp_path / "report" / "report.json").rename(tmp_path / "bad.json")
    good, bad = str(tmp_path / "good.json"), str(tmp_path / "bad.json")
    worse = CliRunner().invoke(app, ["compare", good, bad])
    assert worse.exit_code == 0 and "now fail" in worse.output and "passengers" in worse.output
    better = CliRunner().invoke(app, ["compare", bad, good])
    assert "now pass" in better.output and "ranked too low" in better.output


def test_the_schema_is_printed_as_json() -> None:
    done = CliRunner().invoke(app, ["schema"])
    assert json.loads(done.stdout)["title"] == "Groundwire facts"


def test_the_facts_of_the_seeds_are_many_and_stand_in_the_articles(pipeline: Pipeline) -> None:
    facts = place_evidence(load_facts(SEED_FACTS), pipeline.articles, SEED_FACTS)
    assert len(facts) >= 120
    assert sum(fact.unanswerable for fact in facts) >= 40
    assert any(fact.conversation for fact in facts) and any(fact.must_pass for fact in facts)
    for fact in facts:
        assert fact.unanswerable or all(item.places for item in fact.evidence)


def test_a_benchmark_is_run_resumed_and_tabled(tmp_path: Path, models: Path) -> None:
    data = tmp_path / "data"
    data.mkdir()
    (data / "models").symlink_to(models, target_is_directory=True)
    squad = tmp_path / "tiny.json"
    paragraph = {
        "context": "The harbour of Marsund was opened in 1883. It has 27 cranes.",
        "qas": [
            {"id": "a", "question": "How many cranes does the harbour have?", "answers": [{"text": "27"}]},
            {"id": "b", "question": "Who sang at the wedding?", "answers": [], "is_impossible": True},
        ],
    }  # fmt: skip
    squad.write_text(json.dumps({"data": [{"title": "Harbour", "paragraphs": [paragraph]}]}))
    arguments = [
        "bench",
        "squad",
        str(squad),
        "--data-dir",
        str(data),
        "--out",
        str(tmp_path / "o"),
    ]
    first = CliRunner().invoke(app, arguments)
    assert first.exit_code == 0, first.output
    found = json.loads((tmp_path / "o").read_text())
    assert found["closed"]["exact_match"] == found["open"]["exact_match"] == 1.0
    assert found["open"]["success_at_1"] == 1.0 and found["closed"]["success_at_1"] is None
    (journal,) = (data / "bench").glob("tiny-open.jsonl")
    lines = journal.read_text().splitlines()
    journal.write_text(os.linesep.join([lines[0], lines[1].replace('"27"', '"28"')]) + "\n")
    CliRunner().invoke(app, arguments)
    assert json.loads((tmp_path / "o").read_text())["open"]["exact_match"] == 0.5
    searched = CliRunner().invoke(app, ["bench", "retrieval", str(squad), "--data-dir", str(data)])
    assert searched.exit_code == 0 and "| hybrid | 1.000 |" in searched.output
