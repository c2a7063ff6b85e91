"""Inside the first step: one file → its text and, where the format has one, its title.

PDF and DOCX are read in a subprocess with limits on memory and time (`python -m rag.extraction`),
since a few kilobytes of either can unfold to gigabytes.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import zipfile
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

MAX_PAGES = 2_000
MAX_UNPACKED_BYTES = 200_000_000
MEMORY_BYTES = 2_000_000_000
TIMEOUT_S = 120


class UnreadableFile(Exception):
    """This file cannot be read; the message says why and becomes a line of the report."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Extract:
    """The text of a file; `title` is empty where the file gives none."""

    text: str
    title: str = ""


def extract(path: Path) -> Extract:
    """The text of a .txt, .md, .html, .pdf or .docx file.

    Raises: UnreadableFile, with the reason.
    """
    kind = path.suffix.lower()
    if kind in (".pdf", ".docx"):
        return _extract_in_subprocess(path)
    return _FORMATS[kind](path)


def decode(data: bytes) -> str:
    """Text in whatever encoding it is: a byte-order mark, UTF-8, else the likeliest one.

    Line ends stay as they are. Raises: UnreadableFile for binary data.
    """
    for mark, encoding in (
        (b"\xef\xbb\xbf", "utf-8-sig"),
        (b"\xff\xfe\x00\x00", "utf-32"),
        (b"\x00\x00\xfe\xff", "utf-32"),
        (b"\xff\xfe", "utf-16"),
        (b"\xfe\xff", "utf-16"),
    ):
        if data.startswith(mark):
            try:
                return data.decode(encoding)
            except UnicodeDecodeError as error:
                raise UnreadableFile(f"marked as {encoding} but is not: {error.reason}") from error
    if b"\x00" in data[:65536]:
        raise UnreadableFile("binary data, not text")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return _decode_by_guess(data)


def _decode_by_guess(data: bytes) -> str:
    from charset_normalizer import from_bytes

    best = from_bytes(data).best()
    if best is None:
        raise UnreadableFile("no known text encoding fits")
    # of encodings that fit equally well, cp1252 is by far the most used
    western = from_bytes(data, cp_isolation=["cp1252"]).best()
    if western and western.chaos <= best.chaos and western.coherence >= best.coherence:
        best = western
    return str(best)


def _plain(path: Path) -> Extract:
    return Extract(text=decode(path.read_bytes()))


def _markdown(path: Path) -> Extract:
    from markdown_it import MarkdownIt

    html = (
        MarkdownIt("commonmark", {"html": True}).enable("table").render(decode(path.read_bytes()))
    )
    extracted = _from_html(html)
    heading = re.search(r"<h1[^>]*>(.*?)</h1>", html, re.DOTALL)
    return Extract(text=extracted.text, title=_from_html(heading.group(1)).text if heading else "")


def _html(path: Path) -> Extract:
    return _from_html(decode(path.read_bytes()))


def _from_html(html: str) -> Extract:
    import html_text
    from lxml.etree import ParserError

    try:
        tree = html_text.parse_html(html)
        for element in tree.xpath("//script | //style | //noscript | //template | //nav"):
            element.drop_tree()
        title = " ".join(tree.xpath("string(//title)").split())
        for element in tree.xpath("//head/title"):
            element.drop_tree()
        return Extract(text=html_text.extract_text(tree), title=title)
    except (ParserError, ValueError) as error:
        raise UnreadableFile(f"not readable HTML: {error}") from error


def _pdf(path: Path) -> Extract:
    from pypdf import PdfReader
    from pypdf.errors import PyPdfError

    try:
        reader = PdfReader(path)
        if reader.is_encrypted and not reader.decrypt(""):
            raise UnreadableFile("encrypted with a password")
        if len(reader.pages) > MAX_PAGES:
            raise UnreadableFile(f"{len(reader.pages):,} pages, more than {MAX_PAGES:,}")
        text = "\n\n".join(page.extract_text() for page in reader.pages)
        title = str(reader.metadata.title or "") if reader.metadata else ""
    except (PyPdfError, ValueError, KeyError, TypeError, AttributeError, IndexError) as error:
        raise UnreadableFile(f"broken PDF: {error}") from error
    if not text.strip():
        raise UnreadableFile("no text in this PDF (scanned pages?)")
    return Extract(text=text, title=title.strip())


def _docx(path: Path) -> Extract:
    import docx
    from docx.opc.exceptions import PackageNotFoundError

    try:
        with zipfile.ZipFile(path) as archive:
            unpacked = sum(item.file_size for item in archive.infolist())
        if unpacked > MAX_UNPACKED_BYTES:
            raise UnreadableFile(f"unpacks to {unpacked:,} bytes")
        document = docx.Document(str(path))
    except (zipfile.BadZipFile, PackageNotFoundError, KeyError, ValueError) as error:
        raise UnreadableFile(f"broken DOCX: {error}") from error
    lines: list[str] = []
    for block in document.iter_inner_content():
        if isinstance(block, docx.table.Table):
            for row in block.rows:
                lines.append(" | ".join(cell.text.strip() for cell in row.cells))
        else:
            lines.append(block.text)
    return Extract(text="\n\n".join(lines), title=(document.core_properties.title or "").strip())


_FORMATS: dict[str, Callable[[Path], Extract]] = {
    ".txt": _plain,
    ".text": _plain,
    ".md": _markdown,
    ".markdown": _markdown,
    ".html": _html,
    ".htm": _html,
    ".pdf": _pdf,
    ".docx": _docx,
}
SUFFIXES = frozenset(_FORMATS)


def _extract_in_subprocess(path: Path) -> Extract:
    try:
        done = subprocess.run(
            [sys.executable, "-m", "rag.extraction", str(path)],
            capture_output=True,
            timeout=TIMEOUT_S,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise UnreadableFile(f"took longer than {TIMEOUT_S} s") from error
    if done.returncode == 3:
        raise UnreadableFile(done.stderr.decode("utf-8", "replace").strip().splitlines()[-1])
    if done.returncode != 0:
        raise UnreadableFile(f"the reader of {path.suffix} files died (exit {done.returncode})")
    return Extract(**json.loads(done.stdout))


def _main() -> int:
    """Reads the file named on the command line and prints its extract as JSON; 3: unreadable."""
    import resource

    for limit, amount in ((resource.RLIMIT_AS, MEMORY_BYTES), (resource.RLIMIT_CPU, TIMEOUT_S)):
        resource.setrlimit(limit, (amount, amount))
    path = Path(sys.argv[1])
    try:
        extract = _FORMATS[path.suffix.lower()](path)
    except (UnreadableFile, OSError, MemoryError, RecursionError) as error:
        print(str(error) or type(error).__name__, file=sys.stderr)
        return 3
    print(json.dumps(asdict(extract)))
    return 0


if __name__ == "__main__":
    sys.exit(_main())
