from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eval.metrics.quantities import is_quantity, same, says

MONTHS = (
    "January February March April May June July August September October November December"
).split()
SMALL = "zero one two three four five six seven eight nine ten eleven twelve".split()


@pytest.mark.parametrize(
    ("answer", "accepted"),
    [
        ("$245 billion", "245 billion US dollars"),
        ("$245 billion", "US$245bn"),
        ("60,000", "60000"),
        ("60,000", "sixty thousand"),
        ("60\u202f000", "60,000"),
        ("11th", "eleventh"),
        ("11th", "11"),
        ("May 16th", "16 May"),
        ("the 16th of May", "May 16"),
        ("16 May 2024", "2024-05-16"),
        ("September\u00a013,\u00a01969", "13 September 1969"),
        ("1 October 1949", "1949"),
        ("in 1949", "1949"),
        ("1979–80", "1979-1980"),
        ("50%", "fifty per cent"),
        ("29 world leaders", "29 leaders"),
        ("29", "29 world leaders"),
        ("four-day", "4 days"),
        ("at least 19", "19"),
    ],
)
def test_the_same_in_other_words(answer: str, accepted: str) -> None:
    assert same(answer, accepted)


@pytest.mark.parametrize(
    ("answer", "accepted"),
    [
        ("62", "64"),
        ("$245 billion", "$245 million"),
        ("$5", "5 euros"),
        ("5%", "5 years"),
        ("16 May", "17 May"),
        ("16 May", "16 June"),
        ("1949", "1 October 1949"),
        ("16 May 2023", "16 May 2024"),
        ("29 drones", "29 world leaders"),
        ("29 of 30", "29"),
        ("1949 or 1950", "1949"),
        ("many", "29"),
        ("29", "many"),
        ("", "29"),
    ],
)
def test_another_quantity(answer: str, accepted: str) -> None:
    assert not same(answer, accepted)


@given(st.integers(min_value=0, max_value=10**12))
def test_commas_change_nothing(value: int) -> None:
    assert same(f"{value:,}", str(value)) and same(str(value), f"{value:,}")
    assert not same(str(value + 1), f"{value:,}")


@given(st.integers(min_value=1, max_value=12), st.sampled_from(["thousand", "million", "billion"]))
def test_number_words_are_their_digits(value: int, scale: str) -> None:
    factor = {"thousand": 10**3, "million": 10**6, "billion": 10**9}[scale]
    assert same(f"{SMALL[value]} {scale}", f"{value * factor:,}")
    assert same(f"{value} {scale}", str(value * factor))


@given(
    st.integers(min_value=1, max_value=28),
    st.integers(min_value=1, max_value=12),
    st.integers(min_value=1000, max_value=2099),
)
def test_a_date_is_the_same_however_it_is_written(day: int, month: int, year: int) -> None:
    name = MONTHS[month - 1]
    forms = (
        f"{day} {name} {year}",
        f"{name} {day}, {year}",
        f"the {day}th of {name} {year}",
        f"{year}-{month:02}-{day:02}",
    )
    for one in forms:
        assert all(same(one, other) for other in forms)
        assert same(one, str(year)) and not same(str(year), one)
        assert not same(one, f"{day % 28 + 1} {name} {year}")
        assert is_quantity(one)


@given(st.text(max_size=30), st.text(max_size=30))
def test_no_text_is_refused(one: str, other: str) -> None:
    assert same(one, other) in (True, False)
    assert says(one, other) in (True, False)


@given(st.integers(min_value=0, max_value=10**9), st.text(alphabet="xyz ", max_size=20))
def test_a_sentence_says_the_number_in_it(value: int, rest: str) -> None:
    assert says(f"{rest} {value} {rest}", f"{value:,}")
