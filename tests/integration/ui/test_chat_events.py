"""The chat's events as Gradio calls them, one while another still works: nothing is lost or undone."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import gradio as gr
import pytest

from rag.pipeline import LivePipeline
from rag.types import NOT_IN_ARTICLES, Answer, Article, Passage
from ui.chat_handlers import Chat
from ui.conversations import MAX_TURNS
from ui.desk import Desk
from ui.feedback import FeedbackStore

WITHIN_S = 60
ARTICLES = {
    name: Article(
        id=name, title=f"The {name}", text=f"A {name}.", sha256=name * 4, source=f"{name}.txt"
    )
    for name in ("port", "ship")
}
# The places of what a handler gives back.
TALK, BAR, FIELD, KEPT = 0, 1, 2, 5


class GatedPipeline:
    """Says of every question that the articles do not say, once its gate is open."""

    def __init__(self) -> None:
        self.articles = dict(ARTICLES)
        self.reached = threading.Event()
        self.opened = threading.Event()
        self.opened.set()

    def ask(self, question: str, *, standalone: str, **_: object) -> Answer:
        self.reached.set()
        assert self.opened.wait(WITHIN_S)
        passage = Passage(
            document="port", title="The port", start=0, end=7, text="A port.", score=1.0
        )
        return Answer(
            question=question,
            standalone_question=standalone,
            abstained=True,
            short_answer=None,
            text=NOT_IN_ARTICLES,
            confidence=0.0,
            sentences=(),
            citations=(),
            passages=(passage,),
            answered_by="test",
            generation="g",
            timings_ms={},
        )


@pytest.fixture
def pipeline() -> GatedPipeline:
    return GatedPipeline()


@pytest.fixture
def chat(pipeline: GatedPipeline, tmp_path: Path) -> Iterator[Chat]:
    live = cast(LivePipeline, SimpleNamespace(get=lambda: pipeline))
    with ThreadPoolExecutor(2) as workers:
        yield Chat(live, tuple, FeedbackStore(tmp_path), workers)
        pipeline.opened.set()


def event(**data: str) -> gr.EventData:
    return gr.EventData(None, data)


def asked(chat: Chat, desk: Desk, kept: object, *questions: str) -> Any:
    """Asks one question after the other; returns the browser's copy."""
    for question in questions:
        kept = list(chat.ask(question, desk, kept))[-1][KEPT]
    return kept


def questions(kept: Any) -> list[list[str]]:
    """The questions of every conversation."""
    return [[item["question"] for item in one["exchanges"]] for one in kept["conversations"]]


def test_a_desk_that_the_server_lost_is_filled_from_the_browsers_copy(chat: Chat) -> None:
    first = Desk()
    kept = asked(chat, first, {}, "One?")
    kept = asked(chat, first, chat.new(first, kept)[KEPT], "Two?")
    kept = chat.speak(first, kept, event(language="de"))[1 + KEPT]
    for lost in (
        lambda desk: chat.new(desk, kept)[KEPT],
        lambda desk: chat.find(desk, kept, event(sought="x"))[KEPT],
        lambda desk: chat.forget(desk, kept, event(id="0" * 12))[KEPT],
    ):
        again = lost(Desk())
        assert questions(again) == [["Two?"], ["One?"]]
        assert again["language"] == "de"
    assert questions(asked(chat, Desk(), kept, "Three?")) == [["Two?", "Three?"], ["One?"]]


def test_what_is_changed_while_an_answer_works_stays_changed(
    chat: Chat, pipeline: GatedPipeline
) -> None:
    desk = Desk()
    kept = asked(chat, desk, {}, "One?")
    pipeline.opened.clear()
    working = chat.ask("Two?", desk, kept)
    shown = next(working)
    assert "gw-working" in shown[TALK]
    assert "One?" in shown[BAR], "it cannot be deleted"
    assert questions(shown[KEPT]) == [["One?", "Two?"]], "a reload would lose the question"
    first = desk.now.current.exchanges[0].id
    chat.filter(desk, kept, event(document="ship"))
    chat.vote(desk, kept, event(turn=first, vote="down"))
    shown = chat.speak(desk, kept, event(language="fr"))[1:]
    assert "gw-working" in shown[TALK]
    assert shown[FIELD].constructor_args["stop_btn"] == "Arrêter"
    pipeline.opened.set()
    shown = list(working)[-1]
    assert desk.now.articles == ("ship",)
    assert shown[KEPT]["language"] == "fr"
    before, after = shown[KEPT]["conversations"][0]["exchanges"]
    assert (before["vote"], after["state"]) == ("down", "answered")
    assert "2 articles" in shown[TALK], "both were searched, whatever is chosen now"


