"""A sentence → questions that it answers, by general patterns of English. Some come out odd: they are
candidates, to be kept only where the pipeline answers them from that sentence."""

from __future__ import annotations

import re
from collections.abc import Iterator

MIN_WORDS = 6
MAX_WORDS = 45
MAX_BETWEEN = 8

_TITLES = "President|Prime Minister|Minister|Chancellor|Professor|Secretary|Ambassador|General"
_NAME = rf"(?:(?:[A-Z][a-z]+ )?(?:{_TITLES}) )?[A-Z][\w’'-]+(?: (?:of |the )?[A-Z][\w’'-]+){{0,3}}"
_NUMBER = (
    r"(?:\d[\d,.]*\d|\d|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|twenty|thirty)"
)
_NOUNS = r"(?:[a-z][\w-]+ ){0,2}[a-z][\w-]{2,}s"
_MONEY = r"(?:[$€£]\d[\d.,]*(?: (?:thousand|million|billion|trillion))?)"
_PARTICIPLE = r"\w+(?:ed|en|wn|ut|ld|de|nt|pt)"
_MONTH = "January|February|March|April|May|June|July|August|September|October|November|December"
_DAY = (
    rf"(?:on (?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day|(?:on|in|since) (?:\d{{1,2}} )?(?:{_MONTH})"
    rf"(?: \d{{1,2}}(?:st|nd|rd|th)?)?(?:,? \d{{4}})?|(?:on|in|since) \d{{4}})(?!\w)"
)
_SAID = r"(?:said|says|argued|argues|explained|explains|warned|warns|wrote|writes|noted|notes|added|adds)"
# Past forms whose base form no ending tells.
_IRREGULAR = {
    "began": "begin", "became": "become", "broke": "break", "brought": "bring", "built": "build",
    "bought": "buy", "came": "come", "chose": "choose", "fell": "fall", "fought": "fight", "flew": "fly",
    "found": "find", "gave": "give", "went": "go", "grew": "grow", "held": "hold", "kept": "keep",
    "led": "lead", "left": "leave", "lost": "lose", "made": "make", "met": "meet", "met with": "meet with",
    "paid": "pay", "rose": "rise", "ran": "run", "sent": "send", "sold": "sell", "spoke": "speak",
    "spent": "spend", "stood": "stand", "struck": "strike", "took": "take", "won": "win", "wrote": "write",
    "invaded": "invade", "shook": "shake", "signed": "sign", "said": "say", "saw": "see", "set": "set",
}  # fmt: skip
_KEEPS_E = re.compile(
    r"(?:[aeiou][^aeiouwxy]|[^l]l|[vcsgzu]|[aiou]r|[^aeiou][bdgkpt]l|at|it|ut|ir|in[ec])$"
)
_LOOSE_END = re.compile(
    r" (?:the|a|an|of|and|or|his|her|its|their) ?\?$|^\w+ did (?:After|Before|When|While|Since|Then)\b"
)
_QUOTED = re.compile(r"“([^”]+)|\bthat (.+)")
_DOUBLED = re.compile(r"([bdgmnprt])\1$")


def questions_of(sentence: str) -> Iterator[tuple[str, str]]:
    """Questions of one sentence on one line, each with what its answer must hold ("" for anything).

    >>> dict(questions_of("The closure of the port affected 60,000 passengers."))
    {'How many passengers were affected by the closure of the port?': '60,000'}
    """
    if MIN_WORDS <= len(sentence.split()) <= MAX_WORDS:
        for form in (_counted, _affected, _place, _date, _active_date, _amount, _speaker, _reason):
            yield from (made for made in form(sentence) if not _LOOSE_END.search(made[0]))


def base_form(past: str) -> str:
    """The base form of a past form: "arrived" → "arrive", "visited" → "visit", "held" → "hold".

    >>> [base_form(word) for word in ("arrived", "visited", "planned", "carried", "held")]
    ['arrive', 'visit', 'plan', 'carry', 'hold']
    """
    if past in _IRREGULAR:
        return _IRREGULAR[past]
    if past.endswith("ied"):
        return f"{past[:-3]}y"
    stem = past[:-2]
    if _DOUBLED.search(stem) and stem[-1] not in "ls":
        return stem[:-1]
    if re.search(
        r"(?:it|er|en|on|el|or|op|et|ow|ear|ain|ait|eat|eal|oad|oin|ook|eed|eel|oil|ool|our|end|ck)$",
        stem,
    ):
        return stem
    return f"{stem}e" if _KEEPS_E.search(stem) else stem


def _counted(sentence: str) -> Iterator[tuple[str, str]]:
    """ "29 leaders attending the parade" → "How many leaders were attending the parade?" """
    found = re.search(
        rf"\b({_NUMBER}) ({_NOUNS}) (\w+ing (?:the|a|an) [\w’' -]+?)(?=[,.;]|$)", sentence
    )
    if found and len(found.group(3).split()) <= MAX_BETWEEN:
        yield f"How many {found.group(2)} were {found.group(3)}?", found.group(1)


def _affected(sentence: str) -> Iterator[tuple[str, str]]:
    """ "The closure affected 60,000 passengers" → "How many passengers were affected by the closure?" """
    found = re.search(
        rf"^((?:The|A|An) (?:[\w-]+ ){{1,5}}?)(\w+ed) (?:at least |about |around |more than |over |nearly )?"
        rf"({_NUMBER}) ({_NOUNS})\b",
        sentence,
    )
    if found:
        cause = _subject(found.group(1))
        yield f"How many {found.group(4)} were {found.group(2)} by {cause}?", found.group(3)


