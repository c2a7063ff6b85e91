"""The whole way of a question, and the only module that knows all parts:

files → Article → Chunk → index → Passage → Answer (+ Citation) → rendered
"""

from __future__ import annotations

import logging
import threading
import time
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from rag.answering import Answerer, ExtractiveAnswerer
from rag.chunking import ChunkOptions
from rag.citations import abstention, prove
from rag.confidence import calibration_of, threshold_of
from rag.corpus import Corpus, read_corpus, seeds_folder
from rag.embedding import Embedder, OnnxEmbedder, open_embedder
from rag.errors import GroundwireError
from rag.generations import Pointer, Store
from rag.index import BuildReport, Index, StepProgress, build_index, open_index, require_same_model
from rag.reader import Reader, open_reader
from rag.retrieval import retrieve
from rag.settings import Settings
from rag.steps import OnStep, Step, unwatched
from rag.types import NOT_IN_ARTICLES, Answer, Article, Passage

MAX_QUESTION_CHARACTERS = 2_000
RETIRED_S = 60  # longer than a question may take
_log = logging.getLogger("groundwire.index")


class Pipeline:
    """One open generation with its models: question → proven answer. Safe to use from threads."""

    def __init__(
        self,
        index: Index,
        embedder: OnnxEmbedder,
        answerer: Answerer,
        *,
        top_k: int,
        threshold: float,
    ) -> None:
        self.index = index
        self.threshold = threshold
        self._embedder = embedder
        self._answerer = answerer
        self._top_k = top_k

    @property
    def articles(self) -> dict[str, Article]:
        """The articles of the generation by id."""
        return self.index.articles

    def ask(
        self,
        question: str,
        *,
        standalone: str | None = None,
        articles: Sequence[str] = (),
        on_step: OnStep = unwatched,
    ) -> Answer:
        """The proven answer to `question`; below the threshold it says that the articles do not.

        `standalone` is the question as understood from a conversation; `articles` restricts the
        search to these ids. An empty question is answered with an abstention. `on_step` hears how
        far it has got and ends the work by raising `Stopped`.
        """
        asked = clean_question(standalone if standalone is not None else question)
        began = time.perf_counter()
        timings: dict[str, float] = {}
        passages = (
            retrieve(self.index, self._embedder, asked, top_k=self._top_k, articles=articles)
            if any(character.isalnum() for character in asked)
            else ()
        )
        timings["retrieve"] = _milliseconds(began)
        on_step(Step(stage="search", done=0, total=len(passages)))
        return self._answer(question, asked, passages, self.articles, timings, on_step)

    def _answer(
        self,
        question: str,
        asked: str,
        passages: tuple[Passage, ...],
        articles: Mapping[str, Article],
        timings: dict[str, float],
        on_step: OnStep = unwatched,
    ) -> Answer:
        """Reads the passages, abstains below the threshold, and proves the rest."""
        reading = time.perf_counter()
        draft = self._answerer.answer(asked, passages, articles, on_step) if passages else None
        timings["read"] = _milliseconds(reading)
        on_step(Step(stage="check", done=len(passages), total=len(passages)))
        checking = time.perf_counter()
        answer = Answer(
            question=question,
            standalone_question=asked,
            abstained=False,
            short_answer=draft.short_answer if draft else None,
            text=NOT_IN_ARTICLES,
            confidence=round(draft.confidence, 4) if draft else 0.0,
            sentences=draft.sentences if draft else (),
            citations=draft.citations if draft else (),
            passages=passages,
            answered_by=self._answerer.name,
            generation=self.index.manifest.id,
            timings_ms=timings,
            verdict=draft.verdict if draft else None,
        )
        sure = draft is not None and draft.confidence >= self.threshold
        proven = prove(answer, articles) if sure else abstention(answer)
        timings["check"] = _milliseconds(checking)
        timings["total"] = round(sum(timings.values()), 2)
        return replace(proven, timings_ms=timings)

    def read_passage(self, question: str, text: str) -> Answer:
        """The answer to `question` from one given text instead of the index.

        The text is the article "given"; the same reader, calibration, threshold and checks apply.
        """
        asked = clean_question(question)
        article, passage = given_passage(asked, text, self._embedder)
        return self._answer(question, asked, (passage,), {article.id: article}, {})

    def close(self) -> None:
        """Lets go of the index's files."""
        self.index.vectors.close()


