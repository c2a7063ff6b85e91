"""Vectors already computed, so that an unchanged chunk costs nothing when the index is built again."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import numpy as np

from rag.embedding import Embedder, Progress, Vectors
from rag.types import text_sha256

_BLOCK = 256


def embed_cached(
    embedder: Embedder, texts: Sequence[str], path: Path, progress: Progress | None = None
) -> tuple[Vectors, int]:
    """The vectors of `texts` and how many had to be computed.

    The cache is a SQLite file keyed by (model digest, SHA-256 of the text); computed vectors are
    committed in blocks, so an interrupted build goes on where it stopped.
    """
    keys = [text_sha256(text) for text in texts]
    vectors = np.empty((len(texts), embedder.dimension), dtype=np.float32)
    path.parent.mkdir(parents=True, exist_ok=True)
    with closing(sqlite3.connect(path)) as database:
        database.execute("PRAGMA journal_mode = WAL")
        database.execute(
            "CREATE TABLE IF NOT EXISTS vectors (model TEXT, text TEXT, vector BLOB NOT NULL, "
            "PRIMARY KEY (model, text)) WITHOUT ROWID"
        )
        known = _read(database, embedder.digest, keys)
        todo = list(dict.fromkeys(key for key in keys if key not in known))
        text_of = dict(zip(keys, texts, strict=True))
        for at in range(0, len(todo), _BLOCK):
            block = todo[at : at + _BLOCK]

            def report(done: int, _: int, before: int = at) -> None:
                if progress:
                    progress(before + done, len(todo))

            computed = embedder.embed([text_of[key] for key in block], report)
            with database:
                database.executemany(
                    "INSERT OR REPLACE INTO vectors VALUES (?, ?, ?)",
                    (
                        (embedder.digest, key, vector.astype("<f4").tobytes())
                        for key, vector in zip(block, computed, strict=True)
                    ),
                )
            known.update(zip(block, computed, strict=True))
    for row, key in enumerate(keys):
        vectors[row] = known[key]
    return vectors, len(todo)


def _read(database: sqlite3.Connection, model: str, keys: Sequence[str]) -> dict[str, Vectors]:
    known: dict[str, Vectors] = {}
    for at in range(0, len(keys), 500):
        block = keys[at : at + 500]
        rows = database.execute(
            f"SELECT text, vector FROM vectors WHERE model = ? AND text IN ({','.join('?' * len(block))})",
            (model, *block),
        )
        known.update((text, np.frombuffer(blob, dtype="<f4")) for text, blob in rows)
    return known