def _place(sentence: str) -> Iterator[tuple[str, str]]:
    """ "The plane was rerouted to Baku" → "Where was the plane rerouted to?" """
    found = re.search(
        rf"^((?:The )?(?:[\w’'-]+ ){{1,5}}?)(was|were) ({_PARTICIPLE}) (in|to|at|from|near) ({_NAME})(?! \d)",
        sentence,
    )
    if found and not re.search(_MONTH, found.group(5)) and _is_named(found.group(1)):
        to = "" if found.group(4) in ("in", "at", "near") else f" {found.group(4)}"
        yield (
            f"Where {found.group(2)} {_subject(found.group(1))} {found.group(3)}{to}?",
            found.group(5),
        )


def _date(sentence: str) -> Iterator[tuple[str, str]]:
    """ "The pact was signed in 1950" → "When was the pact signed?" """
    found = re.search(
        rf"^((?:The )?(?:[\w’'-]+ ){{1,6}}?)(was|were) ({_PARTICIPLE})\b([^,;]*?) ({_DAY})",
        sentence,
    )
    if found and len(found.group(4).split()) <= MAX_BETWEEN and _is_named(found.group(1)):
        asked = (
            f"When {found.group(2)} {_subject(found.group(1))} {found.group(3)}{found.group(4)}?"
        )
        yield asked, found.group(5).split()[-1]


def _active_date(sentence: str) -> Iterator[tuple[str, str]]:
    """ "Ada Lovelace arrived in Paris on Monday" → "When did Ada Lovelace arrive in Paris?" """
    verbs = "|".join(_IRREGULAR)
    subject = rf"(?:the [A-Z][\w ]{{2,30}}|{_NAME}(?: and {_NAME})?)"
    after = re.search(rf"^({subject}) (\w+ed|{verbs})\b([^,;:“”]*?) ({_DAY})", sentence)
    before = re.search(
        rf"^(?:In|On|Since) (.{{3,24}}?), ({subject}) (\w+ed|{verbs}) ([^,;:“”.]+)", sentence
    )
    if after and len(after.group(3).split()) <= MAX_BETWEEN:
        yield (
            f"When did {after.group(1)} {base_form(after.group(2))}{after.group(3)}?",
            after.group(4).split()[-1],
        )
    if (
        before
        and re.fullmatch(_DAY, f"in {before.group(1)}")
        and len(before.group(4).split()) <= MAX_BETWEEN
    ):
        yield (
            f"When did {before.group(2)} {base_form(before.group(3))} {before.group(4)}?",
            before.group(1).split()[-1],
        )


def _amount(sentence: str) -> Iterator[tuple[str, str]]:
    """ "a record trade of $245 billion in 2024" → "How much was the record trade in 2024?" """
    found = re.search(rf"\b(?:an?|the) ((?:[a-z-]+ ){{1,3}})of ({_MONEY})( in \d{{4}})?", sentence)
    if found:
        yield f"How much was the {found.group(1).strip()}{found.group(3) or ''}?", found.group(2)


def _speaker(sentence: str) -> Iterator[tuple[str, str]]:
    """Who a speaker is, where the sentence says it, and what a speaker says about a name in the quote."""
    found = re.search(rf"(?:[,”] {_SAID}|^But|^And|^) ?({_NAME})(?:,| {_SAID})", sentence)
    known = re.search(
        rf"\b{_SAID} ([A-Z][\w’'-]+ [A-Z][\w’'-]+), (?:an? |the )?([a-z]+[\w -]+)", sentence
    )
    if known:
        yield f"Who is {known.group(1)}?", known.group(2).split()[0]
    if found and re.search(rf"\b{_SAID}\b", sentence) and " " in found.group(1):
        others = [
            name
            for name in re.findall(rf"(?<=[a-z,] )(?:the )?{_NAME}", _said_words(sentence))
            if name not in found.group(1)
            and found.group(1) not in name
            and " " not in name.removeprefix("the ")
        ]
        if others:
            topic = re.sub(r"[’']s?$", "", others[0])
            yield f"What does {found.group(1)} say about {topic}?", ""


def _said_words(sentence: str) -> str:
    """What is quoted in a sentence, directly or after "that"."""
    return " ".join("".join(match.groups("")) for match in _QUOTED.finditer(sentence))


def _reason(sentence: str) -> Iterator[tuple[str, str]]:
    """ "The port was closed because …" → "Why was the port closed?" """
    found = re.search(
        r"^((?:The )?(?:[\w’'-]+ ){1,6}?)(is|was|are|were) ([^,;]{4,80}?),? (?:because|due to|owing to) ",
        sentence,
    )
    if found and _is_named(found.group(1)):
        yield f"Why {found.group(2)} {_subject(found.group(1))} {found.group(3)}?", ""


def _is_named(subject: str) -> bool:
    """Whether a subject stands for itself: no pronoun, no demonstrative."""
    return (
        subject.split()[0].lower()
        not in (
            "he she it they we i you this that these those there his her its their who which what one some"
        ).split()
    )


def _subject(text: str) -> str:
    first, _, rest = text.strip().partition(" ")
    return f"{first.lower()} {rest}" if first in ("The", "A", "An") else text.strip()
