"""What the reader sees, in which order: the training curriculum as one reproducible list of batches."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence

from rag.training.data import Example
from rag.training.features import Feature, FeatureMaker, alike_paragraphs

Stage = dict[str, int]

# Kinds of feature per stage: "answer:SOURCE", "near:SOURCE", "neighbour:SOURCE", "retrieved:SOURCE".
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


def family(source: str) -> str:
    """The family of a data file: qamr, squad, new_wiki or forum."""
    if source.startswith("qamr"):
        return "qamr"
    if source == "new_wiki":
        return "new_wiki"
    return "squad" if source.startswith("train") else "forum"


def features_of_stage(
    stage: Stage, examples: Sequence[Example], maker: FeatureMaker, generator: random.Random
) -> list[Feature]:
    """The features of one stage, shuffled. A kind wanting more than there are examples goes round."""
    by_family: dict[str, list[Example]] = {}
    for example in examples:
        by_family.setdefault(family(example.source), []).append(example)
    features: list[Feature] = []
    for kind, wanted in stage.items():
        how, group = kind.split(":")
        pool = by_family.get(group, [])
        alike = alike_paragraphs(pool) if how == "retrieved" and pool else []
        order = list(range(len(pool)))
        generator.shuffle(order)
        made, tries = 0, 0
        while pool and made < wanted and tries < 4 * wanted:
            row = order[tries % len(order)]
            tries += 1
            if how == "answer":
                feature = maker.answerable(pool[row])
            elif how == "near":
                feature = maker.near_miss(pool[row])
            elif how == "neighbour":
                feature = maker.neighbour(pool[row])
            else:
                feature = maker.retrieved(pool[row], pool[generator.choice(alike[row])])
            if feature is not None:
                features.append(feature)
                made += 1
    generator.shuffle(features)
    return features


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
