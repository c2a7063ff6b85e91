from __future__ import annotations

import hashlib
import re
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from rag.types import Article
from ui.articles_page import article_page, missing_page, paragraphs

TEXT = "A heading\nThe port closed. It held 29 ships.\nNobody said why."


def article(text: str = TEXT) -> Article:
    digest = hashlib.sha256(text.encode()).hexdigest()
    return Article(id="port", title="A <b>port</b>", text=text, sha256=digest, source="port.txt")


def span(text: str, words: str) -> tuple[int, int]:
    return text.index(words), text.index(words) + len(words)


def test_the_span_is_marked_and_is_the_target_of_the_link() -> None:
    page = article_page(article(), *span(TEXT, "29 ships"), article().sha256[:16])
    assert '<p>The port closed. It held <mark id="span" tabindex="-1">29 ships</mark>.</p>' in page
    assert "<h2>A heading</h2>" in page
    assert "gw-notice" not in page.split("</style>")[1]


def test_a_span_over_paragraphs_is_marked_in_each_with_one_target() -> None:
    page = article_page(article(), *span(TEXT, "29 ships.\nNobody"), None)
    assert page.count("<mark") == 2
    assert page.count('id="span"') == 1


def test_offsets_outside_the_text_mark_nothing() -> None:
    for start, end in ((0, 10_000), (-1, 4), (9, 3), (5, 5)):
        assert "<mark" not in article_page(article(), start, end, None)


def test_a_replaced_version_shows_the_quote_as_it_was_and_where_it_still_stands() -> None:
    now = article(f"New words.\n{TEXT}")
    page = article_page(now, *span(TEXT, "29 ships"), article().sha256[:16], earlier=TEXT)
    assert "earlier version of the article, which was replaced" in page
    assert "<mark>29 ships</mark></blockquote>" in page
    assert "The same words stand in the current version" in page
    assert '<mark id="span" tabindex="-1">29 ships</mark>' in page


def test_a_replaced_quote_that_stands_no_more_is_not_marked_below() -> None:
    now = article("It held 30 boats.")
    page = article_page(now, *span(TEXT, "29 ships"), article().sha256[:16], earlier=TEXT)
    assert "does not hold these words" in page
    assert 'id="span"' not in page


def test_a_replaced_version_that_is_not_kept_is_said_so() -> None:
    page = article_page(article("Other."), *span(TEXT, "29 ships"), article().sha256[:16])
    assert "no longer kept" in page
    assert "<mark" not in page


def test_titles_and_ids_are_escaped_and_the_language_is_said() -> None:
    page = article_page(article(), None, None, None, language="de")
    assert "A &lt;b&gt;port&lt;/b&gt;" in page
    assert '<html lang="de">' in page
    assert "&lt;script&gt;" in missing_page("<script>")


@given(st.text(alphabet="ab .!\n\r", max_size=200))
def test_paragraphs_lose_nothing_but_line_ends(text: str) -> None:
    found = paragraphs(text)
    assert re.sub(r"\s", "", "".join(text[a:b] for a, b in found)) == re.sub(r"\s", "", text)
    assert all(a < b for a, b in found)
    assert all(before[1] <= after[0] for before, after in pairwise(found))
