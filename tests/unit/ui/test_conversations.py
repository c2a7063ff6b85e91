from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from rag.types import NOT_IN_ARTICLES, Answer, Article, Citation, Passage, Sentence
from ui.conversations import MAX_TURNS, Conversation, Exchange, Session
from ui.kept import MAX_KEPT_BYTES, MAX_QUOTE, MAX_TITLE, pack, unpack

ARTICLE = Article(
    id="port", title="A port", text="It held 29 ships.", sha256="ab", source="port.txt"
)
ARTICLES = {"port": ARTICLE}


def answer(question: str = "How many?", *, abstained: bool = False) -> Answer:
    quote = Citation(
        number=1,
        document="port",
        title="A port",
        sha256="ab",
        start=0,
        end=17,
        quote=ARTICLE.text,
        answer_start=8,
        answer_end=10,
    )
    return Answer(
        question=question,
        standalone_question="How many ships?",
        abstained=abstained,
        short_answer=None if abstained else "29",
        text=NOT_IN_ARTICLES if abstained else ARTICLE.text,
        confidence=0.5,
        sentences=() if abstained else (Sentence(text=ARTICLE.text, citations=(1,)),),
        citations=() if abstained else (quote,),
        passages=(
            Passage(document="port", title="A port", start=0, end=7, text="It held", score=0.0),
        ),
        answered_by="test",
        generation="g",
        timings_ms={},
    )


def exchange(question: str = "How many?", **more: Any) -> Exchange:
    values: dict[str, Any] = {
        "state": "answered",
        "answer": answer(question),
        "searched": 1,
        "titles": ("A port",),
        "versions": {"port": "ab"},
    } | more
    return Exchange(question=question, standalone="How many ships?", **values)


def session(*questions: str) -> Session:
    asked = Session(language="fr")
    for question in questions:
        asked = asked.with_question(len(asked.current.exchanges), exchange(question))
    return asked


def test_what_the_browser_keeps_comes_back_as_it_was() -> None:
    before = session("One?", "Two?")
    voted = replace(before.current.exchanges[0], vote="down")
    before = before.with_exchange(voted).fresh()
    before = before.with_question(0, exchange("Three?", answer=answer("Three?", abstained=True)))
    after = unpack(json.loads(json.dumps(pack(before))), ARTICLES)
    assert after == before


def test_an_unfinished_question_comes_back_as_stopped() -> None:
    before = Session().with_question(0, Exchange(question="One?", standalone="One?"))
    assert unpack(pack(before), ARTICLES).current.exchanges[0].state == "stopped"


def test_at_most_48_kilobytes_are_kept_and_the_oldest_go_first() -> None:
    before = Session()
    for number in range(12):
        before = before.fresh()
        for turn in range(10):
            before = before.with_question(turn, exchange(f"{number}-{turn} " + "x" * 400))
    kept = pack(before)
    assert len(json.dumps(kept, ensure_ascii=False).encode()) < MAX_KEPT_BYTES + 2_000
    after = unpack(kept, ARTICLES)
    assert after.current.exchanges == before.current.exchanges
    assert 0 < len(after.history) < 11
    assert [item.cut for item in after.history[:-1]] == [False] * (len(after.history) - 1)
    oldest = after.history[-1]
    assert oldest.cut == (len(oldest.exchanges) < 10)


def test_a_conversation_holds_at_most_forty_turns() -> None:
    asked = session(*(f"{number}?" for number in range(MAX_TURNS + 5)))
    assert len(asked.current.exchanges) == MAX_TURNS
    assert asked.current.exchanges[-1].question == f"{MAX_TURNS + 4}?"
    assert asked.current.cut
    assert unpack(pack(asked), ARTICLES).current.cut
    assert not session("One?").current.cut


def test_editing_drops_what_followed() -> None:
    asked = session("One?", "Two?", "Three?").with_question(1, exchange("Other?"))
    assert [item.question for item in asked.current.exchanges] == ["One?", "Other?"]


def test_history_opens_and_forgets() -> None:
    first = session("One?")
    second = first.fresh().with_question(0, exchange("Two?"))
    reopened = second.opened(first.current.id)
    assert reopened.current.title == "One?"
    assert [item.title for item in reopened.history] == ["Two?"]
    assert reopened.opened("nonsense") == reopened
    assert [item.title for item in reopened.without(first.current.id).all()] == ["Two?"]
    assert reopened.without("all").all() == ()


HOSTILE: list[object] = [
    None,
    [],
    "text",
    {"conversations": "no"},
    {"conversations": [None, 3, {"id": "x"}]},
    {"conversations": [{"id": "0" * 12, "exchanges": []}]},
    {"conversations": [{"id": "0" * 12, "exchanges": [{"question": 3, "state": "answered"}]}]},
    {
        "conversations": [
            {"id": "0" * 12, "exchanges": [{"question": "q" * 3000, "state": "stopped"}]}
        ]
    },
    {"conversations": [{"id": "<script>", "exchanges": [{"question": "q", "state": "stopped"}]}]},
    {"language": "<b>", "open": {"a": 1}},
]


@pytest.mark.parametrize("kept", HOSTILE)
def test_what_does_not_fit_is_left_out(kept: object) -> None:
    found = unpack(kept, ARTICLES)
    assert found.all() == ()
    assert found.language == "en"


def test_passages_and_numbers_from_the_browser_are_checked() -> None:
    kept = pack(session("One?"))
    packed = kept["conversations"][0]["exchanges"][0]["answer"]
    packed["closest"] = [
        ["port", "A port", 0, 9_999, "ab"],
        ["none", "x", 0, 1, "ab"],
        ["port", "A port", 0, 2, "ab"],
    ]
    packed["sentences"] = [["It held 29 ships.", [1, 7]]]
    found = unpack(kept, ARTICLES).current.exchanges[0].answer
    assert found is not None
    assert [item.text for item in found.passages] == ["It"]
    assert found.sentences[0].citations == (1,)


def test_passages_of_a_version_that_was_replaced_are_left_out() -> None:
    kept = pack(session("One?"))
    replaced = {"port": replace(ARTICLE, sha256="cd")}
    packed = kept["conversations"][0]["exchanges"][0]["answer"]
    for closest in (packed["closest"], [packed["closest"][0][:4]]):
        packed["closest"] = closest
        found = unpack(kept, replaced).current.exchanges[0].answer
        assert found is not None
        assert found.passages == ()
        assert found.citations[0].sha256 == "ab"


def test_what_is_too_long_to_keep_is_cut_and_the_conversation_stays() -> None:
    long = answer()
    quote = replace(long.citations[0], title="t" * 900, end=30_000, quote="q" * 30_000)
    passage = replace(long.passages[0], title="t" * 900)
    long = replace(
        long, short_answer="s" * 9_000, citations=(quote, *long.citations * 29), passages=(passage,)
    )
    before = Session().with_question(0, exchange(answer=long))
    found = unpack(pack(before), ARTICLES).current.exchanges[0].answer
    assert found is not None, "the conversation is gone"
    assert len(found.citations[0].title) == MAX_TITLE
    assert len(found.citations[0].quote) == found.citations[0].end == MAX_QUOTE


def test_a_conversation_has_its_first_question_for_a_title() -> None:
    assert Conversation().title == ""
    assert session("One?", "Two?").current.title == "One?"
