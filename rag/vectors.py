"""The dense side of the index: a Chroma collection, written through llama-index's vector store.

A Chroma directory is a build product: written once, in a directory of its own, never updated.
Searching asks the collection itself: importing llama-index takes longer than the whole answer, and
its store turns distances into exp(-distance). `rag.llama` opens the same collection for llama-index.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import cast

import chromadb
import numpy as np
from chromadb.api import ClientAPI
from chromadb.api.client import Client
from chromadb.api.types import Where
from chromadb.config import Settings as ChromaSettings
from chromadb.errors import ChromaError

from rag.embedding import Vectors
from rag.errors import IndexDamaged
from rag.types import Chunk

COLLECTION = "chunks"


class VectorIndex:
    """An open Chroma collection. Close it before its directory is moved."""

    def __init__(self, client: ClientAPI, collection: chromadb.Collection) -> None:
        self._client = client
        self._collection = collection

    @classmethod
    def create(cls, folder: Path, size: int) -> VectorIndex:
        """A new, empty collection in `folder` for exactly `size` chunks.

        Chroma's default space is squared L2. Its graph reaches the disk when `sync_threshold`
        records are in: with the size as threshold it is written once, whole, and opening it later
        replays nothing and changes none of its files.
        """
        client = _client(folder)
        threshold = max(2, size)
        collection = client.create_collection(
            COLLECTION,
            embedding_function=None,
            configuration={
                "hnsw": {
                    "space": "cosine",
                    "ef_construction": 200,
                    "max_neighbors": 32,
                    "ef_search": 100,
                    "sync_threshold": threshold,
                    "batch_size": min(100, threshold),
                }
            },
        )
        return cls(client, collection)

    @classmethod
    def open(cls, folder: Path) -> VectorIndex:
        """The collection built in `folder`. Raises: IndexDamaged."""
        try:
            client = _client(folder)
            return cls(client, client.get_collection(COLLECTION, embedding_function=None))
        except (ChromaError, ValueError, KeyError, OSError) as error:
            raise IndexDamaged(
                f"Chroma cannot open '{folder}': {error}. Build the index again: groundwire index --force"
            ) from error

    @property
    def collection(self) -> chromadb.Collection:
        """Chroma's own collection, for reading."""
        return self._collection

    def add(self, chunks: Sequence[Chunk], vectors: Vectors) -> None:
        """Adds chunks with their vectors (`float32 (n, dimension)`), within Chroma's batch limit."""
        from llama_index.core.schema import BaseNode, TextNode
        from llama_index.vector_stores.chroma import ChromaVectorStore

        store = ChromaVectorStore(chroma_collection=self._collection)
        limit = self._client.get_max_batch_size()
        for at in range(0, len(chunks), limit):
            nodes: list[BaseNode] = [
                TextNode(
                    id_=chunk.id,
                    text=chunk.text,
                    embedding=vector.tolist(),
                    metadata={
                        "article": chunk.article_id,
                        "start": chunk.start,
                        "end": chunk.end,
                    },
                )
                for chunk, vector in zip(
                    chunks[at : at + limit], vectors[at : at + limit], strict=True
                )
            ]
            store.add(nodes)

    def count(self) -> int:
        """How many chunks the collection holds."""
        return int(self._collection.count())

    def search(
        self, vector: Vectors, k: int, articles: Sequence[str] = ()
    ) -> list[tuple[str, float]]:
        """Chunk ids and cosine similarities of the `k` nearest, best first.

        `articles` restricts the search to these article ids. Raises: IndexDamaged.
        """
        wanted = cast("Where", {"article": {"$in": list(articles)}}) if articles else None
        try:
            result = self._collection.query(
                query_embeddings=[vector.tolist()],
                n_results=k,
                where=wanted,
                include=["distances"],
            )
        except ChromaError as error:
            raise IndexDamaged(
                f"Chroma cannot search its index: {error}. Build it again: groundwire index --force"
            ) from error
        distances = (result["distances"] or [[]])[0]
        return [
            (chunk_id, 1.0 - float(distance))
            for chunk_id, distance in zip(result["ids"][0], distances, strict=True)
        ]

    def fault_of(self, chunk_id: str, dimension: int) -> str | None:
        """What is wrong with one chunk, or None: it must have a vector and find itself by it."""
        stored = self._collection.get(ids=[chunk_id], include=["embeddings"])["embeddings"]
        if stored is None or len(stored) == 0:
            return f"chunk {chunk_id} has no vector"
        vector = np.asarray(stored[0], dtype=np.float32)
        if vector.shape != (dimension,) or not np.isfinite(vector).all():
            return f"the vector of chunk {chunk_id} is not {dimension} finite numbers"
        found = self.search(vector, 1)
        if not found or found[0][1] < 0.999:
            return f"chunk {chunk_id} does not find itself"
        return None

    def close(self) -> None:
        """Lets go of Chroma's files."""
        if isinstance(self._client, Client):
            self._client.close()


def changes_when_opened(path: Path) -> bool:
    """Whether opening the collection changes this file's bytes without changing what it holds.

    SQLite notes each opening in its file. The files of a graph that never reached the disk (that of
    a single chunk, which stays in SQLite) are placeholders without `index_metadata.pickle`.
    """
    if path.name == "chroma.sqlite3":
        return True
    return path.suffix == ".bin" and not (path.parent / "index_metadata.pickle").exists()


def _client(folder: Path) -> ClientAPI:
    return chromadb.PersistentClient(
        str(folder), settings=ChromaSettings(anonymized_telemetry=False, allow_reset=False)
    )
