"""First step of training: folders of SQuAD-format JSON → `Example`s, split by article.

Nothing here reads a benchmark: the folders are given, and `held_out` keeps whole articles
apart, so that no paragraph is on both sides.
"""

from __future__ import annotations

import hashlib
import html
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """A question with its paragraph; `context[start:end]` is an annotator's answer for each span."""

    source: str
    article: str
    paragraph: int
    question: str
    context: str
    spans: tuple[tuple[int, int], ...]


def load_folder(folder: Path) -> list[Example]:
    """Every answerable question of every `*.json` under `folder`, in file and paragraph order.

    Answers whose text does not stand at its offset are dropped (a few annotations are off by one);
    a question with none left is dropped with them.
    """
    return [example for path in sorted(folder.rglob("*.json")) for example in load_squad_file(path)]


def load_squad_file(path: Path) -> list[Example]:
    """The answerable questions of one SQuAD-format file."""
    articles = json.loads(path.read_text("utf-8"))["data"]
    examples: list[Example] = []
    paragraph_number = 0
    for number, article in enumerate(articles):
        for paragraph in article["paragraphs"]:
            paragraph_number += 1
            context: str = paragraph["context"]
            for question in paragraph["qas"]:
                spans = tuple(_true_spans(context, question["answers"]))
                if spans:
                    examples.append(
                        Example(
                            source=path.stem,
                            article=f"{path.stem}/{number}",
                            paragraph=paragraph_number,
                            question=html.unescape(" ".join(question["question"].split())),
                            context=context,
                            spans=spans,
                        )
                    )
    return examples


def _true_spans(context: str, answers: Iterable[dict[str, object]]) -> Iterable[tuple[int, int]]:
    for answer in answers:
        text, start = str(answer["text"]), int(str(answer["answer_start"]))
        if text.strip() and context[start : start + len(text)] == text:
            yield start, start + len(text)


def split_held_out(
    examples: Sequence[Example], share: float = 0.08
) -> tuple[list[Example], list[Example]]:
    """Training and held-out examples; whole articles (or paragraphs, where a file has one article).

    The side is a hash of the article's name, so it stays the same when files are added.
    """
    train: list[Example] = []
    held_out: list[Example] = []
    articles_of: dict[str, set[str]] = {}
    for example in examples:
        articles_of.setdefault(example.source, set()).add(example.article)
    for example in examples:
        single = len(articles_of[example.source]) == 1
        key = f"{example.article}/{example.paragraph}" if single else example.article
        digest = hashlib.sha256(key.encode()).digest()
        side = held_out if digest[0] / 256 < share else train
        side.append(example)
    return train, held_out
