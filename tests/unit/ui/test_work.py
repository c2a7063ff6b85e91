"""The wish to stop reaches a question that is being answered."""

from __future__ import annotations

import asyncio
import threading
from copy import deepcopy
from dataclasses import replace
from types import SimpleNamespace
from typing import cast

import pytest

from rag.pipeline import LivePipeline
from rag.steps import OnStep, Step, Stopped
from ui.api.answers import Answers
from ui.conversations import Exchange, Session
from ui.desk import Desk
from ui.guard.metrics import Metrics
from ui.guard.settings import Limits
from ui.work import Work

READ = Step(stage="read", done=2, total=8)


def test_steps_come_in_order_until_the_work_is_done() -> None:
    work = Work()
    later = Step(stage="read", done=4, total=8)
    work.on_step(READ)
    work.on_step(later)
    work.done()
    assert list(work.steps()) == [READ, later]


def test_stopping_ends_the_waiting_at_once_and_the_work_at_its_next_step() -> None:
    work = Work()
    work.stop()
    assert list(work.steps()) == []
    with pytest.raises(Stopped):
        work.on_step(READ)


def test_a_desk_holds_one_question_at_a_time_and_lets_go_of_what_is_left() -> None:
    desk, first, second = Desk(), Work(), Work()
    one, two = (Exchange(question=name, standalone=name) for name in ("One?", "Two?"))
    assert desk.begin(first, "", lambda session: session.with_question(0, one))
    assert not desk.begin(second, "", lambda session: session.with_question(1, two))
    assert [item.question for item in desk.now.current.exchanges] == ["One?"]
    desk.stop()
    assert desk.begin(second, "", lambda session: session.with_question(1, two))
    desk.end(first, replace(one, state="stopped"))
    assert desk.busy, "the end of the first question let go of the second"
    desk.change(lambda session: replace(session, language="fr"))
    assert not second.stopping
    desk.change(Session.fresh)
    assert second.stopping
    desk.end(second, replace(two, state="stopped"))
    assert [item.state for item in desk.now.history[0].exchanges] == ["stopped", "stopped"]


def test_a_desk_is_filled_once_and_its_copy_is_empty() -> None:
    desk = Desk()
    assert desk.session(lambda: Session(language="de")).language == "de"
    assert desk.session(lambda: Session(language="fr")).language == "de"
    assert deepcopy(desk).session(lambda: Session(language="fr")).language == "fr"


class EndlessPipeline:
    """Answers nothing and reads on until it is stopped."""

    def __init__(self) -> None:
        self.reading = threading.Event()
        self.ended = threading.Event()

    def ask(self, _question: str, *, on_step: OnStep, **_: object) -> None:
        try:
            while True:
                on_step(READ)
                self.reading.set()
        finally:
            self.ended.set()


def test_a_client_that_leaves_stops_the_worker() -> None:
    endless = EndlessPipeline()
    live = cast(LivePipeline, SimpleNamespace(get=lambda: endless))

    async def story() -> None:
        metrics = Metrics()
        answers = Answers(live, Limits(), metrics)
        asking = asyncio.create_task(answers.ask("Why?", request_id="1"))
        await asyncio.to_thread(endless.reading.wait)
        assert metrics.running._value.get() == 1
        asking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asking
        assert await asyncio.to_thread(endless.ended.wait, 30)
        while metrics.running._value.get():
            await asyncio.to_thread(lambda: None)

    asyncio.run(asyncio.wait_for(story(), 60))