@pytest.mark.parametrize("leaving", ["new", "open", "forget one", "forget all"])
def test_leaving_a_conversation_ends_its_work_and_nothing_brings_it_back(
    chat: Chat, pipeline: GatedPipeline, leaving: str
) -> None:
    desk = Desk()
    kept = asked(chat, desk, {}, "One?")
    one = desk.now.current.id
    kept = chat.new(desk, kept)[KEPT]
    pipeline.reached.clear()
    pipeline.opened.clear()
    working = chat.ask("Two?", desk, kept)
    kept = next(working)[KEPT]
    two = desk.now.current.id
    assert pipeline.reached.wait(WITHIN_S)
    if leaving == "new":
        kept, left = chat.new(desk, kept)[KEPT], [["Two?"], ["One?"]]
    elif leaving == "open":
        kept, left = chat.open(desk, kept, event(id=one))[KEPT], [["One?"], ["Two?"]]
    elif leaving == "forget one":
        kept, left = chat.forget(desk, kept, event(id=two))[KEPT], [["One?"]]
    else:
        kept, left = chat.forget(desk, kept, event(id="all"))[KEPT], []
    assert questions(kept) == left
    shown = list(working)[-1]  # the gate is shut: only a stopped generator ends
    assert questions(shown[KEPT]) == left
    assert "gw-working" not in shown[TALK]
    states = {item.question: item.state for held in desk.now.all() for item in held.exchanges}
    assert states.get("Two?", "stopped") == "stopped"
    assert not desk.busy


def test_a_second_question_at_once_is_not_begun_and_the_first_is_answered(
    chat: Chat, pipeline: GatedPipeline
) -> None:
    desk = Desk()
    kept = asked(chat, desk, {}, "One?")
    pipeline.opened.clear()
    working = chat.ask("Two?", desk, kept)
    next(working)
    first = desk.now.current.exchanges[0].id
    seconds = [
        chat.ask("Three?", desk, kept),
        chat.ask_suggested(desk, kept, event(question="Four?")),
        chat.retry(desk, kept),
        chat.edit(desk, kept, event(turn=first, question="Five?")),
    ]
    for second in seconds:
        for shown in second:
            assert shown[TALK] == shown[FIELD] == gr.skip(), "what is being typed would go"
    pipeline.opened.set()
    shown = list(working)[-1]
    assert questions(shown[KEPT]) == [["One?", "Two?"]]
    assert [item.state for item in desk.now.current.exchanges] == ["answered"] * 2


def test_progress_leaves_the_conversation_and_the_field_alone(
    chat: Chat, pipeline: GatedPipeline
) -> None:
    first, *others = list(chat.ask("One?", Desk(), {}))
    assert first[FIELD].constructor_args["value"] == ""
    assert "value" not in others[-1][FIELD].constructor_args
    offered = next(chat.ask_suggested(Desk(), {}, event(question="One?")))
    assert "value" not in offered[FIELD].constructor_args


def test_a_vote_stays_with_its_answer_when_the_first_turns_are_dropped(
    chat: Chat, tmp_path: Path
) -> None:
    desk, store = Desk(), FeedbackStore(tmp_path)
    kept = asked(chat, desk, {}, *(f"{number}?" for number in range(MAX_TURNS)))
    turn = desk.now.current.exchanges[-1].id
    chat.vote(desk, kept, event(turn=turn, vote="up"))
    kept = asked(chat, desk, kept, "One more?")
    shown = chat.vote(desk, kept, event(turn=turn, vote="up"))
    assert store.all() == (), "the vote was not the one that is taken back"
    assert "no longer kept" in shown[TALK]
    assert [item.vote for item in desk.now.current.exchanges] == [""] * MAX_TURNS


def test_a_question_says_where_it_was_searched_then(chat: Chat) -> None:
    desk = Desk()
    kept = chat.filter(desk, {}, event(document="ship"))[KEPT]
    kept = asked(chat, desk, kept, "One?")
    shown = chat.filter(desk, kept, event(document=""))
    restored = chat.find(Desk(), shown[KEPT], event(sought=""))
    for markup in (shown[TALK], restored[TALK]):
        assert "Searched in: <bdi>The ship</bdi>" in markup
