"""Fragments of questions ("Why?", "And in May?", "the second") → whole ones, from the question before."""

from __future__ import annotations

import re
from collections.abc import Sequence

from rag.antecedents import (
    AUXILIARIES,
    PREPOSITIONS,
    WH,
    Turn,
    names_in,
    phrases_in,
    topic,
    words_of,
)
from rag.pronouns import replaced

MAX_FRAGMENT_WORDS = 6
MAX_ANSWER_WORDS = 6

_WHAT_ABOUT = re.compile(r"^(?:what|how) about\s+", re.IGNORECASE)
_WH_PHRASE = re.compile(
    r"^(?:(?:in|on|at|to|from|by|for|with|since|of|until|during|about|against)\s+)?"
    r"(?:how (?:many|much|old|long|far|often|big|large|tall|high|deep|fast)|how|why|when|where|whom?|whose"
    r"|which|what)\b",
    re.IGNORECASE,
)
_PRONOUNS = frozenset(
    "i you he she it they we me him her them us this that these those there".split()
)
_WHAT_NOUNS = frozenset(
    "time year day date month week century kind type sort colour color size amount number percentage "
    "share price cost age country city place town state region reason purpose".split()
)
_BARE = re.compile(
    r"^(?:why(?: not| so| is that| was that)?|when|where|how(?: so| come)?|since when|until when|from where"
    r"|by whom|with whom|for whom|to whom|for how long|how long|how often|how far|where to|where from"
    r"|when exactly|why exactly|how exactly|where exactly|(?:when|where|why|how) (?:is|was) (?:that|this)"
    r"|(?:when|where|why|how) did (?:that|this|it) happen"
    r"|(?:in|on|at|to|from|by|for|with|since|of|about|against|under) (?:whom|what|which|whose \w+))$",
    re.IGNORECASE,
)
_SAID_SO = re.compile(
    r"^(who (?:said|says|claims?|claimed|reported|wrote|argued|told)) (?:so|that|this|it)$",
    re.IGNORECASE,
)
_ORDINAL = (
    r"(?:first|second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth"
    r"|last|next|latest|previous|other)"
)
_BARE_ORDINAL = re.compile(rf"\bthe ({_ORDINAL})(?: one)?(?=$|,| (?:and|or)\b)", re.IGNORECASE)
_NEGATIVE = {
    "will": "won’t",
    "can": "can’t",
    "shall": "won’t",
    "may": "may not",
    "am": "am not",
}
_TAIL = re.compile(
    r" (?:is|was) (?:that|this)$| did (?:that|this|it) happen$| so$| not$| exactly$", re.IGNORECASE
)
_TOKEN = re.compile(r"\w+(?:[’']\w+)?")


def completed(stem: str, turns: Sequence[Turn]) -> str:
    """A fragment completed from the question before; empty where `stem` is no fragment."""
    before = turns[-1]
    said = _SAID_SO.match(stem)
    if said:
        return f"{capital(said.group(1))} that {_statement(before)}?"
    if _BARE.match(stem):
        word = _TAIL.sub("", stem)
        asked = _with_question_word(capital(word), before)
        return _negated(asked) if stem.lower() == "why not" else asked
    about = _WHAT_ABOUT.match(stem)
    rest = stem[about.end() :] if about else stem
    words = words_of(rest)
    if not 0 < len(words) <= MAX_FRAGMENT_WORDS or any(
        word in AUXILIARIES or word in _PRONOUNS for word in words
    ):
        return ""
    phrase = _WH_PHRASE.match(rest)
    if phrase and not about:
        return _wh_fragment(rest, phrase, before)
    if words and words[0] in WH:
        return ""
    if about or words[0] in PREPOSITIONS:
        resolved, _ = replaced(rest, turns)
        return _substituted(resolved, before)
    return ""


def _wh_fragment(rest: str, phrase: re.Match[str], before: Turn) -> str:
    """ "In which year", "how many passengers": a question phrase without a verb, given one."""
    kind = words_of(phrase.group())[-1]
    noun = rest[phrase.end() :].strip()
    if kind in ("who", "whom", "why", "when", "where", "how") or len(noun.split()) > 3:
        return ""
    if kind in ("many", "much"):
        counted = re.match(
            r"^(how (?:many|much)) (?:\w+ )??(\w+s)\b(.*)$", before.standalone.rstrip(" ?"), re.I
        )
        if counted and noun:
            return f"{capital(rest)}{counted.group(3)}?"
        about = topic(before)
        return f"{capital(rest)} ({about})?" if about and noun else ""
    return (
        _with_question_word(capital(rest), before) if noun or kind not in ("what", "which") else ""
    )


