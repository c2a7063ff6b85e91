"""What a pronoun can stand for: names and phrases of an earlier question and of its answer.

Rules of general English over word forms; there is no parser and no list of known names.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from rag.questions import expected_type

AUXILIARIES = frozenset(
    (
        "am is are was were be been do does did has have had can could will would shall should may "
        "might must isn't aren't wasn't weren't don't doesn't didn't hasn't haven't hadn't can't "
        "couldn't won't wouldn't shouldn't"
    ).split()
)
WH = frozenset("who whom whose what which when where why how".split())
PREPOSITIONS = frozenset(
    (
        "in on at to from into onto near inside outside over under during before after since until "
        "by with without for about against between among through across toward towards as than"
    ).split()
)
MAX_PHRASE_WORDS = 8
_DETERMINERS = frozenset("the a an this that these those its their his her our your my".split())
_OPENERS = frozenset(
    (
        "describe explain tell list name give summarise summarize compare show define and but so then "
        "also ok okay well please in on at to from for about by with after before since during i it he "
        "she they we you there the a an this that these those if how's what's who's where's when's"
    ).split()
)
_CALENDAR = frozenset(
    (
        "monday tuesday wednesday thursday friday saturday sunday january february march april may "
        "june july august september october november december"
    ).split()
)
_ENDS_A_PHRASE = (
    AUXILIARIES | WH | PREPOSITIONS | frozenset("and or but if because while that".split())
)
_WORD = re.compile(r"[^\W_]+(?:[-'’.][^\W_]+)*[’']?")
_POSSESSIVE = re.compile(r"[’'](?:s|S)?$")
_LOCATIVE = frozenset("in at to from into near inside outside across".split())


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """One question of a conversation, as asked and as understood, with the answer it got.

    `answer` is the short answer ("" where there was none); `evidence` are the sentences shown.
    """

    question: str
    standalone: str
    answer: str = ""
    evidence: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Name:
    """A name in a question: its words without a possessive ending, and the word before it."""

    text: str
    start: int
    before: str


def words_of(text: str) -> list[str]:
    """The words of a text in lower case, with straight apostrophes.

    >>> words_of("Didn’t Xi go?")
    ["didn't", 'xi', 'go']
    """
    return [word.replace("’", "'").lower() for word in _WORD.findall(text)]


def names_in(text: str) -> list[Name]:
    """The names of a question, in order: runs of capitalised words that no sentence start explains.

    >>> [name.text for name in names_in("When did Xi Jinping leave Moscow’s airport on Monday?")]
    ['Xi Jinping', 'Moscow']
    """
    tokens = list(_WORD.finditer(text))
    found: list[Name] = []
    at = 0
    while at < len(tokens):
        first = at
        while at < len(tokens) and _is_capital(tokens, at, text):
            if at > first and text[tokens[at - 1].end() : tokens[at].start()].strip():
                break
            at += 1
            if _POSSESSIVE.search(tokens[at - 1].group()):
                break
        if at == first:
            at += 1
            continue
        run = text[tokens[first].start() : tokens[at - 1].end()]
        before = tokens[first - 1].group().lower() if first else ""
        found.append(
            Name(text=_POSSESSIVE.sub("", run), start=tokens[first].start(), before=before)
        )
    return found


def person(turns: Sequence[Turn]) -> str:
    """Who `he` or `she` is: a person asked for and named, else the subject, else another name."""
    for turn in reversed(turns):
        if _asks_for_a_name(turn):
            return turn.answer
        names = [name for name in names_in(turn.standalone) if name.before != "the"]
        for group in (
            [name for name in names if name.before in AUXILIARIES],
            [name for name in names if name.before not in _LOCATIVE],
        ):
            if group:
                return group[0].text
    return ""


def several(turns: Sequence[Turn]) -> str:
    """Who or what `they` are: named answers, what was counted, names, or a plural."""
    for turn in reversed(turns):
        named = re.search(
            r"\b(?:[A-Z][\w-]+ )+[a-z]+s\b(?! (?:the|a|an|to)\b)", turn.standalone[1:]
        )
        if _asks_for_a_name(turn) and (" and " in turn.answer or named is None):
            return turn.answer
        if named:
            return f"the {named.group()}"
        counted = _counted(turn.standalone)
        if counted:
            return counted
        names = names_in(turn.standalone)
        if len(names) > 1:
            return " and ".join(dict.fromkeys(name.text for name in names[:2]))
        plural = [phrase for phrase in phrases_in(turn.standalone) if phrase.endswith("s")]
        if plural:
            return plural[0]
        if names:
            return names[0].text
    return ""


def thing(turns: Sequence[Turn]) -> str:
    """What `it` is: what a named answer has, a phrase of the question, a name, or the answer."""
    for turn in reversed(turns):
        asks_which = re.match(r"(?:\w+ )?(?:which|what) ", turn.standalone, re.IGNORECASE)
        if asks_which and _asks_for_a_name(turn) and "’s " not in turn.standalone[:30]:
            return turn.answer
        owner = re.match(r"(?:which|what|whose) \w+[’']s (\w+)", turn.standalone, re.IGNORECASE)
        if owner and turn.answer:
            return f"{turn.answer}’s {owner.group(1)}"
        phrases = phrases_in(turn.standalone)
        names = names_in(turn.standalone)
        if phrases:
            return phrases[0]
        if names:
            return names[-1].text
        if turn.answer and expected_type(turn.standalone) == "any":
            return turn.answer
    return ""


def place(turns: Sequence[Turn]) -> str:
    """Where `there` is: a place asked for, else the last name after a preposition of place."""
    for turn in reversed(turns):
        if turn.answer and expected_type(turn.standalone) == "place":
            return turn.answer
        places = [name for name in names_in(turn.standalone) if name.before in _LOCATIVE]
        if places:
            return places[-1].text
    return ""


def topic(turn: Turn) -> str:
    """What a question was about: its names, else its phrases, else the phrase after its verb."""
    names = list(dict.fromkeys(name.text for name in names_in(turn.standalone)))
    phrases = phrases_in(turn.standalone)
    return ", ".join(
        [*phrases[:1], *(name for name in names if name not in " ".join(phrases[:1]))][:3]
    )


def phrases_in(text: str) -> list[str]:
    """The phrases that begin with an article or a possessive, up to a word that ends one.

    >>> phrases_in("How many passengers did the closure of major airports affect?")
    ['the closure of major airports']
    """
    tokens = [(match.group(), match.start(), match.end()) for match in _WORD.finditer(text)]
    lowered = [token[0].lower() for token in tokens]
    found: list[str] = []
    at = 0
    while at < len(tokens):
        starts = lowered[at] in ("the", "a", "an") or (
            _POSSESSIVE.search(tokens[at][0]) is not None and at > 0
        )
        end = at + 1
        while starts and end < min(len(tokens), at + MAX_PHRASE_WORDS) and not _ends(lowered, end):
            if text[tokens[end - 1][2] : tokens[end][1]].strip():
                break
            end += 1
        if starts and end == len(tokens) and end - at > 2 and _has_do(lowered[:at]):
            end -= 1
        if starts and end - at > 1:
            found.append(text[tokens[at][1] : tokens[end - 1][2]])
        at = max(end, at + 1)
    return found


def _ends(lowered: Sequence[str], at: int) -> bool:
    word = lowered[at]
    if word in _ENDS_A_PHRASE:
        return True
    return word.endswith("ed") and lowered[at - 1] not in _DETERMINERS


def _has_do(lowered: Sequence[str]) -> bool:
    return any(word in ("do", "does", "did", "didn't", "doesn't", "don't") for word in lowered)


def _counted(question: str) -> str:
    match = re.search(
        r"\bhow many (?:of )?(?:the )?((?:\w+ ){0,2}?\w+s)\b", question, re.IGNORECASE
    )
    return f"the {match.group(1)}" if match else ""


def _asks_for_a_name(turn: Turn) -> bool:
    """Whether the turn asked who or which one, and got a name for an answer."""
    asks = re.match(r"(?:\w+ )?(who|whom|whose|which|what)\b", turn.standalone, re.IGNORECASE)
    if not asks or not turn.answer or expected_type(turn.standalone) not in ("person", "any"):
        return False
    words = turn.answer.split()
    if len(words) > MAX_PHRASE_WORDS:
        return False
    if asks.group(1).lower() in ("who", "whom", "whose"):
        return any(word[0].isupper() for word in words)
    return words[0][0].isupper() and all(not word[0].islower() or len(word) < 4 for word in words)


def _is_capital(tokens: Sequence[re.Match[str]], at: int, text: str) -> bool:
    word = tokens[at].group()
    lowered = _POSSESSIVE.sub("", word).lower()
    if not word[0].isupper() or word == "I" or lowered in _CALENDAR:
        return False
    if at == 0 or text[: tokens[at].start()].rstrip()[-1:] in (".", "?", "!"):
        follows = tokens[at + 1].group()[0].isupper() if at + 1 < len(tokens) else at == 0
        named = follows or _POSSESSIVE.search(word) is not None
        return named and lowered not in WH | AUXILIARIES | _OPENERS
    return lowered not in ("i'm", "i'd", "i've")
