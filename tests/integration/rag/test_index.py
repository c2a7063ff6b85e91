"""The index over the real Chroma: builds, rebuilds, damage, locks, kills."""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from rag.embedding import OnnxEmbedder
from rag.errors import (
    CorpusError,
    IndexDamaged,
    IndexLocked,
    IndexMismatch,
    IndexMissing,
)
from rag.generations import MANIFEST, Store
from rag.index import BuildReport, open_index, require_same_model
from rag.llama import HybridRetriever, vector_store
from rag.pipeline import build, open_pipeline
from rag.retrieval import search_dense, search_lexical
from rag.settings import Settings, load_settings

Articles = Callable[..., Path]
HARBOUR = (
    "The harbour was built in 1911. It holds 62 ships. The keeper is Anna Berg.\n\n"
    + "\n\n".join(
        f"In year {1920 + n} the harbour took in {n + 30} ships from the north and paid for {n} cranes, "
        f"which the town council under its mayor number {n} had long asked for."
        for n in range(12)
    )
)
FOREST = "The forest covers 900 hectares. Wolves returned in 2004."
MOUNTAIN = "The mountain is 3,120 metres high. Its first ascent was in 1874."
TEXTS = {"harbour.txt": HARBOUR, "forest.txt": FOREST, "mountain.txt": MOUNTAIN}


@pytest.fixture
def settings(articles: Articles, data_dir: Path) -> Settings:
    return load_settings(articles=articles(**TEXTS), data_dir=data_dir)


def outcomes(report: BuildReport) -> dict[str, str]:
    return {line.source: line.outcome for line in report.files}


def test_an_unchanged_folder_costs_nothing(settings: Settings) -> None:
    first = build(settings)
    assert first.published and first.embedded == first.chunks > 3
    second = build(settings)
    assert (second.published, second.embedded, second.generation) == (False, 0, first.generation)
    assert set(outcomes(second).values()) == {"unchanged"}


def test_after_an_edit_only_changed_chunks_are_embedded_and_the_result_is_a_fresh_build(
    settings: Settings, articles: Articles, tmp_path: Path, models: Path
) -> None:
    build(settings)
    folder = articles(**{"harbour.txt": HARBOUR.replace("under its mayor number 11", "once")})
    report = build(settings)
    assert outcomes(report) == {
        "harbour.txt": "indexed",
        "forest.txt": "unchanged",
        "mountain.txt": "unchanged",
    }
    assert 0 < report.embedded <= 2 < report.chunks

    fresh = tmp_path / "fresh"
    fresh.mkdir()
    (fresh / "models").symlink_to(models)
    again = build(load_settings(articles=folder, data_dir=fresh))
    assert again.generation == report.generation
    ours, theirs = Store(settings.data_dir), Store(fresh)
    for name in ("articles.jsonl", "chunks.jsonl"):
        paths = [store.path(report.generation) / name for store in (ours, theirs)]
        assert paths[0].read_bytes() == paths[1].read_bytes()
    one, other = open_index(ours), open_index(theirs)
    for question in ("Who is the keeper?", "How high is the mountain?", "wolves"):
        vector = None
        for index in (one, other):
            found = [
                (index.chunks[row].id, score)
                for ranking in (
                    search_dense(index, embedder_of(settings), question, 5),
                    search_lexical(index, question, 5),
                )
                for row, score in zip(ranking.rows, ranking.scores, strict=True)
            ]
            assert vector is None or [f[0] for f in found] == [f[0] for f in vector]
            vector = found
    one.vectors.close()
    other.vectors.close()


def embedder_of(settings: Settings) -> OnnxEmbedder:
    from rag.embedding import open_embedder

    return open_embedder(settings.embedding_model, settings.data_dir, 1)


def test_a_deleted_article_no_longer_answers(settings: Settings, articles: Articles) -> None:
    folder = articles(**{f"more{n}.txt": f"Note number {n} says nothing." for n in range(4)})
    build(settings)
    (folder / "forest.txt").unlink()
    report = build(settings)
    assert report.removed == ("forest.txt",)
    pipeline = open_pipeline(settings)
    answer = pipeline.ask("When did wolves return?")
    assert all(passage.document != "forest" for passage in answer.passages)
    pipeline.close()


def test_an_emptied_folder_is_refused_unless_forced(settings: Settings, articles: Articles) -> None:
    before = build(settings).generation
    folder = articles()
    (folder / "forest.txt").unlink()
    with pytest.raises(CorpusError, match=r"1 of 3 articles are gone.*--force"):
        build(settings)
    assert Store(settings.data_dir).current().id == before
    assert build(settings, force=True).removed == ("forest.txt",)


def test_a_folder_without_articles_is_refused(settings: Settings, articles: Articles) -> None:
    build(settings)
    folder = articles()
    for path in folder.iterdir():
        path.unlink()
    for force in (False, True):
        with pytest.raises(CorpusError, match="No readable article"):
            build(settings, force=force)


def test_rollback_returns_and_returns_again(settings: Settings, articles: Articles) -> None:
    store = Store(settings.data_dir)
    with pytest.raises(IndexMissing, match="groundwire index"):
        store.current()
    first = build(settings).generation
    with pytest.raises(IndexMissing, match="No previous build"):
        store.rollback()
    articles(**{"forest.txt": FOREST + " Bears did not."})
    second = build(settings).generation
    assert store.rollback().current == first == store.current().id
    assert store.rollback().current == second
    articles(**{"forest.txt": FOREST + " Bears came later."})
    third = build(settings).generation
    assert {path.name for path in store.folder.iterdir()} == {second, third}


