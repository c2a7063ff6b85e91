"""Quantities: do two short texts say the same number, amount or date?

"$245 billion" = "245 billion US dollars", "60,000" = "sixty thousand", "11th" = "eleventh",
"May 16th" = "16 May". A date may say more than was asked for ("1 October 1949" answers "1949"), not
less. Units must not contradict each other: 5 dollars are not 5 euros, 5% are not 5 years.

A text is read as its dates, its other numbers, their units, and the words that are left. `same`
holds where dates and numbers agree, units do not contradict, and left words, where both texts have
some, share one.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from fractions import Fraction
from functools import lru_cache

from eval.metrics.normal import join_thousands, words
from rag.quantities import MONTHS, Date, dates, numbers

_UNITS = {
    "usd": ("$", "us$", "usd", "dollar", "dollars"),
    "eur": ("€", "eur", "euro", "euros"),
    "gbp": ("£", "gbp", "pound", "pounds", "sterling"),
    "cny": ("¥", "cny", "rmb", "yuan", "renminbi"),
    "jpy": ("jpy", "yen"),
    "rub": ("₽", "rub", "rouble", "roubles", "ruble", "rubles"),
    "inr": ("₹", "inr", "rupee", "rupees"),
    "percent": ("%", "percent", "percentage"),
    "second": ("second", "seconds", "sec", "secs"),
    "minute": ("minute", "minutes", "min", "mins"),
    "hour": ("hour", "hours", "hr", "hrs"),
    "day": ("day", "days"),
    "week": ("week", "weeks"),
    "month": ("month", "months"),
    "year": ("year", "years", "yr", "yrs"),
    "decade": ("decade", "decades"),
    "century": ("century", "centuries"),
    "metre": ("metre", "metres", "meter", "meters", "m"),
    "kilometre": ("kilometre", "kilometres", "kilometer", "kilometers", "km"),
    "mile": ("mile", "miles", "mi"),
    "foot": ("foot", "feet", "ft"),
    "kilogram": ("kilogram", "kilograms", "kg"),
    "tonne": ("tonne", "tonnes", "ton", "tons"),
    "degree": ("°", "degree", "degrees"),
}
_UNIT_OF = {spelling: unit for unit, spellings in _UNITS.items() for spelling in spellings}
_SYMBOL = re.compile(r"[$€£¥₽₹%°]")
_FILLER = frozenset(
    (
        "of in on at by to and or about around approximately roughly nearly almost over under "
        "more than less least most up only some exactly us total per cent times time approx circa "
        "early mid late was were is are it he she they there from since until till with for"
    ).split()
)
_SPACE_BEFORE = re.compile(r" (?=[,%])|(?<=\d) (?=(?:st|nd|rd|th)\b)")
_YEARS = re.compile(r"\b(1\d|20)(\d\d)[–-](\d\d)(?![\d-])")
_NUMBERED = re.compile(r"\d")
_DATE_WORD = frozenset(MONTHS) | {"st", "nd", "rd", "th"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Quantities:
    """What a text says in numbers. `rest` are the words that are neither number, unit nor filler."""

    dates: tuple[Date, ...]
    numbers: tuple[Fraction, ...]
    units: frozenset[str]
    rest: frozenset[str]

    @property
    def any(self) -> bool:
        """Whether there is a number or a date."""
        return bool(self.dates or self.numbers)


@lru_cache(maxsize=4096)
def quantities(text: str) -> Quantities:
    """Reads a short text.

    >>> found = quantities("about $245 billion")
    >>> [int(n) for n in found.numbers], sorted(found.units), sorted(found.rest)
    ([245000000000], ['usd'], [])
    """
    text = _YEARS.sub(_whole_years, text)
    text = _SPACE_BEFORE.sub("", " ".join(join_thousands(text).split()))
    said_dates = dates(text)
    dated = Counter(
        Fraction(part)
        for date in said_dates
        for place, part in enumerate(date)
        if part is not None and not _named_month(place, text)
    )
    rest_numbers: list[Fraction] = []
    for value in numbers(text):
        if dated[value]:
            dated[value] -= 1
        else:
            rest_numbers.append(value)
    spoken = words(text)
    units = {_UNIT_OF[symbol] for symbol in _SYMBOL.findall(text)}
    units |= {_UNIT_OF[word] for word in spoken if word in _UNIT_OF}
    if "per" in spoken and "cent" in spoken:
        units.add("percent")
    rest = {
        word
        for word in spoken
        if word not in _FILLER
        and word not in _UNIT_OF
        and word not in _DATE_WORD
        and not _NUMBERED.search(word)
        and not numbers(word)
        and word
        not in ("hundred", "thousand", "million", "billion", "trillion", "bn", "mn", "dozen")
    }
    return Quantities(
        dates=said_dates,
        numbers=tuple(rest_numbers),
        units=frozenset(units),
        rest=frozenset(rest),
    )


def is_quantity(text: str) -> bool:
    """Whether a text is nothing but a number, an amount or a date.

    >>> [is_quantity(t) for t in ("$245 billion", "May 16th", "29 world leaders", "Red Square")]
    [True, True, False, False]
    """
    found = quantities(text)
    return found.any and not found.rest


def same(answer: str, accepted: str) -> bool:
    """Whether a short answer says the quantity that is accepted, no other and no less.

    >>> same("sixty thousand passengers", "60,000"), same("$62", "$64"), same("1 October 1949", "1949")
    (True, False, True)
    """
    said, wanted = quantities(answer), quantities(accepted)
    return (
        _covers(said, wanted)
        and not _extra(said, wanted)
        and _units_agree(said, wanted)
        and not (said.rest and wanted.rest and said.rest.isdisjoint(wanted.rest))
    )


def says(sentence: str, accepted: str) -> bool:
    """Whether a sentence says the quantity that is accepted, among other things.

    >>> says("In 1949 some 60,000 people came.", "sixty thousand")
    True
    """
    said, wanted = quantities(sentence), quantities(accepted)
    return _covers(said, wanted) and wanted.units <= said.units


def _whole_years(found: re.Match[str]) -> str:
    """1979–80 as 1979–1980; what does not rise is left: 2024-05."""
    century, first, last = found.groups()
    return f"{century}{first}–{century}{last}" if last > first else found.group()


def _covers(said: Quantities, wanted: Quantities) -> bool:
    """Whether every date and number that is wanted is said."""
    if not wanted.any:
        return False
    all_dates_said = all(any(_fits(date, other) for other in said.dates) for date in wanted.dates)
    spoken = set(said.numbers) | {Fraction(date[0]) for date in said.dates if date[0] is not None}
    return all_dates_said and set(wanted.numbers) <= spoken


def _extra(said: Quantities, wanted: Quantities) -> bool:
    """Whether a number or date is said that is not wanted. A date around a wanted year is none."""
    years = {Fraction(date[0]) for date in wanted.dates if date[0] is not None}
    if set(said.numbers) - set(wanted.numbers) - years:
        return True
    return any(
        not any(_fits(date, other) for date in wanted.dates)
        and not (other[0] is not None and Fraction(other[0]) in wanted.numbers)
        for other in said.dates
    )


def _fits(date: Date, other: Date) -> bool:
    """Whether all that `date` says is said by `other`."""
    return all(part is None or part == known for part, known in zip(date, other, strict=True))


def _units_agree(said: Quantities, wanted: Quantities) -> bool:
    return not said.units or not wanted.units or bool(said.units & wanted.units)


def _named_month(place: int, text: str) -> bool:
    """Whether the month (part 1 of a date) is written as a name, and so is no number of the text."""
    return place == 1 and any(month in text.lower() for month in MONTHS)
