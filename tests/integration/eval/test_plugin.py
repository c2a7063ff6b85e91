from __future__ import annotations

import subprocess
import sys
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

REGISTERED = bool(entry_points(group="pytest11", value="eval.plugin"))


def pytest_in(folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    plugin = () if REGISTERED else ("-p", "eval.plugin")
    return subprocess.run(
        [sys.executable, "-m", "pytest", *plugin, "-q", *options],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )


def test_pytest_alone_runs_facts_as_tests(indexed_town: Any, tmp_path: Path) -> None:
    (tmp_path / "pytest.ini").write_text(f"[pytest]\ngroundwire_data_dir = {indexed_town.data}\n")
    text = (indexed_town.facts / "town.yaml").read_text()
    (tmp_path / "town.facts.yaml").write_text(text)
    (tmp_path / "notes.yaml").write_text("no: facts\n")
    done = pytest_in(tmp_path)
    assert done.returncode == 0 and "5 passed" in done.stdout, done.stdout + done.stderr

    wrong = text.replace("[Queen Sophia]", "[Queen Silvia]").replace(
        "It has 27 cranes", "It has 29 cranes"
    )
    (tmp_path / "town.facts.yaml").write_text(wrong)
    done = pytest_in(tmp_path, "--junit-xml", "junit.xml")
    assert done.returncode == 1 and "2 failed, 3 passed" in done.stdout, done.stdout
    assert "read wrong: the evidence was read at rank 1" in done.stdout
    assert "expected: Queen Silvia" in done.stdout and "got:      Queen Sophia" in done.stdout
    assert f"{tmp_path / 'town.facts.yaml'}:7: evidence.quote: not in 'harbour'" in done.stdout
    assert "Traceback" not in done.stdout and "runner.py" not in done.stdout
    cases = ElementTree.parse(tmp_path / "junit.xml").getroot().iter("testcase")
    assert {case.get("name") for case in cases} == {
        "cranes", "opened", "passengers", "maps", "song",
    }  # fmt: skip


def test_a_broken_file_is_a_collection_error_with_its_line(tmp_path: Path) -> None:
    (tmp_path / "bad.facts.yaml").write_text("facts:\n  - id: a\n    questoin: Who?\n")
    done = pytest_in(tmp_path)
    assert done.returncode == 2
    assert "bad.facts.yaml:3: facts[0].questoin: unknown field" in done.stdout
    assert "Traceback" not in done.stdout


def test_without_an_index_each_fact_says_what_to_run(indexed_town: Any, tmp_path: Path) -> None:
    (tmp_path / "pytest.ini").write_text("[pytest]\ngroundwire_data_dir = nothing\n")
    (tmp_path / "nothing").symlink_to(tmp_path)
    text = (indexed_town.facts / "town.yaml").read_text()
    (tmp_path / "town.facts.yaml").write_text(text)
    (tmp_path / "models").symlink_to(indexed_town.data / "models", target_is_directory=True)
    done = pytest_in(tmp_path, "-x")
    assert done.returncode == 1 and "Build it with: groundwire index" in done.stdout
