"""What the reader sees, in which order: the training curriculum as one reproducible list of batches."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import cycle, islice

from rag.training.balance import overlap_weights
from rag.training.data import Example
from rag.training.features import Feature, FeatureMaker, alike_paragraphs
from rag.training.written import OWN, WrittenQuestion

Stage = dict[str, int]

# Kinds of feature per stage: "answer:SOURCE", "near:SOURCE", "neighbour:SOURCE", "retrieved:SOURCE"
# and "written:any".
# One-sentence QAMR questions cost a third of a chunk, so they come first and teach where to look;
# near misses grow towards the end, when there is an answer to lean towards.
STAGES: tuple[Stage, ...] = (
    {
        "answer:qamr": 16000,
        "answer:squad": 5000,
        "answer:new_wiki": 3500,
        "answer:forum": 3000,
        "near:squad": 1500,
        "neighbour:squad": 700,
        "retrieved:squad": 700,
    },
    {
        "answer:qamr": 5000,
        "answer:squad": 10900,
        "answer:new_wiki": 7200,
        "answer:forum": 6000,
        "near:squad": 6000,
        "near:new_wiki": 3000,
        "near:forum": 1000,
        "near:qamr": 2500,
        "neighbour:squad": 2000,
        "neighbour:new_wiki": 1500,
        "retrieved:squad": 2000,
        "retrieved:new_wiki": 1500,
    },
    {
        "answer:qamr": 1500,
        "answer:squad": 9000,
        "answer:new_wiki": 6000,
        "answer:forum": 1500,
        "near:squad": 6000,
        "near:new_wiki": 3000,
        "near:qamr": 1000,
        "neighbour:squad": 1500,
        "neighbour:new_wiki": 1000,
        "retrieved:squad": 1500,
        "retrieved:new_wiki": 1000,
    },
    {
        "answer:squad": 5500,
        "answer:new_wiki": 3500,
        "answer:forum": 500,
        "near:squad": 3500,
        "near:new_wiki": 2000,
        "neighbour:squad": 600,
        "neighbour:new_wiki": 400,
        "retrieved:squad": 600,
        "retrieved:new_wiki": 400,
    },
)

# A second run from the weights of the first, with dropout: the first one knows its SQuAD articles
# nearly by heart (exact spans .80 there, .58 on held-out articles), so this one rewords questions
# and leans on those seen least.
FURTHER: tuple[Stage, ...] = (
    {
        "answer:squad": 11000,
        "answer:new_wiki": 7500,
        "answer:forum": 9000,
        "answer:qamr": 8000,
        "near:squad": 6000,
        "near:new_wiki": 4000,
        "near:forum": 3000,
        "near:qamr": 3000,
        "neighbour:squad": 1500,
        "neighbour:new_wiki": 1000,
        "neighbour:forum": 1500,
        "retrieved:squad": 2000,
        "retrieved:new_wiki": 1500,
        "retrieved:forum": 1000,
    },
    {
        "answer:squad": 11000,
        "answer:new_wiki": 7500,
        "answer:forum": 6000,
        "answer:qamr": 3000,
        "near:squad": 8000,
        "near:new_wiki": 5000,
        "near:forum": 2000,
        "near:qamr": 1500,
        "neighbour:squad": 1200,
        "neighbour:new_wiki": 800,
        "neighbour:forum": 600,
        "retrieved:squad": 1500,
        "retrieved:new_wiki": 1200,
    },
)

# A third run: the questions written for this project, among enough of the others to keep what is known.
LAST: tuple[Stage, ...] = (
    {
        "written:any": 26000,
        "answer:squad": 11000,
        "answer:new_wiki": 7500,
        "answer:forum": 4000,
        "answer:qamr": 1500,
        "near:squad": 4000,
        "near:new_wiki": 2500,
        "neighbour:squad": 800,
        "neighbour:new_wiki": 500,
        "retrieved:squad": 1500,
        "retrieved:new_wiki": 1200,
    },
)

# A fourth run, from the mean of the first and the third: pairs of questions that differ in one thing,
# of which one is answered, over passages written for this project.
PAIRS: tuple[Stage, ...] = (
    {
        "written:any": 19000,
        "answer:squad": 4200,
        "answer:new_wiki": 2800,
        "answer:forum": 900,
        "near:squad": 1800,
        "near:new_wiki": 1200,
        "near:own": 1000,
        "neighbour:squad": 300,
        "neighbour:new_wiki": 200,
        "retrieved:squad": 600,
        "retrieved:new_wiki": 500,
        "retrieved:own": 500,
    },
)

# The last ones: all there is.
WHOLE: tuple[Stage, ...] = (
    {
        "written:any": 46000,
        "answer:squad": 15000,
        "answer:new_wiki": 10000,
        "answer:forum": 6000,
        "answer:qamr": 4000,
        "near:squad": 5000,
        "near:new_wiki": 3500,
        "near:own": 4000,
        "near:forum": 1000,
        "neighbour:squad": 1000,
        "neighbour:new_wiki": 600,
        "retrieved:squad": 1500,
        "retrieved:new_wiki": 1200,
        "retrieved:own": 1500,
    },
)

PLANS: dict[str, tuple[Stage, ...]] = {
    "first": STAGES,
    "further": FURTHER,
    "last": LAST,
    "pairs": PAIRS,
    "whole": WHOLE,
}


def family(source: str) -> str:
    """The family of a data file: qamr, squad, new_wiki or forum; own passages are one too."""
    if source.startswith("qamr"):
        return "qamr"
    if source in ("new_wiki", OWN):
        return source
    return "squad" if source.startswith("train") else "forum"


def features_of_stage(
    stage: Stage,
    examples: Sequence[Example],
    written: Sequence[WrittenQuestion],
    maker: FeatureMaker,
    generator: random.Random,
) -> list[Feature]:
    """The features of one stage, shuffled. A kind wanting more than there are examples goes round."""
    by_family: dict[str, list[Example]] = {}
    for example in examples:
        by_family.setdefault(family(example.source), []).append(example)
    features: list[Feature] = []
    for kind, wanted in stage.items():
        how, group = kind.split(":")
        pool = by_family.get(group, [])
        if how == "written":
            features.extend(_written(written, wanted, maker, generator))
        else:
            make = _of_kind(how, pool, maker, generator)
            order = list(range(len(pool)))
            generator.shuffle(order)
            features.extend(_made(make, cycle(order), wanted))
    generator.shuffle(features)
    return features


Make = Callable[[int], Feature | None]


def _written(
    written: Sequence[WrittenQuestion],
    wanted: int,
    maker: FeatureMaker,
    generator: random.Random,
) -> list[Feature]:
    if not written:
        return []
    weights = overlap_weights(written)
    rows = generator.choices(range(len(written)), weights, k=4 * wanted)
    return _made(lambda row: maker.written(written[row]), rows, wanted)


def _of_kind(
    how: str, pool: Sequence[Example], maker: FeatureMaker, generator: random.Random
) -> Make:
    if how == "retrieved":
        alike = alike_paragraphs(pool) if pool else []
        return lambda row: maker.retrieved(pool[row], pool[generator.choice(alike[row])])
    make = {"answer": maker.answerable, "near": maker.near_miss, "neighbour": maker.neighbour}[how]
    return lambda row: make(pool[row])


def _made(make: Make, rows: Iterable[int], wanted: int) -> list[Feature]:
    """`wanted` features of the rows; fewer where most rows give none."""
    made: list[Feature] = []
    for row in islice(rows, 4 * wanted):
        feature = make(row)
        if feature is not None:
            made.append(feature)
        if len(made) == wanted:
            break
    return made


def batches(
    features: Sequence[Feature], tokens: int, generator: random.Random, window: int = 1600
) -> Iterator[list[Feature]]:
    """Batches of about `tokens` tokens; alike in length within windows, so that padding is small."""
    for at in range(0, len(features), window):
        part = sorted(features[at : at + window], key=lambda feature: len(feature.ids))
        groups: list[list[Feature]] = [[]]
        for feature in part:
            if groups[-1] and (len(groups[-1]) + 1) * len(feature.ids) > tokens:
                groups.append([])
            groups[-1].append(feature)
        generator.shuffle(groups)
        yield from groups
