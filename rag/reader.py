"""Sixth step: question + passages → candidate answer spans. ONNX Runtime and tokenizers only.

Passages are read one by one, in parallel over the threads, in the order of retrieval: on a CPU
padding costs more than batches gain.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from rag.embedding import ensure_exported
from rag.onnx_model import OnnxModel, load_model
from rag.sentences import Span
from rag.spans import complete
from rag.steps import OnStep, Step, unwatched

BUNDLED = "bundled"
MAX_QUESTION_TOKENS = 40
# A window is as long as what the reader was trained on: F1 on SQuAD paragraphs 73.6 at 150 tokens,
# 71.8 at 256, 70.4 at 384.
WINDOW_TOKENS = 150
WINDOW_OVERLAP = 64
MAX_ANSWER_TOKENS = 30
SPANS_PER_PASSAGE = 6

Logits = NDArray[np.float32]


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """A span of a passage that may answer; `text[start:end]` of the text that was read.

    `score` is start plus end logit; `null` is what "no answer here" got in the same window.
    """

    passage: int
    start: int
    end: int
    score: float
    null: float

    @property
    def margin(self) -> float:
        """By how much the span beats "no answer here"."""
        return self.score - self.null


class Reader:
    """The extractive reader: a question-answering model over one passage at a time."""

    def __init__(self, model: OnnxModel, threads: int) -> None:
        self._model = model
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="reader")
        self._threads = threads
        self._inputs = {item.name for item in model.session.get_inputs()}
        probe = model.tokenizer.encode("a", "b")
        self._first, self._middle, self._last = _frame(probe.ids, probe.special_tokens_mask)

    @property
    def card(self) -> dict[str, object]:
        """The model's card: name, digest, calibration."""
        return self._model.card

    def read(
        self,
        question: str,
        texts: Sequence[str],
        enough: Callable[[Sequence[Candidate]], bool] | None = None,
        on_step: OnStep = unwatched,
    ) -> tuple[list[Candidate], int]:
        """The best spans of each text and how many texts were read.

        Texts are read in order, as many at once as there are threads. After each round
        `enough(candidates so far)` may end the reading, and so may `on_step`, by raising.
        """
        question_ids = self._encode_question(question)
        found: list[Candidate] = []
        read = 0
        for at in range(0, len(texts), self._threads):
            block = range(at, min(at + self._threads, len(texts)))
            for candidates in self._pool.map(
                lambda row: self._read_one(question_ids, row, texts[row]), block
            ):
                found.extend(candidates)
            read = block.stop
            on_step(Step(stage="read", done=read, total=len(texts)))
            if enough and enough(found):
                break
        return found, read

    def _encode_question(self, question: str) -> list[int]:
        ids = self._model.tokenizer.encode(question, add_special_tokens=False).ids
        return list(ids[:MAX_QUESTION_TOKENS])

    def _read_one(self, question_ids: list[int], passage: int, text: str) -> list[Candidate]:
        encoding = self._model.tokenizer.encode(text, add_special_tokens=False)
        head = [*self._first, *question_ids, *self._middle]
        limit = min(WINDOW_TOKENS, int(self._model.card["max_tokens"]))
        room = max(16, limit - len(head) - len(self._last))
        candidates: list[Candidate] = []
        at = 0
        while at < len(encoding.ids):
            ids = encoding.ids[at : at + room]
            start, end = self._run(head, ids)
            offsets = encoding.offsets[at : at + len(ids)]
            candidates.extend(
                _spans(
                    passage, text, offsets, start[len(head) :], end[len(head) :], _null(start, end)
                )
            )
            if at + room >= len(encoding.ids):
                break
            at += room - min(WINDOW_OVERLAP, room // 2)
        return _best_of_each(candidates)

    def _run(self, head: list[int], ids: list[int]) -> tuple[Logits, Logits]:
        row = np.array([[*head, *ids, *self._last]], dtype=np.int64)
        feeds = {"input_ids": row, "attention_mask": np.ones_like(row)}
        if "token_type_ids" in self._inputs:
            types = np.ones_like(row)
            types[0, : len(head)] = 0
            feeds["token_type_ids"] = types
        start, end = self._model.session.run(["start", "end"], feeds)
        return start[0], end[0]


def open_reader(name: str, data_dir: Path, threads: int) -> Reader:
    """The bundled reader, or an exported Hugging Face model. Raises: ModelUnavailable."""
    folder = bundled_folder() if name == BUNDLED else ensure_exported("reader", name, data_dir)
    return Reader(load_model(folder), threads)


def bundled_folder() -> Path:
    """The folder of the reader that comes with the package."""
    return Path(str(files("rag") / "models" / "reader"))


def _frame(ids: Sequence[int], special: Sequence[int]) -> tuple[list[int], list[int], list[int]]:
    """The special tokens before, between and after a question and a passage ("a" and "b")."""
    words = [at for at, flag in enumerate(special) if not flag]
    first, second = words[0], words[-1]
    return list(ids[:first]), list(ids[first + 1 : second]), list(ids[second + 1 :])


def _null(start: Logits, end: Logits) -> float:
    return float(start[0] + end[0])


def _spans(
    passage: int,
    text: str,
    offsets: Sequence[Span],
    start: Logits,
    end: Logits,
    null: float,
) -> list[Candidate]:
    size = len(offsets)
    joint = start[:size, None] + end[None, :size]
    length = np.arange(size)[None, :] - np.arange(size)[:, None]
    joint[(length < 0) | (length >= MAX_ANSWER_TOKENS)] = -np.inf
    flat = joint.ravel()
    count = min(4 * SPANS_PER_PASSAGE, int(np.isfinite(flat).sum()))
    best = np.argpartition(-flat, count - 1)[:count] if count else np.array([], dtype=int)
    found: list[Candidate] = []
    for place in best[np.argsort(-flat[best], kind="stable")]:
        first, last = divmod(int(place), size)
        left, right = complete(text, (offsets[first][0], offsets[last][1]), (0, len(text)))
        found.append(
            Candidate(passage=passage, start=left, end=right, score=float(flat[place]), null=null)
        )
    return found


def _best_of_each(candidates: Sequence[Candidate]) -> list[Candidate]:
    """The best candidate of each distinct span, by margin; at most SPANS_PER_PASSAGE."""
    best: dict[Span, Candidate] = {}
    for candidate in sorted(candidates, key=lambda c: -c.margin):
        best.setdefault((candidate.start, candidate.end), candidate)
    return list(best.values())[:SPANS_PER_PASSAGE]
