"""The reading of WordNet's files, over a lexicon of a dozen words in their format."""

from __future__ import annotations

from pathlib import Path

import pytest

from rag.training.lexicon import Lexicon

NOUNS = """\
00000001 03 n 01 vehicle 0 002 ~ 00000002 n 0000 ~ 00000003 n 0000 | a conveyance
00000002 03 n 02 car 0 auto 0 001 @ 00000001 n 0000 | a motor vehicle
00000003 03 n 02 truck 0 lorry 0 001 @ 00000001 n 0000 | a large vehicle
00000004 03 n 01 ark 0 000 | a boat of old
"""
VERBS = """\
00000001 30 v 02 purchase 0 buy 0 001 ! 00000002 v 0201 01 + 02 00 | obtain by paying
00000002 30 v 01 sell 0 001 ! 00000001 v 0102 01 + 02 00 | give for money
"""
ADJECTIVES = """\
00000001 00 a 01 large 0 002 ! 00000002 a 0101 & 00000003 a 0000 | of great size
00000002 00 a 01 small 0 001 ! 00000001 a 0101 | of little size
00000003 00 s 01 vast 0 001 & 00000001 a 0000 | very large
"""
COUNTS = """\
ark%1:03:00:: 1 0
auto%1:03:00:: 1 2
buy%2:30:00:: 1 9
car%1:03:00:: 1 9
large%3:00:00:: 1 9
lorry%1:03:00:: 1 1
purchase%2:30:00:: 1 5
sell%2:30:00:: 1 5
small%3:00:00:: 1 9
truck%1:03:00:: 1 3
vast%5:00:00:large:00 1 3
vehicle%1:03:00:: 1 4
"""


@pytest.fixture
def lexicon(tmp_path: Path) -> Lexicon:
    for kind, data in (("noun", NOUNS), ("verb", VERBS), ("adj", ADJECTIVES)):
        header = "  1 licence of the file\n"
        (tmp_path / f"data.{kind}").write_text(header + data)
        words = {
            fields[4 + 2 * i]: (fields[0], fields[2])
            for fields in map(str.split, data.splitlines())
            for i in range(int(fields[3], 16))
        }
        lines = (f"{w} {c.replace('s', 'a')} 1 0 1 1 {offset}" for w, (offset, c) in words.items())
        (tmp_path / f"index.{kind}").write_text(header + "\n".join(lines) + "\n")
    (tmp_path / "verb.exc").write_text("bought buy\nsold sell\n")
    (tmp_path / "cntlist.rev").write_text(COUNTS)
    return Lexicon(tmp_path)


def test_synonyms_come_in_the_form_of_the_word(lexicon: Lexicon) -> None:
    assert lexicon.synonyms("cars") == ["autos", "vehicles"]
    assert lexicon.synonyms("bought") == ["purchased"]
    assert lexicon.synonyms("buying") == ["purchasing"]
    assert lexicon.synonyms("vast") == ["large"]


def test_an_irregular_past_is_not_made_up(lexicon: Lexicon) -> None:
    assert lexicon.synonyms("purchased") == []
    assert lexicon.antonyms("purchased") == []


def test_antonyms_reach_through_the_head_of_a_satellite(lexicon: Lexicon) -> None:
    assert lexicon.antonyms("large") == ["small"]
    assert lexicon.antonyms("vast") == ["small"]
    assert lexicon.antonyms("buys") == ["sells"]


def test_siblings_are_other_kinds_of_the_same_thing(lexicon: Lexicon) -> None:
    assert lexicon.siblings("car") == ["truck", "lorry"]
    assert lexicon.siblings("large") == []


def test_unknown_and_uncounted_words_have_nothing(lexicon: Lexicon) -> None:
    for word in ("qwerty", "ark"):
        assert (lexicon.synonyms(word), lexicon.antonyms(word), lexicon.siblings(word)) == (
            [],
            [],
            [],
        )


def test_a_folder_without_the_files_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"cntlist\.rev"):
        Lexicon(tmp_path / "nowhere")
