"""The container's files pass real linters, which do find faults, and name only settings that exist."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from rag.settings import PREFIX, Settings
from ui.guard.settings import known_variables

ROOT = Path(__file__).parents[2]
HADOLINT = ["hadolint", "--no-color"]
COMPOSE = ["check-jsonschema", "--builtin-schema", "vendor.compose-spec", "--color", "never"]


def lint(command: list[str], path: Path) -> tuple[int, str]:
    program = Path(sys.executable).with_name(command[0])
    done = subprocess.run([program, *command[1:], path], capture_output=True, text=True)
    return done.returncode, done.stdout + done.stderr


@pytest.mark.parametrize(
    ("command", "name"), [(HADOLINT, "Containerfile"), (COMPOSE, "compose.yaml")]
)
def test_the_linter_finds_nothing(command: list[str], name: str) -> None:
    code, said = lint(command, ROOT / name)
    assert code == 0, said


@pytest.mark.parametrize(
    ("command", "name", "right", "wrong", "fault"),
    [
        (HADOLINT, "Containerfile", "USER 10001", "USER root", "DL3002"),
        (HADOLINT, "Containerfile", "WORKDIR /data", "WORKDIR data", "DL3000"),
        (COMPOSE, "compose.yaml", "read_only: true", "read_only: [1]", "read_only"),
        (COMPOSE, "compose.yaml", "restart:", "restarts:", "restarts"),
    ],
)
def test_the_linter_finds_a_fault(
    tmp_path: Path, command: list[str], name: str, right: str, wrong: str, fault: str
) -> None:
    text = (ROOT / name).read_text("utf-8")
    assert right in text
    changed = tmp_path / name
    changed.write_text(text.replace(right, wrong), "utf-8")
    code, said = lint(command, changed)
    assert code != 0 and fault in said, said


@pytest.mark.parametrize("name", ["Containerfile", "compose.yaml"])
def test_the_settings_that_it_names_exist(name: str) -> None:
    known = known_variables() | {PREFIX + field.upper() for field in Settings.model_fields}
    named = set(re.findall(rf"\b{PREFIX}[A-Z_]+", (ROOT / name).read_text("utf-8")))
    assert named and named <= known
