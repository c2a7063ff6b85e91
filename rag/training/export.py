"""Fifth step of training: a run → the model folder that ships (ONNX int8, tokenizer, card).

python -m rag.training.export --run runs/reader --out rag/models/reader
"""

from __future__ import annotations

import argparse
import json
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path

import torch
from transformers import BertForQuestionAnswering

from rag.export import export_reader
from rag.onnx_model import CARD_FILE, read_card, write_card
from rag.training.train import packaged_base


def export_run(run: Path, out: Path, name: str) -> None:
    """Exports the newest weights of a run; keeps the calibration of a card that is already there."""
    model = BertForQuestionAnswering.from_pretrained(packaged_base())
    state = torch.load(run / "checkpoint.pt", weights_only=True)
    model.load_state_dict(state["model"])
    out.mkdir(parents=True, exist_ok=True)
    kept = read_card(out).get("calibration") if (out / CARD_FILE).is_file() else None
    with tempfile.TemporaryDirectory() as scratch:
        model.save_pretrained(scratch)
        for file in (
            "tokenizer.json",
            "tokenizer_config.json",
            "special_tokens_map.json",
            "vocab.txt",
        ):
            shutil.copy(packaged_base() / file, scratch)
        export_reader(scratch, out)
    card = read_card(out) | {"name": name, "steps": state["step"]}
    card.pop("files")
    write_card(out, card | ({"calibration": kept} if kept else {}))


def main(arguments: Sequence[str] | None = None) -> None:
    """The command line of the export."""
    parser = argparse.ArgumentParser(prog="python -m rag.training.export", description=__doc__)
    parser.add_argument("--run", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--name", default="groundwire-reader")
    chosen = parser.parse_args(arguments)
    export_run(chosen.run, chosen.out, chosen.name)
    print(json.dumps(read_card(chosen.out), indent=2))


if __name__ == "__main__":
    main()
