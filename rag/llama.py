"""Beside the pipeline: Groundwire for llama-index programs, as a retriever and as a query engine.

Imported only by who asks for it: llama-index takes longer to import than a question to answer.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from llama_index.core.base.base_retriever import BaseRetriever
from llama_index.core.base.response.schema import Response
from llama_index.core.query_engine import CustomQueryEngine
from llama_index.core.schema import NodeWithScore, QueryBundle, TextNode
from llama_index.vector_stores.chroma import ChromaVectorStore
from pydantic import ConfigDict

from rag.embedding import Embedder
from rag.generations import VECTORS
from rag.index import Index
from rag.pipeline import Pipeline
from rag.retrieval import retrieve
from rag.types import Passage
from rag.vectors import VectorIndex


class HybridRetriever(BaseRetriever):
    """The same search as a llama-index retriever, for use in llama-index programs.

    Nodes carry `document`, `title`, `start` and `end` as metadata; scores are the fused ones.
    """

    def __init__(self, index: Index, embedder: Embedder, top_k: int, **options: Any) -> None:
        super().__init__(**options)
        self._index = index
        self._embedder = embedder
        self._top_k = top_k

    def _retrieve(self, query_bundle: QueryBundle) -> list[NodeWithScore]:
        return [
            node_of(passage)
            for passage in retrieve(
                self._index, self._embedder, query_bundle.query_str, top_k=self._top_k
            )
        ]


def node_of(passage: Passage) -> NodeWithScore:
    """A passage as a llama-index node."""
    node = TextNode(
        id_=f"{passage.document}:{passage.start}-{passage.end}",
        text=passage.text,
        start_char_idx=passage.start,
        end_char_idx=passage.end,
        metadata={
            "document": passage.document,
            "title": passage.title,
            "start": passage.start,
            "end": passage.end,
        },
    )
    return NodeWithScore(node=node, score=passage.score)


class GroundwireQueryEngine(CustomQueryEngine):
    """The pipeline as a llama-index query engine.

    The response's text is `Answer.text`, its source nodes are the passages, and its metadata is
    the whole answer as a dictionary.
    """

    model_config = ConfigDict(arbitrary_types_allowed=True)

    pipeline: Pipeline

    def custom_query(self, query_str: str) -> Response:
        """The proven answer to one question."""
        answer = self.pipeline.ask(query_str)
        return Response(
            response=answer.text,
            source_nodes=[node_of(passage) for passage in answer.passages],
            metadata=answer.to_dict(),
        )


def vector_store(generation: Path) -> ChromaVectorStore:
    """The vectors of a generation's directory as a llama-index vector store. Do not write to it."""
    return ChromaVectorStore(chroma_collection=VectorIndex.open(generation / VECTORS).collection)
