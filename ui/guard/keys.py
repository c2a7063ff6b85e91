"""API keys in SQLite. A key is shown once, when it is made; only digests of it are stored.

A key reads `gw_<id>_<secret>`. Two digests are kept: one that recognises the key, and one that widget
tokens of this key are signed with, which the key's owner can compute and a reader of the database
cannot turn back into the key.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import re
import secrets
import sqlite3
import threading
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from rag.errors import ConfigError

FILE = "access.sqlite"
MARK = "gw_"  # what every key begins with
_SHAPE = re.compile(r"gw_([0-9a-f]{8})_([A-Za-z0-9_-]{43})")
_TABLE = """CREATE TABLE IF NOT EXISTS keys (
    id TEXT PRIMARY KEY, name TEXT NOT NULL, digest TEXT NOT NULL, signing TEXT NOT NULL,
    created TEXT NOT NULL, revoked TEXT)"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """A stored key; `revoked` is when it was taken back, or None while it is good."""

    id: str
    name: str
    created: str
    revoked: str | None


class KeyStore:
    """The keys of one data directory. Changes by another process are seen at once."""

    def __init__(self, data_dir: Path) -> None:
        self._path = data_dir / FILE
        self._lock = threading.Lock()
        data_dir.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(self._path, os.O_CREAT | os.O_RDWR, 0o600)
        os.close(descriptor)
        try:
            self._base = sqlite3.connect(self._path, check_same_thread=False, timeout=5)
            with self._base as base:
                base.execute(_TABLE)
        except sqlite3.Error as error:
            raise ConfigError(
                f"'{self._path}' cannot be read: {error}. Move it away and make new keys with: "
                "groundwire keys add NAME"
            ) from error

    def add(self, name: str) -> tuple[Key, str]:
        """A new key under `name` and its text, which is not stored. Raises: ConfigError."""
        if not re.fullmatch(r"[\w .@-]{1,80}", name):
            raise ConfigError(
                f"'{name}' is no name for a key. Use 1 to 80 letters, digits, spaces and . @ _ -"
            )
        if any(key.name == name and key.revoked is None for key in self.all()):
            raise ConfigError(f"A key named '{name}' exists. Revoke it first, or choose another.")
        key = Key(id=secrets.token_hex(4), name=name, created=_now(), revoked=None)
        text = f"gw_{key.id}_{secrets.token_urlsafe(32)}"
        with self._lock, self._base as base:
            base.execute(
                "INSERT INTO keys VALUES (?, ?, ?, ?, ?, NULL)",
                (key.id, key.name, _digest(text), signing_secret(text), key.created),
            )
        return key, text

    def all(self) -> list[Key]:
        """Every key ever made, oldest first."""
        query = "SELECT id, name, created, revoked FROM keys ORDER BY created, id"
        with self._lock, closing(self._base.execute(query)) as rows:
            return [
                Key(id=row[0], name=row[1], created=row[2], revoked=row[3])
                for row in rows.fetchall()
            ]

    def revoke(self, name_or_id: str) -> Key:
        """Takes a key back, and with it every token it signed. Raises: ConfigError."""
        good = [key for key in self.all() if key.revoked is None]
        found = next((key for key in good if name_or_id in (key.name, key.id)), None)
        if found is None:
            raise ConfigError(f"No valid key '{name_or_id}'. See: groundwire keys list")
        with self._lock, self._base as base:
            base.execute("UPDATE keys SET revoked = ? WHERE id = ?", (_now(), found.id))
        return found

    def check(self, text: str) -> Key | None:
        """The valid key with this text, or None."""
        shape = _SHAPE.fullmatch(text)
        row = self._row(shape[1]) if shape else None
        if row is None or not hmac.compare_digest(row[2], _digest(text)):
            return None
        return Key(id=row[0], name=row[1], created=row[4], revoked=None)

    def signing(self, key_id: str) -> tuple[Key, str] | None:
        """The valid key with this id and what its tokens are signed with, or None."""
        row = self._row(key_id)
        if row is None:
            return None
        return Key(id=row[0], name=row[1], created=row[4], revoked=None), row[3]

    def close(self) -> None:
        """Lets go of the file."""
        self._base.close()

    def _row(self, key_id: str) -> tuple[str, str, str, str, str] | None:
        query = (
            "SELECT id, name, digest, signing, created FROM keys WHERE id = ? AND revoked IS NULL"
        )
        with self._lock, closing(self._base.execute(query, (key_id,))) as rows:
            row: tuple[str, str, str, str, str] | None = rows.fetchone()
        return row


def signing_secret(key: str) -> str:
    """What widget tokens of this key are signed with: HMAC-SHA256 of a fixed text under the key."""
    return hmac.new(key.encode(), b"groundwire widget token", hashlib.sha256).hexdigest()


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
