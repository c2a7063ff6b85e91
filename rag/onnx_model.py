"""Shared by embedder and reader: a model folder → a checked ONNX Runtime session and its tokenizer.

A model folder holds `model.onnx`, `tokenizer.json` and `model.json` with the SHA-256 of both.
Neither torch nor transformers is imported here: this is what runs when a question is asked.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import onnxruntime
from tokenizers import Tokenizer

from rag.errors import ModelUnavailable

MODEL_FILE = "model.onnx"
TOKENIZER_FILE = "tokenizer.json"
CARD_FILE = "model.json"


@dataclass(frozen=True, slots=True)
class OnnxModel:
    """A session with one thread a call (calls may run in parallel), its tokenizer and its card."""

    session: onnxruntime.InferenceSession
    tokenizer: Tokenizer
    card: dict[str, Any]


def file_sha256(path: Path) -> str:
    """The SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def read_card(folder: Path) -> dict[str, Any]:
    """The model's card. Raises: ModelUnavailable if there is none."""
    try:
        card: dict[str, Any] = json.loads((folder / CARD_FILE).read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise ModelUnavailable(f"No usable model at '{folder}': {error}") from error
    return card


def write_card(folder: Path, card: dict[str, Any]) -> None:
    """Writes `model.json` with the digests of the model's files; call it last."""
    digests = {name: file_sha256(folder / name) for name in (MODEL_FILE, TOKENIZER_FILE)}
    text = json.dumps(card | {"files": digests}, indent=2, ensure_ascii=False) + "\n"
    (folder / CARD_FILE).write_text(text, "utf-8")


def load_model(folder: Path) -> OnnxModel:
    """Loads a model folder whose files are byte for byte those of its card.

    Raises: ModelUnavailable if a file is missing or changed.
    """
    card = read_card(folder)
    for name, expected in card["files"].items():
        path = folder / name
        found = file_sha256(path) if path.is_file() else "nothing"
        if found != expected:
            raise ModelUnavailable(
                f"'{path}' is not the published file: SHA-256 {found[:12]}…, "
                f"expected {expected[:12]}…. Install Groundwire again, or delete the model's folder "
                "if it lies in the data directory."
            )
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(
        str(folder / MODEL_FILE), options, providers=["CPUExecutionProvider"]
    )
    tokenizer = Tokenizer.from_file(str(folder / TOKENIZER_FILE))
    tokenizer.no_padding()
    tokenizer.no_truncation()
    return OnnxModel(session=session, tokenizer=tokenizer, card=card)
