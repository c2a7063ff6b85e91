"""A benchmark → its index and its answers: open (all paragraphs searched) and closed (one given).

Every question is asked without the threshold, and its confidence kept: abstaining is decided
afterwards, so one run gives the figures with and without it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal

from eval.bench.benchmark import Benchmark, BenchQuestion
from eval.bench.journal import Journal
from eval.metrics.retrieval import documents_of
from eval.target import Target, target_of
from rag.chunking import ChunkOptions
from rag.corpus import Corpus
from rag.generations import Store
from rag.index import Index, StepProgress, build_index, open_index
from rag.pipeline import Models
from rag.retrieval import fuse, search_dense, search_lexical
from rag.settings import Settings
from rag.types import Answer

Mode = Literal["open", "closed"]
Side = Literal["BM25", "dense", "hybrid"]
SIDES: tuple[Side, ...] = ("BM25", "dense", "hybrid")
DEPTH = 40


def open_benchmark(
    benchmark: Benchmark, work: Path, settings: Settings, progress: StepProgress | None = None
) -> Target:
    """A pipeline over the articles of the benchmark; the index is built in `work` if it is not there.

    The models exported for the product are used; nothing of the product's index is touched.
    """
    folder = work / f"{benchmark.name}-{_digest(benchmark)}"
    folder.mkdir(parents=True, exist_ok=True)
    models = Models(settings)
    store = Store(folder)
    with store.building():
        build_index(
            store,
            Corpus(folder=folder, articles=benchmark.articles, reports=()),
            models.embedder,
            ChunkOptions(
                max_tokens=settings.chunk_tokens, overlap_tokens=settings.chunk_overlap_tokens
            ),
            progress=progress,
        )
    return target_of(settings, models, open_index(store))


def answer_all(
    benchmark: Benchmark,
    target: Target,
    mode: Mode,
    journal: Path,
    progress: Callable[[], None],
) -> list[dict[str, Any]]:
    """The records of all questions, in order; those of the journal are not asked again."""
    texts = {article.id: article.text for article in benchmark.articles}
    records: list[dict[str, Any]] = []
    with Journal(journal, _made(target, mode)) as kept:
        for question in benchmark.questions:
            if question.id not in kept.done:
                if mode == "closed":
                    text = texts[question.documents[0]]
                    answer = target.unguarded.read_passage(question.question, text)
                else:
                    answer = target.unguarded.ask(question.question)
                kept.add(_record(question, answer))
            records.append(kept.done[question.id])
            progress()
    return records


def rank_all(
    benchmark: Benchmark, target: Target, progress: Callable[[], None]
) -> dict[Side, dict[str, list[str]]]:
    """For each side of the search, the documents found for each question, best first."""
    runs: dict[Side, dict[str, list[str]]] = {side: {} for side in SIDES}
    index, embedder = target.index, target.models.embedder
    for question in benchmark.questions:
        dense = search_dense(index, embedder, question.question, DEPTH)
        lexical = search_lexical(index, question.question, DEPTH)
        hybrid = fuse([dense, lexical])
        ranked: tuple[tuple[Side, list[int]], ...] = (
            ("BM25", list(lexical.rows)),
            ("dense", list(dense.rows)),
            ("hybrid", [row for row, _ in hybrid]),
        )
        for side, rows in ranked:
            runs[side][question.id] = _documents(index, rows)
        progress()
    return runs


def _documents(index: Index, rows: list[int]) -> list[str]:
    return list(dict.fromkeys(index.chunks[row].article_id for row in rows))


def _record(question: BenchQuestion, answer: Answer) -> dict[str, Any]:
    return {
        "id": question.id,
        "answer": "" if answer.abstained else answer.short_answer or "",
        "text": "" if answer.abstained else " ".join(s.text for s in answer.sentences),
        "confidence": answer.confidence,
        "documents": documents_of(answer.passages),
        "timings_ms": dict(answer.timings_ms),
    }


def _made(target: Target, mode: Mode) -> dict[str, str | int | float]:
    return {
        "mode": mode,
        "generation": target.index.manifest.id,
        "reader": str(target.models.reader.card.get("digest")),
        "calibration": json.dumps(target.models.reader.card.get("calibration"), sort_keys=True),
        "top_k": target.settings.top_k,
    }


def _digest(benchmark: Benchmark) -> str:
    names = "\n".join(article.sha256 for article in benchmark.articles)
    return hashlib.sha256(names.encode()).hexdigest()[:12]
