"""The wish to stop reaches a question that is being answered."""

from __future__ import annotations

import asyncio
import threading
from types import SimpleNamespace
from typing import cast

import pytest

from rag.pipeline import LivePipeline
from rag.steps import OnStep, Step, Stopped
from ui.api.answers import Answers
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
