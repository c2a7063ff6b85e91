"""Inside the seventh step: a yes/no question and its evidence → yes, no, or nothing.

Words decide, and only where they leave no doubt: the sentence must say the question's words in its
order, in its tense, with nothing between them but articles, auxiliaries and one negation, from the
start of a clause to its end, and without a condition, a doubt or another's say-so. Everything else
is left to the one who reads the quote: "stopped aiding", "declined to meet" and "the wife of" are
one word away from the contrary.
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
_TOKEN = re.compile(r"[^\W_]+(?:[.,]\d+)*(?:['’\-][^\W_]+)*|[^\w\s]")
_NEGATIONS = frozenset("not never cannot".split())
_ARTICLES = frozenset("a an the".split())
_AUXILIARIES = frozenset(
    "is are was were be been being has have had do does did will can must shall am".split()
)
# What may follow where the statement ends; "of" and "to" would narrow its last word.
_GOES_ON = frozenset(
    "in on at for with from by as and but when while after before during since because which who"
    " where through into over under today yesterday".split()
)
_SHORTENED = {"ca": "can", "wo": "will", "sha": "shall"}
# For the auxiliary that asks: those of which the statement must use one, and those that it may use.
_TENSES = {
    "is": ({"is", "are"}, set()),
    "are": ({"is", "are"}, set()),
    "was": ({"was", "were"}, set()),
    "were": ({"was", "were"}, set()),
    "do": (set(), {"do", "does"}),
    "does": (set(), {"do", "does"}),
    "did": (set(), {"did", "has", "have", "had"}),
    "has": (set(), {"has", "have"}),
    "have": (set(), {"has", "have"}),
}
_LEAST_TERMS = 2


def verdict(question: str, quote: str) -> Verdict | None:
    """Yes or no, where `quote` says so in so many words; None where it is for people to judge.

    >>> verdict("Did the king open the bridge?", "The king opened the bridge in May.")
    'yes'
    >>> verdict("Did the king open the bridge?", "The king did not open the bridge.")
    'no'
    >>> verdict("Did the king open the bridge?", "The king declined to open the bridge.")
    """
    if len(terms(question)) < _LEAST_TERMS or _NEGATION.search(question):
        return None
    doubts = {doubt.lower() for doubt in _DOUBT.findall(quote)}
    if "?" in quote or doubts - {doubt.lower() for doubt in _DOUBT.findall(question)}:
        return None
    tokens = _TOKEN.findall(quote)
    for first in range(len(tokens)):
        last = _statement(question, tokens, first)
        if last is None or not _is_clause(tokens, first, last):
            continue
        words = [token.lower() for token in tokens[first:last]]
        negations = sum(map(_is_negation, words))
        if negations > 1 or negations != len(_NEGATION.findall(quote)):
            return None
        return ("no" if negations else "yes") if _same_tense(question, words) else None
    return None


def _statement(question: str, tokens: list[str], first: int) -> int | None:
    """Where the statement that begins with token `first` ends, or None where it is not all there."""
    wanted = terms(question)
    asked = {word.lower() for word in _TOKEN.findall(question)}
    for place in range(first, len(tokens)):
        held = terms(tokens[place])
        if held and held == wanted[: len(held)] and _whole(tokens[place], asked):
            wanted = wanted[len(held) :]
            if not wanted:
                return place + 1
        elif place == first or not _is_filler(tokens[place].lower(), asked):
            return None
    return None


def _whole(token: str, asked: set[str]) -> bool:
    """Whether a word stands for itself: "Modi's" is not Modi."""
    return not re.search(r"['’]s?$|s['’]$", token) or token.lower() in asked


def _is_filler(word: str, asked: set[str]) -> bool:
    grammar = word in _ARTICLES or word in _AUXILIARIES or _is_negation(word)
    return grammar or (word in asked and word.isalpha() and not terms(word))


def _is_negation(word: str) -> bool:
    return word in _NEGATIONS or word.endswith(("n't", "n’t"))


def _is_clause(tokens: list[str], first: int, last: int) -> bool:
    """Whether the words before and after leave the statement whole."""
    before = first - 1
    while before >= 0 and tokens[before].lower() in _ARTICLES:
        before -= 1
    begins = before < 0 or tokens[before] in ",;:"
    after = tokens[last] if last < len(tokens) else "."
    return begins and (not after[0].isalnum() or after.lower() in _GOES_ON) and after not in "-'’"


def _same_tense(question: str, words: list[str]) -> bool:
    """Whether the statement, in these words, is of the time that is asked about."""
    asked = [word.lower() for word in _TOKEN.findall(question)]
    asking = next((word for word in asked if word in _AUXILIARIES), "")
    used = {_plain(word) for word in words} & _AUXILIARIES
    needed, allowed = _TENSES.get(asking, ({asking}, set()))
    if (needed and not used & needed) or used - needed - allowed - set(asked[1:]):
        return False
    in_the_past = any(word.endswith("ed") and word not in asked for word in words)
    if asking == "did":
        return in_the_past or bool(used)
    return asking not in ("do", "does") or not in_the_past


def _plain(word: str) -> str:
    """The auxiliary in a shortened negation: "won't" is "will".

    >>> [_plain(word) for word in ("won't", "doesn’t", "cannot", "opened")]
    ['will', 'does', 'can', 'opened']
    """
    if word == "cannot":
        return "can"
    stem = re.sub(r"n['’]t$", "", word)
    return _SHORTENED.get(stem, stem)
