"""Eighth step: an answer → the same answer, proven. Pure functions; run on every answer.

A citation must be the article's own text at its offsets. A sentence must not say a number, date,
name or negation that its quotes do not. What fails is not shown.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from rag.quantities import dates, numbers
from rag.types import NOT_IN_ARTICLES, Answer, Article, Citation, Sentence

_NAME = re.compile(r"\b[A-Z\u00c0-\u00de][\w’'-]+")
_NEGATION = re.compile(
    r"\b(?:not|no|never|none|nobody|nothing|neither|nor|without|cannot|\w+n[’']t)\b", re.IGNORECASE
)
_MARKER = re.compile(r"\s*\[\d+(?:,\s*\d+)*\]")


def stands(citation: Citation, article: Article) -> bool:
    """Whether the citation is the article's own text, and its answer lies inside its quote."""
    if citation.sha256 != article.sha256 or not 0 <= citation.start < citation.end:
        return False
    if article.text[citation.start : citation.end] != citation.quote:
        return False
    inner = (citation.answer_start, citation.answer_end)
    if inner == (None, None):
        return True
    return (
        citation.answer_start is not None
        and citation.answer_end is not None
        and citation.start <= citation.answer_start < citation.answer_end <= citation.end
    )


def unsupported(text: str, quotes: Sequence[str]) -> list[str]:
    """What `text` says and its quotes do not: numbers, dates, names, a negation more or fewer.

    >>> unsupported("It sold 64 ships.", ["It sold 62 ships."])
    ['number 64']
    """
    text = _MARKER.sub("", text)
    joined = " ".join(quotes)
    found: list[str] = []
    held = set(numbers(joined))
    found.extend(f"number {float(value):g}" for value in numbers(text) if value not in held)
    held_dates = set(dates(joined))
    found.extend(
        f"date {date}"
        for date in dates(text)
        if not any(_fits(date, other) for other in held_dates)
    )
    lowered = joined.lower()
    names = list(_NAME.finditer(text))
    found.extend(
        f"name {name.group()}"
        for name in names
        if not re.search(rf"\b{re.escape(_bare(name.group()))}", lowered)
        and not _opens_sentence(text, name.start())
    )
    if bool(_NEGATION.search(text)) != bool(_NEGATION.search(joined)):
        found.append("negation")
    return found


def prove(answer: Answer, articles: Mapping[str, Article]) -> Answer:
    """The answer without whatever does not stand; an abstention where nothing is left.

    Citations are numbered 1, 2, 3 in order of appearance, and each kept one is used.
    """
    if answer.abstained:
        return abstention(answer)
    sound = {
        citation.number: citation
        for citation in answer.citations
        if citation.document in articles and stands(citation, articles[citation.document])
    }
    kept: list[Sentence] = []
    for sentence in answer.sentences:
        numbers_kept = tuple(number for number in sentence.citations if number in sound)
        quotes = [sound[number].quote for number in numbers_kept]
        if quotes and not unsupported(sentence.text, quotes):
            kept.append(replace(sentence, citations=numbers_kept))
    if not kept:
        return abstention(answer)
    order = list(dict.fromkeys(number for sentence in kept for number in sentence.citations))
    renumbered = {number: place for place, number in enumerate(order, start=1)}
    sentences = tuple(
        replace(sentence, citations=tuple(sorted(renumbered[n] for n in sentence.citations)))
        for sentence in kept
    )
    citations = tuple(replace(sound[number], number=renumbered[number]) for number in order)
    short = answer.short_answer
    if short and unsupported(short, [citation.quote for citation in citations if citation.quote]):
        short_problems = [
            problem
            for problem in unsupported(short, [citation.quote for citation in citations])
            if problem != "negation"  # a span need not repeat the negation of its sentence
        ]
        if short_problems:
            return abstention(answer)
    return replace(answer, sentences=sentences, citations=citations, text=text_of(sentences))


def abstention(answer: Answer) -> Answer:
    """The answer as "the articles do not say": passages are kept, nothing else is claimed."""
    return replace(
        answer,
        abstained=True,
        short_answer=None,
        verdict=None,
        text=NOT_IN_ARTICLES,
        sentences=(),
        citations=(),
    )


def text_of(sentences: Iterable[Sentence]) -> str:
    """The sentences with their numbers, as plain text: "He left. [1] She stayed. [2]"."""
    return " ".join(
        sentence.text + "".join(f" [{number}]" for number in sentence.citations)
        for sentence in sentences
    )


def _fits(date: tuple[int | None, ...], other: tuple[int | None, ...]) -> bool:
    """Whether all that `date` says is said by `other`."""
    return all(part is None or part == known for part, known in zip(date, other, strict=True))


def _bare(name: str) -> str:
    return re.sub(r"[’']s?$", "", name).lower()


def _opens_sentence(text: str, at: int) -> bool:
    before = text[:at].rstrip(" \t\r\n\"“‘'(«")
    return not before or before[-1] in ".!?:;…"
