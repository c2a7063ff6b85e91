"""The command line: `groundwire index | ask | serve | status | rollback | config`, and what is added.

Heavy imports stand inside the commands, so that `groundwire --help` loads no model library. Other
packages add commands through the entry-point group `groundwire.commands`.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.metadata import entry_points, version
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from rag.errors import ConfigError, GroundwireError, IndexMissing

if TYPE_CHECKING:
    from rag.pipeline import Pipeline
    from rag.settings import Settings

app = typer.Typer(
    name="groundwire",
    help="Answers questions about a folder of articles and proves every answer.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)

DataDir = Annotated[
    Path | None, typer.Option("--data-dir", help="Folder of the index. Default: .groundwire")
]


def _version(wanted: bool) -> None:
    if wanted:
        print(f"groundwire {version('groundwire')}")
        raise typer.Exit


@app.callback()
def _common(
    _: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    from rag.settings import unknown_variables
    from ui.guard.settings import known_variables

    for name in unknown_variables(known_variables()):
        print(
            f"groundwire: {name} is no setting and has no effect. See: groundwire config",
            file=sys.stderr,
        )


@app.command()
def index(
    folder: Annotated[
        Path | None, typer.Argument(help="Folder of articles. Default: the seed articles.")
    ] = None,
    force: Annotated[
        bool, typer.Option(help="Build anew, also when more than 20% of the articles are gone.")
    ] = False,
    data_dir: DataDir = None,
) -> None:
    """Read a folder of .txt, .md, .html, .pdf and .docx articles and build its index."""
    from rag.settings import load_settings
    from ui.terminal import build_with_progress, print_build, suggest_with_progress

    settings = load_settings(articles=folder, data_dir=data_dir)
    report = build_with_progress(settings, force=force)
    print_build(report)
    if report.published:
        suggest_with_progress(settings)


@app.command()
def ask(
    question: Annotated[str | None, typer.Argument(help="The question.")] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print the answer as one JSON object.")
    ] = False,
    batch: Annotated[
        Path | None,
        typer.Option(help="JSON lines with `question`; with --json one answer a line, in order."),
    ] = None,
    article: Annotated[
        list[str] | None, typer.Option(help="Search only this article id; may be repeated.")
    ] = None,
    top_k: Annotated[int | None, typer.Option(help="Passages to retrieve.")] = None,
    data_dir: DataDir = None,
) -> None:
    """Answer a question with the passages that prove it."""
    from rag.settings import load_settings
    from ui.terminal import print_answer

    if (question is None) == (batch is None):
        raise ConfigError('Give one question or a file: groundwire ask "…" or --batch FILE.jsonl')
    questions = [question] if question is not None else None
    settings = load_settings(data_dir=data_dir, top_k=top_k)
    pipeline = _open(settings)
    unknown = sorted(set(article or ()) - set(pipeline.articles))
    if unknown:
        raise ConfigError(f"No article '{unknown[0]}' in the index. See: groundwire status")
    for item in questions if questions is not None else _batch(batch or Path()):
        answer = pipeline.ask(item, articles=article or ())
        if as_json:
            print(json.dumps(answer.to_dict(), ensure_ascii=False), flush=True)
        else:
            print_answer(answer, with_question=questions is None)


@app.command()
def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on.")] = None,
    port: Annotated[int | None, typer.Option(help="Port; 0 takes a free one.")] = None,
    root_path: Annotated[
        str, typer.Option(help="Sub-path that a proxy serves this server on, such as /groundwire.")
    ] = "",
    data_dir: DataDir = None,
) -> None:
    """Serve chat, API and widget; the index of the seeds is built first if there is none."""
    from rag.settings import load_settings
    from ui.app import serve as run
    from ui.terminal import suggest_with_progress

    settings = load_settings(host=host, port=port, data_dir=data_dir)
    if _ensure_index(settings):
        suggest_with_progress(settings)
    run(settings, root_path=root_path)


@app.command()
def status(data_dir: DataDir = None) -> None:
    """Show which generation answers, what it holds, and whether its files are sound."""
    from rag.generations import Store
    from rag.settings import load_settings
    from ui.terminal import print_status

    store = Store(load_settings(data_dir=data_dir).data_dir)
    manifest = store.current()
    store.verify(manifest)
    print_status(manifest, store.pointer())


@app.command()
def rollback(data_dir: DataDir = None) -> None:
    """Return to the previous generation of the index."""
    from rag.generations import Store
    from rag.settings import load_settings

    pointer = Store(load_settings(data_dir=data_dir).data_dir).rollback()
    print(f"Generation {pointer.current} answers again; {pointer.previous} is kept.")


@app.command()
def config(
    markdown: Annotated[
        bool, typer.Option("--markdown", help="Print the page that documents all settings.")
    ] = False,
    data_dir: DataDir = None,
) -> None:
    """Show the effective settings and where each value comes from."""
    from rag.settings import load_settings, origins
    from ui.guard.settings import load_guard_settings, origins_of_server
    from ui.settings_docs import main_rows, server_rows, settings_page
    from ui.terminal import print_settings

    if markdown:
        print(settings_page(), end="")
        return
    options = {"data_dir": data_dir}
    settings, server = load_settings(**options), load_guard_settings()
    here, there = origins(settings, options), origins_of_server()
    print_settings(
        [(row.name, row.value_in(settings), here[row.name], row.meaning) for row in main_rows()]
        + [(row.name, row.value_in(server), there[row.name], row.meaning) for row in server_rows()]
    )


def _ensure_index(settings: Settings) -> bool:
    """Builds the index of the seeds (or of the folder in the settings) where there is none; whether
    it had to."""
    from rag.generations import Store
    from ui.terminal import build_with_progress

    try:
        Store(settings.data_dir).current()
    except IndexMissing:
        print("No index yet: building it first.", file=sys.stderr)
        build_with_progress(settings, force=False)
        return True
    return False


def _open(settings: Settings) -> Pipeline:
    from rag.pipeline import open_pipeline

    _ensure_index(settings)
    return open_pipeline(settings)


def _batch(path: Path) -> Iterator[str]:
    try:
        with path.open(encoding="utf-8") as lines:
            for number, line in enumerate(lines, start=1):
                if line.strip():
                    yield _question_of(line, f"{path}:{number}")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"Cannot read '{path}': {error}. Give a file of JSON lines.") from error


def _question_of(line: str, place: str) -> str:
    try:
        value: Any = json.loads(line)
    except ValueError as error:
        raise ConfigError(f'{place}: not JSON: {error}. Wanted: {{"question": "…"}}') from error
    if not isinstance(value, dict) or not isinstance(value.get("question"), str):
        raise ConfigError(f'{place}: no text under "question". Wanted: {{"question": "…"}}')
    return str(value["question"])


def _add_commands() -> None:
    for entry in entry_points(group="groundwire.commands"):
        if entry.name in sys.argv[1:2] or "--help" in sys.argv[1:2] or len(sys.argv) == 1:
            app.add_typer(entry.load(), name=entry.name)


@contextmanager
def _one_line_errors() -> Iterator[None]:
    try:
        yield
    except GroundwireError as error:
        print(f"groundwire: {error}", file=sys.stderr)
        sys.exit(2)
    except KeyboardInterrupt:
        sys.exit(130)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)


def main() -> None:
    """The command `groundwire`: exit 2 with one line for an expected fault."""
    with _one_line_errors():
        _add_commands()
        app()


if __name__ == "__main__":
    main()
