"""Token buckets and the bounded queue, with a clock and a loop of our own."""

from __future__ import annotations

import asyncio

import pytest

from ui.guard.buckets import LARGEST, Buckets
from ui.guard.problems import Refused
from ui.guard.turns import Turns


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def test_a_bucket_gives_its_burst_and_then_its_rate() -> None:
    clock = Clock()
    buckets = Buckets(per_minute=60, burst=3, clock=clock)
    assert [buckets.take("a") for _ in range(4)] == [0, 0, 0, 1]
    clock.now = 0.5
    assert buckets.take("a") == pytest.approx(0.5)
    clock.now = 1.0
    assert buckets.take("a") == 0
    clock.now = 1000.0
    assert [buckets.take("a") for _ in range(4)] == [0, 0, 0, 1]


def test_callers_do_not_spend_each_others_tokens() -> None:
    buckets = Buckets(per_minute=1, burst=1, clock=Clock())
    assert buckets.take("a") == 0
    assert buckets.take("a") > 0
    assert buckets.take("b") == 0


def test_buckets_do_not_grow_without_end() -> None:
    buckets = Buckets(per_minute=1, burst=1, clock=Clock())
    for number in range(LARGEST + 100):
        buckets.take(str(number))
    assert len(buckets._held) == LARGEST


def run(coroutine: object) -> None:
    asyncio.run(coroutine)  # type: ignore[arg-type]


def test_who_comes_first_is_served_first_and_who_is_too_many_is_refused() -> None:
    async def story() -> None:
        turns = Turns(workers=1, waiting=2, wait_s=60)
        served: list[str] = []

        async def one(name: str) -> None:
            await turns.take()
            served.append(name)

        await one("a")
        waiting = [asyncio.create_task(one(name)) for name in "bc"]
        await asyncio.sleep(0)
        with pytest.raises(Refused) as refused:
            await turns.take()
        assert refused.value.problem.status == 503
        turns.give_back()
        await waiting[0]
        turns.give_back()
        await waiting[1]
        assert served == ["a", "b", "c"]

    run(story())


def test_a_turn_that_was_given_up_is_not_lost() -> None:
    async def story() -> None:
        turns = Turns(workers=1, waiting=5, wait_s=60)
        await turns.take()
        early, late = (asyncio.create_task(turns.take()) for _ in range(2))
        await asyncio.sleep(0)
        early.cancel()
        await asyncio.gather(early, return_exceptions=True)
        assert turns.waiting == 1
        turns.give_back()  # goes to `late`, which leaves in the very moment it gets it
        late.cancel()
        await asyncio.gather(late, return_exceptions=True)
        await asyncio.wait_for(turns.take(), 1)

    run(story())


def test_a_wait_has_an_end() -> None:
    async def story() -> None:
        turns = Turns(workers=1, waiting=1, wait_s=0.01)
        await turns.take()
        with pytest.raises(Refused) as refused:
            await turns.take()
        assert refused.value.problem.name == "busy"
        assert turns.waiting == 0

    run(story())


def test_stopping_refuses_all_who_wait() -> None:
    async def story() -> None:
        turns = Turns(workers=1, waiting=5, wait_s=60)
        await turns.take()
        waiting = asyncio.create_task(turns.take())
        await asyncio.sleep(0)
        turns.stop()
        for coming in (waiting, asyncio.create_task(turns.take())):
            with pytest.raises(Refused) as refused:
                await coming
            assert refused.value.problem.name == "stopping"

    run(story())