class LivePipeline:
    """The pipeline of whatever generation is current: a new one is swapped in when it appears.

    A request keeps the pipeline that it began with, so no request fails at a swap; the files of a
    pipeline are let go at a later swap, when it has been out of use for a minute.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._store = Store(settings.data_dir)
        self._models = Models(settings)
        self._swap = threading.Lock()
        self._current = self._models.pipeline(open_index(self._store))
        self._retired: list[tuple[float, Pipeline]] = []
        self._refused: tuple[str, int | None] | None = None  # a generation, and its publication
        self._fault: str | None = None

    def get(self) -> Pipeline:
        """The pipeline to answer with now."""
        pointer = self._pointer()
        if pointer is None:
            return self._current
        if pointer.current == self._current.index.manifest.id:
            self._refused = self._fault = None
        elif self._refused != (pointer.current, self._store.published()):
            with self._swap:
                if pointer.current != self._current.index.manifest.id:
                    self._open(pointer.current)
        return self._current

    @property
    def fault(self) -> str | None:
        """Why the newest generation is not the one that answers, or None."""
        return self._fault

    def _pointer(self) -> Pointer | None:
        try:
            return self._store.pointer()
        except GroundwireError:
            return (
                None  # the open generation goes on answering; `groundwire status` names the fault
            )

    def _open(self, generation: str) -> None:
        """Swaps a generation in, or refuses it until something is published again."""
        published = self._store.published()
        try:
            opened = self._models.pipeline(open_index(self._store, generation))
        except GroundwireError as error:
            self._refused = generation, published
            self._fault = f"generation {generation} was refused: {error}"
            _log.error("%s", self._fault)
            return
        now = time.monotonic()
        for retired, pipeline in self._retired:
            if now - retired >= RETIRED_S:
                pipeline.close()
        kept = [item for item in self._retired if now - item[0] < RETIRED_S]
        self._retired = [*kept, (now, self._current)]
        self._current, self._refused, self._fault = opened, None, None


class Models:
    """Embedder and reader of the settings, loaded once."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self.embedder = open_embedder(settings.embedding_model, settings.data_dir, settings.threads)
        self.reader: Reader = open_reader(
            settings.reader_model, settings.data_dir, settings.threads
        )

    def pipeline(self, index: Index) -> Pipeline:
        """A pipeline over an open index. Raises: IndexMismatch, ModelUnavailable."""
        require_same_model(index.manifest, self.embedder)
        card = self.reader.card
        answerer = ExtractiveAnswerer(
            self.reader,
            self.embedder,
            index.lexical.rarity,
            calibration_of(card, "span"),
            calibration_of(card, "sentence"),
        )
        threshold = self._settings.min_confidence
        if threshold is None:
            threshold = threshold_of(card)
        return Pipeline(
            index, self.embedder, answerer, top_k=self._settings.top_k, threshold=threshold
        )


def open_pipeline(settings: Settings) -> Pipeline:
    """The pipeline over the current generation. Raises: GroundwireError."""
    index = open_index(Store(settings.data_dir))
    return Models(settings).pipeline(index)


def build(
    settings: Settings,
    *,
    force: bool = False,
    on_read: Callable[[int, int], None] | None = None,
    progress: StepProgress | None = None,
) -> BuildReport:
    """Reads the folder of the settings and publishes its generation. Raises: GroundwireError."""
    store = Store(settings.data_dir)
    folder: Path = settings.articles or seeds_folder()
    with store.building():
        corpus: Corpus = read_corpus(folder, max_file_mb=settings.max_file_mb, progress=on_read)
        embedder = open_embedder(settings.embedding_model, settings.data_dir, settings.threads)
        options = ChunkOptions(
            max_tokens=settings.chunk_tokens, overlap_tokens=settings.chunk_overlap_tokens
        )
        return build_index(store, corpus, embedder, options, force=force, progress=progress)


def given_passage(question: str, text: str, embedder: Embedder) -> tuple[Article, Passage]:
    """A text that is not in the index as the article "given" with itself as its one passage."""
    article = Article.of(id="given", title="given", text=text, source="given")
    passage = Passage(
        document=article.id,
        title=article.title,
        start=0,
        end=len(text),
        text=text,
        score=1.0,
        dense=float(embedder.embed([text])[0] @ embedder.embed_query(question)),
    )
    return article, passage


def clean_question(question: str) -> str:
    """The question as one line without control characters, at most 2,000 characters."""
    kept = "".join(
        " " if character.isspace() else character
        for character in question[:MAX_QUESTION_CHARACTERS]
        if character.isspace() or unicodedata.category(character) not in ("Cc", "Cf", "Cs", "Co")
    )
    return " ".join(kept.split())


def _milliseconds(since: float) -> float:
    return round((time.perf_counter() - since) * 1000, 2)
