"""Before retrieval: a follow-up question → the standalone question that it stands for.

Pronouns are replaced by what they stand for, and a fragment ("Why?", "And in May?") is completed from
the question before. A question that has neither keeps its words: a new topic inherits nothing.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from rag.antecedents import Turn, names_in, topic
from rag.fragments import capital, completed, with_ordinal
from rag.pronouns import replaced

__all__ = ["Resolution", "Turn", "resolve"]

MAX_LEANING_WORDS = 12

# "No one", "Great Britain" and "Yes men" begin a question, not an answer to the last one.
_CONNECTIVE = re.compile(
    r"^(?:(?:and|but|so|then|also|ok|okay|now|or|hmm|thanks|thank you)\b[,.!;:]?\s+"
    r"|(?:well|yes|no|great|wait)[,.!;:]\s+)+",
    re.IGNORECASE,
)
_ACKNOWLEDGED = re.compile(r"^(?:that|this|it)(?:[’']s| is) \w+(?: \w+)?[.!]\s+", re.IGNORECASE)
_THESE = re.compile(
    r"(?:\b(?:this|these|those)|(?<=\bin |\bon |\bat |\bof |\bby |\bis )that|(?<=\bwas |\bfor |\bdid )that"
    r"|(?<=\bfrom |\bwith |\bwere |\bdoes )that|(?<=\babout |\bafter )that|(?<=\bduring |\bbefore )that)"
    r"(?= (?!is\b|was\b|are\b|were\b|the\b|he\b|she\b|it\b|they\b|we\b|you\b)[a-z])",
    re.IGNORECASE,
)
_ELSE = re.compile(
    r"\b(?:else|the others?|which others?|(?:which|another|the \w+|this|that) ones?|the same"
    r"|the (?:two|three) \w+)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Resolution:
    """The question to search for, and what was put into it ("" where it is what was asked)."""

    standalone: str
    why: str = ""


def resolve(question: str, turns: Sequence[Turn]) -> Resolution:
    """The standalone question of `question` after `turns`, oldest first.

    >>> before = Turn(question="", standalone="When did Xi arrive in Moscow?", answer="Monday")
    >>> resolve("Why?", [before]).standalone
    'Why did Xi arrive in Moscow?'
    >>> resolve("How long did he stay there?", [before]).standalone
    'How long did Xi stay in Moscow?'
    >>> resolve("Who leads Serbia?", [before]).why
    ''
    """
    asked = " ".join(question.split())
    if not turns or not asked:
        return Resolution(standalone=question)
    bare = _ACKNOWLEDGED.sub("", _CONNECTIVE.sub("", asked))
    stem = with_ordinal(bare.rstrip(" ?.!…") or asked.rstrip(" ?.!"), turns[-1])
    whole = completed(stem, turns)
    if whole:
        return Resolution(standalone=whole, why=turns[-1].standalone)
    put, why = replaced(stem, turns)
    if why:
        return Resolution(standalone=f"{capital(put)}?", why="; ".join(why))
    about = next((found for turn in reversed(turns) if (found := topic(turn))), "")
    leans = _ELSE.search(stem) or _THESE.search(stem)
    if about and leans and not names_in(stem) and len(stem.split()) <= MAX_LEANING_WORDS:
        return Resolution(standalone=f"{capital(stem)} ({about})?", why=about)
    if stem not in asked:
        return Resolution(standalone=f"{capital(stem)}?", why=turns[-1].standalone)
    return Resolution(standalone=question)