def _with_question_word(word: str, before: Turn) -> str:
    """The question before, asked with another question word."""
    asked = before.standalone.rstrip(" ?.!")
    phrase = _WH_PHRASE.match(asked)
    if phrase is None:
        inverted = words_of(asked)[:1] and words_of(asked)[0] in AUXILIARIES
        return f"{word} {asked[0].lower()}{asked[1:]}?" if inverted else f"{word} ({asked})?"
    verb = next(
        (found for found in _TOKEN.finditer(asked, phrase.end()) if _is_auxiliary(found.group())),
        None,
    )
    if verb is None:
        return f"{word} was it that {_statement(before)}?"
    rest = asked[verb.end() :].strip()
    if phrase.group().lower().split()[-1] in (
        "why",
        "when",
        "where",
        "how",
        "long",
        "often",
        "far",
    ):
        return f"{word} {verb.group()} {rest}?"
    known = _answered_phrase(before, phrase, verb.start())
    if verb.group().lower()[:2] == "do" or verb.group().lower()[:3] == "did":
        return f"{word} {verb.group()} {rest} {known}".rstrip() + "?"
    return f"{word} {verb.group()} {known} {rest}".replace("  ", " ").rstrip() + "?"


def _negated(question: str) -> str:
    """A question "Why did …" as "Why didn’t …"."""
    first, _, rest = question.partition(" ")
    verb, _, rest = rest.partition(" ")
    negative = _NEGATIVE.get(verb.lower(), f"{verb}n’t")
    return f"{first} {negative} {rest}" if _is_auxiliary(verb) else question


def with_ordinal(stem: str, before: Turn) -> str:
    """An ordinal alone ("the second", "the first one") with the noun of the question before."""
    bare = _BARE_ORDINAL.search(stem)
    phrases = phrases_in(before.standalone)
    if bare is None or not phrases:
        return stem
    noun = re.sub(rf"^(?:the|a|an) (?:{_ORDINAL} )?", "", phrases[0], flags=re.IGNORECASE)
    whole = f"the {bare.group(1).lower()} {noun}"
    if bare.group() == stem:
        return before.standalone.rstrip(" ?.!").replace(phrases[0], whole, 1)
    return f"{stem[: bare.start()]}{whole}{stem[bare.end() :]}"


def _statement(turn: Turn) -> str:
    """The question before as a statement: its question phrase replaced by the answer."""
    asked = turn.standalone.rstrip(" ?.!")
    phrase = _WH_PHRASE.match(asked)
    if phrase is None:
        return f"{asked[0].lower()}{asked[1:]}"
    verb = next((m for m in _TOKEN.finditer(asked, phrase.end()) if _is_auxiliary(m.group())), None)
    nominal = phrase.group().lower().split()[-1] in (
        "many",
        "much",
        "who",
        "which",
        "what",
        "whose",
    )
    if nominal and verb and not verb.group().lower().startswith(("do", "did")):
        known = _answered_phrase(turn, phrase, verb.start())
        return f"{known} {asked[verb.start() :]}".strip()
    if nominal and verb is None:
        rest = asked[phrase.end() :].strip()
        head, _, tail = rest.partition(" ")
        keeps = phrase.group().lower().split()[-1] in ("many", "much", "who")
        return f"{turn.answer} {rest if keeps or not turn.answer else tail or head}".strip()
    return turn.evidence[0].rstrip(" .") if turn.evidence else f"{asked[0].lower()}{asked[1:]}"


def _answered_phrase(turn: Turn, phrase: re.Match[str], end: int) -> str:
    """What the question phrase asked for, with its answer: "29 world leaders", "Vucic’s flight"."""
    asked = turn.standalone
    noun = asked[phrase.end() : end].strip()
    if phrase.group().lower().split()[-1] in ("many", "much"):
        return f"{turn.answer} {noun}".strip()
    owned = re.match(r"\w+([’']s .+)", noun)
    if turn.answer and len(turn.answer.split()) <= MAX_ANSWER_WORDS:
        return f"{turn.answer}{owned.group(1)}" if owned else turn.answer
    return f"the {noun}" if noun else ""


def _is_auxiliary(word: str) -> bool:
    return word.replace("’", "'").lower() in AUXILIARIES


def _substituted(fragment: str, before: Turn) -> str:
    """The question before with `fragment` in the place of its like."""
    asked = before.standalone.rstrip(" ?.!")
    first = words_of(fragment)[0]
    if first in PREPOSITIONS:
        old = re.search(rf"\b{first} (?:the |an? )?[\w’'-]+(?: [A-Z][\w’'-]+)*", asked)
        kept = (
            f"{asked[: old.start()]}{fragment}{asked[old.end() :]}"
            if old
            else f"{asked} {fragment}"
        )
        return f"{kept}?"
    year = re.search(r"\b\d{4}\b", asked)
    if re.fullmatch(r"\d{4}", fragment) and year:
        return f"{asked[: year.start()]}{fragment}{asked[year.end() :]}?"
    head, tail = _split(fragment)
    if tail:
        asked = _substituted(tail, Turn(question="", standalone=asked)).rstrip("?")
    names = names_in(asked)
    named = all(word[0].isupper() or word in ("of", "the", "and") for word in head.split())
    if names and named:
        old_name = next((name for name in names if name.before in AUXILIARIES), names[0])
        end = old_name.start + len(old_name.text)
        return f"{asked[: old_name.start]}{head}{asked[end:]}?"
    return f"{asked}: {head}?"


def _split(fragment: str) -> tuple[str, str]:
    """A fragment before and from its first preposition: "Japan in 1941" → "Japan", "in 1941"."""
    words = fragment.split()
    at = next(
        (row for row, word in enumerate(words) if row and word.lower() in PREPOSITIONS), len(words)
    )
    return " ".join(words[:at]), " ".join(words[at:])


def capital(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}"
