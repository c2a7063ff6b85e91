"""Complete spans: never half a number, a bare unit, or one word of a name."""

from __future__ import annotations

import re

from rag.sentences import Span, trimmed

_SCALE = r"(?:hundred|thousand|million|billion|trillion|bn|mn|m|k|per cent|percent|%|°C|°F|km|kg)"
_NUMBER = re.compile(
    r"(?:[$€£¥₹]|US\$|USD |EUR |GBP )?\d+(?:[.,:/]\d+)*(?:st|nd|rd|th)?"
    rf"(?:[ \u00a0-]?{_SCALE}(?!\w))*(?:[ \u00a0](?:dollars|euros|pounds|yuan|roubles|rubles|yen)\b)?"
)
_NAME = re.compile(
    r"[A-Z\u00c0-\u00de][\w’'-]*(?:[ \u00a0](?:(?:of|de|van|von|der|den|al|bin|el|la|le|du|da)[ \u00a0])?"
    r"[A-Z\u00c0-\u00de][\w’'-]*)*"
)
_OPENING = re.compile(r"[\s\"“‘«,;:.!?…–—-]")
_CLOSING = re.compile(r"[\s\"”’»,;:.!?…–—-]")


def complete(text: str, span: Span, bounds: Span) -> Span:
    """`span` grown to whole words, whole numbers with their currency and scale, and whole names,
    then freed of punctuation at its ends. Stays within `bounds` and keeps at least one character.

    >>> text = "It cost $2,450 million, said Giannis Adetokunbo."
    >>> [text[slice(*complete(text, s, (0, 48)))] for s in ((9, 10), (15, 22), (29, 36))]
    ['$2,450 million', '$2,450 million', 'Giannis Adetokunbo']
    """
    start, end = span
    while start > bounds[0] and _inside_word(text, start):
        start -= 1
    while end < bounds[1] and _inside_word(text, end):
        end += 1
    for pattern in (_NUMBER, _NAME):
        for match in pattern.finditer(text, *bounds):
            if match.start() < end and start < match.end():
                left, right = match.span()
                if pattern is _NAME:
                    right = left + len(re.sub(r"[’']s?$", "", match.group()))
                    # a name is completed, not a span that only ends or begins with one
                    if not (left <= start and end <= match.end()):
                        continue
                    # the first word of a sentence is a capital by place ("In Moscow")
                    if left == bounds[0] and start > left and " " in text[left:start]:
                        continue
                start, end = min(start, left), max(end, right)
    return _without_edges(text, (start, end))


def _inside_word(text: str, at: int) -> bool:
    return 0 < at < len(text) and _is_word(text[at - 1]) and _is_word(text[at])


def _is_word(character: str) -> bool:
    # scripts without spaces have no word boundaries to grow to
    return character.isalnum() and not "\u2e80" <= character <= "\u9fff"


def _without_edges(text: str, span: Span) -> Span:
    start, end = trimmed(text, *span)
    left, right = start, end
    while left < right and _OPENING.match(text[left]) and text[left] != "-":
        left += 1
    while right > left and _CLOSING.match(text[right - 1]):
        right -= 1
    inside = text[left:right]
    for opening, closing in (("(", ")"), ("[", "]")):
        if inside.startswith(opening) and closing not in inside:
            left += 1
        if inside.endswith(closing) and opening not in inside:
            right -= 1
    return (left, right) if left < right else (start, end)
