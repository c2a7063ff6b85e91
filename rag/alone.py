"""Inside the seventh step: the sentences of the best spans, read without what stands around them.

What is cited is a sentence, so it should answer by itself; a passage can suggest what it does not.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rag.reader import Candidate, Reader
from rag.sentences import Span
from rag.support import Read, sentence_place

SENTENCES = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Alone:
    """What the reader sees in a sentence read by itself.

    `best` is its highest margin; `spans` has the margin of each span, by its place in the sentence.
    """

    best: float
    spans: Mapping[Span, float]


# By passage, and place of the sentence in it.
AloneReads = Mapping[tuple[int, Span], Alone]


def read_alone(
    reader: Reader, question: str, candidates: Sequence[Candidate], reads: Sequence[Read]
) -> AloneReads:
    """Reads the sentences of the best spans, at most four; a sentence of two passages once."""
    places: dict[str, set[tuple[int, Span]]] = {}  # overlapping passages repeat a sentence
    for candidate in sorted(candidates, key=lambda found: -found.margin):
        row, span = sentence_place(candidate, reads)
        text = reads[row].passage.text[slice(*span)]
        if text in places or len(places) < SENTENCES:
            places.setdefault(text, set()).add((row, span))
    margins: list[dict[Span, float]] = [{} for _ in places]
    for found in reader.read(question, list(places))[0]:
        margins[found.passage][found.start, found.end] = found.margin
    return {
        place: Alone(best=max(spans.values()), spans=spans)
        for spans, same in zip(margins, places.values(), strict=True)
        if spans
        for place in same
    }
