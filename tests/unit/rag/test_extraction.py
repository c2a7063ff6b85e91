from __future__ import annotations

import zipfile
from pathlib import Path

import docx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pypdf import PdfWriter

from rag.extraction import UnreadableFile, decode, extract


@pytest.mark.parametrize(
    ("encoding", "text"),
    [
        ("utf-8", "Zürich – “quoted” 你好"),
        ("utf-8-sig", "Zürich"),
        ("utf-16", "Zürich 你好"),
        ("utf-32", "Zürich"),
        ("cp1252", "The café’s owner said “no” to the offer, and the naïve buyer left in silence."),
        (
            "koi8-r",
            "В понедельник президент прибыл в столицу, где его встретил министр иностранных дел.",
        ),
    ],
)
def test_encodings_are_detected(encoding: str, text: str) -> None:
    assert decode(text.encode(encoding)) == text


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00\ufeff")))
def test_utf_8_comes_back_unchanged_line_ends_included(text: str) -> None:
    assert decode(text.encode()) == text


def test_binary_is_refused() -> None:
    with pytest.raises(UnreadableFile, match="binary"):
        decode(b"\x7fELF\x00\x01\x02")


def test_html_gives_its_text_without_scripts_and_menus(tmp_path: Path) -> None:
    path = tmp_path / "a.html"
    path.write_text(
        "<html><head><title>The  fleet</title><style>p{}</style></head><body><nav>Menu</nav>"
        "<h1>Ships</h1><p>It sold <b>62</b> ships.</p><script>alert(1)</script><p>Then none.</p>",
        "utf-8",
    )
    extracted = extract(path)
    assert extracted.title == "The fleet"
    assert "It sold 62 ships." in extracted.text
    assert "Menu" not in extracted.text and "alert" not in extracted.text
    assert extracted.text.index("Ships") < extracted.text.index("Then none.")


def test_markdown_gives_its_text_without_marks(tmp_path: Path) -> None:
    path = tmp_path / "a.md"
    path.write_text("# The *fleet*\n\nIt sold **62** [ships](http://example.org).\n", "utf-8")
    extracted = extract(path)
    assert extracted.title == "The fleet"
    assert extracted.text.endswith("It sold 62 ships.")


def test_docx_gives_paragraphs_and_tables(tmp_path: Path) -> None:
    document = docx.Document()
    document.core_properties.title = "The fleet"
    document.add_paragraph("It sold 62 ships.")
    table = document.add_table(rows=1, cols=2)
    table.cell(0, 0).text, table.cell(0, 1).text = "Year", "1931"
    document.save(str(tmp_path / "a.docx"))
    extracted = extract(tmp_path / "a.docx")
    assert extracted.title == "The fleet"
    assert extracted.text == "It sold 62 ships.\n\nYear | 1931"


def test_broken_files_say_so(tmp_path: Path) -> None:
    (tmp_path / "a.pdf").write_bytes(b"%PDF-1.7 nonsense")
    (tmp_path / "a.docx").write_bytes(b"PK nonsense")
    for name, reason in (("a.pdf", "broken PDF"), ("a.docx", "broken DOCX")):
        with pytest.raises(UnreadableFile, match=reason):
            extract(tmp_path / name)


def test_a_pdf_without_text_says_so(tmp_path: Path) -> None:
    writer = PdfWriter()
    writer.add_blank_page(200, 200)
    writer.write(tmp_path / "a.pdf")
    with pytest.raises(UnreadableFile, match="no text in this PDF"):
        extract(tmp_path / "a.pdf")


def test_a_bomb_is_refused(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "a.docx", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("word/document.xml", b"0" * 210_000_000)
    with pytest.raises(UnreadableFile, match="unpacks to"):
        extract(tmp_path / "a.docx")
