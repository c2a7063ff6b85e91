"""First step: a folder → its articles, with one line for every file seen."""

from __future__ import annotations

import hashlib
import os
import re
import tomllib
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Literal

from rag.errors import CorpusError
from rag.extraction import SUFFIXES, Extract, UnreadableFile, extract
from rag.types import Article, text_sha256

TITLES_FILE = "articles.toml"
Outcome = Literal["read", "skipped", "failed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class FileReport:
    """What became of one file. `reason` is empty for a file that was read."""

    source: str
    outcome: Outcome
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Corpus:
    """The articles of a folder in order of their paths, and a report on every file seen."""

    folder: Path
    articles: tuple[Article, ...]
    reports: tuple[FileReport, ...]


def seeds_folder() -> Path:
    """The folder of the bundled articles."""
    return Path(str(files("seeds")))


def read_corpus(
    folder: Path,
    *,
    max_file_mb: float = 20,
    progress: Callable[[int, int], None] | None = None,
) -> Corpus:
    """Reads every file under `folder`; `read + skipped + failed` is the number of files seen.

    A file that cannot be read stops no other. Of files with the same text the first counts.
    `progress(done, total)` is called after each file. Hidden files and `articles.toml` are not
    articles and not counted.

    Raises: CorpusError if the folder cannot be used or its `articles.toml` is wrong.
    """
    if not folder.is_dir():
        raise CorpusError(f"No folder of articles at '{folder}'. Name one: groundwire index FOLDER")
    titles = _titles(folder)
    paths = list(_files(folder))
    articles: list[Article] = []
    reports: list[FileReport] = []
    source_of_text: dict[str, str] = {}
    ids = _ids(folder, paths)
    for number, path in enumerate(paths, start=1):
        source = path.relative_to(folder).as_posix()
        try:
            extracted = _read(folder, path, max_file_mb)
            digest = text_sha256(extracted.text)
            if digest in source_of_text:
                raise _Skip(f"same text as {source_of_text[digest]}")
        except _Skip as skip:
            reports.append(FileReport(source=source, outcome="skipped", reason=str(skip)))
        except (UnreadableFile, OSError, UnicodeEncodeError) as error:
            reports.append(FileReport(source=source, outcome="failed", reason=_one_line(error)))
        else:
            source_of_text[digest] = source
            title = titles.get(source) or _title(extracted, path)
            articles.append(
                Article(
                    id=ids[path], title=title, text=extracted.text, sha256=digest, source=source
                )
            )
            reports.append(FileReport(source=source, outcome="read"))
        if progress:
            progress(number, len(paths))
    return Corpus(folder=folder, articles=tuple(articles), reports=tuple(reports))


class _Skip(Exception):
    """The file is not an article; the message says why."""


def _files(folder: Path) -> Iterator[Path]:
    def refuse(error: OSError) -> None:
        raise CorpusError(f"Cannot list '{error.filename}': {error.strerror}. Mend its rights.")

    found: list[Path] = []
    for parent, folders, names in os.walk(folder, onerror=refuse):
        folders[:] = sorted(name for name in folders if not name.startswith((".", "__")))
        for name in names:
            ours = Path(parent) == folder and name in (TITLES_FILE, "__init__.py")
            if not name.startswith(".") and not ours:
                found.append(Path(parent) / name)
    return iter(sorted(found))


def _read(folder: Path, path: Path, max_file_mb: float) -> Extract:
    if path.suffix.lower() not in SUFFIXES:
        raise _Skip(f"not one of {' '.join(sorted(SUFFIXES))}")
    if path.is_symlink() and not path.resolve().is_relative_to(folder.resolve()):
        raise _Skip("a link out of the folder")
    if not path.is_file():
        raise _Skip("not a regular file")
    size = path.stat().st_size
    if size > max_file_mb * 1e6:
        raise _Skip(f"{size / 1e6:,.1f} MB, more than max_file_mb = {max_file_mb:g}")
    if size == 0:
        raise _Skip("empty")
    extracted = extract(path)
    if not extracted.text.strip():
        raise _Skip("no text")
    return extracted


def _ids(folder: Path, paths: list[Path]) -> dict[Path, str]:
    """Ids that name no path: the stem in plain characters; with a digest where two would agree."""
    stems = {path: re.sub(r"[^\w.-]+", "-", path.stem).strip("-") or "article" for path in paths}
    counts = Counter(stem.casefold() for stem in stems.values())
    ids: dict[Path, str] = {}
    for path, stem in stems.items():
        source = path.relative_to(folder).as_posix()
        digest = hashlib.sha256(source.encode("utf-8", "surrogateescape")).hexdigest()[:8]
        ids[path] = stem[:80] if counts[stem.casefold()] == 1 else f"{stem[:80]}-{digest}"
    return ids


def _titles(folder: Path) -> dict[str, str]:
    path = folder / TITLES_FILE
    if not path.is_file():
        return {}
    try:
        entries = tomllib.loads(path.read_text("utf-8"))["articles"]
        return {source: str(entry["title"]).strip() for source, entry in entries.items()}
    except (tomllib.TOMLDecodeError, KeyError, AttributeError, TypeError, ValueError) as error:
        raise CorpusError(
            f'{path}: {_one_line(error)}. Wanted: [articles."FILE"] with title = "…"'
        ) from error


def _title(extracted: Extract, path: Path) -> str:
    """The file's own title, else its first line if that reads like one, else its name."""
    if extracted.title:
        return " ".join(extracted.title.split())[:200]
    first = next(line.strip() for line in extracted.text.splitlines() if line.strip())
    if len(first) <= 100 and not first.endswith((".", ",", ";", ":")):
        return first
    return re.sub(r"[_-]+", " ", path.stem).strip() or path.name


def _one_line(error: BaseException) -> str:
    return " ".join(str(error).split()) or type(error).__name__
