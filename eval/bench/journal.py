"""Answers of a benchmark on disk, one JSON line each, so that a run can be stopped and resumed.

The first line says what made the answers; a journal of another index, reader or setting is not mixed
in but begun anew.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any

Made = Mapping[str, str | int | float]


class Journal:
    """Appends records to a file; `done` holds those that were there, by id. A context manager."""

    def __init__(self, path: Path, made: Made) -> None:
        self.done = _read(path, made)
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file = path.open("w", encoding="utf-8", newline="\n")
        self._write({"made": dict(made)})
        for record in self.done.values():
            self._write(record)

    def add(self, record: dict[str, Any]) -> None:
        """Keeps one record, which has an `id`."""
        self.done[str(record["id"])] = record
        self._write(record)

    def __enter__(self) -> Journal:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._file.close()

    def _write(self, value: dict[str, Any]) -> None:
        self._file.write(json.dumps(value, ensure_ascii=False) + "\n")
        self._file.flush()


def _read(path: Path, made: Made) -> dict[str, dict[str, Any]]:
    """The records of an earlier run with the same making; a line cut off by a crash is dropped."""
    if not path.is_file():
        return {}
    records: dict[str, dict[str, Any]] = {}
    head: dict[str, Any] | None = None
    for line in path.read_text("utf-8").splitlines():
        try:
            value: dict[str, Any] = json.loads(line)
        except ValueError:
            break
        if head is None:
            head = value
            if head.get("made") != dict(made):
                return {}
        else:
            records[str(value["id"])] = value
    return records
