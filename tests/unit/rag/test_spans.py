from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.spans import complete

TEXT = (
    "In Moscow, Giannis Adetokunbo paid $2,450 million for 60,000 tickets and 50 billion cubic "
    "metres of gas on the 11th, a four-day visit (his first)."
)


@pytest.mark.parametrize(
    ("part", "whole"),
    [
        ("Giannis", "Giannis Adetokunbo"),
        ("detoku", "Giannis Adetokunbo"),
        ("450", "$2,450 million"),
        ("million", "$2,450 million"),
        ("000", "60,000"),
        ("billion", "50 billion"),
        ("11", "11th"),
        ("Moscow,", "Moscow"),
        ("first).", "first"),
        ("four", "four"),
    ],
)
def test_a_part_grows_to_the_whole(part: str, whole: str) -> None:
    start = TEXT.index(part)
    left, right = complete(TEXT, (start, start + len(part)), (0, len(TEXT)))
    assert TEXT[left:right] == whole


@given(st.text(max_size=80), st.data())
def test_a_span_stays_inside_and_is_not_lost(text: str, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    left, right = complete(text, (start, end), (0, len(text)))
    assert 0 <= left <= right <= len(text)
    if text[start:end].strip():
        assert left < right
