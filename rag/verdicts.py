"""Inside the seventh step: a yes/no question and its evidence → yes, no, or nothing.

Words decide, and only where they leave no doubt: the sentence must hold every term of the question,
in the question's order, without a condition, a doubt or another's say-so; one negation among them
turns it round. Everything else is left to the one who reads the quote.
"""

from __future__ import annotations

import re
from typing import Literal

from rag.lexical import terms

Verdict = Literal["yes", "no"]

_NEGATION = re.compile(r"\b(?:not|never|no|cannot|nobody|none|neither|nor|\w+n[’']t)\b", re.I)
# What makes a sentence less than a plain statement: condition, possibility, plan, denial, hearsay.
_DOUBT = re.compile(
    r"\b(?:if|whether|unless|until|(?-i:may)|might|could|would|should|ought|almost|nearly|barely|hardly|perhaps"
    r"|possibly|probably|likely|unlikely|seem(?:s|ed)?|appear(?:s|ed)?|allegedly|reportedly|supposedly"
    r"|so-called|accord(?:s|ed|ing)|say(?:s|ing)?|said|told|tells?|claim(?:s|ed|ing)?|argu(?:es?|ed|ing)"
    r"|believ(?:es?|ed|ing)|think(?:s|ing)?|thought|suggest(?:s|ed|ing)?|insist(?:s|ed|ing)?"
    r"|accus(?:es?|ed|ing)|plan(?:s|ned|ning)?|intend(?:s|ed|ing)?|expect(?:s|ed|ing)?"
    r"|propos(?:es?|ed|al|als)|hop(?:es?|ed|ing)|want(?:s|ed|ing)?|wish(?:es|ed)?|seek(?:s|ing)?|sought"
    r"|consider(?:s|ed|ing)?|tr(?:y|ies|ied|ying)|attempt(?:s|ed|ing)?|den(?:y|ies|ied|ying)"
    r"|refus(?:es?|ed|ing|al)|reject(?:s|ed|ing|ion)?|fail(?:s|ed|ing|ure)?|without|instead|rather"
    r"|only|few|little|some|rumou?rs?|fake|false(?:ly)?|myth)\b",
    re.I,
)
_NEGATED = frozenset(terms("not never no cannot nobody none neither nor"))
_LEAST_TERMS = 2


def verdict(question: str, quote: str) -> Verdict | None:
    """Yes or no, where `quote` says so in so many words; None where it is for people to judge.

    >>> verdict("Did the king open the bridge?", "The king opened the new bridge in May.")
    'yes'
    >>> verdict("Did the king open the bridge?", "The king did not open the bridge.")
    'no'
    >>> verdict("Did the king open the bridge?", "It is said that the king opened the bridge.")
    """
    wanted = terms(question)
    if len(wanted) < _LEAST_TERMS or _NEGATION.search(question):
        return None
    doubts = {doubt.lower() for doubt in _DOUBT.findall(quote)}
    if "?" in quote or doubts - {doubt.lower() for doubt in _DOUBT.findall(question)}:
        return None
    negations = len(_NEGATION.findall(quote))
    held = [term for term in terms(quote) if term not in _NEGATED]
    if negations > 1 or not _in_order(wanted, held):
        return None
    return "no" if negations else "yes"


def _in_order(wanted: list[str], held: list[str]) -> bool:
    """Whether all of `wanted` stand in `held` in this order."""
    rest = iter(held)
    return all(term in rest for term in wanted)
