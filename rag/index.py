"""Fourth step: articles → a published generation; and a generation → an open index."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from rag.chunking import ChunkOptions, chunk_article
from rag.corpus import Corpus
from rag.embedding import OnnxEmbedder
from rag.embedding_cache import embed_cached
from rag.errors import CorpusError, IndexDamaged, IndexMismatch
from rag.generations import (
    ARTICLES,
    CHUNKS,
    FORMAT,
    LEXICAL,
    VECTORS,
    Manifest,
    Store,
    sync_tree,
)
from rag.lexical import LexicalIndex
from rag.onnx_model import file_sha256
from rag.types import Article, Chunk
from rag.vectors import VectorIndex, changes_when_opened

MAX_LOSS = 0.2
FileOutcome = Literal["indexed", "unchanged", "skipped", "failed"]
StepProgress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class FileLine:
    """What the index made of one file; `reason` says why it was skipped or failed."""

    source: str
    outcome: FileOutcome
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildReport:
    """What a build did. `published` is False where the current generation already was the result."""

    generation: str
    published: bool
    files: tuple[FileLine, ...]
    removed: tuple[str, ...]
    articles: int
    chunks: int
    embedded: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Index:
    """One open generation. `chunks[row]` belongs to row `row` of the lexical index."""

    manifest: Manifest
    articles: dict[str, Article]
    chunks: tuple[Chunk, ...]
    row_of: dict[str, int]
    lexical: LexicalIndex
    vectors: VectorIndex


def build_index(
    store: Store,
    corpus: Corpus,
    embedder: OnnxEmbedder,
    options: ChunkOptions,
    *,
    force: bool = False,
    progress: StepProgress | None = None,
) -> BuildReport:
    """Builds, probes and publishes the generation of `corpus`; the caller holds `store.building()`.

    Nothing is built where the current generation is already that of the corpus and undamaged.
    `force` builds anew and allows a folder that lost more than a fifth of its articles.
    Raises: CorpusError, IndexDamaged.
    """
    before = _current_or_none(store, force)
    removed = _removed(before, corpus, force)
    generation = _generation_id(corpus.articles, embedder, options)
    lines = _file_lines(corpus, before)
    if before and before.id == generation and not force:
        store.verify(before)
        return BuildReport(
            generation=generation,
            published=False,
            files=lines,
            removed=removed,
            articles=len(corpus.articles),
            chunks=before.chunks,
            embedded=0,
        )

    chunks: list[Chunk] = []
    for done, article in enumerate(corpus.articles, start=1):
        chunks.extend(chunk_article(article, embedder.token_spans, options))
        if progress:
            progress("Cutting", done, len(corpus.articles))
    titles = {article.id: article.title for article in corpus.articles}
    texts = [searched_text(titles[chunk.article_id], chunk.text) for chunk in chunks]
    vectors, embedded = embed_cached(
        embedder,
        texts,
        store.data_dir / "embeddings.sqlite",
        (lambda done, total: progress("Embedding", done, total)) if progress else None,
    )

    folder = store.folder / f".building-{os.getpid()}"
    folder.mkdir(parents=True)
    try:
        _write_lines(folder / ARTICLES, [asdict(article) for article in corpus.articles])
        _write_lines(
            folder / CHUNKS, [[chunk.article_id, chunk.start, chunk.end] for chunk in chunks]
        )
        LexicalIndex.build(texts).save(folder / LEXICAL)
        store_vectors = VectorIndex.create(folder / VECTORS, len(chunks))
        try:
            store_vectors.add(chunks, vectors)
        finally:
            store_vectors.close()
        Manifest(
            format=FORMAT,
            id=generation,
            created=datetime.now(UTC).isoformat(timespec="seconds"),
            folder=str(corpus.folder.resolve()),
            embedder=embedder.name,
            embedder_digest=embedder.digest,
            dimension=embedder.dimension,
            chunk_tokens=options.max_tokens,
            chunk_overlap_tokens=options.overlap_tokens,
            articles={article.source: article.sha256 for article in corpus.articles},
            chunks=len(chunks),
            files=_digests(folder),
        ).write(folder)
        sync_tree(folder)
        _probe(folder)
        final = store.path(generation)
        if final.exists():  # a damaged or rolled-back build of the same content
            shutil.rmtree(final)
        os.replace(folder, final)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    store.publish(generation)
    return BuildReport(
        generation=generation,
        published=True,
        files=lines,
        removed=removed,
        articles=len(corpus.articles),
        chunks=len(chunks),
        embedded=embedded,
    )


def searched_text(title: str, text: str) -> str:
    """What both sides of the search index of a chunk: the article's title, then the chunk.

    A chunk rarely names what its article is about. On the 2,655 questions of NQ-open, titles bring
    success@1 of BM25 from .66 to .79 (docs/retrieval.md).
    """
    return f"{title}\n\n{text}" if title else text


def open_index(store: Store, generation: str | None = None) -> Index:
    """Opens the current (or the named) generation after checking every file of it.

    Raises: IndexMissing, IndexMismatch, IndexDamaged.
    """
    manifest = store.manifest(generation) if generation else store.current()
    store.verify(manifest)
    return read_generation(store.path(manifest.id), manifest)


def read_generation(folder: Path, manifest: Manifest) -> Index:
    """Opens a generation's directory. Raises: IndexDamaged."""
    try:
        articles = {
            value["id"]: Article(**value)
            for value in map(json.loads, (folder / ARTICLES).read_text("utf-8").splitlines())
        }
        chunks = tuple(
            Chunk(article_id=article, start=start, end=end, text=articles[article].text[start:end])
            for article, start, end in map(
                json.loads, (folder / CHUNKS).read_text("utf-8").splitlines()
            )
        )
        lexical = LexicalIndex.load(folder / LEXICAL, len(chunks))
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise IndexDamaged(
            f"'{folder}' is not readable: {error}. Build the index again: groundwire index --force"
        ) from error
    vectors = VectorIndex.open(folder / VECTORS)
    fault = _fault_of(vectors, chunks, manifest)
    if fault:
        vectors.close()
        raise IndexDamaged(f"'{folder}': {fault}. Build the index again: groundwire index --force")
    return Index(
        manifest=manifest,
        articles=articles,
        chunks=chunks,
        row_of={chunk.id: row for row, chunk in enumerate(chunks)},
        lexical=lexical,
        vectors=vectors,
    )


