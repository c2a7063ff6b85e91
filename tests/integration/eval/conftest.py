"""A small town: its articles, facts about them, and an index of its own."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from eval.cli import app
from rag.errors import GroundwireError
from rag.pipeline import build
from rag.settings import load_settings

ARTICLES = {
    "harbour.txt": "The harbour of Marsund was opened in 1883 by Queen Sophia. It has 27 cranes. "
    "About 60,000 passengers pass through it every year. The harbour master is Ingrid Holm.\n",
    "library.txt": "The library of Marsund was founded by the merchant Tobias Krull in 1790. Its "
    "reading room has 140 seats. The librarian is Anna Berg, who moved the old maps to the cellar "
    "because the roof was leaking.\n",
    **{
        f"ferry-{n}.txt": f"Ferry number {n} of the Marsund line carries passengers and cars across "
        f"the sound. The captain of ferry {n} greets every passenger. The ferry line of Marsund was "
        "described as the pride of the harbour.\n"
        for n in range(8)
    },
}
FACTS = """\
facts:
  - id: cranes
    question: How many cranes does the harbour have?
    answers: [twenty-seven]
    evidence:
      - document: harbour
        quote: It has 27 cranes
    must_pass: true
  - id: opened
    question: Who opened the harbour of Marsund?
    answers: [Queen Sophia]
    evidence:
      - document: harbour.txt
        quote: opened in 1883 by Queen Sophia
    tags: [person]
  - id: passengers
    question: How many passengers pass through Marsund every year?
    answers: ["60000"]
    evidence:
      - document: harbour
        quote: passengers pass through it every year
  - id: maps
    question: Why were the old maps moved to the cellar?
    form: long
    answers: [roof was leaking]
    evidence:
      - document: library
        quote: because the roof was leaking
  - id: song
    question: What did the blacksmith's daughter sing at the wedding?
    unanswerable: true
    reason: neither a blacksmith nor a wedding is spoken of
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Town:
    """A folder with articles/, facts/ and an index in data/."""

    folder: Path

    @property
    def articles(self) -> Path:
        return self.folder / "articles"

    @property
    def facts(self) -> Path:
        return self.folder / "facts"

    @property
    def data(self) -> Path:
        return self.folder / "data"

    def index(self, *, force: bool = False) -> None:
        build(load_settings(articles=self.articles, data_dir=self.data), force=force)

    def rewrite(self, name: str, old: str, new: str) -> None:
        text = (self.articles / name).read_text("utf-8")
        assert old in text
        (self.articles / name).write_text(text.replace(old, new), "utf-8")


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What a command gave: its exit code as the shell sees it, its words, and its report."""

    code: int
    text: str
    report: dict[str, Any]

    @property
    def causes(self) -> dict[str, str]:
        return {f["id"]: f["cause"] for f in self.report["facts"] if f["cause"]}


@pytest.fixture(scope="session")
def indexed_town(tmp_path_factory: pytest.TempPathFactory, models: Path) -> Town:
    """The town as it is; not to be changed."""
    return make_town(tmp_path_factory.mktemp("town"), models)


@pytest.fixture
def town(tmp_path: Path, models: Path) -> Town:
    """A town to break, not yet indexed."""
    return make_town(tmp_path / "town", models, indexed=False)


def make_town(folder: Path, models: Path, *, indexed: bool = True) -> Town:
    town = Town(folder=folder)
    for path in (town.articles, town.facts, town.data):
        path.mkdir(parents=True)
    (town.data / "models").symlink_to(models, target_is_directory=True)
    for name, text in ARTICLES.items():
        (town.articles / name).write_text(text, "utf-8")
    (town.facts / "town.yaml").write_text(FACTS, "utf-8")
    if indexed:
        town.index()
    return town


@pytest.fixture
def evaluate(tmp_path: Path) -> Callable[..., Result]:
    """Runs `groundwire eval` in this process on a town."""

    def run(town: Town, *options: str) -> Result:
        out = tmp_path / "report"
        arguments = ["--data-dir", str(town.data), "--facts", str(town.facts), "--report", str(out)]
        done = CliRunner().invoke(app, [*arguments, *options])
        path = out / "report.json"
        report = json.loads(path.read_text("utf-8")) if path.is_file() else {}
        if isinstance(done.exception, GroundwireError):  # `groundwire` prints it and exits with 2
            return Result(code=2, text=str(done.exception), report=report)
        if done.exception is not None and not isinstance(done.exception, SystemExit):
            raise done.exception
        return Result(code=done.exit_code, text=done.output, report=report)

    return run
