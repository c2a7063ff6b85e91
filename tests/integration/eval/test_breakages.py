"""Things broken on purpose: each is caught, named, and fails the build."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

import rag.pipeline
from eval.cli import app
from rag.citations import prove
from rag.types import Answer

Make = Callable[..., Any]


def record_baseline(town: Any) -> None:
    (town.facts / "eval.toml").write_text('baseline = "baseline.json"\n')
    done = CliRunner().invoke(
        app, ["baseline", "--facts", str(town.facts), "--data-dir", str(town.data)]
    )
    assert done.exit_code == 0, done.output


def test_nothing_broken_passes(indexed_town: Any, evaluate: Make) -> None:
    result = evaluate(indexed_town)
    assert (result.code, result.causes) == (0, {})
    assert "5 of 5 facts pass" in result.text


def test_top_k_of_one_ranks_too_low(indexed_town: Any, evaluate: Make) -> None:
    result = evaluate(indexed_town, "--top-k", "1")
    assert (result.code, result.causes["passengers"]) == (1, "ranked too low")


def test_a_threshold_too_high_abstains_wrongly(indexed_town: Any, evaluate: Make) -> None:
    result = evaluate(indexed_town, "--min-confidence", "1")
    answerable = ("cranes", "opened", "passengers", "maps")
    assert (result.code, result.causes) == (1, dict.fromkeys(answerable, "wrongly abstained"))


def test_a_threshold_too_low_answers_wrongly(indexed_town: Any, evaluate: Make) -> None:
    result = evaluate(indexed_town, "--min-confidence", "0")
    assert (result.code, result.causes) == (1, {"song": "wrongly answered"})


@pytest.mark.parametrize("shift", [1, -1])
def test_citations_shifted_by_one_character_are_cited_wrong(
    shift: int, indexed_town: Any, evaluate: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    def shifted(answer: Answer, articles: Any) -> Answer:
        proven = prove(answer, articles)
        moved = (replace(c, start=c.start + shift, end=c.end + shift) for c in proven.citations)
        return replace(proven, citations=tuple(moved))

    monkeypatch.setattr(rag.pipeline, "prove", shifted)
    result = evaluate(indexed_town)
    answerable = ("cranes", "opened", "passengers", "maps")
    assert (result.code, result.causes) == (1, dict.fromkeys(answerable, "cited wrong"))


def test_a_number_changed_beside_the_quote_is_read_wrong(town: Any, evaluate: Make) -> None:
    town.rewrite("harbour.txt", "60,000", "61,000")
    town.index()
    result = evaluate(town)
    assert (result.code, result.causes) == (1, {"passengers": "read wrong"})


def test_a_number_changed_in_a_quote_that_once_stood_is_evidence_gone(
    town: Any, evaluate: Make
) -> None:
    town.index()
    record_baseline(town)
    town.rewrite("harbour.txt", "27 cranes", "28 cranes")
    town.index()
    result = evaluate(town)
    assert (result.code, result.causes) == (1, {"cranes": "evidence gone"})
    detail = next(f["detail"] for f in result.report["facts"] if f["id"] == "cranes")
    assert detail == "article 'harbour' no longer says it; it says: 'It has 28 cranes'"


def test_a_number_changed_in_a_quote_that_was_never_seen_is_refused_with_its_line(
    town: Any, evaluate: Make
) -> None:
    town.rewrite("harbour.txt", "27 cranes", "28 cranes")
    town.index()
    result = evaluate(town)
    assert result.code == 2
    assert result.text.startswith(f"{town.facts / 'town.yaml'}:7: evidence.quote: not in 'harbour'")


def test_a_deleted_article_is_evidence_gone(town: Any, evaluate: Make) -> None:
    town.index()
    record_baseline(town)
    (town.articles / "library.txt").unlink()
    town.index(force=True)
    result = evaluate(town)
    assert (result.code, result.causes) == (1, {"maps": "evidence gone"})
    assert "✗ evidence stands" in result.text and "✗ newly failed" in result.text


def test_without_the_evidence_in_the_index_it_is_not_retrieved(
    town: Any, evaluate: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    town.index()

    def without_harbour(index: Any, *rest: Any, **options: Any) -> Any:
        kept = [name for name in index.articles if name != "harbour"]
        return rag.retrieval.retrieve(index, *rest, **options | {"articles": kept})

    monkeypatch.setattr(rag.pipeline, "retrieve", without_harbour)
    monkeypatch.setattr("eval.target.retrieve", without_harbour)
    result = evaluate(town)
    assert result.code == 1
    assert set(result.causes) == {"cranes", "opened", "passengers"}
    assert set(result.causes.values()) == {"not retrieved"}


def test_a_baseline_that_is_not_there_cannot_be_compared_with(
    indexed_town: Any, evaluate: Make, tmp_path: Path
) -> None:
    gates = tmp_path / "eval.toml"
    gates.write_text('baseline = "none.json"\n')
    result = evaluate(indexed_town, "--gates", str(gates))
    assert result.code == 2 and "none.json" in result.text
