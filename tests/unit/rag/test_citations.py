from __future__ import annotations

import hashlib
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.citations import prove, stands, unsupported
from rag.types import NOT_IN_ARTICLES, Answer, Article, Citation, Sentence

TEXT = "The fleet sold 62 ships in 1931. Anna Berg did not agree. It rained on 3 May 1931."


def article(text: str = TEXT) -> Article:
    digest = hashlib.sha256(text.encode()).hexdigest()
    return Article(id="a", title="A", text=text, sha256=digest, source="a.txt")


def cite(quote: str, number: int = 1, text: str = TEXT) -> Citation:
    start = text.index(quote)
    return Citation(
        number=number,
        document="a",
        title="A",
        sha256=article(text).sha256,
        start=start,
        end=start + len(quote),
        quote=quote,
    )


def answer(
    sentences: list[Sentence], citations: list[Citation], short: str | None = None
) -> Answer:
    return Answer(
        question="?",
        standalone_question="?",
        abstained=False,
        short_answer=short,
        text="",
        confidence=0.9,
        sentences=tuple(sentences),
        citations=tuple(citations),
        passages=(),
        answered_by="test",
        generation="g",
        timings_ms={},
    )


def test_a_true_citation_stands() -> None:
    assert stands(cite("Anna Berg did not agree."), article())


@pytest.mark.parametrize(
    "change", [{"start": 1}, {"quote": "Anna"}, {"sha256": "0"}, {"end": 10_000}]
)
def test_a_changed_citation_does_not_stand(change: dict[str, object]) -> None:
    assert not stands(replace(cite("Anna Berg did not agree."), **change), article())


@given(st.text(min_size=1, max_size=60), st.data())
def test_a_citation_shifted_by_one_stands_only_where_the_text_repeats(
    text: str, data: st.DataObject
) -> None:
    whole = article(text)
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))
    true = replace(cite(text[0], text=text), start=start, end=end, quote=text[start:end])
    assert stands(true, whole)
    shifted = replace(true, start=start + 1, end=end + 1)
    assert stands(shifted, whole) == (text[start + 1 : end + 1] == text[start:end])


@pytest.mark.parametrize(
    ("sentence", "problem"),
    [
        ("The fleet sold 64 ships in 1931.", "number 64"),
        ("The fleet sold sixty-two ships in 1931.", None),
        ("In 1932 the fleet sold 62 ships.", "number 1932"),
        ("The fleet of Anna Berg sold 62 ships in 1931.", "name Anna"),
        ("The fleet did not sell 62 ships in 1931.", "negation"),
    ],
)
def test_a_sentence_may_say_only_what_its_quote_says(sentence: str, problem: str | None) -> None:
    found = unsupported(sentence, ["The fleet sold 62 ships in 1931."])
    assert (problem in found) if problem else found == []


def test_dates_are_compared_as_dates() -> None:
    quotes = ["It rained on 3 May 1931."]
    assert unsupported("It rained on May 3rd, 1931.", quotes) == []
    assert any(p.startswith("date") for p in unsupported("It rained on 4 May 1931.", quotes))


def test_what_fails_is_dropped_and_the_rest_renumbered() -> None:
    good, bad = (
        cite("Anna Berg did not agree.", 2),
        replace(cite("It rained", 1), quote="It poured"),
    )
    proven = prove(
        answer(
            [
                Sentence(text="It poured", citations=(1,)),
                Sentence(text="Anna Berg did not agree.", citations=(2,)),
            ],
            [bad, good],
        ),
        {"a": article()},
    )
    assert proven.text == "Anna Berg did not agree. [1]"
    assert [citation.number for citation in proven.citations] == [1]
    assert proven.sentences[0].citations == (1,)


def test_nothing_left_is_an_abstention() -> None:
    proven = prove(
        answer(
            [Sentence(text="The fleet sold 64 ships.", citations=(1,))], [cite("62 ships")], "64"
        ),
        {"a": article()},
    )
    assert proven.abstained
    assert (proven.text, proven.short_answer) == (NOT_IN_ARTICLES, None)
    assert proven.sentences == () and proven.citations == ()


def test_a_citation_of_an_unknown_article_is_dropped() -> None:
    sentence = Sentence(text="Anna Berg did not agree.", citations=(1,))
    assert prove(answer([sentence], [cite("Anna Berg did not agree.")]), {}).abstained
