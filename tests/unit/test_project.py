"""Rules of the project that no single module can keep: imports, documentation, forbidden words."""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from typer.main import get_command

from ui.cli import app
from ui.settings_docs import settings_page

ROOT = Path(__file__).parents[2]
DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]


def test_imports_keep_to_their_layers() -> None:
    done = subprocess.run(
        [Path(sys.executable).with_name("lint-imports")], cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout


def test_the_configuration_page_is_the_settings() -> None:
    assert (ROOT / "docs" / "configuration.md").read_text("utf-8") == settings_page()


def test_every_command_is_in_the_readme() -> None:
    readme = (ROOT / "README.md").read_text("utf-8")
    commands = get_command(app).commands  # type: ignore[attr-defined]
    assert {name for name in commands if f"groundwire {name}" not in readme} == set()


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_links_between_documents_lead_somewhere(path: Path) -> None:
    for target in re.findall(r"\]\(([^)#]+)[^)]*\)", path.read_text("utf-8")):
        if "://" not in target:
            assert (path.parent / target).exists(), target


def test_files_named_in_the_readme_exist() -> None:
    readme = (ROOT / "README.md").read_text("utf-8")
    for name in re.findall(r"`((?:rag|ui|eval|seeds)/[\w/.]+)`", readme):
        assert (ROOT / name).exists(), name


def test_every_dependency_has_its_reason() -> None:
    text = (ROOT / "pyproject.toml").read_text("utf-8")
    project = tomllib.loads(text)["project"]
    extras = project["optional-dependencies"]
    listed = [*project["dependencies"], *extras["train"], *extras["otel"]]
    for requirement in listed:
        line = next(line for line in text.splitlines() if f'"{requirement}"' in line)
        above = text[: text.index(line)].rstrip().splitlines()[-1]
        assert "#" in line or above.lstrip().startswith(("#", '"')), requirement


def test_the_constraints_pin_every_line_and_name_no_cuda() -> None:
    lines = (ROOT / "constraints.txt").read_text("utf-8").splitlines()
    pins = [line for line in lines if line and not line.startswith("#")]
    assert all(re.fullmatch(r"[\w.\-]+==[\w.!+\-]+", pin) for pin in pins)
    assert not [pin for pin in pins if pin.startswith(("nvidia-", "triton"))]
    assert "torch==2.13.0" in pins
