"""Inside the last step of training: held-out examples → questions to calibrate on, and their articles."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

from rag.training.data import Example
from rag.training.near_misses import NearMisses, word_vectors
from rag.training.plan import family
from rag.training.train import packaged_base
from rag.training.written import load_written
from rag.types import Article

FAMILIES = ("squad", "new_wiki")  # encyclopaedia articles: what they say is said in so many words
NEAR_MISSES = 0.5  # near misses for each answerable question


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldOutQuestion:
    """A question to calibrate on: its gold answers (none: unanswerable) and its paragraph.

    `group` is what must not be on both sides of a split; `alone` keeps it from the whole index.
    """

    question: str
    gold: tuple[str, ...]
    paragraph: str
    group: str
    alone: bool = False


def questions_of(
    held_out: Sequence[Example], per_family: int, generator: random.Random
) -> list[HeldOutQuestion]:
    """Answerable questions of held-out articles and, for most, a near miss over the paragraph."""
    near_misses = NearMisses(held_out, *word_vectors(packaged_base()), generator)
    found: list[HeldOutQuestion] = []
    for name in FAMILIES:
        pool = [example for example in held_out if family(example.source) == name]
        for example in generator.sample(pool, min(per_family, len(pool))):
            gold = tuple({example.context[start:end] for start, end in example.spans})
            found.append(
                HeldOutQuestion(
                    question=example.question,
                    gold=gold,
                    paragraph=example.context,
                    group=example.context,
                )
            )
            rewritten = near_misses.rewrite(example, example.context)
            if rewritten and generator.random() < NEAR_MISSES:
                found.append(
                    HeldOutQuestion(
                        question=rewritten,
                        gold=(),
                        paragraph=example.context,
                        group=example.context,
                    )
                )
    return found


def written_questions(held_out: Sequence[Example]) -> list[HeldOutQuestion]:
    """The written questions over held-out paragraphs; what the passage does not say is asked of it
    alone, since another paragraph of the article may say it."""
    return [
        HeldOutQuestion(
            question=item.question,
            gold=(item.passage[slice(*item.span)],) if item.span else (),
            paragraph=item.passage,
            group=item.passage,
            alone=item.span is None,
        )
        for item in load_written(held_out)
    ]


def paragraphs_as_articles(examples: Sequence[Example]) -> tuple[Article, ...]:
    """One article for each data article: its paragraphs, each once."""
    paragraphs: dict[str, dict[str, None]] = {}
    for example in examples:
        paragraphs.setdefault(example.article, {})[example.context] = None
    return tuple(
        Article.of(id=name.replace("/", "-"), title=name, text="\n\n".join(parts), source=name)
        for name, parts in paragraphs.items()
    )


def some_articles(
    examples: Sequence[Example], paragraphs: int, generator: random.Random
) -> list[Example]:
    """Whole Wikipedia articles, drawn until they hold about this many paragraphs."""
    pool = [example for example in examples if family(example.source) in ("squad", "new_wiki")]
    names = sorted({example.article for example in pool})
    generator.shuffle(names)
    chosen: list[Example] = []
    seen: set[str] = set()
    for name in names:
        if len(seen) >= paragraphs:
            break
        part = [example for example in pool if example.article == name]
        seen.update(example.context for example in part)
        chosen.extend(part)
    return chosen
