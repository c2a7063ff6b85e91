"""Numbers and dates in text as comparable values: "$245 billion" is "245 billion US dollars"."""

from __future__ import annotations

import re
from fractions import Fraction

_UNITS = {
    word: value
    for value, word in enumerate(
        (
            "zero one two three four five six seven eight nine ten eleven twelve thirteen "
            "fourteen fifteen sixteen seventeen eighteen nineteen"
        ).split()
    )
}
_TENS = {
    word: 10 * value
    for value, word in enumerate(
        "twenty thirty forty fifty sixty seventy eighty ninety".split(), start=2
    )
}
_ORDINALS = {
    "first": 1, "second": 2, "third": 3, "fifth": 5, "eighth": 8, "ninth": 9, "twelfth": 12,
    "twentieth": 20, "thirtieth": 30, "fortieth": 40, "fiftieth": 50, "sixtieth": 60,
    "seventieth": 70, "eightieth": 80, "ninetieth": 90, "hundredth": 100,
}  # fmt: skip
_ORDINALS |= {
    f"{word}th": value for word, value in _UNITS.items() if value not in (1, 2, 3, 5, 8, 9, 12)
}
_SCALES = {
    "hundred": 100, "thousand": 10**3, "million": 10**6, "billion": 10**9, "trillion": 10**12,
    "bn": 10**9, "mn": 10**6, "dozen": 12,
}  # fmt: skip
MONTHS = {
    name: number
    for number, name in enumerate(
        (
            "january february march april may june july august september october november december"
        ).split(),
        start=1,
    )
}
# Digits in groups of three (or of two, as in 1,00,000), else digits alone: "1,2,3" are three numbers.
_TOKEN = re.compile(
    r"\d{1,3}(?:[,\u00a0\u202f]\d{2,3})*[,\u00a0\u202f]\d{3}(?!\d)(?:\.\d+)?|\d+(?:\.\d+)?|[a-z]+",
    re.IGNORECASE,
)
MOST_DIGITS = 60  # what is longer is a code, not a number
_WORDS = _UNITS | _TENS | _ORDINALS


def numbers(text: str) -> tuple[Fraction, ...]:
    """The values of all numbers in `text`, in order: digits, words, ordinals, scales.

    Months and weekdays are no numbers. "one" counts, "a" does not; "second" counts as 2.

    >>> [int(n) for n in numbers("60,000 people, sixty thousand, the 11th, twenty-one, $2.5 million")]
    [60000, 60000, 11, 21, 2500000]
    """
    values: list[Fraction] = []
    total = group = Fraction(0)
    begun, previous_end, previous_kind = False, 0, ""

    def close() -> None:
        nonlocal total, group, begun, previous_kind
        if begun:
            values.append(total + group)
        total = group = Fraction(0)
        begun, previous_kind = False, ""

    for match in _TOKEN.finditer(text):
        token = match.group().lower()
        gap = text[previous_end : match.start()]
        joined = begun and "\n" not in gap and gap.strip(" \u00a0-") in ("", "and")
        if not joined:
            close()
        if token == "and" and previous_kind == "scale":
            continue  # "two hundred and five": previous_end stays, so that the gap reads "and"
        kind, value = _kind(token)
        if kind == "scale" and begun:
            if value == 100:
                group *= 100
            else:
                total += group * value
                group = Fraction(0)
        elif kind in ("digits", "word", "tens"):
            continues = begun and (
                (previous_kind == "tens" and kind == "word" and value < 10)
                or (previous_kind == "scale" and kind != "digits")
            )
            if begun and not continues:
                close()
            group += value
            begun = True
        else:
            close()
        previous_kind = kind
        previous_end = match.end()
        suffix = text[match.end() : match.end() + 2].lower()
        if kind == "digits" and suffix in ("st", "nd", "rd", "th"):
            previous_end += 2
    close()
    return tuple(values)


def _kind(token: str) -> tuple[str, Fraction]:
    if token[0].isdigit() and len(token) > MOST_DIGITS:
        return "other", Fraction(0)
    if token[0].isdigit():
        return "digits", Fraction(re.sub(r"[,\u00a0\u202f]", "", token))
    if token in _SCALES:
        return "scale", Fraction(_SCALES[token])
    if token in _TENS:
        return "tens", Fraction(_TENS[token])
    if token in _WORDS:
        return "word", Fraction(_WORDS[token])
    return "other", Fraction(0)


_YEAR = r"(?P<year>1\d{3}|20\d{2})"
_MONTH = rf"(?P<month>{'|'.join(MONTHS)})"
_DAY = r"(?P<day>[0-3]?\d)(?:st|nd|rd|th)?"
_DATES = tuple(
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        rf"\b{_MONTH} (?:the )?{_DAY}(?:,? {_YEAR})?\b",
        rf"\b(?:the )?{_DAY} (?:of )?{_MONTH}(?:,? {_YEAR})?\b",
        rf"\b{_MONTH},? (?P<day>){_YEAR}\b",
        rf"\b{_YEAR}-(?P<month>\d\d)-(?P<day>\d\d)\b",
    )
)
Date = tuple[int | None, int | None, int | None]


def dates(text: str) -> tuple[Date, ...]:
    """The calendar dates in `text` as (year, month, day), None where not said, in order of place.

    >>> dates("May 16th, 16 May 2024 and 2024-05-16")
    ((None, 5, 16), (2024, 5, 16), (2024, 5, 16))
    """
    found: dict[int, tuple[int, Date]] = {}
    spaced = re.sub(r"[\u00a0\u202f]", " ", text)
    for pattern in _DATES:
        for match in pattern.finditer(spaced):
            parts = match.groupdict()
            month = MONTHS.get(parts["month"].lower()) or int(parts["month"])
            value: Date = (
                int(parts["year"]) if parts.get("year") else None,
                month,
                int(parts["day"]) if parts.get("day") else None,
            )
            overlapping = [
                start
                for start, (end, _) in found.items()
                if start < match.end() and match.start() < end
            ]
            if all(found[start][0] - start < match.end() - match.start() for start in overlapping):
                for start in overlapping:
                    del found[start]
                found[match.start()] = (match.end(), value)
    return tuple(value for _, (_, value) in sorted(found.items()))
