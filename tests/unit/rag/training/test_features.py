"""Questions and passages → what the reader is trained on."""

from __future__ import annotations

import random

import numpy as np
import pytest
from tokenizers import Tokenizer

from rag.training.data import Example, split_held_out
from rag.training.features import MAX_TOKENS, Feature, FeatureMaker
from rag.training.near_misses import NearMisses
from rag.training.plan import batches, features_of_stage
from rag.training.train import collate, packaged_base, rate_at
from rag.training.written import WrittenQuestion

CONTEXT = (
    "The bridge over the Elbe was opened in 1893. It was designed by Claus Koepcke and paid for by "
    "the state of Saxony. In 1945 Erich Stöckel kept it from being blown up. It is 141 metres long."
)


def example(question: str, answer: str, article: str = "train-x/1") -> Example:
    at = CONTEXT.index(answer)
    return Example(
        source="train-x",
        article=article,
        paragraph=1,
        question=question,
        context=CONTEXT,
        spans=((at, at + len(answer)),),
    )


EXAMPLES = [
    example("When was the first bridge over the Elbe opened?", "1893"),
    example("Who designed the bridge over the Elbe?", "Claus Koepcke"),
    example("Who kept the bridge from being blown up in 1945?", "Erich Stöckel"),
    example("How many metres long is the bridge of Saxony?", "141"),
    example("What did Claus Koepcke design before Erich Stöckel came?", "The bridge"),
]


@pytest.fixture(scope="module")
def tokenizer() -> Tokenizer:
    loaded = Tokenizer.from_file(str(packaged_base() / "tokenizer.json"))
    loaded.no_padding()
    loaded.no_truncation()
    return loaded


def maker(tokenizer: Tokenizer, seed: int) -> FeatureMaker:
    generator = random.Random(seed)
    words = ["bridge", "opened", "designed", "long"]
    near = NearMisses(EXAMPLES, words, np.eye(4, dtype=np.float32), generator)
    return FeatureMaker(tokenizer, near, generator)


def text_of(feature: Feature, tokenizer: Tokenizer) -> str:
    return str(tokenizer.decode(list(feature.ids[feature.start : feature.end + 1])))


@pytest.mark.parametrize("seed", range(8))
def test_an_answerable_feature_points_at_its_answer(tokenizer: Tokenizer, seed: int) -> None:
    made = maker(tokenizer, seed)
    for item in EXAMPLES:
        feature = made.answerable(item)
        assert feature is not None and len(feature.ids) <= MAX_TOKENS
        answer = CONTEXT[slice(*item.spans[0])]
        assert text_of(feature, tokenizer) == tokenizer.decode(
            tokenizer.encode(answer, add_special_tokens=False).ids
        )


def test_a_near_miss_asks_something_else_and_has_no_answer(tokenizer: Tokenizer) -> None:
    generator = random.Random(1)
    near = NearMisses(EXAMPLES, [], np.zeros((0, 4), dtype=np.float32), generator)
    asked = [question for item in EXAMPLES if (question := near.rewrite(item, CONTEXT))]
    assert len(asked) >= 3
    assert not set(asked) & {item.question for item in EXAMPLES}
    features = [maker(tokenizer, 1).near_miss(item) for item in EXAMPLES]
    assert any(features)
    assert all((feature.start, feature.end) == (0, 0) for feature in features if feature)


def test_a_sentence_beside_the_answer_does_not_hold_it(tokenizer: Tokenizer) -> None:
    made = maker(tokenizer, 2)
    for item in EXAMPLES[1:4]:
        feature = made.neighbour(item)
        assert feature is not None and (feature.start, feature.end) == (0, 0)
        passage = tokenizer.decode(list(feature.ids[feature.question_tokens :]))
        assert CONTEXT[slice(*item.spans[0])].lower() not in passage


def test_written_questions_keep_their_passage_whole(tokenizer: Tokenizer) -> None:
    at = CONTEXT.index("141 metres")
    for span in ((at, at + len("141 metres")), None):
        item = WrittenQuestion(
            source="train-x", article="a", question="Its length?", passage=CONTEXT, span=span
        )
        feature = maker(tokenizer, 3).written(item)
        assert feature is not None and (feature.start > 0) == (span is not None)
        if span:
            assert text_of(feature, tokenizer) == "141 metres"


def test_the_same_seed_gives_the_same_batches(tokenizer: Tokenizer) -> None:
    stage = {"answer:squad": 30, "near:squad": 20, "neighbour:squad": 5, "answer:qamr": 9}

    def made(seed: int) -> list[list[Feature]]:
        generator = random.Random(seed)
        features = features_of_stage(stage, EXAMPLES, (), maker(tokenizer, seed), generator)
        return list(batches(features, 400, generator))

    first = made(5)
    assert first == made(5) and first != made(6)
    assert sum(map(len, first)) == 55  # there are no questions of the family qamr
    assert all(
        len(batch) * max(len(feature.ids) for feature in batch) <= 400 or len(batch) == 1
        for batch in first
    )


def test_padding_is_masked(tokenizer: Tokenizer) -> None:
    short = Feature(ids=(101, 5, 102, 7, 102), question_tokens=3, start=3, end=3)
    long = Feature(ids=(101, 5, 102, 7, 8, 9, 102), question_tokens=3, start=0, end=0)
    batch = collate([short, long])
    assert batch["attention_mask"].sum(1).tolist() == [5, 7]
    assert batch["token_type_ids"].tolist()[0] == [0, 0, 0, 1, 1, 0, 0]


def test_the_rate_rises_stays_and_falls_to_nothing() -> None:
    rates = [rate_at(step, 100, 10, 60) for step in range(101)]
    assert rates[:10] == sorted(rates[:10]) and set(rates[10:61]) == {1.0}
    assert rates[60:] == sorted(rates[60:], reverse=True) and rates[-1] == 0


def test_whole_articles_are_held_out() -> None:
    many = [example("Q?", "1893", article=f"train-x/{number}") for number in range(300)] * 2
    train, held_out = split_held_out(many)
    assert {e.article for e in train}.isdisjoint(e.article for e in held_out)
    assert 0 < len(held_out) < len(train)
