"""Indexing makes the questions to begin with, so that the first visitor sees them."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from rag.pipeline import open_pipeline
from rag.settings import load_settings
from rag.suggestions import Suggestions

COMMAND = str(Path(sys.executable).with_name("groundwire"))
OPENED = (
    "The Harbour Museum opened in Larvik in 1987. It was founded by Greta Holm, a retired pilot.\n"
    "The museum holds 412 model ships, which visitors may see on every weekday.\n"
)


def index(folder: Path, data_dir: Path, **settings: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [COMMAND, "index", str(folder), "--data-dir", str(data_dir)],
        capture_output=True,
        text=True,
        env={"PATH": "/usr/bin:/bin", "HF_HUB_OFFLINE": "1"} | settings,
        timeout=240,
    )


def test_questions_are_there_after_indexing_and_made_anew_for_other_articles(
    articles: Callable[..., Path], data_dir: Path
) -> None:
    first = index(articles(**{"museum.txt": OPENED}), data_dir)
    assert first.returncode == 0, first.stderr
    pipeline = open_pipeline(load_settings(data_dir=data_dir))
    made = Suggestions(lambda: pipeline, data_dir).questions()
    pipeline.close()
    assert made
    for question in made:
        assert question in first.stderr
    again = index(articles(), data_dir)
    assert again.returncode == 0 and again.stderr == ""
    other = index(articles(**{"b.txt": "The lighthouse at Faerder was lit in 1857."}), data_dir)
    assert other.returncode == 0 and "uggested questions:" in other.stderr
    assert len(list((data_dir / "suggestions").glob("*.json"))) == 2


def test_an_index_without_any_suggestion_is_as_good(
    articles: Callable[..., Path], data_dir: Path
) -> None:
    done = index(articles(**{"a.txt": "Hm. Well. So it goes."}), data_dir)
    assert done.returncode == 0
    assert "now answers" in done.stdout
    assert done.stderr.startswith("No suggested questions: ") and done.stderr.count("\n") == 1


def test_a_reader_that_cannot_be_had_is_said_and_the_index_stays(
    articles: Callable[..., Path], data_dir: Path
) -> None:
    done = index(
        articles(**{"a.txt": OPENED}), data_dir, GROUNDWIRE_READER_MODEL=str(data_dir / "nowhere")
    )
    assert done.returncode == 0
    assert "now answers" in done.stdout
    assert done.stderr.startswith("No suggested questions: ") and "nowhere" in done.stderr


def test_serving_without_an_index_makes_them_before_the_first_visit(
    articles: Callable[..., Path], data_dir: Path, launch: Any
) -> None:
    folder = articles(**{"museum.txt": OPENED})
    launch(data_dir, ARTICLES=str(folder))
    assert len(list((data_dir / "suggestions").glob("*.json"))) == 1
