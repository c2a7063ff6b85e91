"""The command `groundwire feedback`: the votes on answers, and drafts of facts made from them."""

from __future__ import annotations

import csv
import json
import sys
from pathlib import Path
from typing import Annotated

import typer

from rag.errors import ConfigError
from ui.feedback import Feedback, FeedbackStore

app = typer.Typer(
    help="List the votes on answers, or draft a fact from one.", invoke_without_command=True
)

DataDir = Annotated[
    Path | None, typer.Option("--data-dir", help="Folder of the index. Default: .groundwire")
]
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")
_COLUMNS = (
    "id given vote question standalone answer abstained confidence note sources answered_by generation"
).split()


@app.callback()
def _list(
    context: typer.Context,
    vote: Annotated[str, typer.Option(help="Only these: up or down.")] = "",
    as_csv: Annotated[Path | None, typer.Option("--csv", help="Write them to a CSV file.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object a line.")] = False,
    data_dir: DataDir = None,
) -> None:
    """List the votes on answers, latest first."""
    if context.invoked_subcommand:
        return
    if vote not in ("", "up", "down"):
        raise ConfigError(f"No vote '{vote}'. Choose: --vote up, or --vote down")
    votes = _store(data_dir).all(vote)
    if as_csv:
        write_csv(votes, as_csv)
        print(f"{len(votes)} votes written to {as_csv}")
    elif as_json:
        for item in votes:
            print(json.dumps(_row(item), ensure_ascii=False))
    else:
        _print(votes)


@app.command("to-fact")
def to_fact(
    wanted: Annotated[int, typer.Argument(metavar="ID", help="The vote's id, as listed.")],
    folder: Annotated[
        Path, typer.Option("--to", help="Folder for the draft.", file_okay=False)
    ] = Path(),
    data_dir: DataDir = None,
) -> None:
    """Write a vote as the draft of a fact, for a person to complete by choosing the right quote."""
    from rag.generations import Store
    from rag.index import open_index
    from rag.settings import load_settings

    settings = load_settings(data_dir=data_dir)
    found = FeedbackStore(settings.data_dir).get(wanted)
    index = open_index(Store(settings.data_dir))
    try:
        near = [
            (index.chunks[row].article_id, index.chunks[row].text)
            for row, _ in index.lexical.search(found.standalone, 3)
        ]
    finally:
        index.vectors.close()
    path = folder / f"feedback-{wanted}.draft.yaml"
    if path.exists():
        raise ConfigError(f"'{path}' is there already. Complete it, or delete it to begin again")
    folder.mkdir(parents=True, exist_ok=True)
    path.write_text(draft(found, near), "utf-8")
    print(f"Draft written to {path}. Choose its quote, then move it to your facts.")


def draft(found: Feedback, near: list[tuple[str, str]]) -> str:
    """A vote as a YAML fact that is not complete: what a person must decide is left to them.

    `near` are passages (document, text) that may hold the right quote; they are given as comments.
    Every value is a JSON string, which YAML reads as it is.
    """
    said = "abstained" if found.abstained else f"answered {_quoted(found.answer)}"
    lines = [
        f"# Draft from vote {found.id} ({found.vote}, {found.given}). The program {said}.",
        *([f"# Note: {_quoted(found.note)}"] if found.note else []),
        "# To complete: put the right answers and one verbatim quote that proves them, from the passages",
        "# below or elsewhere; or, where the articles do not say, `unanswerable: true` with a `reason`",
        "# instead of both. Then name the file *.yaml among your facts.",
        "facts:",
        f"  - id: feedback-{found.id}",
        f"    question: {_quoted(found.standalone)}",
        "    answers: []",
        "    evidence:",
    ]
    passages = [(item["document"], item["quote"]) for item in found.citations] + near
    document = passages[0][0] if passages else ""
    lines += [f"      - document: {_quoted(document)}", '        quote: ""']
    lines += ["    tags: [feedback]", "", "# Passages to choose the quote from:"]
    for document, text in dict.fromkeys(passages):
        lines += [f"#   {_quoted(document)}", f"#     {_quoted(text)}"]
    return "\n".join(lines) + "\n"


def write_csv(votes: tuple[Feedback, ...], path: Path) -> None:
    """The votes as a table whose cells no spreadsheet takes for a formula."""
    try:
        with path.open("w", encoding="utf-8-sig", newline="") as file:
            table = csv.writer(file)
            table.writerow(_COLUMNS)
            for item in votes:
                row = _row(item)
                table.writerow([safe_cell(row[column]) for column in _COLUMNS])
    except OSError as error:
        raise ConfigError(
            f"Cannot write '{path}': {error.strerror}. Choose another file"
        ) from error


def safe_cell(value: object) -> str:
    """A value for a spreadsheet: text that would begin a formula begins with an apostrophe instead.

    >>> safe_cell("=1+1"), safe_cell(-2), safe_cell("29")
    ("'=1+1", '-2', '29')
    """
    if isinstance(value, (int, float)):
        return str(value)
    text = str(value)
    return f"'{text}" if text.startswith(_FORMULA_STARTS) or text[:1].isspace() else text


def _row(item: Feedback) -> dict[str, object]:
    sources = "; ".join(f"{c['document']}:{c['start']}-{c['end']}" for c in item.citations)
    return {
        "id": item.id,
        "given": item.given,
        "vote": item.vote,
        "question": item.question,
        "standalone": item.standalone,
        "answer": item.answer,
        "abstained": str(item.abstained).lower(),
        "confidence": item.confidence,
        "note": item.note,
        "sources": sources,
        "answered_by": item.answered_by,
        "generation": item.generation,
    }


def _print(votes: tuple[Feedback, ...]) -> None:
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    console = Console(highlight=False)
    if not votes:
        console.print("No votes yet. They come from the thumbs under each answer of the chat.")
        return
    table = Table(box=None, pad_edge=False, header_style="dim")
    for heading in ("Id", "Given", "Vote", "Question", "Answer", "Note"):
        table.add_column(heading, overflow="fold")
    for item in votes:
        answer = "(the articles do not say)" if item.abstained else item.answer
        cells = (item.given[:16].replace("T", " "), item.vote, item.standalone, answer, item.note)
        table.add_row(str(item.id), *(Text(_printable(cell)) for cell in cells))
    console.print(table)
    if sys.stdout.isatty():
        console.print("\nDraft a fact from one: groundwire feedback to-fact ID", style="dim")


def _printable(value: str) -> str:
    return "".join(c if c.isprintable() else " " for c in value)


def _quoted(value: str) -> str:
    """A text as one JSON string in ASCII where a line would break or hide: YAML reads it back as it was."""
    return json.dumps(value, ensure_ascii=not value.isprintable())


def _store(data_dir: Path | None) -> FeedbackStore:
    from rag.settings import load_settings

    return FeedbackStore(load_settings(data_dir=data_dir).data_dir)
