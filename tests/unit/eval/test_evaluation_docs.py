from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import typer
import yaml

from eval.causes import CAUSES
from eval.cli import app
from eval.evidence import place_evidence
from eval.facts import parse_facts
from eval.gates import read_gates
from eval.report.words import SHOWN
from eval.summary import summarise
from rag.corpus import read_corpus, seeds_folder

DOCS = Path(__file__).parents[3] / "docs"
TEXT = (DOCS / "evaluation.md").read_text("utf-8")
WORKFLOW = DOCS / "examples" / "groundwire-eval.yml"


def block(language: str) -> str:
    found = re.search(rf"```{language}\n(.*?)```", TEXT, re.DOTALL)
    assert found is not None
    return found.group(1)


def named_commands(text: str) -> set[tuple[str, ...]]:
    """The subcommands after `groundwire eval`, up to two deep."""
    found = re.findall(r"groundwire eval((?: [a-z]+)*)", text)
    return {tuple(words.split()[:2]) for words in found}


def known(path: tuple[str, ...]) -> bool:
    command: Any = typer.main.get_command(app)
    for name in path:
        if not hasattr(command, "commands"):
            return True  # what follows are its arguments
        if name not in command.commands:
            return False
        command = command.commands[name]
    return True


def test_the_example_facts_load_and_stand_in_the_seeds() -> None:
    articles = {article.id: article for article in read_corpus(seeds_folder()).articles}
    facts = place_evidence(parse_facts(block("yaml"), "docs"), articles, Path())
    assert {fact.form for fact in facts} == {"short", "long"}
    assert any(fact.unanswerable for fact in facts) and any(fact.conversation for fact in facts)


def test_the_example_gates_are_read_and_name_real_measures(tmp_path: Path) -> None:
    path = tmp_path / "eval.toml"
    path.write_text(block("toml"), "utf-8")
    assert set(read_gates(path).floors) <= set(summarise([]).measures)


def test_every_cause_is_explained_and_every_measure_has_words() -> None:
    rows = re.findall(r"^\| ([a-z ]+) \| .* \| .* \|$", TEXT, re.MULTILINE)
    assert tuple(row for row in rows if row in CAUSES) == CAUSES
    measures = set(summarise([]).measures)
    assert {name for name, _ in SHOWN} <= measures
    for name in measures:
        family = re.sub(r"^(document|evidence)_.*", r"\1_…", name)
        family = re.sub(r"^abstention_(recall|f1)$", r"_\1", family)
        assert f"`{family}`" in TEXT, name


def test_documented_commands_exist() -> None:
    commands = named_commands(TEXT)
    assert ("bench", "squad") in commands and ("compare",) in commands
    assert all(known(path) for path in commands)
    assert not known(("no", "such"))


def test_the_example_workflow_is_two_steps_with_options_that_exist() -> None:
    steps = yaml.safe_load(WORKFLOW.read_text("utf-8"))["jobs"]["facts"]["steps"]
    runs = [step["run"] for step in steps if "run" in step and "if" not in step]
    assert len(runs) == 2 and runs[0].startswith("pip install")
    command: Any = typer.main.get_command(app)
    options = {option for parameter in command.params for option in parameter.opts}
    used = set(re.findall(r"--[a-z-]+", runs[1]))
    assert used and used <= options
