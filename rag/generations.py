"""Immutable builds of the index, and the pointer to the one that answers.

    data_dir/
    ├── CURRENT                     {"current": ID, "previous": ID or null}; moved atomically
    ├── building.lock, building.pid one builder at a time
    └── generations/ID/             manifest.json, articles.jsonl, chunks.jsonl, bm25/, chroma/

An id is a digest of what the generation was made from, so the same articles, settings and model
give the same id. Nothing is ever written into a published generation.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from rag.errors import IndexDamaged, IndexLocked, IndexMismatch, IndexMissing
from rag.onnx_model import file_sha256

FORMAT = 2
MANIFEST = "manifest.json"
ARTICLES = "articles.jsonl"
CHUNKS = "chunks.jsonl"
LEXICAL = "bm25"
VECTORS = "chroma"


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What a generation was made from and what it holds.

    `articles` maps each source to the SHA-256 of its text; `files` maps each file of the
    generation to its SHA-256.
    """

    format: int
    id: str
    created: str
    folder: str
    embedder: str
    embedder_digest: str
    dimension: int
    chunk_tokens: int
    chunk_overlap_tokens: int
    articles: dict[str, str]
    chunks: int
    files: dict[str, str]

    def write(self, folder: Path) -> None:
        """Writes the manifest; the last file of a build."""
        text = json.dumps(asdict(self), indent=2, sort_keys=True, ensure_ascii=False)
        (folder / MANIFEST).write_text(text + "\n", "utf-8")


@dataclass(frozen=True, slots=True, kw_only=True)
class Pointer:
    """Which generation answers, and which one a rollback returns to."""

    current: str
    previous: str | None = None


class Store:
    """The generations of one data directory."""

    def __init__(self, data_dir: Path) -> None:
        self.data_dir = data_dir
        self.folder = data_dir / "generations"
        self._pointer_file = data_dir / "CURRENT"

    def path(self, generation: str) -> Path:
        """The directory of a generation."""
        return self.folder / generation

    def pointer(self) -> Pointer | None:
        """The pointer, or None if nothing was ever published. Raises: IndexDamaged."""
        try:
            return Pointer(**json.loads(self._pointer_file.read_text("utf-8")))
        except FileNotFoundError:
            return None
        except (OSError, ValueError, TypeError) as error:
            raise IndexDamaged(
                f"'{self._pointer_file}' is not readable: {error}. "
                "Build the index again: groundwire index --force"
            ) from error

    def published(self) -> int | None:
        """When the pointer was last written, in nanoseconds, or None if nothing was ever published."""
        try:
            return self._pointer_file.stat().st_mtime_ns
        except FileNotFoundError:
            return None

    def current(self) -> Manifest:
        """The manifest of the generation that answers. Raises: IndexMissing, IndexDamaged."""
        pointer = self.pointer()
        if pointer is None:
            raise IndexMissing(f"No index at '{self.data_dir}'. Build it with: groundwire index")
        return self.manifest(pointer.current)

    def manifest(self, generation: str) -> Manifest:
        """The manifest of one generation. Raises: IndexDamaged, IndexMismatch."""
        path = self.path(generation) / MANIFEST
        try:
            values: dict[str, Any] = json.loads(path.read_text("utf-8"))
            if values.get("format") != FORMAT:
                raise IndexMismatch(
                    f"'{path.parent}' has index format {values.get('format')}, this Groundwire reads "
                    f"format {FORMAT}. Build it again: groundwire index"
                )
            return Manifest(**values)
        except (OSError, ValueError, TypeError) as error:
            raise IndexDamaged(
                f"'{path}' is not readable: {error}. Return to the previous build with: groundwire "
                "rollback, or build again: groundwire index --force"
            ) from error

    def verify(self, manifest: Manifest) -> None:
        """Compares every file with the manifest. Raises: IndexDamaged, naming the first difference.

        Chroma ends the process on some damaged files, so they are checked before it opens them.
        """
        folder = self.path(manifest.id)
        for name, expected in manifest.files.items():
            path = folder / name
            if not path.is_file() or file_sha256(path) != expected:
                what = "is missing" if not path.is_file() else "was changed after the build"
                raise IndexDamaged(
                    f"'{path}' {what}. Return to the previous build with: groundwire rollback, "
                    "or build again: groundwire index --force"
                )

    def publish(self, generation: str) -> None:
        """Points to `generation`, remembers the one before, and removes older ones."""
        try:
            before = self.pointer()
        except IndexDamaged:
            before = None  # a damaged pointer is replaced: that is what --force is for
        previous: str | None = None
        if before is not None:
            previous = before.previous if before.current == generation else before.current
        if previous == generation or (previous and not self.path(previous).is_dir()):
            previous = None
        self._point(Pointer(current=generation, previous=previous))
        for path in self.folder.iterdir():
            if path.name not in (generation, previous):
                shutil.rmtree(path, ignore_errors=True)

    def rollback(self) -> Pointer:
        """Swaps the current and the previous generation. Raises: IndexMissing, IndexDamaged."""
        pointer = self.pointer()
        if pointer is None or pointer.previous is None:
            raise IndexMissing(
                f"No previous build at '{self.data_dir}' to return to. See: groundwire status"
            )
        self.verify(self.manifest(pointer.previous))
        swapped = Pointer(current=pointer.previous, previous=pointer.current)
        self._point(swapped)
        return swapped

    def _point(self, pointer: Pointer) -> None:
        partial = self._pointer_file.with_suffix(".partial")
        with partial.open("w", encoding="utf-8") as file:
            json.dump(asdict(pointer), file)
            file.flush()
            os.fsync(file.fileno())
        os.replace(partial, self._pointer_file)
        sync_folder(self.data_dir)

    @contextlib.contextmanager
    def building(self) -> Iterator[None]:
        """Held by the one process that builds. Raises: IndexLocked, naming the process.

        The lock is the kernel's, so a killed builder leaves none behind.
        """
        self.folder.mkdir(parents=True, exist_ok=True)
        pid_file = self.data_dir / "building.pid"
        lock = FileLock(self.data_dir / "building.lock", timeout=0)
        try:
            lock.acquire()
        except Timeout as error:
            holder = pid_file.read_text("utf-8") if pid_file.is_file() else "unknown"
            raise IndexLocked(
                f"Process {holder} is building the index at '{self.data_dir}'. "
                "Wait for it to end, then run the command again."
            ) from error
        try:
            pid_file.write_text(str(os.getpid()), "utf-8")
            for leftover in self.folder.glob(".building-*"):
                shutil.rmtree(leftover, ignore_errors=True)
            yield
        finally:
            pid_file.unlink(missing_ok=True)
            lock.release()


def sync_folder(folder: Path) -> None:
    """Asks the disk to keep a directory's entries."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def sync_tree(folder: Path) -> None:
    """Asks the disk to keep every file and directory under `folder`."""
    for parent, _, names in os.walk(folder):
        for name in names:
            with (Path(parent) / name).open("rb") as file:
                os.fsync(file.fileno())
        sync_folder(Path(parent))
