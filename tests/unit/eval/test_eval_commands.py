from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from eval.cli import app
from eval.errors import GatesWrong
from eval.facts import load_facts


def run(*arguments: object) -> str:
    done = CliRunner().invoke(app, [str(argument) for argument in arguments])
    if done.exception is not None:
        raise done.exception
    return done.output


def test_kappa_prints_a_line_for_each_system(tmp_path: Path) -> None:
    rows = [
        {"question": "When?", "golden_answer": "1921", "answer_x": "1921", "judge_x": True},
        {"question": "Who?", "golden_answer": "Anna", "answer_x": "Berta", "judge_x": False},
    ]
    (tmp_path / "evouna_NQ.json").write_text(json.dumps(rows))
    lines = run("kappa", tmp_path).splitlines()
    assert [line.split()[:4] for line in lines[1:]] == [
        ["evouna_NQ", "x", "all", "short"],
        ["evouna_NQ", "x", "quantities", "short"],
    ]
    assert lines[1].split()[-1] == "1.000" and lines[2].split()[-1] == "–"


def test_imports_write_fact_files_and_say_so(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("question,reason\nWho sang?,nobody is named\n")
    assert run("import", "csv", tmp_path / "a.csv", tmp_path / "a.yaml").endswith("1 facts.\n")
    assert load_facts(tmp_path / "a.yaml")[0].reason == "nobody is named"
    paragraph = {
        "context": "It burned in 1921.",
        "qas": [{"id": "q", "question": "When?", "answers": [{"text": "1921"}]}],
    }
    (tmp_path / "s.json").write_text(json.dumps({"data": [{"paragraphs": [paragraph]}]}))
    assert "1 articles and 1 facts" in run("import", "squad", tmp_path / "s.json", tmp_path / "out")
    assert load_facts(tmp_path / "out" / "facts")[0].answers == ("1921",)


def test_a_baseline_needs_a_place(tmp_path: Path) -> None:
    with pytest.raises(GatesWrong, match="Name a file: --out FILE"):
        run("baseline", "--facts", tmp_path)