def test_every_damaged_file_is_named(settings: Settings) -> None:
    generation = build(settings).generation
    store = Store(settings.data_dir)
    folder = store.path(generation)
    for name in store.current().files:
        path = folder / name
        good = path.read_bytes()
        for damage in (
            good[:-1] + bytes([good[-1] ^ 1]) if good else b"x",
            good[: len(good) // 2],
            None,
        ):
            if damage == good:
                continue
            path.unlink() if damage is None else path.write_bytes(damage)
            with pytest.raises(IndexDamaged, match="groundwire rollback"):
                open_index(store)
        path.write_bytes(good)
    open_index(store).vectors.close()


def test_a_damaged_database_is_refused(settings: Settings) -> None:
    generation = build(settings).generation
    store = Store(settings.data_dir)
    database = store.path(generation) / "chroma" / "chroma.sqlite3"
    with sqlite3.connect(database) as connection:
        connection.execute("DELETE FROM embeddings")
    with pytest.raises(IndexDamaged, match="groundwire index --force"):
        open_index(store)
    assert build(settings, force=True).published
    open_index(store).vectors.close()


def test_a_missing_manifest_and_another_format_are_named(settings: Settings) -> None:
    generation = build(settings).generation
    store = Store(settings.data_dir)
    path = store.path(generation) / MANIFEST
    good = path.read_text()
    path.write_text(json.dumps(json.loads(good) | {"format": 99}))
    with pytest.raises(IndexMismatch, match="index format 99"):
        store.current()
    path.unlink()
    with pytest.raises(IndexDamaged, match="manifest"):
        store.current()


def test_another_model_is_refused_with_both_named(settings: Settings) -> None:
    build(settings)
    store = Store(settings.data_dir)
    manifest = store.current()

    class Other(OnnxEmbedder):
        digest = "f" * 64
        name = "another-model"
        dimension = 768

        def __init__(self) -> None:
            pass

    with pytest.raises(IndexMismatch, match=r"all-MiniLM-L6-v2 \(384 .*another-model \(768"):
        require_same_model(manifest, Other())


def test_the_second_builder_hears_who_holds_the_lock(settings: Settings) -> None:
    with (
        Store(settings.data_dir).building(),
        pytest.raises(IndexLocked, match=f"Process {os.getpid()} is building"),
    ):
        build(settings)


def test_killed_at_any_moment_the_old_or_the_new_index_answers(
    settings: Settings, articles: Articles
) -> None:
    """kill -9 at twenty random moments of a build, each followed by a look at what answers."""
    valid = {build(settings).generation}
    store = Store(settings.data_dir)
    generator = random.Random(7)
    began = time.monotonic()
    run_to_end = _start_build(settings)
    assert run_to_end.wait() == 0
    longest = time.monotonic() - began
    for turn in range(20):
        articles(**{"forest.txt": f"{FOREST} Count {turn}: {turn * 7} bears."})
        process = _start_build(settings)
        try:
            process.wait(timeout=generator.uniform(0.2, 1.3) * longest)
        except subprocess.TimeoutExpired:
            process.send_signal(signal.SIGKILL)
            process.wait()
        current = store.current()
        store.verify(current)
        if current.id not in valid:
            valid.add(current.id)
            assert "forest.txt" in current.articles
    final = build(settings)
    assert outcomes(final)["mountain.txt"] == "unchanged"
    opened = open_pipeline(settings)
    assert f"Count {19}" in opened.articles["forest"].text
    opened.close()
    assert not list(store.folder.glob(".building-*"))


def _start_build(settings: Settings) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [
            sys.executable,
            "-m",
            "ui.cli",
            "index",
            str(settings.articles),
            "--data-dir",
            str(settings.data_dir),
        ],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def test_a_failed_probe_leaves_the_old_index(
    settings: Settings, articles: Articles, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = build(settings).generation
    articles(**{"forest.txt": FOREST + " Bears did not."})

    def lose_vectors(folder: Path) -> None:
        with sqlite3.connect(folder / "chroma" / "chroma.sqlite3") as connection:
            connection.execute("DELETE FROM embeddings")

    monkeypatch.setattr("rag.index.sync_tree", lose_vectors)
    with pytest.raises(IndexDamaged, match="failed its probe"):
        build(settings)
    store = Store(settings.data_dir)
    assert store.current().id == before
    assert [path.name for path in store.folder.iterdir()] == [before]


def test_llama_index_reads_the_same_index(settings: Settings) -> None:
    generation = build(settings).generation
    index = open_index(Store(settings.data_dir))
    embedder = embedder_of(settings)
    nodes = HybridRetriever(index, embedder, top_k=3).retrieve("Who keeps the harbour?")
    assert nodes[0].node.metadata["document"] == "harbour"
    for found in nodes:
        text = index.articles[found.node.metadata["document"]].text
        assert text[found.node.start_char_idx : found.node.end_char_idx] == found.node.get_content()
    index.vectors.close()
    store = vector_store(Store(settings.data_dir).path(generation))
    assert store.collection_name is None or store.client.count() == len(index.chunks)


def test_one_chunk_is_enough(articles: Articles, data_dir: Path) -> None:
    settings = load_settings(articles=articles(**{"one.txt": "Only this."}), data_dir=data_dir)
    assert build(settings).chunks == 1
    pipeline = open_pipeline(settings)
    assert pipeline.ask("What is there?").passages[0].text == "Only this."
    pipeline.close()
    shutil.rmtree(data_dir)
