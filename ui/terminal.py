"""What the commands print: answers, build reports, status, settings. Rendering only."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Sequence
from contextlib import closing

from rich.console import Console
from rich.markup import escape
from rich.padding import Padding
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
)
from rich.table import Table
from rich.text import Text

from rag.confidence import in_words
from rag.errors import GroundwireError
from rag.generations import Manifest, Pointer
from rag.index import BuildReport
from rag.pipeline import build, open_pipeline
from rag.settings import Settings
from rag.suggestions import Suggestions
from rag.types import Answer, Citation

WIDTH = 100
CLOSEST = 3


def print_answer(answer: Answer, *, with_question: bool = False) -> None:
    """The short answer, the sentences with their numbers, then where each quote stands."""
    console = _console()
    if with_question:
        console.print(Text(harmless(answer.question), style="bold cyan"))
    if answer.abstained:
        console.print(Text(answer.text, style="bold"))
        if answer.passages:
            console.print(Text("\nClosest passages:", style="dim"))
        for passage in answer.passages[:CLOSEST]:
            console.print(Padding(Text(harmless(_shortened(passage.text))), (0, 0, 0, 4)))
            console.print(
                Text(
                    f"    {harmless(passage.title)} · {harmless(passage.document)} · "
                    f"characters {passage.start}–{passage.end}\n",
                    style="dim",
                )
            )
        return
    if answer.lead:
        console.print(
            Text.assemble(
                (harmless(answer.lead), "bold"),
                (f"  ({in_words(answer.confidence)})", "dim"),
            )
        )
        console.print()
    quotes = {citation.number: citation for citation in answer.citations}
    for sentence in answer.sentences:
        line = _marked(sentence.text, quotes[sentence.citations[0]])
        line.append("".join(f" [{number}]" for number in sentence.citations), style="cyan")
        console.print(line)
    if not answer.lead:
        console.print(Text(f"({in_words(answer.confidence)})", style="dim"))
    console.print()
    for citation in answer.citations:
        console.print(
            Text.assemble(
                (f"[{citation.number}]", "cyan"),
                f" {harmless(citation.title)} · {harmless(citation.document)} · "
                f"characters {citation.start}–{citation.end}",
            )
        )


def harmless(text: str) -> str:
    r"""The text without characters that a terminal obeys; each becomes one visible character.

    >>> harmless("red \x1b[31m")
    'red �[31m'
    """
    return "".join(
        "�"
        if unicodedata.category(character) in ("Cc", "Cf") and character not in "\n\t"
        else character
        for character in text
    )


def _marked(text: str, citation: Citation) -> Text:
    """The sentence with the answer inside it set apart."""
    line = Text(harmless(text))
    if (
        citation.answer_start is not None
        and citation.answer_end is not None
        and (text == citation.quote)
    ):
        line.stylize(
            "bold underline",
            citation.answer_start - citation.start,
            citation.answer_end - citation.start,
        )
    return line


def build_with_progress(settings: Settings, *, force: bool) -> BuildReport:
    """Builds the index; bars with rates appear for steps that take a while."""
    console = Console(stderr=True)
    with Progress(
        TextColumn("{task.description:<10}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]}"),
        TimeElapsedColumn(),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    ) as bars:
        tasks: dict[str, TaskID] = {}

        def report(step: str, done: int, total: int) -> None:
            if step not in tasks:
                tasks[step] = bars.add_task(step, total=total, rate="")
            task = bars.tasks[tasks[step]]
            speed = f"{task.speed:,.0f}/s" if task.speed else ""
            bars.update(tasks[step], completed=done, total=total, rate=speed)

        return build(
            settings,
            force=force,
            on_read=lambda done, total: report("Reading", done, total),
            progress=report,
        )


def suggest_with_progress(settings: Settings) -> None:
    """Makes the suggested questions of the current generation and names them, on stderr. An index
    without any is as good: what stands in the way is said, not raised."""
    console = Console(stderr=True, highlight=False)
    try:
        with (
            console.status("Making suggested questions, each asked and checked"),
            closing(open_pipeline(settings)) as pipeline,
        ):
            made = Suggestions(lambda: pipeline, settings.data_dir).make()
    except GroundwireError as error:
        console.print(Text(f"No suggested questions: {error}"))
        return
    if not made:
        console.print("No suggested questions: no sentence gave one that is answered surely.")
        return
    console.print("Suggested questions:")
    for question in made:
        console.print(Text(f"  {harmless(question)}"))


def print_build(report: BuildReport) -> None:
    """A line for every file, then the counts; they add up to the files seen."""
    console = _console()
    table = Table(box=None, pad_edge=False, show_header=True, header_style="dim")
    table.add_column("File", overflow="fold")
    table.add_column("Outcome")
    table.add_column("Why", overflow="fold")
    styles = {"failed": "red", "skipped": "yellow", "indexed": "green", "unchanged": "dim"}
    for line in report.files:
        table.add_row(
            escape(harmless(line.source)),
            Text(line.outcome, styles[line.outcome]),
            escape(line.reason),
        )
    for source in report.removed:
        table.add_row(
            escape(harmless(source)), Text("removed", "yellow"), "no longer in the folder"
        )
    console.print(table)
    counts = Counter(line.outcome for line in report.files)
    parts = ", ".join(
        f"{counts[outcome]} {outcome}" for outcome in ("indexed", "unchanged", "skipped", "failed")
    )
    console.print(f"\n{len(report.files)} files: {parts}.")
    made = f"{report.embedded:,} of {report.chunks:,} chunks embedded"
    state = "now answers" if report.published else "is up to date"
    console.print(
        f"Generation {report.generation} {state}: {report.articles:,} articles, {made}.",
        highlight=False,
    )


def print_status(manifest: Manifest, pointer: Pointer | None) -> None:
    """What the current generation is made of."""
    console = _console()
    table = Table(box=None, pad_edge=False, show_header=False)
    for name, value in (
        ("Generation", manifest.id),
        ("Previous", (pointer.previous if pointer else None) or "none"),
        ("Built", manifest.created),
        ("Folder", manifest.folder),
        ("Articles", f"{len(manifest.articles):,}"),
        ("Chunks", f"{manifest.chunks:,}"),
        (
            "Embedding model",
            f"{manifest.embedder} ({manifest.dimension} dimensions, {manifest.embedder_digest[:12]})",
        ),
        ("Files", "as built"),
    ):
        table.add_row(Text(name, "dim"), Text(value))
    console.print(table)


def print_settings(rows: Sequence[tuple[str, str, str, str]]) -> None:
    """Each setting: its name, its value, where that comes from, what it means."""
    table = Table(box=None, pad_edge=False, header_style="dim")
    for heading in ("Setting", "Value", "From", "Meaning"):
        table.add_column(heading, overflow="fold", no_wrap=heading == "Setting")
    for name, value, origin, meaning in rows:
        table.add_row(name, Text(value), origin, Text(meaning, "dim"))
    _console().print(table)


def _console() -> Console:
    console = Console(highlight=False, soft_wrap=False)
    if console.is_terminal:
        console.width = min(console.width, WIDTH)
    else:
        console.width = WIDTH
    return console


def _shortened(text: str, longest: int = 240) -> str:
    flat = " ".join(text.split())
    return flat if len(flat) <= longest else flat[: longest - 1].rsplit(" ", 1)[0] + " …"
