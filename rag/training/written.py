"""Questions written for this project, over paragraphs of the training data and passages of its own.

About two in five are answered by their passage, often in words that it does not use; the others look as
natural and are not answered by it, though it holds something of the right kind (the kinds follow
table 2 of Rajpurkar, Jia and Liang 2018, https://aclanthology.org/P18-2124/). Swapped words alone
teach a reader that an unknown word means no answer; these do not.

`written.tsv` names paragraphs by digest. Their texts are read from the data folder, or are lines of
`passages.txt`: news, rules, reports and entries about invented people and places.
"""

from __future__ import annotations

import csv
import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path

from rag.sentences import Span
from rag.training.data import Example, load_folder

OWN = "own"  # the source of examples over the project's own passages


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenQuestion:
    """A question over `passage`; `span` is where it answers, None where it does not."""

    source: str
    article: str
    question: str
    passage: str
    span: Span | None


def load_all(folder: Path) -> list[Example]:
    """Every answerable question of the folder's files and over the project's own passages."""
    return [*load_folder(folder), *own_examples()]


def own_examples() -> list[Example]:
    """The answered questions over `passages.txt`; each passage is an article of its own."""
    passages = own_passages()
    number_of = {name: number for number, name in enumerate(passages)}
    return [
        Example(
            source=OWN,
            article=f"{OWN}/{row['paragraph']}",
            paragraph=number_of[row["paragraph"]],
            question=row["question"],
            context=passages[row["paragraph"]],
            spans=(_place(row["answer"], passages[row["paragraph"]]),),
        )
        for row in written_rows()
        if row["answer"] and row["paragraph"] in passages
    ]


def load_written(examples: Iterable[Example]) -> list[WrittenQuestion]:
    """The written questions whose paragraphs are among the examples', in file order.

    Raises: ValueError, for a line whose answer is not in its passage.
    """
    paragraphs = {digest(example.context): example for example in examples}
    found: list[WrittenQuestion] = []
    for row in written_rows():
        example = paragraphs.get(row["paragraph"])
        if example is None:
            continue
        passage = example.context[int(row["start"]) : int(row["end"])]
        found.append(
            WrittenQuestion(
                source=example.source,
                article=example.article,
                question=row["question"],
                passage=passage,
                span=_place(row["answer"], passage) if row["answer"] else None,
            )
        )
    return found


def written_rows() -> list[dict[str, str]]:
    """The lines of `written.tsv` by column: paragraph, start, end, question, answer."""
    lines = (files("rag.training") / "written.tsv").read_text("utf-8").split("\n")
    return list(csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE))


@cache
def own_passages() -> Mapping[str, str]:
    """The lines of `passages.txt` by digest."""
    text = (files("rag.training") / "passages.txt").read_text("utf-8")
    return {digest(passage): passage for passage in text.split("\n") if passage}


def digest(context: str) -> str:
    """The name of a paragraph: twelve hex digits of its SHA-256."""
    return hashlib.sha256(context.encode()).hexdigest()[:12]


def _place(answer: str, passage: str) -> Span:
    """Where an answer stands, preferring whole words; spaces stand for any white space.

    >>> _place("10 km", "1910 kms, that is 10\\nkm.")
    (18, 23)
    """
    pattern = r"\s+".join(re.escape(word) for word in answer.split())
    match = re.search(rf"(?<!\w){pattern}(?!\w)", passage) or re.search(pattern, passage)
    if match is None:
        raise ValueError(f"The written answer {answer!r} is not in its passage: {passage[:80]!r}…")
    return match.span()
