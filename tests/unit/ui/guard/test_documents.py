"""The pages of docs/ name everything that the code has."""

from __future__ import annotations

import re
from importlib.resources import files
from pathlib import Path

import pytest

from ui.guard.settings import GuardSettings, Limits

ROOT = Path(__file__).parents[4]
SOURCES = [*(ROOT / "ui" / "api").glob("*.py"), *(ROOT / "ui" / "guard").glob("*.py")]


def page(name: str) -> str:
    return (ROOT / "docs" / name).read_text("utf-8")


def test_every_problem_is_in_the_table() -> None:
    names = {
        name
        for source in SOURCES
        for name in re.findall(r'\bname="([a-z-]+)",\n\s+title=', source.read_text("utf-8"))
    }
    assert len(names) > 10
    missing = {name for name in names if f"`{name}`" not in page("api.md")}
    assert missing <= {"http"}


def test_the_images_build_sees_what_it_copies_and_nothing_else() -> None:
    copies = re.findall(r"^COPY (?!--from)(.+) \S+$", (ROOT / "Containerfile").read_text(), re.M)
    copied = {word.removeprefix("./") for line in copies for word in line.split()}
    rules = (ROOT / ".dockerignore").read_text().splitlines()
    assert rules[1] == "*"
    assert {rule.removeprefix("!") for rule in rules if rule.startswith("!")} == copied
    assert "rag" in copied


def test_every_limit_is_explained() -> None:
    assert [name for name in Limits.model_fields if f"`{name}`" not in page("security.md")] == []


@pytest.mark.parametrize("table", list(GuardSettings.model_fields))
def test_every_table_is_mentioned(table: str) -> None:
    assert re.search(rf"\[{table}\]|{table}\.", page("security.md") + page("widget.md"))


def test_every_attribute_of_the_widget_is_explained() -> None:
    script = (files("ui") / "static" / "widget.js").read_text("utf-8")
    used = set(re.findall(r'(?:get|has)Attribute\("([a-z-]+)"\)', script))
    properties = set(re.findall(r"var\((--groundwire-[a-z-]+)", script))
    assert {"heading", "token-url", "articles"} <= used
    missing = {name for name in used | properties if f"`{name}`" not in page("widget.md")}
    assert missing == set()


def test_the_widget_never_parses_text_as_markup() -> None:
    script = (files("ui") / "static" / "widget.js").read_text("utf-8")
    for risky in (
        "innerHTML",
        "outerHTML",
        "insertAdjacentHTML",
        "document.write",
        "eval(",
        "Function(",
    ):
        assert risky not in script
    for kept in ("document.cookie", "localStorage", "sessionStorage", "indexedDB"):
        assert kept not in script
