from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from rag.corpus import read_corpus, seeds_folder
from rag.errors import CorpusError

Articles = Callable[..., Path]


def outcomes(folder: Path, **options: float) -> dict[str, tuple[str, str]]:
    corpus = read_corpus(folder, **options)
    assert len(corpus.articles) == sum(r.outcome == "read" for r in corpus.reports)
    return {report.source: (report.outcome, report.reason) for report in corpus.reports}


def test_the_seeds_are_read_byte_for_byte_with_their_titles() -> None:
    corpus = read_corpus(seeds_folder())
    assert len(corpus.articles) == 3
    for article in corpus.articles:
        data = (seeds_folder() / article.source).read_bytes()
        assert article.text.encode() == data
        assert article.sha256 == hashlib.sha256(data).hexdigest()
        assert article.id == Path(article.source).stem
        assert article.title not in article.text


def test_bad_files_stop_no_other_and_are_all_reported(articles: Articles, tmp_path: Path) -> None:
    folder = articles(
        **{"good.txt": "A good text.", "same.txt": "A good text.", "blank.txt": " \n"}
    )
    (folder / "empty.txt").touch()
    (folder / "binary.txt").write_bytes(b"\x00\x01\x02")
    (folder / "large.txt").write_bytes(b"a" * 2_000_000)
    (folder / "picture.png").write_bytes(b"\x89PNG")
    (folder / "broken.pdf").write_bytes(b"%PDF-1.4")
    (folder / ".hidden.txt").write_text("hidden")
    (tmp_path / "secret.txt").write_text("outside")
    (folder / "link.txt").symlink_to(tmp_path / "secret.txt")
    (folder / "gone.txt").symlink_to(folder / "nowhere.txt")
    os.mkfifo(folder / "pipe.txt")
    found = outcomes(folder, max_file_mb=1)
    assert found["good.txt"] == ("read", "")
    assert found["same.txt"] == ("skipped", "same text as good.txt")
    assert found["blank.txt"] == ("skipped", "no text")
    assert found["empty.txt"] == ("skipped", "empty")
    assert found["binary.txt"] == ("failed", "binary data, not text")
    assert found["large.txt"] == ("skipped", "2.0 MB, more than max_file_mb = 1")
    assert found["picture.png"][0] == "skipped"
    assert found["broken.pdf"][0] == "failed"
    assert found["link.txt"] == ("skipped", "a link out of the folder")
    assert found["gone.txt"] == ("skipped", "not a regular file")
    assert found["pipe.txt"] == ("skipped", "not a regular file")
    assert len(found) == 11


def test_ids_are_unique_and_name_no_path(articles: Articles) -> None:
    folder = articles(**{"report.txt": "One.", "report.md": "Two.", "a b$c.txt": "Three."})
    (folder / "sub").mkdir()
    (folder / "sub" / "Report.txt").write_text("Four.")
    ids = [article.id for article in read_corpus(folder).articles]
    assert len(set(ids)) == 4
    assert "a-b-c" in ids
    assert all("/" not in name and not name.startswith(".") for name in ids)


def test_titles_come_from_the_file_the_first_line_or_the_name(articles: Articles) -> None:
    folder = articles(
        **{
            "one.txt": "A line like a title\n\nText.",
            "two_parts.txt": "A whole sentence that ends.\nMore.",
            "three.txt": "Some text.",
            "articles.toml": '[articles."three.txt"]\ntitle = "Given"\n',
        }
    )
    titles = {article.source: article.title for article in read_corpus(folder).articles}
    assert titles == {
        "one.txt": "A line like a title",
        "two_parts.txt": "two parts",
        "three.txt": "Given",
    }


def test_a_wrong_title_file_says_what_is_wanted(articles: Articles) -> None:
    with pytest.raises(CorpusError, match=r"articles\.toml: .*Wanted"):
        read_corpus(articles(**{"a.txt": "Text.", "articles.toml": "titles = 3"}))


def test_no_folder_says_what_to_run(tmp_path: Path) -> None:
    with pytest.raises(CorpusError, match="groundwire index FOLDER"):
        read_corpus(tmp_path / "nothing")
