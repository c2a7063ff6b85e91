"""All settings as rows, for `groundwire config` and the documentation: those of `rag`, then the server's."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel

from rag.settings import FILE_NAME, PREFIX, Settings
from ui.guard.settings import DELIMITER, tables

_HEAD = f"""# Configuration

An option of a command wins over an environment variable, that over `{FILE_NAME}` in the folder where the
command runs, that over the default. `groundwire config` shows the effective values and where each comes
from. Unknown names are refused in the file and warned of in the environment. A name with a dot stands in
a table of the file: `embed.origins` is `origins` under `[embed]`; lists are lists there, and words between
commas in the environment.

This page is the output of `groundwire config --markdown`.

| setting | environment | default | meaning |
|---|---|---|---|
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One setting: its dotted name, its variable, its default ("" for none) and what it means."""

    name: str
    variable: str
    default: str
    meaning: str

    def value_in(self, settings: BaseModel) -> str:
        """Its value in the settings it belongs to, as people write it."""
        value: Any = settings
        for part in self.name.split("."):
            value = getattr(value, part)
        return _written(value)


def main_rows() -> Iterator[Row]:
    """The settings of reading, searching and answering."""
    yield from _rows(Settings, "")


def server_rows() -> Iterator[Row]:
    """The settings of the server's tables."""
    for name, table in tables().items():
        yield from _rows(table, f"{name}.")


def settings_page() -> str:
    """`docs/configuration.md`."""
    lines = [
        f"| `{row.name}` | `{row.variable}` | {f'`{row.default}`' if row.default else '–'} "
        f"| {row.meaning} |"
        for row in (*main_rows(), *server_rows())
    ]
    return _HEAD + "\n".join(lines) + "\n"


def _rows(model: type[BaseModel], prefix: str) -> Iterator[Row]:
    for name, field in model.model_fields.items():
        default = "" if field.default_factory is not None else _written(field.default)
        dotted = f"{prefix}{name}"
        yield Row(
            name=dotted,
            variable=PREFIX + dotted.replace(".", DELIMITER).upper(),
            default=default,
            meaning=field.description or "",
        )


def _written(value: object) -> str:
    if value is None:
        return ""
    return ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)
