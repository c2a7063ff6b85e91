"""From a vote to the draft of a fact, and from a link to a version that was replaced."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner

from rag.earlier import earlier_text
from rag.errors import ConfigError
from rag.generations import Store
from rag.pipeline import Pipeline, build
from rag.settings import Settings, load_settings
from ui.feedback import FeedbackStore
from ui.feedback_cli import app


def test_a_vote_becomes_a_draft_whose_passages_hold_the_right_quote(
    pipeline: Pipeline, seeds_settings: Settings, tmp_path: Path
) -> None:
    answer = pipeline.ask("How many passengers were affected by the closure of major airports?")
    store = FeedbackStore(seeds_settings.data_dir)
    number = store.add("draft:0", "down", "too short", answer)
    options = [
        "to-fact",
        str(number),
        "--to",
        str(tmp_path),
        "--data-dir",
        str(seeds_settings.data_dir),
    ]
    done = CliRunner().invoke(app, options)
    assert done.exit_code == 0, done.output
    path = tmp_path / f"feedback-{number}.draft.yaml"
    text = path.read_text("utf-8")
    fact = yaml.safe_load(text)["facts"][0]
    assert fact["question"] == answer.question
    assert (fact["answers"], fact["evidence"][0]["quote"]) == ([], "")
    assert "The closure of major airports affected 60,000 passengers." in text
    again = CliRunner().invoke(app, options)
    assert isinstance(again.exception, ConfigError)
    assert path.read_text("utf-8") == text
    store.withdraw("draft:0")


def test_the_previous_version_of_an_article_is_found_by_its_digest(
    data_dir: Path, articles: Callable[..., Path]
) -> None:
    settings = load_settings(data_dir=data_dir, articles=articles(**{"a.txt": "It held 29 ships."}))
    build(settings)
    store = Store(data_dir)
    first = store.current().id
    old = (store.path(first) / "articles.jsonl").read_text("utf-8")
    version = str(yaml.safe_load(old)["sha256"])[:16]
    articles(**{"a.txt": "It held 30 boats."})
    build(settings)
    assert earlier_text(store, "a", version) == "It held 29 ships."
    assert earlier_text(store, "a", "0" * 16) is None
    assert earlier_text(store, "b", version) is None


@pytest.mark.parametrize("version", ["", "..", "../../etc", "abc", "g" * 16, "0" * 65])
def test_what_is_no_digest_finds_nothing(version: str, tmp_path: Path) -> None:
    assert earlier_text(Store(tmp_path), "a", version) is None
