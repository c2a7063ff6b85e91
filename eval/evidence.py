"""Second step of the evaluation: facts + articles → facts whose quotes have their places."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from eval.errors import FactsWrong
from eval.facts import Evidence, Fact, Span
from rag.types import Article

MAX_NEAREST_CHARACTERS = 200_000


def place_evidence(
    facts: Sequence[Fact],
    articles: Mapping[str, Article],
    folder: Path,
    once_stood: Iterable[tuple[str, str]] = (),
) -> tuple[Fact, ...]:
    """The facts with the offsets of their quotes in the articles.

    A quote that no article holds is a fault of the fact, unless `(document, quote)` is among
    `once_stood`: then the article has changed, and the evidence stays without a place.
    Raises: FactsWrong.
    """
    by_source = {article.source: article.id for article in articles.values()}
    stood = set(once_stood)
    problems: list[str] = []
    unknown: dict[str, list[str]] = {}
    placed: list[Fact] = []
    for fact in facts:
        evidence: list[Evidence] = []
        for item in fact.evidence:
            document = by_source.get(item.document, item.document)
            places = _places(articles.get(document), item.quote)
            if not places and (document, item.quote) not in stood:
                where = f"{folder if folder.is_file() else folder / fact.file}:{item.line}"
                if document in articles:
                    problems.append(f"{where}: {_not_there(item, document, articles)}")
                else:
                    unknown.setdefault(document, []).append(where)
            evidence.append(replace(item, document=document, places=places))
        placed.append(replace(fact, evidence=tuple(evidence)))
    problems.extend(
        f"{where[0]}: evidence.document: no article '{document}' in the index "
        f"({_times(len(where))}). {_known(document, articles)}"
        for document, where in unknown.items()
    )
    if problems:
        raise FactsWrong(problems)
    return tuple(placed)


def nearest(text: str, quote: str) -> str:
    """The stretch of `text` most like a quote that is not in it; "" where nothing is like it.

    >>> nearest("He is among 27 world leaders.", "among 29 world leaders")
    'among 27 world leaders'
    """
    if len(text) > MAX_NEAREST_CHARACTERS:
        return ""
    matcher = difflib.SequenceMatcher(None, text, quote, autojunk=False)
    block = matcher.find_longest_match()
    if block.size < min(8, len(quote) // 2):
        return ""
    start = max(0, block.a - block.b)
    return text[start : start + len(quote)]


def _places(article: Article | None, quote: str) -> tuple[Span, ...]:
    if article is None:
        return ()
    places: list[Span] = []
    at = article.text.find(quote)
    while at >= 0:
        places.append((at, at + len(quote)))
        at = article.text.find(quote, at + len(quote))
    return tuple(places)


def _known(document: str, articles: Mapping[str, Article]) -> str:
    near = difflib.get_close_matches(document, articles, n=1)
    if near:
        return f"Did you mean '{near[0]}'?"
    names = list(articles)
    return f"It holds: {', '.join(names[:5])}{', …' if len(names) > 5 else ''}"


def _not_there(item: Evidence, document: str, articles: Mapping[str, Article]) -> str:
    elsewhere = [other.id for other in articles.values() if item.quote in other.text]
    if elsewhere:
        return f"evidence.quote: not in '{document}', but in '{elsewhere[0]}'. Mend the document."
    said = nearest(articles[document].text, item.quote)
    hint = f"It says: {said!r}" if said else "Copy the words from the article."
    return f"evidence.quote: not in '{document}': {item.quote!r}. {hint}"


def _times(count: int) -> str:
    return "quoted once" if count == 1 else f"quoted {count} times"
