"""Pronouns of a follow-up question → what they stand for in the turns before."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from rag.antecedents import Turn, names_in, person, phrases_in, place, several, thing

_EXPLETIVE = re.compile(
    r"\b(?:is|isn[’']t|was|be|been|will be) it (?:\w+ )?(?:\w+ )?(?:to|that|for|when|if|worth)\b"
    r"|\bit (?:takes?|rains?|snows?|seems?|is \w+ (?:to|that)|was \w+ (?:to|that)|would seem)\b"
    r"|\b(?:do|does|did|will|would) it (?:take|make sense|matter|rain|snow|seem)\b|\bwhat time is it\b",
    re.IGNORECASE,
)
_PERSON = re.compile(r"\b(?:he|she|him|himself|herself|his|her|hers)\b", re.IGNORECASE)
_SEVERAL = re.compile(r"\b(?:they|them|their|theirs|themselves)\b", re.IGNORECASE)
_THING = re.compile(r"\b(?:it|its|itself)\b", re.IGNORECASE)
_THIS = re.compile(
    r"(?:(?<=^)|(?<=\bis )|(?<=\bwas )|(?<=\bdid )|(?<=\bdoes )|(?<=\bdo )|(?<=\bwill )|(?<=\bcan )"
    r"|(?<=\babout )|(?<=\bof )|(?<=\bby )|(?<=\bfor )|(?<=\bto )|(?<=\bwith )|(?<=\bafter )|(?<=\bbefore ))"
    r"(?:this|that)(?=\s*(?:$|,|\b(?:is|was|mean|means|happen|happened|work|affect|cause|help|apply|last|cost"
    r"|end|start|begin|become|look|different|true|possible|normal|free|safe|important)\b))",
    re.IGNORECASE,
)
_THERE = re.compile(
    r"(?<!\bis )(?<!\bare )(?<!\bwas )(?<!\bwere )(?<!\bwill )(?<!\bit )"
    r"\bthere\b(?! (?:is|are|was|were|be|any|a)\b)",
    re.IGNORECASE,
)
_NOUN_FOLLOWS = re.compile(
    r"\s+(?!(?:to|in|on|at|from|for|by|with|about|and|or|when|after|before)\b)\w"
)


def replaced(stem: str, turns: Sequence[Turn]) -> tuple[str, list[str]]:
    """`stem` with its pronouns replaced, and what each was replaced by."""
    found: list[str] = []
    asked = stem
    for pattern, antecedent in (
        (_PERSON, person),
        (_SEVERAL, several),
        (_THIS, thing),
        (_THING, thing),
        (_THERE, _there),
    ):
        stem = _replace(asked, stem, pattern, antecedent, turns, found)
    return stem, found


def _replace(
    asked: str,
    stem: str,
    pattern: re.Pattern[str],
    antecedent: Callable[[Sequence[Turn]], str],
    turns: Sequence[Turn],
    found: list[str],
) -> str:
    match = pattern.search(asked)
    if match is None or _has_own(asked[: match.start()], pattern):
        return stem
    if pattern is _THING and _EXPLETIVE.search(stem):
        return stem
    stands_for = antecedent(turns)
    if not stands_for:
        return stem
    put: list[str] = []

    def instead(pronoun: re.Match[str]) -> str:
        word = pronoun.group().lower()
        if word in ("himself", "herself", "themselves", "itself"):
            return pronoun.group()
        owns = word in ("his", "its", "their", "theirs", "hers") or (
            word == "her" and _NOUN_FOLLOWS.match(stem, pronoun.end()) is not None
        )
        if put and not owns:
            return pronoun.group()
        put.append(stands_for)
        return f"{stands_for}{'’' if stands_for.endswith('s') else '’s'}" if owns else stands_for

    replaced = pattern.sub(instead, stem)
    if put:
        found.append(f"{match.group()} → {stands_for}")
    return replaced


def _has_own(before: str, pattern: re.Pattern[str]) -> bool:
    """Whether the question itself names what its pronoun stands for, ahead of it."""
    if pattern is _THIS or pattern is _THERE:
        return False
    if pattern is _PERSON:
        return bool(names_in(before)) or bool(re.search(r"\bwho\b", before, re.IGNORECASE))
    if pattern is _SEVERAL:
        return bool(names_in(before)) or bool(
            re.search(
                r"\b(?:how many|which|what|the|these|those) (?:\w+ )?\w+s\b", before, re.IGNORECASE
            )
        )
    return bool(names_in(before)) or bool(phrases_in(before))


def _there(turns: Sequence[Turn]) -> str:
    found = place(turns)
    return f"in {found}" if found else ""
