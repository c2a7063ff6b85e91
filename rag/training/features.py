"""Third step of training: examples → token features, with passages cut as the chunker cuts them."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache

import bm25s
import numpy as np
from tokenizers import Tokenizer

from rag.sentences import Span, sentence_spans
from rag.training.data import Example
from rag.training.near_misses import NearMisses
from rag.training.written import WrittenQuestion

MAX_QUESTION_TOKENS = 40
MAX_TOKENS = 176
REWORDED_SHARE = 0.35


@dataclass(frozen=True, slots=True, kw_only=True)
class Feature:
    """`[CLS] question [SEP] passage [SEP]` as ids; `start` and `end` (inclusive) are 0 for no answer."""

    ids: tuple[int, ...]
    question_tokens: int
    start: int
    end: int


@lru_cache(maxsize=65536)
def _sentences(context: str) -> tuple[Span, ...]:
    return tuple(sentence_spans(context))


def crop(
    context: str, span: Span, max_tokens: int, count: Callable[[str], int], generator: random.Random
) -> tuple[int, int]:
    """Whole sentences around `span`, grown to either side by chance up to about `max_tokens`."""
    sentences = _sentences(context)
    first = max((i for i, (start, _) in enumerate(sentences) if start <= span[0]), default=0)
    last = min(
        (i for i, (_, end) in enumerate(sentences) if end >= span[1]), default=len(sentences) - 1
    )
    last = max(first, last)
    size = count(context[sentences[first][0] : sentences[last][1]])
    while True:
        sides = [side for side in (first - 1, last + 1) if 0 <= side < len(sentences)]
        if not sides:
            break
        side = generator.choice(sides)
        size += count(context[sentences[side][0] : sentences[side][1]])
        if size > max_tokens:
            break
        first, last = min(first, side), max(last, side)
    return min(sentences[first][0], span[0]), max(sentences[last][1], span[1])


def without_answer(
    example: Example, max_tokens: int, count: Callable[[str], int], generator: random.Random
) -> str | None:
    """Sentences next to the answer's, holding no annotated answer: what a neighbouring chunk shows."""
    answers = {example.context[start:end].lower() for start, end in example.spans}
    free = [
        (start, end)
        for start, end in _sentences(example.context)
        if not any(start < right and left < end for left, right in example.spans)
        and not any(answer in example.context[start:end].lower() for answer in answers)
    ]
    if not free:
        return None
    anchor = generator.choice(free)
    start, end = anchor
    for left, right in free:  # grow over adjoining free sentences only
        if right <= start and not example.context[right:start].strip():
            start = left
        elif left >= end and not example.context[end:left].strip():
            end = right
        if count(example.context[start:end]) > max_tokens:
            break
    return example.context[start:end]


def searched(question: str, generator: random.Random) -> str:
    """Now and then a question as people type it into a search box."""
    draw = generator.random()
    if draw < 0.15:
        return question.rstrip("? ").lower()
    if draw < 0.20:
        words = re.findall(r"[\w'’$%.,-]+", question.lower())
        return " ".join(w for w in words if w not in ("the", "a", "an", "did", "does", "do", "is"))
    return question


class FeatureMaker:
    """Turns examples into features of one kind or another, reproducibly from one generator."""

    def __init__(
        self, tokenizer: Tokenizer, near_misses: NearMisses, generator: random.Random
    ) -> None:
        self._tokenizer = tokenizer
        self._near_misses = near_misses
        self._random = generator
        self._count = lru_cache(maxsize=1 << 18)(self._count_tokens)

    def _count_tokens(self, text: str) -> int:
        return len(self._tokenizer.encode(text, add_special_tokens=False).ids)

    def answerable(self, example: Example, longest: int = 115) -> Feature | None:
        """The question with sentences around one annotator's answer."""
        span = self._random.choice(example.spans)
        start, end = self._crop(example, span, longest)
        question = self._worded(example.question)
        return self.encode(question, example.context[start:end], (span[0] - start, span[1] - start))

    def near_miss(self, example: Example, longest: int = 115) -> Feature | None:
        """A rewritten question that the sentences around the answer do not answer."""
        start, end = self._crop(example, self._random.choice(example.spans), longest)
        passage = example.context[start:end]
        question = self._near_misses.rewrite(example, passage)
        if question is None:
            return None
        return self.encode(self._worded(question), passage, None)

    def neighbour(self, example: Example, longest: int = 115) -> Feature | None:
        """The question with the sentences next to the answer's."""
        passage = without_answer(
            example, self._random.randint(40, longest), self._count, self._random
        )
        return (
            None if passage is None else self.encode(self._worded(example.question), passage, None)
        )

    def retrieved(self, example: Example, other: Example, longest: int = 115) -> Feature | None:
        """The question with part of another paragraph that reads alike but lacks the answer."""
        start, end = self._crop(other, self._random.choice(other.spans), longest)
        passage = other.context[start:end]
        answers = {example.context[left:right].lower() for left, right in example.spans}
        if any(answer in passage.lower() for answer in answers):
            return None
        return self.encode(self._worded(example.question), passage, None)

    def written(self, item: WrittenQuestion) -> Feature | None:
        """A question written for this project, over its whole passage."""
        return self.encode(self._worded(item.question), item.passage, item.span)

    def _worded(self, question: str) -> str:
        if self._random.random() < REWORDED_SHARE:
            question = self._near_misses.reworded(question)
        return searched(question, self._random)

    def _crop(self, example: Example, span: Span, longest: int) -> Span:
        room = self._random.randint(40, longest)
        return crop(example.context, span, room, self._count, self._random)

    def encode(self, question: str, passage: str, span: Span | None) -> Feature | None:
        """The feature, or None where the answer falls beyond the longest sequence."""
        left = self._tokenizer.encode(question, add_special_tokens=True)
        right = self._tokenizer.encode(passage, add_special_tokens=False)
        head = left.ids[: MAX_QUESTION_TOKENS - 1]
        if len(left.ids) > len(head):
            head = [*head, left.ids[-1]]
        room = MAX_TOKENS - len(head) - 1
        start = end = 0
        if span is not None:
            inside = [
                i for i, (a, b) in enumerate(right.offsets[:room]) if a < span[1] and b > span[0]
            ]
            if not inside or right.offsets[inside[-1]][1] < span[1]:
                return None
            start, end = len(head) + inside[0], len(head) + inside[-1]
        ids = (*head, *right.ids[:room], left.ids[-1])
        return Feature(ids=ids, question_tokens=len(head), start=start, end=end)


def alike_paragraphs(examples: Sequence[Example], k: int = 6) -> list[list[int]]:
    """For each example the rows of `k` examples whose paragraphs BM25 ranks best for its question."""
    first: dict[tuple[str, int], int] = {}
    for row, example in enumerate(examples):
        first.setdefault((example.source, example.paragraph), row)
    rows = list(first.values())
    index = bm25s.BM25()
    index.index(
        bm25s.tokenize([examples[row].context for row in rows], show_progress=False),
        show_progress=False,
    )
    found, _ = index.retrieve(
        bm25s.tokenize([e.question for e in examples], show_progress=False),
        k=min(k + 1, len(rows)),
        show_progress=False,
    )
    near: list[list[int]] = []
    for example, places in zip(examples, np.asarray(found), strict=True):
        here = first[example.source, example.paragraph]
        near.append([rows[place] for place in places if rows[place] != here][:k])
    return near
