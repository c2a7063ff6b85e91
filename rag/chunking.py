"""Second step: an article → the chunks of its index.

Whole sentences, sized in the embedding model's own tokens. Offsets are carried from the sentences,
never searched for, so repeated text keeps its right place.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from rag.sentences import Span, sentence_spans, trimmed
from rag.types import Article, Chunk

TokenSpans = Callable[[str], list[Span]]


@dataclass(frozen=True, slots=True, kw_only=True)
class ChunkOptions:
    """`max_tokens` bounds a chunk; up to `overlap_tokens` of whole sentences are repeated."""

    max_tokens: int = 120
    overlap_tokens: int = 30


def chunk_article(article: Article, token_spans: TokenSpans, options: ChunkOptions) -> list[Chunk]:
    """The chunks of `article` in order: every sentence lies in at least one of them.

    `token_spans(text)` gives the model's tokens as character spans. A sentence longer than
    `max_tokens` is cut at token boundaries. Chunks never cross a larger gap than white space.
    """
    pieces = _pieces(article.text, token_spans, options.max_tokens)
    chunks: list[Chunk] = []
    for first, last in _groups([size for _, size in pieces], options):
        start, end = pieces[first][0][0], pieces[last][0][1]
        chunks.append(
            Chunk(article_id=article.id, start=start, end=end, text=article.text[start:end])
        )
    return chunks


def _pieces(text: str, token_spans: TokenSpans, max_tokens: int) -> list[tuple[Span, int]]:
    """Sentences with their number of tokens; over-long ones cut to size."""
    pieces: list[tuple[Span, int]] = []
    for start, end in sentence_spans(text):
        tokens = token_spans(text[start:end])
        if len(tokens) <= max_tokens:
            pieces.append(((start, end), len(tokens)))
            continue
        cuts = [start]
        for at in range(max_tokens, len(tokens), max_tokens):
            cut = _word_start(text, start + tokens[at][0], cuts[-1])
            if cut > cuts[-1]:
                cuts.append(cut)
        for left, right in zip(cuts, [*cuts[1:], end], strict=True):
            span = trimmed(text, left, right)
            if span[0] < span[1]:
                pieces.append((span, len(token_spans(text[span[0] : span[1]]))))
    return pieces


def _word_start(text: str, at: int, floor: int) -> int:
    """The last white space before `at` within 40 characters, so that no word is cut; else `at`."""
    for place in range(at, max(floor, at - 40), -1):
        if text[place - 1].isspace():
            return place
    return at


def _groups(sizes: Sequence[int], options: ChunkOptions) -> list[tuple[int, int]]:
    """Runs of pieces `(first, last)` that fit; each new run repeats the end of the one before."""
    groups: list[tuple[int, int]] = []
    first = 0
    while first < len(sizes):
        last, total = first, sizes[first]
        while last + 1 < len(sizes) and total + sizes[last + 1] <= options.max_tokens:
            last += 1
            total += sizes[last]
        groups.append((first, last))
        if last + 1 == len(sizes):
            break
        following, repeated = last + 1, 0
        while following - 1 > first and (
            repeated + sizes[following - 1] <= options.overlap_tokens
            and repeated + sizes[following - 1] + sizes[last + 1] <= options.max_tokens
        ):
            following -= 1
            repeated += sizes[following]
        first = following
    return groups
