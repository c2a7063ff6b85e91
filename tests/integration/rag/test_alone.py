"""Sentences read by themselves, with the reader that is shipped."""

from __future__ import annotations

import pytest

from rag.alone import SENTENCES, read_alone
from rag.reader import Reader, open_reader
from rag.support import passage_read, read_text
from rag.types import Passage

FIRE = "A fire broke out in Leeds on Monday."
HURT = "It killed 12 people and left 40 others hurt."
MAYOR = "The mayor, Ann Lee, came at noon."
QUESTION = "How many people died in the fire?"


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Reader:
    return open_reader("bundled", tmp_path_factory.mktemp("unused"), 2)


def passage(text: str, start: int = 0) -> Passage:
    return Passage(
        document="fire",
        title="Fire",
        text=text,
        start=start,
        end=start + len(text),
        score=1.0,
        dense=0.5,
    )


def test_a_sentence_of_two_passages_is_read_once_and_found_in_both(reader: Reader) -> None:
    passages = [passage(f"{FIRE} {HURT}"), passage(f"{HURT} {MAYOR}", len(FIRE) + 1)]
    reads = [passage_read(p, read_text(p.text), rank) for rank, p in enumerate(passages)]
    candidates, _ = reader.read(QUESTION, [p.text for p in passages])
    alone = read_alone(reader, QUESTION, candidates, reads)
    first, second = alone[0, (len(FIRE) + 1, len(FIRE) + 1 + len(HURT))], alone[1, (0, len(HURT))]
    assert first == second
    best = max(first.spans, key=lambda span: first.spans[span])
    assert HURT[slice(*best)].startswith("12") and first.best == first.spans[best] > 0


def test_no_more_than_the_best_sentences_are_read(reader: Reader) -> None:
    text = " ".join(f"Town {number} counted {number + 20} dead people." for number in range(9))
    reads = [passage_read(passage(text), read_text(text), 0)]
    candidates, _ = reader.read(QUESTION, [text])
    assert 0 < len(read_alone(reader, QUESTION, candidates, reads)) <= SENTENCES
    assert read_alone(reader, QUESTION, [], []) == {}
