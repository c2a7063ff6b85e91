from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.quantities import dates, numbers


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("$245 billion", [245_000_000_000]),
        ("245 billion US dollars", [245_000_000_000]),
        ("60,000", [60_000]),
        ("sixty thousand", [60_000]),
        ("1,2,3 and 2019,2020", [1, 2, 3, 2019, 2020]),
        ("1,00,000 rupees, 12,345,678", [100_000, 12_345_678]),
        ("7" * 5000 + " cranes, 2", [2]),
        (",".join(["123"] * 2000) + " ships, 5", [5]),
        ("zero thousand and 0.0 million", [0, 0]),
        ("two hundred thousand", [200_000]),
        ("the 11th", [11]),
        ("eleventh", [11]),
        ("seventy-five", [75]),
        ("two hundred and five", [205]),
        ("three and four", [3, 4]),
        ("33 years and 75 years", [33, 75]),
        ("in May, on Monday", []),
        ("", []),
    ],
)
def test_numbers(text: str, values: list[int]) -> None:
    assert [int(value) for value in numbers(text)] == values


@given(st.integers(0, 10**15))
def test_grouping_does_not_change_a_number(value: int) -> None:
    assert numbers(f"{value:,}") == numbers(str(value)) == (value,)


@given(st.text())
def test_any_text_is_read(text: str) -> None:
    assert len(numbers(text)) <= len(text)
    assert len(dates(text)) <= len(text)


@pytest.mark.parametrize(
    ("text", "date"),
    [
        ("May 16th", (None, 5, 16)),
        ("16 May", (None, 5, 16)),
        ("the 16th of May, 2024", (2024, 5, 16)),
        ("May 16, 2024", (2024, 5, 16)),
        ("2024-05-16", (2024, 5, 16)),
        ("March 1917", (1917, 3, None)),
    ],
)
def test_dates(text: str, date: tuple[int | None, ...]) -> None:
    assert dates(text) == (date,)


def test_dates_with_spaces_that_do_not_break() -> None:
    assert dates("on March\u00a011,\u00a02018") == ((2018, 3, 11),)