def _fault_of(vectors: VectorIndex, chunks: Sequence[Chunk], manifest: Manifest) -> str | None:
    held = vectors.count()
    if not held == len(chunks) == manifest.chunks:
        return f"{held} vectors and {len(chunks)} chunks, where the manifest says {manifest.chunks}"
    return vectors.fault_of(chunks[0].id, manifest.dimension)


def require_same_model(manifest: Manifest, embedder: OnnxEmbedder) -> None:
    """Raises: IndexMismatch where the index was built with another model, naming both."""
    built = (manifest.embedder_digest, manifest.dimension)
    if built != (embedder.digest, embedder.dimension):
        raise IndexMismatch(
            f"The index was built with {manifest.embedder} ({manifest.dimension} dimensions, "
            f"{manifest.embedder_digest[:12]}), the settings ask for {embedder.name} "
            f"({embedder.dimension} dimensions, {embedder.digest[:12]}). "
            "Build it with that model: groundwire index"
        )


def _generation_id(
    articles: Sequence[Article], embedder: OnnxEmbedder, options: ChunkOptions
) -> str:
    made_from = [
        FORMAT,
        embedder.digest,
        asdict(options),
        [[article.id, article.title, article.source, article.sha256] for article in articles],
    ]
    return hashlib.sha256(json.dumps(made_from).encode()).hexdigest()[:16]


def _current_or_none(store: Store, force: bool) -> Manifest | None:
    try:
        pointer = store.pointer()
        return store.manifest(pointer.current) if pointer else None
    except IndexMismatch:
        return None
    except IndexDamaged:
        if force:
            return None
        raise


def _removed(before: Manifest | None, corpus: Corpus, force: bool) -> tuple[str, ...]:
    """Sources that are gone. Raises: CorpusError above a fifth, unless forced."""
    if not corpus.articles:
        raise CorpusError(
            f"No readable article in '{corpus.folder}' "
            f"({len(corpus.reports)} files seen). The index stays as it is."
        )
    if before is None or Path(before.folder) != corpus.folder.resolve():
        return ()
    now = {article.source for article in corpus.articles}
    removed = tuple(sorted(set(before.articles) - now))
    if len(removed) > MAX_LOSS * len(before.articles) and not force:
        raise CorpusError(
            f"{len(removed)} of {len(before.articles)} articles are gone from '{corpus.folder}' "
            f"(first: {removed[0]}). The index stays as it is. If that is meant: "
            "groundwire index --force"
        )
    return removed


def _file_lines(corpus: Corpus, before: Manifest | None) -> tuple[FileLine, ...]:
    digests = {article.source: article.sha256 for article in corpus.articles}
    known = before.articles if before else {}
    lines: list[FileLine] = []
    for report in corpus.reports:
        outcome: FileOutcome
        if report.outcome == "read":
            same = known.get(report.source) == digests[report.source]
            outcome = "unchanged" if same else "indexed"
        else:
            outcome = report.outcome
        lines.append(FileLine(source=report.source, outcome=outcome, reason=report.reason))
    return tuple(lines)


def _write_lines(path: Path, values: Sequence[object]) -> None:
    with path.open("w", encoding="utf-8") as file:
        for value in values:
            file.write(json.dumps(value, ensure_ascii=True) + "\n")


def _digests(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): file_sha256(path)
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not changes_when_opened(path)
    }


def _probe(folder: Path) -> None:
    """Opens the build in a subprocess and asks for some of its own chunks.

    A damaged Chroma directory can end the process that opens it; that must not be ours.
    """
    done = subprocess.run(
        [sys.executable, "-m", "rag.probe", str(folder)], capture_output=True, check=False
    )
    if done.returncode != 0:
        lines = done.stderr.decode("utf-8", "replace").strip().splitlines()
        raise IndexDamaged(
            f"The new build failed its probe (exit {done.returncode}): "
            f"{lines[-1] if lines else 'no message'}. The index stays as it is; run the command again."
        )
