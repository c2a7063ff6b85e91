"""`groundwire keys add | list | revoke`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from ui.guard.keys import KeyStore

keys_app = typer.Typer(
    name="keys", help="Make, list and revoke the keys of the HTTP API.", no_args_is_help=True
)
DataDir = Annotated[
    Path | None, typer.Option("--data-dir", help="Folder of the index. Default: .groundwire")
]


@keys_app.command("add")
def add(
    name: Annotated[str, typer.Argument(help="Whom or what the key is for.")],
    data_dir: DataDir = None,
) -> None:
    """Make a key and print it; it is shown this once."""
    key, text = _store(data_dir).add(name)
    print(text)
    typer.echo(f"Key {key.id} for '{key.name}'. It is not shown again; keep it safe.", err=True)


@keys_app.command("list")
def list_(data_dir: DataDir = None) -> None:
    """Show the names of all keys, never the keys."""
    keys = _store(data_dir).all()
    if not keys:
        print("No keys. Make one with: groundwire keys add NAME")
    for key in keys:
        state = f"revoked {key.revoked}" if key.revoked else "valid"
        print(f"{key.id}  {key.created}  {state:<8}  {key.name}")


@keys_app.command("revoke")
def revoke(
    name: Annotated[str, typer.Argument(help="Name or id of the key.")],
    data_dir: DataDir = None,
) -> None:
    """Take a key back, and every widget token it signed."""
    key = _store(data_dir).revoke(name)
    print(f"Key {key.id} '{key.name}' is revoked. Running servers refuse it from now on.")


def _store(data_dir: Path | None) -> KeyStore:
    from rag.settings import load_settings
    from ui.guard.keys import KeyStore

    return KeyStore(load_settings(data_dir=data_dir).data_dir)
