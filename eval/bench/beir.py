"""BEIR's folder layout: corpus.jsonl, queries.jsonl, qrels/*.tsv → articles and questions.

Accepted answers, where there are any, are `metadata.answers` of a query (as in NQ-open).
Source: Thakur et al. 2021, https://arxiv.org/abs/2104.08663.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from eval.bench.benchmark import Benchmark, BenchQuestion
from eval.errors import BenchmarkWrong
from rag.types import Article


def read_beir(folder: Path, split: str = "test") -> Benchmark:
    """The data set of a folder; only queries with a relevant document. Raises: BenchmarkWrong."""
    try:
        articles = tuple(_article(value) for value in _lines(folder / "corpus.jsonl"))
        relevant = _qrels(folder / "qrels" / f"{split}.tsv")
        questions = tuple(
            BenchQuestion(
                id=str(value["_id"]),
                question=str(value["text"]),
                answers=tuple(map(str, (value.get("metadata") or {}).get("answers", ()))),
                documents=relevant[str(value["_id"])],
            )
            for value in _lines(folder / "queries.jsonl")
            if str(value["_id"]) in relevant
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise BenchmarkWrong(
            f"'{folder}' is not in BEIR's layout: {error!r}. "
            f"Wanted: corpus.jsonl, queries.jsonl, qrels/{split}.tsv"
        ) from error
    return Benchmark(name=folder.name, articles=articles, questions=questions)


def _article(value: dict[str, Any]) -> Article:
    return Article.of(
        id=str(value["_id"]),
        title=str(value.get("title") or ""),
        text=str(value["text"]),
        source=f"{value['_id']}.txt",
    )


def _lines(path: Path) -> Iterator[dict[str, Any]]:
    with path.open(encoding="utf-8") as file:
        for line in file:
            if line.strip():
                yield json.loads(line)


def _qrels(path: Path) -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    with path.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file, delimiter="\t"):
            if float(row["score"]) > 0:
                found.setdefault(row["query-id"], []).append(row["corpus-id"])
    return {query: tuple(documents) for query, documents in found.items()}
