"""The command `groundwire eval`: check the facts, compare runs, record a baseline, run benchmarks.

Exit codes: 0 the gates hold, 1 a gate failed, 2 it could not run.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from eval.cli_bench import bench_app, import_app

if TYPE_CHECKING:
    from eval.facts import Fact
    from eval.outcome import Run
    from eval.target import Target
    from rag.settings import Settings

app = typer.Typer(help="Check the answers against known facts.", pretty_exceptions_enable=False)
app.add_typer(bench_app, name="bench")
app.add_typer(import_app, name="import")

Facts = Annotated[
    Path | None, typer.Option("--facts", help="Folder of fact files. Default: those of the seeds.")
]
GatesFile = Annotated[
    Path | None,
    typer.Option("--gates", help="Gates. Default: eval.toml in or beside the folder of facts."),
]
Articles = Annotated[
    Path | None,
    typer.Option("--articles", help="Index this folder first. Default: the index as it is."),
]
DataDir = Annotated[
    Path | None, typer.Option("--data-dir", help="Folder of the index. Default: .groundwire")
]


@app.callback(invoke_without_command=True)
def check(
    context: typer.Context,
    facts: Facts = None,
    report: Annotated[
        Path | None,
        typer.Option(help="Write report.json, junit.xml, report.md, report.html into this folder."),
    ] = None,
    gates: GatesFile = None,
    articles: Articles = None,
    tag: Annotated[
        list[str] | None, typer.Option(help="Only facts with this tag; may be repeated.")
    ] = None,
    top_k: Annotated[int | None, typer.Option(help="Passages to retrieve.")] = None,
    min_confidence: Annotated[
        float | None, typer.Option(help="Abstain below this confidence.")
    ] = None,
    data_dir: DataDir = None,
) -> None:
    """Check the answers against known facts; exit 1 if a gate of eval.toml does not hold."""
    if context.invoked_subcommand is not None:
        return
    from eval.gates import baseline_path, check_gates, find_gates, read_gates
    from eval.metrics.latency import latencies
    from eval.report.terminal import print_checks, print_run, report_console
    from eval.report.write import write_reports
    from eval.stored import read_run, stored
    from eval.summary import summarise
    from rag.settings import load_settings

    settings = load_settings(
        articles=articles, data_dir=data_dir, top_k=top_k, min_confidence=min_confidence
    )
    folder = facts or _default_facts()
    gates_file = gates or find_gates(folder)
    rules = read_gates(gates_file)
    baseline = baseline_path(rules, gates_file)
    before = read_run(baseline) if baseline else None
    once_stood = (
        [item for fact in before.facts.values() for item in fact.evidence] if before else []
    )
    run = _run(settings, folder, tag, once_stood, articles is not None)
    summary = summarise(run.outcomes)
    known = None if before is None else before.facts
    if known is not None and tag:
        asked = {outcome.fact.id for outcome in run.outcomes}
        known = {name: fact for name, fact in known.items() if name in asked}
    checks = check_gates(rules, summary, run.outcomes, known, stored(run, "now").facts)
    console = report_console()
    print_run(console, run, summary, latencies([o.timings_ms for o in run.outcomes]))
    print_checks(console, checks)
    if report:
        write_reports(report, run, summary, checks)
        console.print(f"Reports: {report}")
    if not all(check.passed for check in checks):
        raise typer.Exit(1)


@app.command()
def baseline(
    facts: Facts = None,
    gates: GatesFile = None,
    articles: Articles = None,
    out: Annotated[
        Path | None, typer.Option(help="File to write. Default: the baseline that eval.toml names.")
    ] = None,
    data_dir: DataDir = None,
) -> None:
    """Run the facts and record the result as what later runs are compared with."""
    from eval.errors import GatesWrong
    from eval.gates import baseline_path, find_gates, read_gates
    from eval.stored import baseline_json
    from eval.summary import summarise
    from rag.settings import load_settings

    folder = facts or _default_facts()
    gates_file = gates or find_gates(folder)
    path = out or baseline_path(read_gates(gates_file), gates_file)
    if path is None:
        raise GatesWrong(
            f"No eval.toml beside '{folder}' names a baseline. Name a file: --out FILE"
        )
    settings = load_settings(articles=articles, data_dir=data_dir)
    run = _run(settings, folder, None, [], articles is not None)
    summary = summarise(run.outcomes)
    path.write_text(baseline_json(run, summary), "utf-8", newline="\n")
    print(f"{path}: {summary.passed} of {summary.total} facts pass.")


@app.command()
def compare(
    before: Annotated[Path, typer.Argument(help="A report.json or a baseline.")],
    after: Annotated[Path, typer.Argument(help="The later one.")],
) -> None:
    """Show which facts flipped between two runs, and whether the difference is more than chance."""
    from eval.compare import compare as compare_runs
    from eval.report.terminal import print_comparison, report_console
    from eval.stored import COMPARED, read_run

    old, new = read_run(before), read_run(after)
    found = compare_runs(old.facts, new.facts, COMPARED)
    print_comparison(report_console(), old, new, found)


@app.command()
def kappa(
    path: Annotated[Path, typer.Argument(help="Folder of human judgements (EVOUNA, NQ301).")],
) -> None:
    """Compare the answer metric with human judgements: Cohen's kappa per system."""
    from eval.judgements import agreement_table, read_judgements
    from eval.report.terminal import print_agreement, report_console

    print_agreement(report_console(), agreement_table(read_judgements(path)))


@app.command()
def schema() -> None:
    """Print the JSON schema of fact files, for editors."""
    from importlib.resources import files

    print(files("eval").joinpath("facts.schema.json").read_text("utf-8"), end="")


def _default_facts() -> Path:
    from importlib.resources import files

    return Path(str(files("eval"))) / "facts"


def _run(
    settings: Settings,
    folder: Path,
    tags: list[str] | None,
    once_stood: list[tuple[str, str]],
    index_first: bool,
) -> Run:
    """Loads the facts, opens the index and asks them all, with a progress bar on a terminal."""
    from eval.evidence import place_evidence
    from eval.facts import load_facts
    from eval.progress import bar
    from eval.runner import run_facts

    chosen = _tagged(load_facts(folder), tags)
    target = _open(settings, index_first)
    try:
        placed = place_evidence(chosen, target.articles, folder, once_stood)
        with bar("Asking", len(placed)) as advance:
            return run_facts(placed, target, lambda _outcome: advance())
    finally:
        target.close()


def _tagged(facts: tuple[Fact, ...], tags: list[str] | None) -> tuple[Fact, ...]:
    from eval.errors import FactsWrong

    chosen = tuple(fact for fact in facts if not tags or set(tags) & set(fact.tags))
    if not chosen:
        known = sorted({tag for fact in facts for tag in fact.tags})
        raise FactsWrong([f"No fact has the tag {tags}. Known tags: {', '.join(known)}"])
    return chosen


def _open(settings: Settings, index_first: bool) -> Target:
    """Opens the index; builds it where there is none, or where a folder of articles was named."""
    from eval.target import open_target
    from rag.errors import IndexMissing
    from rag.generations import Store
    from rag.pipeline import build

    try:
        Store(settings.data_dir).current()
    except IndexMissing:
        index_first = True
    if index_first:
        build(settings)
    return open_target(settings)
