"""The command as a person runs it: a process of its own, its output, its exit code."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from rag.pipeline import Pipeline
from rag.settings import Settings

PARADE = "How many leaders attended the parade?"
COMMAND = str(Path(sys.executable).with_name("groundwire"))
Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def run(seeds_settings: Settings, tmp_path: Path) -> Run:
    """Runs `groundwire …` over the index of the seeds, in an empty folder."""

    def command(*words: str, env: dict[str, str] | None = None) -> subprocess.CompletedProcess[str]:
        place = (
            {} if "--data-dir" in words else {"GROUNDWIRE_DATA_DIR": str(seeds_settings.data_dir)}
        )
        return subprocess.run(
            [COMMAND, *words],
            capture_output=True,
            text=True,
            cwd=tmp_path,
            env={"PATH": "/usr/bin:/bin", "HOME": str(tmp_path)} | place | (env or {}),
        )

    return command


def test_ask_prints_the_answer_the_quote_and_its_place(run: Run) -> None:
    done = run("ask", PARADE)
    assert done.returncode == 0 and done.stderr == ""
    assert done.stdout.splitlines()[0].startswith("29")
    assert "[1]" in done.stdout
    assert "characters" in done.stdout


def test_json_is_one_object_whose_quotes_stand_in_the_articles(
    run: Run, pipeline: Pipeline
) -> None:
    answer = json.loads(run("ask", "--json", PARADE).stdout)
    assert answer["question"] == PARADE
    assert answer["abstained"] is False
    assert answer["short_answer"] == "29"
    assert 0 <= answer["confidence"] <= 1
    assert answer["sentences"][0]["citations"] == [1]
    for citation in answer["citations"]:
        article = pipeline.articles[citation["document"]]
        assert article.text[citation["start"] : citation["end"]] == citation["quote"]
        assert article.sha256 == citation["sha256"]
        assert article.title == citation["title"]
    for passage in answer["passages"]:
        article = pipeline.articles[passage["document"]]
        assert article.text[passage["start"] : passage["end"]] == passage["text"]
    assert {"answered_by", "generation", "timings_ms", "text"} <= set(answer)


def test_a_batch_is_answered_in_order(run: Run, tmp_path: Path) -> None:
    questions = [PARADE, "Who painted the ceiling of the Sistine Chapel?", "😀", PARADE]
    file = tmp_path / "questions.jsonl"
    file.write_text("\n\n".join(json.dumps({"question": item}) for item in questions), "utf-8")
    done = run("ask", "--batch", str(file), "--json")
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert [answer["question"] for answer in answers] == questions
    assert [answer["abstained"] for answer in answers] == [False, True, True, False]


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("{oops", "questions.jsonl:2: not JSON"),
        ('{"query": "x"}', 'questions.jsonl:2: no text under "question"'),
    ],
)
def test_a_bad_line_is_named_after_the_good_ones_were_answered(
    run: Run, tmp_path: Path, line: str, message: str
) -> None:
    (tmp_path / "questions.jsonl").write_text(json.dumps({"question": PARADE}) + "\n" + line)
    done = run("ask", "--batch", "questions.jsonl", "--json")
    assert done.returncode == 2
    assert json.loads(done.stdout)["short_answer"] == "29"
    assert message in done.stderr and done.stderr.count("\n") == 1


def test_asking_imports_no_heavy_library(seeds_settings: Settings) -> None:
    code = (
        "import sys, ui.cli\n"
        f"sys.argv = ['groundwire', 'ask', {PARADE!r}, '--data-dir', {str(seeds_settings.data_dir)!r}]\n"
        "try: ui.cli.main()\n"
        "except SystemExit: pass\n"
        "heavy = ('torch', 'transformers', 'sentence_transformers', 'llama_index', 'gradio', 'fastapi')\n"
        "print('HEAVY', [name for name in heavy if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "HEAVY []"


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("ask",), 'groundwire ask "…"'),
        (("ask", "x", "--article", "nowhere"), "No article 'nowhere' in the index"),
        (("ask", "--batch", "nowhere.jsonl"), "Cannot read 'nowhere.jsonl'"),
        (("ask", "x", "--top-k", "0"), "top_k (option)"),
        (("index", "nowhere"), "nowhere"),
        (("status", "--data-dir", "empty"), "groundwire index"),
        (("rollback", "--data-dir", "empty"), "No previous build"),
    ],
)
def test_a_fault_is_one_clear_line(run: Run, words: tuple[str, ...], message: str) -> None:
    done = run(*words)
    assert done.returncode == 2
    assert message in done.stderr
    assert done.stderr.count("\n") == 1 and "Traceback" not in done.stderr


def test_settings_show_where_they_come_from_and_typos_are_named(run: Run, tmp_path: Path) -> None:
    (tmp_path / "groundwire.toml").write_text("port = 8000\n")
    done = run("config", env={"GROUNDWIRE_TOP_K": "5", "GROUNDWIRE_TOPK": "6", "COLUMNS": "200"})
    lines = {line.split()[0]: line for line in done.stdout.splitlines() if line.split()}
    assert "8000" in lines["port"] and "groundwire.toml" in lines["port"]
    assert "environment" in lines["top_k"]
    assert "GROUNDWIRE_TOPK is no setting" in done.stderr


def test_status_names_the_generation(run: Run, pipeline: Pipeline) -> None:
    done = run("status")
    assert pipeline.index.manifest.id in done.stdout


def test_a_reader_that_stops_reading_is_no_fault(seeds_settings: Settings) -> None:
    process = subprocess.Popen(
        [COMMAND, "config", "--markdown"], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert process.stdout and process.stderr
    process.stdout.close()
    assert b"Traceback" not in process.stderr.read()
    process.stderr.close()
    process.wait(timeout=60)
