"""What is evaluated: an open pipeline, and the deeper ranking behind its answers.

The only module of the evaluation that opens indexes and models.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from rag.citations import abstention
from rag.generations import Store
from rag.index import Index, open_index
from rag.pipeline import Models, Pipeline
from rag.retrieval import CANDIDATES, retrieve
from rag.settings import Settings
from rag.types import Answer, Article, Passage

# Answers carry their confidence rounded to four decimals.
ROUNDING = 1e-4


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A pipeline as the product runs it, and the same one without its threshold."""

    settings: Settings
    models: Models
    index: Index
    pipeline: Pipeline
    unguarded: Pipeline

    @property
    def articles(self) -> Mapping[str, Article]:
        """The articles that answers may cite, by id."""
        return self.index.articles

    def ask(self, question: str, standalone: str | None = None) -> tuple[Answer, Answer]:
        """The product's answer, and the guess that it would be without the threshold.

        One reading gives both; where rounding could decide, the product is asked itself.
        """
        guess = self.unguarded.ask(question, standalone=standalone)
        threshold = self.pipeline.threshold
        if abs(guess.confidence - threshold) <= ROUNDING:
            return self.pipeline.ask(question, standalone=standalone), guess
        return (guess if guess.confidence >= threshold else abstention(guess)), guess

    def ranking(self, question: str) -> tuple[Passage, ...]:
        """Every candidate of the search, best first; the product reads the first `top_k`."""
        return retrieve(self.index, self.models.embedder, question, top_k=2 * CANDIDATES)

    def close(self) -> None:
        """Lets go of the index's files."""
        self.pipeline.close()


def open_target(settings: Settings) -> Target:
    """The pipeline over the current generation. Raises: GroundwireError."""
    return target_of(settings, Models(settings), open_index(Store(settings.data_dir)))


def target_of(settings: Settings, models: Models, index: Index) -> Target:
    """A target over an index that is open already."""
    unguarded = models.pipeline(index)
    unguarded.threshold = 0.0
    return Target(
        settings=settings,
        models=models,
        index=index,
        pipeline=models.pipeline(index),
        unguarded=unguarded,
    )
