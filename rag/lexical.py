"""The lexical side of the index: BM25 over stemmed words (bm25s), saved beside the vectors."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from pathlib import Path

import bm25s
import numpy as np
import Stemmer

_WORD = re.compile(r"\d+(?:[.,]\d+)*|[^\W\d_]+|\d+")
# Scripts written without spaces are indexed as pairs of characters.
_UNSPACED = re.compile(r"[\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\uac00-\ud7af\u0e00-\u0e7f]+")
_STOP = frozenset(
    (
        "a an and are as at be been but by did do does for from had has have he her his how i "
        "if in into is it its many me much my of on or our she so than that the their them "
        "then there they this to was we were what when where which who whom whose why will "
        "with would you your about s t"
    ).split()
)
_stemmer = Stemmer.Stemmer("english")


def terms(text: str) -> list[str]:
    """The index terms of a text: stemmed words without function words, numbers, character pairs.

    >>> terms("How many leaders attended the parade in 1945?")
    ['leader', 'attend', 'parad', '1945']
    """
    found: list[str] = []
    for match in _WORD.finditer(text.lower()):
        word = match.group()
        if _UNSPACED.fullmatch(word):
            found.extend(word[at : at + 2] for at in range(max(1, len(word) - 1)))
        elif word not in _STOP:
            found.append(_stemmer.stemWord(word) if word[0].isalpha() else word.replace(",", ""))
    return found


class LexicalIndex:
    """BM25 (Robertson and Zaragoza 2009; the Lucene variant, k1 = 1.2, b = 0.75) over chunks."""

    def __init__(self, ranker: bm25s.BM25, size: int) -> None:
        self._ranker = ranker
        self._size = size

    @classmethod
    def build(cls, texts: Sequence[str]) -> LexicalIndex:
        """Indexes texts by their row."""
        ranker = bm25s.BM25(method="lucene", k1=1.2, b=0.75)
        rows = [terms(text) for text in texts]
        if not any(rows):  # bm25s cannot index an empty vocabulary
            rows[0] = ["\u0000"]
        ranker.index(rows, show_progress=False)
        return cls(ranker, len(texts))

    @classmethod
    def load(cls, folder: Path, size: int) -> LexicalIndex:
        """Opens an index of `size` texts."""
        return cls(bm25s.BM25.load(str(folder)), size)

    def save(self, folder: Path) -> None:
        """Writes the index into `folder`."""
        self._ranker.save(str(folder), show_progress=False)

    def rarity(self, term: str) -> float:
        """How rare an index term is: 0 where every text holds it, 1 where none does."""
        token = self._ranker.vocab_dict.get(term)
        starts = self._ranker.scores["indptr"]
        held = 0 if token is None else int(starts[token + 1] - starts[token])
        return math.log((1 + self._size) / (1 + held)) / math.log(1 + self._size)

    def search(
        self, question: str, k: int, allowed: np.ndarray | None = None
    ) -> list[tuple[int, float]]:
        """Rows and scores of at most `k` texts, best first; never one with score 0.

        `allowed` is a boolean row mask, `bool (size,)`.
        """
        wanted = terms(question)
        if not wanted:
            return []
        scores = self._ranker.get_scores(wanted)
        if allowed is not None:
            scores = np.where(allowed, scores, 0.0)
        order = np.argsort(-scores, kind="stable")[:k]
        return [(int(row), float(scores[row])) for row in order if scores[row] > 0]
