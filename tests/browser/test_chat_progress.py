"""On a slow reader the chat says how far it has got, lets its reader read and type on, and Stop frees
the server's worker."""

from __future__ import annotations

import os
import re
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest
from playwright.sync_api import expect

from rag.pipeline import Pipeline
from rag.reader import Candidate, Reader
from rag.steps import OnStep, Step, Stopped, unwatched
from rag.types import Answer

pytestmark = pytest.mark.browser

UNKNOWN = "Who won the football world cup in 1998?"
LEADERS = "How many world leaders attended the parade?"
WITHIN_S = 60
SAID = re.compile(r"Read (\d+) of (\d+) passages")


@dataclass
class SlowReader:
    """Reads the chat's questions on only when told to; `ended` holds how they ended. Suggested
    questions, which are made in the background and watch no steps, are let through."""

    rounds: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))
    steps: list[Step] = field(default_factory=list)
    ended: list[str] = field(default_factory=list)
    end: threading.Event = field(default_factory=threading.Event)


@pytest.fixture
def slow(monkeypatch: pytest.MonkeyPatch) -> Iterator[SlowReader]:
    slow = SlowReader()
    read, ask = Reader.read, Pipeline.ask

    def reads(
        self: Reader,
        question: str,
        texts: Sequence[str],
        enough: Callable[[Sequence[Candidate]], bool] | None = None,
        on_step: OnStep = unwatched,
    ) -> tuple[list[Candidate], int]:
        def waits(step: Step) -> None:
            on_step(step)
            slow.steps.append(step)
            assert slow.rounds.acquire(timeout=WITHIN_S)

        if on_step is unwatched:
            return read(self, question, texts, enough)
        return read(self, question, texts, None, waits)

    def asks(self: Pipeline, *given: Any, **named: Any) -> Answer:
        if "on_step" not in named:
            return ask(self, *given, **named)
        try:
            answer = ask(self, *given, **named)
            slow.ended.append("answered")
            return answer
        except Stopped:
            slow.ended.append("stopped")
            raise
        finally:
            slow.end.set()

    monkeypatch.setattr(Reader, "read", reads)
    monkeypatch.setattr(Pipeline, "ask", asks)
    yield slow
    slow.rounds.release(1000)


def test_progress_is_said_and_stop_ends_the_work(chat: Any, slow: SlowReader) -> None:
    working = chat.page.locator(".gw-working [role=status]")
    chat.submit(LEADERS)
    expect(working).to_have_text(SAID)
    first, total = _numbers(working.inner_text())
    chat.shoot("reading")
    slow.rounds.release()
    expect(working).not_to_have_text(f"Read {first} of {total} passages")
    second, _ = _numbers(working.inner_text())
    assert 0 < first < second < total
    chat.page.get_by_role("button", name="Stop").click()
    expect(chat.last(".gw-said")).to_have_text("Stopped.")
    chat.finished()
    assert slow.ended == []
    slow.rounds.release()
    assert slow.end.wait(WITHIN_S)
    assert slow.ended == ["stopped"]
    assert slow.steps[-1].done == second


def test_stopping_more_questions_than_there_are_workers_leaves_room_for_the_next(
    chat: Any, slow: SlowReader
) -> None:
    more = (os.cpu_count() or 1) + 1
    for count in range(1, more + 1):
        chat.submit(f"{LEADERS[:-1]} in {2000 + count}?")
        expect(chat.page.locator(".gw-working")).to_contain_text("Read ")
        chat.page.get_by_role("button", name="Stop").click()
        expect(chat.last(".gw-said")).to_have_text("Stopped.")
        chat.finished()
        slow.rounds.release()
        assert slow.end.wait(WITHIN_S)
        slow.end.clear()
        assert slow.ended == ["stopped"] * count
    slow.rounds.release(1000)
    chat.ask(LEADERS)
    expect(chat.last(".gw-short")).to_have_text("29")
    assert slow.ended[-1] == "answered"


