"""Third step: texts → vectors. The exported model runs in ONNX Runtime; torch is not imported."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from rag.errors import ModelUnavailable
from rag.onnx_model import CARD_FILE, OnnxModel, load_model
from rag.sentences import Span

Vectors = NDArray[np.float32]
Progress = Callable[[int, int], None]


class Embedder(Protocol):
    """Texts → `float32 (n, dimension)`, rows L2-normalised."""

    @property
    def digest(self) -> str:
        """Names the model: equal digests give equal vectors."""

    @property
    def name(self) -> str:
        """The model's name for people."""

    @property
    def dimension(self) -> int:
        """Length of a vector."""

    def embed(self, texts: Sequence[str], progress: Progress | None = None) -> Vectors:
        """Vectors of passages, in order."""

    def embed_query(self, question: str) -> Vectors:
        """The vector of a question, `float32 (dimension,)`."""


class OnnxEmbedder:
    """The exported sentence-transformers model.

    Each text is run by itself: int8 activations are scaled per run, so in a batch a text's vector
    would depend on its neighbours, and batches gain nothing on a CPU. Threads take texts in turn.
    """

    def __init__(self, model: OnnxModel, threads: int) -> None:
        self._model = model
        self._threads = threads
        self._max_tokens = int(model.card["max_tokens"])
        self._inputs = {item.name for item in model.session.get_inputs()}

    @property
    def digest(self) -> str:
        return str(self._model.card["digest"])

    @property
    def name(self) -> str:
        return str(self._model.card["name"])

    @property
    def dimension(self) -> int:
        return int(self._model.card["dimension"])

    def embed(self, texts: Sequence[str], progress: Progress | None = None) -> Vectors:
        prompt = str(self._model.card["document_prompt"])
        vectors = np.empty((len(texts), self.dimension), dtype=np.float32)
        with ThreadPoolExecutor(self._threads) as pool:
            rows = pool.map(self._embed_one, (prompt + text for text in texts))
            for row, vector in enumerate(rows):
                vectors[row] = vector
                if progress:
                    progress(row + 1, len(texts))
        return vectors

    def embed_query(self, question: str) -> Vectors:
        return self._embed_one(str(self._model.card["query_prompt"]) + question)

    def token_spans(self, text: str) -> list[Span]:
        """The model's tokens of `text` as character spans, without special tokens."""
        encoding = self._model.tokenizer.encode(text, add_special_tokens=False)
        return [(start, end) for start, end in encoding.offsets]

    def _embed_one(self, text: str) -> Vectors:
        ids = self._model.tokenizer.encode(text).ids
        if len(ids) > self._max_tokens:
            ids = [*ids[: self._max_tokens - 1], ids[-1]]
        row = np.array([ids], dtype=np.int64)
        feeds = {"input_ids": row, "attention_mask": np.ones_like(row)}
        if "token_type_ids" in self._inputs:
            feeds["token_type_ids"] = np.zeros_like(row)
        vector: Vectors = self._model.session.run(["embedding"], feeds)[0][0]
        return vector


def open_embedder(name: str, data_dir: Path, threads: int) -> OnnxEmbedder:
    """The embedder `name`, exported into `data_dir/models` when it is first asked for.

    Raises: ModelUnavailable if the model cannot be had.
    """
    return OnnxEmbedder(load_model(ensure_exported("embedder", name, data_dir)), threads)


def ensure_exported(kind: str, name: str, data_dir: Path) -> Path:
    """The folder of the ONNX export of model `name`; exports it in a subprocess if it is missing.

    A subprocess keeps torch and its 400 MiB out of the process that answers questions.
    Raises: ModelUnavailable.
    """
    folder = (
        data_dir
        / "models"
        / f"{kind}-{''.join(c if c.isalnum() or c in '._-' else '-' for c in name)}"
    )
    if (folder / CARD_FILE).is_file():
        return folder
    partial = folder.with_name(f"{folder.name}.partial-{os.getpid()}")
    partial.mkdir(parents=True, exist_ok=True)
    try:
        done = subprocess.run(
            [sys.executable, "-m", "rag.export", kind, name, str(partial)],
            stderr=subprocess.PIPE,
            check=False,
        )
        if done.returncode != 0:
            lines = done.stderr.decode("utf-8", "replace").strip().splitlines()
            if done.returncode == 3 and lines:
                raise ModelUnavailable(lines[-1])
            raise ModelUnavailable(
                f"Exporting {kind} '{name}' failed (exit {done.returncode}):\n"
                + "\n".join(lines[-8:])
            )
        try:
            os.replace(partial, folder)
        except OSError:
            if not (folder / CARD_FILE).is_file():  # else another process was quicker
                raise
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    return folder
