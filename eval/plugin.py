"""pytest plugin: `*.facts.yaml` files are test modules, each fact a test.

The index is that of the settings (`groundwire.toml`, `GROUNDWIRE_…`); `groundwire_data_dir` in
pytest's settings names another. Build it first with: groundwire index FOLDER
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from rag.errors import GroundwireError

if TYPE_CHECKING:
    from eval.facts import Fact
    from eval.outcome import Outcome
    from eval.target import Target
    from rag.conversation import Turn

SUFFIX = ".facts.yaml"
_target = pytest.StashKey["Target"]()


def pytest_addoption(parser: pytest.Parser) -> None:
    """The one setting of the plugin."""
    parser.addini("groundwire_data_dir", "Folder of the index that facts are asked of.", default="")


def pytest_collect_file(file_path: Path, parent: pytest.Collector) -> FactFile | None:
    """Takes the files whose name ends in `.facts.yaml`."""
    if file_path.name.endswith(SUFFIX):
        return FactFile.from_parent(parent, path=file_path)
    return None


def pytest_unconfigure(config: pytest.Config) -> None:
    """Closes the index if it was opened."""
    target = config.stash.get(_target, None)
    if target is not None:
        target.close()


class FactFile(pytest.File):
    """A fact file; its turns of a conversation are asked in order."""

    turns: dict[str, tuple[Turn, ...]]

    def collect(self) -> Iterator[FactItem]:
        """One test for each fact."""
        from eval.facts import parse_facts, read_fact_file

        self.turns = {}
        for fact in parse_facts(read_fact_file(self.path), self.path.name, shown=str(self.path)):
            yield FactItem.from_parent(self, name=fact.id, fact=fact)

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException]) -> str:  # type: ignore[override]
        """A fault of the file as its lines, without a traceback."""
        return _explained(excinfo) or str(super().repr_failure(excinfo))


class FactFailed(Exception):
    """A fact did not pass."""

    def __init__(self, outcome: Outcome) -> None:
        super().__init__(outcome.detail)
        self.outcome = outcome


class FactItem(pytest.Item):
    """One fact as a test."""

    def __init__(self, *, fact: Fact, **others: object) -> None:
        super().__init__(**others)  # type: ignore[arg-type]
        self._fact = fact
        for tag in fact.tags:
            self.user_properties.append(("tag", tag))

    def runtest(self) -> None:
        """Asks the fact. Raises: FactFailed, or GroundwireError where it cannot be asked."""
        from eval.evidence import place_evidence
        from eval.runner import check

        target = _opened(self.config)
        (fact,) = place_evidence([self._fact], target.articles, self.path)
        turns = self.parent.turns if isinstance(self.parent, FactFile) else {}
        before = turns.get(fact.conversation, ()) if fact.conversation else ()
        outcome, turn = check(fact, target, before)
        if fact.conversation:
            turns[fact.conversation] = (*before, turn)
        if outcome.cause:
            raise FactFailed(outcome)

    def repr_failure(self, excinfo: pytest.ExceptionInfo[BaseException]) -> str:  # type: ignore[override]
        """The cause, the question, expected and got; no traceback."""
        return _explained(excinfo) or str(super().repr_failure(excinfo))

    def reportinfo(self) -> tuple[Path, int, str]:
        """File, line from 0, and name."""
        return self.path, self._fact.line - 1, f"fact: {self.name}"


def _opened(config: pytest.Config) -> Target:
    """The index, opened once a session. Raises: GroundwireError."""
    found = config.stash.get(_target, None)
    if found is None:
        from eval.target import open_target
        from rag.settings import load_settings

        folder = config.getini("groundwire_data_dir")
        data_dir = config.rootpath / folder if folder else None
        found = open_target(load_settings(data_dir=data_dir))
        config.stash[_target] = found
    return found


def _explained(excinfo: pytest.ExceptionInfo[BaseException]) -> str | None:
    error = excinfo.value
    if isinstance(error, FactFailed):
        from eval.report.words import expected, got

        outcome = error.outcome
        return "\n".join(
            (
                f"{outcome.cause}: {outcome.detail}",
                f"  question: {outcome.fact.question}",
                f"  expected: {expected(outcome)}",
                f"  got:      {got(outcome)}",
            )
        )
    return str(error) if isinstance(error, GroundwireError) else None
