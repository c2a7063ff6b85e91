"""Many visitors at once, over Gradio's own queue on a real server: served in parallel, none mixed up."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from rag.pipeline import Pipeline
from rag.settings import Settings
from rag.types import NOT_IN_ARTICLES, Answer

WITHIN_S = 120


@dataclass(frozen=True)
class Door:
    """A server, and the number of Gradio's event for a typed question."""

    url: str
    ask: int
    inputs: int
    limit: int


@pytest.fixture(scope="module")
def door(
    seeds_settings: Settings,
    serving_here: Callable[[Settings], AbstractContextManager[tuple[str, FastAPI]]],
) -> Iterator[Door]:
    with serving_here(seeds_settings) as (url, _):
        config = httpx.get(f"{url}/config", timeout=WITHIN_S).json()
        submits = [
            event
            for event in config["dependencies"]
            if any(name == "submit" for _, name in event["targets"])
        ]
        assert len(submits) == 1
        yield Door(url, submits[0]["id"], len(submits[0]["inputs"]), seeds_settings.threads)


def ask(door: Door, session: str, question: str) -> str:
    """Asks as a browser does and returns the conversation's markup when it is finished."""
    return str(answered(door, session, question)[0])


def answered(door: Door, session: str, question: str, kept: object = None) -> list[Any]:
    """What the page gets when a question is finished; `kept` is the browser's copy."""
    for message in messages(door, session, question, kept):
        if message["msg"] == "process_completed":
            assert message["success"], message
            return list(message["output"]["data"])
    raise AssertionError("the stream ended without an answer")


def messages(
    door: Door, session: str, question: str, kept: object = None
) -> Iterator[dict[str, Any]]:
    """Asks as a browser does; the messages of the event as they come."""
    with httpx.Client(base_url=door.url, timeout=WITHIN_S) as client:
        joined = client.post(
            "/gradio_api/queue/join",
            json={
                "data": [question, *[None] * (door.inputs - 2), kept],
                "fn_index": door.ask,
                "session_hash": session,
                "event_data": None,
            },
        )
        assert joined.status_code == 200, joined.text
        with client.stream(
            "GET", "/gradio_api/queue/data", params={"session_hash": session}
        ) as lines:
            for line in lines.iter_lines():
                if line.startswith("data:"):
                    message: dict[str, Any] = json.loads(line[5:])
                    yield message
                    if message["msg"] == "process_completed":
                        return


def quick(self: Pipeline, question: str, **_: Any) -> Answer:
    """An abstention that repeats the question, instead of a search."""
    return Answer(
        question=question,
        standalone_question=question,
        abstained=True,
        short_answer=None,
        text=NOT_IN_ARTICLES,
        confidence=0.0,
        sentences=(),
        citations=(),
        passages=(),
        answered_by="test",
        generation=self.index.manifest.id,
        timings_ms={},
    )


def test_the_history_stays_when_the_server_has_lost_the_session(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Pipeline, "ask", quick)
    kept = answered(door, "before", "First?")[-1]
    again = answered(door, "after", "Second?", kept)
    assert "First?" in again[0]
    asked = [item["question"] for item in again[-1]["conversations"][0]["exchanges"]]
    assert asked == ["First?", "Second?"]


def test_more_askers_than_workers_see_their_card_at_once(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    shut = threading.Event()
    seen = threading.Barrier(door.limit + 3, timeout=WITHIN_S)

    def held(self: Pipeline, question: str, **_: Any) -> Answer:
        assert shut.wait(WITHIN_S)
        return quick(self, question)

    monkeypatch.setattr(Pipeline, "ask", held)

    def visit(number: int) -> None:
        for message in messages(door, f"w{number}", f"Waiting {number}?"):
            if message["msg"] == "process_generating" and "gw-working" in str(message):
                seen.wait()
                shut.set()

    with ThreadPoolExecutor(door.limit + 3) as visitors:
        try:
            list(visitors.map(visit, range(door.limit + 3)))
        finally:
            shut.set()
    assert not seen.broken


def test_two_hundred_visitors_see_only_their_own_conversation(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Pipeline, "ask", quick)
    marks = [f"mark{number:03d}x" for number in range(200)]

    def visit(mark: str) -> str:
        ask(door, f"s{mark}", f"First of {mark}?")
        return ask(door, f"s{mark}", f"Second of {mark}?")

    with ThreadPoolExecutor(20) as visitors:
        pages = list(visitors.map(visit, marks))
    for mark, page in zip(marks, pages, strict=True):
        assert f"First of {mark}?" in page
        assert f"Second of {mark}?" in page
        assert not [other for other in marks if other != mark and other in page]


def test_twenty_at_once_are_served_in_parallel_up_to_the_cores_and_all_get_an_answer(
    door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = threading.Semaphore(0)
    lock = threading.Lock()
    busy: list[int] = [0, 0]
    full = threading.Event()

    def counted(self: Pipeline, question: str, **_: Any) -> Answer:
        with lock:
            busy[0] += 1
            busy[1] = max(busy)
            if busy[0] == door.limit:
                full.set()
        # nobody finishes before as many work as may, so parallel work is seen where there is any
        assert full.wait(WITHIN_S)
        with lock:
            busy[0] -= 1
        now.release()
        return quick(self, question)

    monkeypatch.setattr(Pipeline, "ask", counted)
    with ThreadPoolExecutor(20) as visitors:
        pages = list(visitors.map(lambda n: ask(door, f"p{n}", f"Number {n}?"), range(20)))
    assert all(f"Number {n}?" in page for n, page in enumerate(pages))
    assert busy[1] == door.limit
