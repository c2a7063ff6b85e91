"""The commands `groundwire eval bench` and `groundwire eval import`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from eval.bench.benchmark import Benchmark
    from eval.bench.figures import Figures
    from eval.bench.run import Mode
    from eval.target import Target

bench_app = typer.Typer(help="Run public benchmarks.", no_args_is_help=True)
import_app = typer.Typer(help="Turn other formats into fact files.", no_args_is_help=True)

Limit = Annotated[
    int | None, typer.Option(min=1, help="At most so many questions, evenly spread over the set.")
]
Work = Annotated[
    Path | None,
    typer.Option(
        help="Folder of indexes and answers; a run goes on where it was stopped. "
        "Default: bench in the data directory"
    ),
]
Modes = Annotated[
    str,
    typer.Option("--mode", help="open: search all paragraphs; closed: read the given one; both."),
]
Out = Annotated[Path | None, typer.Option(help="Write the figures into this JSON file too.")]
DataDir = Annotated[
    Path | None, typer.Option("--data-dir", help="Folder of the models. Default: .groundwire")
]


@bench_app.command()
def squad(
    path: Annotated[Path, typer.Argument(help="A SQuAD file, such as dev-v2.0.json.")],
    limit: Limit = None,
    mode: Modes = "both",
    work: Work = None,
    out: Out = None,
    data_dir: DataDir = None,
) -> None:
    """SQuAD 1.1 or 2.0: the whole pipeline over all paragraphs, and the reader alone."""
    from eval.bench.squad import read_squad

    _answers(read_squad(path), limit, mode, work, out, data_dir)


@bench_app.command()
def nq(
    path: Annotated[Path, typer.Argument(help="Folder in BEIR's layout, metadata.answers given.")],
    limit: Limit = None,
    mode: Modes = "both",
    work: Work = None,
    out: Out = None,
    data_dir: DataDir = None,
) -> None:
    """Natural Questions (open): the whole pipeline over all passages, and the reader alone."""
    from eval.bench.beir import read_beir

    _answers(read_beir(path), limit, mode, work, out, data_dir)


@bench_app.command()
def retrieval(
    path: Annotated[Path, typer.Argument(help="A SQuAD file, or a folder in BEIR's layout.")],
    limit: Limit = None,
    work: Work = None,
    out: Out = None,
    data_dir: DataDir = None,
) -> None:
    """Retrieval alone: BM25, dense and hybrid, by ir-measures."""
    from eval.bench.beir import read_beir
    from eval.bench.benchmark import limited
    from eval.bench.run import rank_all
    from eval.bench.squad import read_squad
    from eval.bench.tables import retrieval_table
    from eval.metrics.retrieval import evaluate_run
    from eval.progress import bar

    benchmark = limited(read_beir(path) if path.is_dir() else read_squad(path), limit)
    target = _target(benchmark, work, data_dir)
    try:
        with bar("Searching", len(benchmark.questions)) as advance:
            runs = rank_all(benchmark, target, advance)
    finally:
        target.close()
    wanted = {question.id: question.documents for question in benchmark.questions}
    rows = {str(side): evaluate_run(run, wanted) for side, run in runs.items()}
    print(f"{benchmark.name}: {len(wanted):,} questions, {len(benchmark.articles):,} passages\n")
    print(retrieval_table(rows))
    _write(out, {"name": benchmark.name, "questions": len(wanted), "retrieval": rows})


def _answers(
    benchmark: Benchmark,
    limit: int | None,
    mode: str,
    work: Path | None,
    out: Path | None,
    data_dir: Path | None,
) -> None:
    from eval.bench.benchmark import limited
    from eval.bench.tables import answers_table
    from rag.errors import ConfigError

    wanted: dict[str, tuple[Mode, ...]] = {
        "both": ("closed", "open"), "open": ("open",), "closed": ("closed",)
    }  # fmt: skip
    if mode not in wanted:
        raise ConfigError(f"--mode {mode}: no such mode. Choose open, closed or both.")
    part = limited(benchmark, limit)
    target = _target(part, work, data_dir)
    try:
        rows = {name: _one_mode(part, target, name, work, data_dir) for name in wanted[mode]}
        threshold = target.pipeline.threshold
    finally:
        target.close()
    print(
        f"{part.name}: {len(part.questions):,} questions, {len(part.articles):,} passages, "
        f"threshold {threshold:g}\n"
    )
    print(answers_table({str(name): found for name, found in rows.items()}))
    _write(
        out,
        {
            "name": part.name,
            "passages": len(part.articles),
            "threshold": threshold,
            **{name: found.to_dict() for name, found in rows.items()},
        },
    )


def _one_mode(
    benchmark: Benchmark, target: Target, mode: Mode, work: Path | None, data_dir: Path | None
) -> Figures:
    from eval.bench.figures import figures
    from eval.bench.run import answer_all
    from eval.progress import bar

    journal = _work(work, data_dir) / f"{benchmark.name}-{mode}.jsonl"
    with bar(f"Answering, {mode}", len(benchmark.questions)) as advance:
        records = answer_all(benchmark, target, mode, journal, advance)
    return figures(benchmark, records, target.pipeline.threshold, ranked=mode == "open")


def _target(benchmark: Benchmark, work: Path | None, data_dir: Path | None) -> Target:
    from eval.bench.run import open_benchmark
    from eval.progress import steps
    from rag.settings import load_settings

    settings = load_settings(data_dir=data_dir)
    with steps() as progress:
        return open_benchmark(benchmark, _work(work, data_dir), settings, progress)


def _work(work: Path | None, data_dir: Path | None) -> Path:
    from rag.settings import load_settings

    return work or load_settings(data_dir=data_dir).data_dir / "bench"


def _write(out: Path | None, value: dict[str, Any]) -> None:
    if out is not None:
        out.write_text(json.dumps(value, indent=2, ensure_ascii=False) + "\n", "utf-8")


@import_app.command("csv")
def import_csv(
    path: Annotated[Path, typer.Argument(help="CSV with a header: id, question, answers, …")],
    out: Annotated[Path, typer.Argument(help="Fact file to write.")],
) -> None:
    """CSV → a fact file. Columns: id, question, answers, document, quote, tags, must_pass, reason."""
    from eval.importers import facts_from_csv, write_facts

    facts = facts_from_csv(path)
    write_facts(out, facts)
    print(f"{out}: {len(facts)} facts.")


@import_app.command("squad")
def import_squad(
    path: Annotated[Path, typer.Argument(help="A SQuAD file.")],
    out: Annotated[Path, typer.Argument(help="Folder to write: articles/ and facts/.")],
    limit: Limit = None,
) -> None:
    """SQuAD → articles and facts about them."""
    from eval.bench.benchmark import limited
    from eval.bench.squad import read_squad
    from eval.importers import write_benchmark

    print(write_benchmark(out, limited(read_squad(path), limit)))


@import_app.command("beir")
def import_beir(
    path: Annotated[Path, typer.Argument(help="Folder in BEIR's layout, metadata.answers given.")],
    out: Annotated[Path, typer.Argument(help="Folder to write: articles/ and facts/.")],
    limit: Limit = None,
) -> None:
    """BEIR with accepted answers → articles and facts about them."""
    from eval.bench.beir import read_beir
    from eval.bench.benchmark import limited
    from eval.importers import write_benchmark

    print(write_benchmark(out, limited(read_beir(path), limit)))
