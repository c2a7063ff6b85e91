"""Versions of articles that were replaced, as far as a kept generation still holds them."""

from __future__ import annotations

import json
import re

from rag.generations import ARTICLES, Store

MIN_VERSION = 8


def earlier_text(store: Store, document: str, version: str) -> str | None:
    """The text of `document` whose SHA-256 begins with `version`, or None where it is not kept.

    The previous generation is kept until the build after the next. Lines that cannot be read are no
    reason to fail: the page then says that the version is not kept.
    """
    if not re.fullmatch(rf"[0-9a-f]{{{MIN_VERSION},64}}", version) or not store.folder.is_dir():
        return None
    for generation in sorted(store.folder.iterdir()):
        path = generation / ARTICLES
        if not path.is_file():
            continue
        with path.open(encoding="utf-8", errors="replace") as lines:
            for line in lines:
                value = _parsed(line)
                if value.get("id") == document and str(value.get("sha256", "")).startswith(version):
                    return str(value.get("text", ""))
    return None


def _parsed(line: str) -> dict[str, object]:
    try:
        value = json.loads(line)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}
