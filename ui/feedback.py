"""Votes on answers, with their notes, in a local SQLite file. What is stored is what was shown."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rag.errors import ConfigError
from rag.types import Answer

FILE_NAME = "feedback.sqlite3"
MAX_NOTE = 1_000

_TABLE = """
CREATE TABLE IF NOT EXISTS feedback (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    key TEXT UNIQUE NOT NULL,
    given TEXT NOT NULL,
    vote TEXT NOT NULL CHECK (vote IN ('up', 'down')),
    note TEXT NOT NULL,
    question TEXT NOT NULL,
    standalone TEXT NOT NULL,
    abstained INTEGER NOT NULL,
    answer TEXT NOT NULL,
    confidence REAL NOT NULL,
    citations TEXT NOT NULL,
    answered_by TEXT NOT NULL,
    generation TEXT NOT NULL
)
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Feedback:
    """One vote. `citations` hold document, title, sha256, start, end and quote of each."""

    id: int
    given: str
    vote: str
    note: str
    question: str
    standalone: str
    abstained: bool
    answer: str
    confidence: float
    citations: tuple[dict[str, Any], ...]
    answered_by: str
    generation: str


class FeedbackStore:
    """The votes of one data directory. Safe to use from threads and from several processes."""

    def __init__(self, data_dir: Path) -> None:
        self.path = data_dir / FILE_NAME

    def add(self, key: str, vote: str, note: str, answer: Answer) -> int:
        """Stores a vote and returns its id. A second vote under one key replaces the first; the same
        vote with an empty note keeps the note before it. Raises: ConfigError."""
        values = (
            key,
            datetime.now(UTC).isoformat(timespec="seconds"),
            vote,
            note[:MAX_NOTE],
            answer.question,
            answer.standalone_question,
            int(answer.abstained),
            answer.short_answer or answer.text,
            answer.confidence,
            json.dumps(
                [
                    {
                        "document": item.document,
                        "title": item.title,
                        "sha256": item.sha256,
                        "start": item.start,
                        "end": item.end,
                        "quote": item.quote,
                    }
                    for item in answer.citations
                ],
                ensure_ascii=False,
            ),
            answer.answered_by,
            answer.generation,
        )
        with self._open() as database:
            row = database.execute(
                "INSERT INTO feedback (key, given, vote, note, question, standalone, abstained, answer, "
                "confidence, citations, answered_by, generation) VALUES (?,?,?,?,?,?,?,?,?,?,?,?) "
                "ON CONFLICT (key) DO UPDATE SET given = excluded.given, vote = excluded.vote, "
                "note = CASE WHEN excluded.note = '' AND excluded.vote = feedback.vote "
                "THEN feedback.note ELSE excluded.note END, "
                "question = excluded.question, standalone = excluded.standalone, "
                "abstained = excluded.abstained, answer = excluded.answer, "
                "confidence = excluded.confidence, citations = excluded.citations, "
                "answered_by = excluded.answered_by, generation = excluded.generation RETURNING id",
                values,
            ).fetchone()
        return int(row["id"])

    def withdraw(self, key: str) -> None:
        """Takes the vote of that key back; nothing happens where there is none."""
        with self._open() as database:
            database.execute("DELETE FROM feedback WHERE key = ?", (key,))

    def all(self, vote: str = "") -> tuple[Feedback, ...]:
        """The votes, latest first; `vote` keeps "up" or "down" alone."""
        if not self.path.exists():
            return ()
        with self._open() as database:
            rows = database.execute(
                "SELECT * FROM feedback WHERE ? IN ('', vote) ORDER BY id DESC", (vote,)
            ).fetchall()
        return tuple(_feedback(row) for row in rows)

    def get(self, wanted: int) -> Feedback:
        """The vote of that id. Raises: ConfigError."""
        found = next((item for item in self.all() if item.id == wanted), None)
        if found is None:
            raise ConfigError(
                f"No feedback {wanted} in '{self.path}'. See: groundwire feedback list"
            )
        return found

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            database = sqlite3.connect(self.path, timeout=10)
        except (OSError, sqlite3.Error) as error:
            raise self._unusable(error) from error
        try:
            database.row_factory = sqlite3.Row
            with database:
                database.execute(_TABLE)
                yield database
        except sqlite3.Error as error:
            raise self._unusable(error) from error
        finally:
            database.close()

    def _unusable(self, error: Exception) -> ConfigError:
        return ConfigError(
            f"Cannot use '{self.path}': {error}. Mend its permissions, or move the file away to begin "
            "a new one"
        )


def _feedback(row: sqlite3.Row) -> Feedback:
    values = dict(row)
    del values["key"]
    values["abstained"] = bool(values["abstained"])
    values["citations"] = tuple(json.loads(values["citations"]))
    return Feedback(**values)
