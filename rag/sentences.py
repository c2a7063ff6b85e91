"""Between reading and cutting: a text → the spans of its sentences, by offset.

Sentence boundaries come from sentencex (Wikimedia; non-destructive, many languages). Line ends are
ours: a heading has no full stop, and a wrapped line is no sentence.
"""

from __future__ import annotations

import re
from statistics import median

import sentencex

Span = tuple[int, int]

_BLOCK = re.compile(r"(?:[^\r\n]*\S[^\r\n]*(?:\r\n|\r|\n|$))+")
_LINE = re.compile(r"[^\r\n]+")
_SENTENCE_END = re.compile(r"[.!?…:;。！？][\"'”’»)\]]*\s*$")


def sentence_spans(text: str) -> list[Span]:
    """The sentences of `text` as `(start, end)`, in order, without surrounding white space.

    A line end closes a sentence unless the block of lines is wrapped text. Everything that is not
    white space lies in exactly one span.

    >>> sentence_spans("A heading\\nMr. Smith left. He said “No.”")
    [(0, 9), (10, 25), (26, 39)]
    """
    spans: list[Span] = []
    for start, end in _paragraphs(text):
        for boundary in sentencex.get_sentence_boundaries("en", text[start:end]):
            span = trimmed(text, start + boundary["start_index"], start + boundary["end_index"])
            if span[0] < span[1]:
                spans.append(span)
    return spans


def trimmed(text: str, start: int, end: int) -> Span:
    """The span without white space at its ends; an empty span where nothing is left."""
    inside = text[start:end]
    left = len(inside) - len(inside.lstrip())
    return start + left, max(start + left, start + len(inside.rstrip()))


def _paragraphs(text: str) -> list[Span]:
    spans: list[Span] = []
    for block in _BLOCK.finditer(text):
        lines = [
            (block.start() + line.start(), block.start() + line.end())
            for line in _LINE.finditer(block.group())
        ]
        if _is_wrapped([text[start:end] for start, end in lines]):
            spans.append((lines[0][0], lines[-1][1]))
        else:
            spans.extend(lines)
    return spans


def _is_wrapped(lines: list[str]) -> bool:
    """Whether lines break within sentences: alike in length, most of them without a full stop."""
    if len(lines) < 3:
        return False
    body = [line.rstrip() for line in lines[:-1]]
    middle = median(len(line) for line in body)
    alike = sum(0.6 * middle <= len(line) <= 1.4 * middle for line in body)
    open_ended = sum(not _SENTENCE_END.search(line) for line in body)
    return 40 <= middle <= 140 and alike >= 0.7 * len(body) and open_ended >= 0.6 * len(body)