def test_progress_disturbs_neither_reading_nor_typing(chat: Any, slow: SlowReader) -> None:
    slow.rounds.release(1000)
    chat.ask(UNKNOWN)
    chat.last("details summary").click()
    chat.ask(LEADERS)
    while slow.rounds.acquire(blocking=False):
        pass
    working = chat.page.locator(".gw-working [role=status]")
    chat.submit("Why?")
    expect(working).to_have_text(SAID)
    expect(chat.page.locator("[data-do=edit]").first).to_be_hidden()
    chat.page.locator(".gw-turn").nth(1).locator(".gw-chip").first.click()
    expect(chat.page.locator(".gw-reader mark")).to_be_focused()
    field = chat.page.locator("#gw-question textarea")
    field.press_sequentially("And in")
    before = working.inner_text()
    slow.rounds.release()
    expect(working).not_to_have_text(before)
    field.press_sequentially(" May?")
    expect(field).to_have_value("And in May?")
    expect(field).to_be_focused()
    expect(chat.page.locator(".gw-reader mark")).to_be_visible()
    slow.rounds.release(1000)
    chat.finished()
    expect(field).to_have_value("And in May?")
    expect(chat.page.locator(".gw-turn").first.locator("details")).to_have_attribute("open", "")


def test_escape_closes_a_popover_and_only_then_stops(chat: Any, slow: SlowReader) -> None:
    chat.submit(LEADERS)
    expect(chat.page.locator(".gw-working")).to_contain_text("Read ")
    chat.page.get_by_role("button", name="History").click()
    history = chat.page.get_by_role("dialog", name="History")
    expect(history).to_be_visible()
    chat.page.keyboard.press("Escape")
    expect(history).to_be_hidden()
    expect(chat.page.get_by_role("button", name="Stop")).to_be_visible()
    expect(chat.page.locator(".gw-working")).to_be_visible()
    chat.page.keyboard.press("Escape")
    expect(chat.last(".gw-said")).to_have_text("Stopped.")


def test_what_is_deleted_or_chosen_while_an_answer_works_stays_so(
    chat: Any, slow: SlowReader
) -> None:
    page = chat.page
    chat.submit(LEADERS)
    expect(page.locator(".gw-working")).to_contain_text("Read ")
    page.locator(".gw-language select").select_option("de")
    expect(page.locator("html")).to_have_attribute("lang", "de")
    expect(page.locator(".gw-working")).to_be_visible()
    page.get_by_role("button", name="Verlauf").click()
    page.get_by_role("button", name="Alle löschen").click()
    slow.rounds.release(1000)
    assert slow.end.wait(WITHIN_S)
    expect(page.locator(".gw-empty")).to_be_visible()
    expect(page.locator("#gw-question .submit-button")).to_have_text("Fragen")
    page.keyboard.press("Escape")
    chat.ask(LEADERS)
    expect(chat.last(".gw-short")).to_have_text("29")
    expect(page.locator(".gw-turn")).to_have_count(1)
    chat.open()
    expect(page.locator(".gw-turn")).to_have_count(1)
    expect(page.locator("html")).to_have_attribute("lang", "de")


def test_a_question_typed_while_another_works_waits_in_its_field(
    chat: Any, slow: SlowReader
) -> None:
    slow.rounds.release(1000)
    chat.ask(LEADERS)
    while slow.rounds.acquire(blocking=False):
        pass
    chat.last("[data-do=retry]").click()
    chat.submit(UNKNOWN)
    expect(chat.page.locator(".gw-working")).to_contain_text("Read ")
    expect(chat.page.locator("#gw-question textarea")).to_have_value(UNKNOWN)
    slow.rounds.release(1000)
    chat.finished()
    expect(chat.page.locator(".gw-turn")).to_have_count(1)
    expect(chat.last(".gw-short")).to_have_text("29")
    expect(chat.page.locator("#gw-question textarea")).to_have_value(UNKNOWN)
    chat.page.locator("#gw-question textarea").press("Enter")
    expect(chat.page.locator(".gw-turn")).to_have_count(2)
    chat.finished()


def test_a_reload_while_an_answer_works_keeps_the_question(chat: Any, slow: SlowReader) -> None:
    chat.submit(LEADERS)
    expect(chat.page.locator(".gw-working")).to_contain_text("Read ")
    chat.open()
    expect(chat.last(".gw-question")).to_contain_text(LEADERS)
    expect(chat.last(".gw-said")).to_have_text("Stopped.")


def _numbers(said: str) -> tuple[int, int]:
    found = SAID.fullmatch(said)
    assert found, said
    return int(found[1]), int(found[2])
