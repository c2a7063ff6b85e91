from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from rag.lexical import LexicalIndex, terms

TEXTS = [
    "The ferry crosses the strait four times a day.",
    "The lighthouse was built in 1862 by Ada Lindqvist.",
    "Ferries need a harbour; the harbour needs a lighthouse.",
]


@pytest.fixture
def index() -> LexicalIndex:
    return LexicalIndex.build(TEXTS)


def test_the_text_with_the_rare_words_is_first(index: LexicalIndex) -> None:
    assert index.search("Who built the lighthouse in 1862?", 3)[0][0] == 1


def test_stems_meet(index: LexicalIndex) -> None:
    assert {row for row, _ in index.search("ferry", 3)} == {0, 2}


def test_texts_that_share_no_term_are_not_found(index: LexicalIndex) -> None:
    assert index.search("submarine volcanoes", 3) == []
    assert index.search("", 3) == []
    assert index.search("the of and", 3) == []


def test_only_allowed_rows_are_found(index: LexicalIndex) -> None:
    found = index.search("lighthouse ferry", 3, np.array([False, True, False]))
    assert [row for row, _ in found] == [1]


def test_a_saved_index_finds_the_same(index: LexicalIndex, tmp_path: Path) -> None:
    index.save(tmp_path / "lexical")
    again = LexicalIndex.load(tmp_path / "lexical", len(TEXTS))
    assert again.search("lighthouse harbour", 3) == index.search("lighthouse harbour", 3)


def test_rare_terms_weigh_more(index: LexicalIndex) -> None:
    assert index.rarity("1862") > index.rarity("lighthous")
    assert index.rarity("unknown") == pytest.approx(1.0)


def test_scripts_without_spaces_are_searchable() -> None:
    index = LexicalIndex.build(["東京は日本の首都です。", "大阪は商業の町です。"])
    assert index.search("日本の首都", 2)[0][0] == 0
    assert terms("東京") == ["東京"]
