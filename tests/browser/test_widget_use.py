"""The widget in a reader's hands: focus, keys, faults, waiting, and a page that changes under it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, Route, expect

pytestmark = pytest.mark.browser

LEADERS = "How many world leaders attended the parade?"
HEAD = '<!doctype html><html lang="en"><title>Intranet</title>'
INLINE = '<groundwire-chat mode="inline"></groundwire-chat>'
SCRIPT = '<script src="/widget.js" {} defer></script>'
STREAM = "**/api/v1/ask/stream"
FOCUSED = "document.querySelector('groundwire-chat').shadowRoot.activeElement"


@pytest.fixture
def open_page(chromium: Browser, site: Any) -> Iterator[Callable[..., Page]]:
    """A page of an intranet in a fresh profile, with a script that runs before all others."""
    profiles = []

    def go(body: str, before: str = "") -> Page:
        profile = chromium.new_context(viewport={"width": 1000, "height": 740})
        profile.set_default_timeout(60_000)
        expect.set_options(timeout=60_000)
        profiles.append(profile)
        page = profile.new_page()
        if before:
            page.add_init_script(before)
        page.route(
            f"{site.url}/intranet",
            lambda route: route.fulfill(body=HEAD + body, content_type="text/html; charset=utf-8"),
        )
        page.goto(f"{site.url}/intranet")
        page.wait_for_function("document.querySelector('groundwire-chat')?.shadowRoot?.firstChild")
        return page

    yield go
    for profile in profiles:
        profile.close()


def ask(page: Page, question: str = LEADERS) -> None:
    page.locator("groundwire-chat textarea").fill(question)
    page.locator("groundwire-chat textarea").press("Enter")


def answered(page: Page) -> None:
    expect(page.locator(".card[aria-busy]")).to_have_count(0)


def hold(page: Page) -> list[Route]:
    """Lets no question be answered until its route is fulfilled."""
    held: list[Route] = []
    page.route(STREAM, lambda route: held.append(route))
    return held


def stream(sentence: str = "There are 12 ships.") -> str:
    """The events of an answer."""
    title, sha = "Ships", "0" * 64
    citation = {
        "number": 1, "document": "ships", "title": title, "sha256": sha, "start": 0,
        "end": len(sentence), "quote": sentence, "answer_start": None, "answer_end": None,
    }  # fmt: skip
    passage = {
        "document": "ships",
        "title": title,
        "start": 0,
        "end": len(sentence),
        "text": sentence,
    }
    answer = {
        "question": "How many ships?", "standalone_question": sentence, "abstained": False,
        "confidence": 0.95, "short_answer": "12",
        "sentences": [{"text": sentence, "citations": [1]}],
        "citations": [citation], "passages": [passage],
    }  # fmt: skip
    return f"event: done\ndata: {json.dumps(answer)}\n\n"


def test_a_long_sentence_does_not_end_the_conversation(open_page: Callable[..., Page]) -> None:
    page = open_page(INLINE + SCRIPT.format(""))
    long = "🚢 and one more ship " * 300
    for _ in range(6):
        page.route(STREAM, lambda route: route.fulfill(body=stream(long)), times=1)
        ask(page)
        answered(page)
    with page.expect_response(STREAM) as told:
        ask(page)
    assert told.value.status == 200
    answered(page)
    expect(page.locator(".short").last).to_have_text("29")
    sent = json.loads(told.value.request.post_data or "")["conversation"]
    assert max(len(text) for turn in sent for text in turn["sentences"]) == 2000


def test_a_page_changes_it_while_and_after_it_answers(open_page: Callable[..., Page]) -> None:
    page = open_page(SCRIPT.format('data-heading="Ask HR"'))
    page.locator("button.launch").click()
    held = hold(page)
    with page.expect_request(STREAM):
        ask(page)
    page.locator("textarea").fill("And how many boats?")
    chat = page.locator("groundwire-chat")
    chat.evaluate("e => { e.setAttribute('theme', 'dark'); e.setAttribute('heading', 'Ask us') }")
    expect(page.locator(".root")).to_have_class(re.compile(r"\bdark\b"))
    held[0].fulfill(body=stream())
    expect(page.locator(".card .short")).to_have_text("12")
    expect(page.get_by_role("dialog", name="Ask us")).to_be_visible()
    expect(page.locator("textarea")).to_have_value("And how many boats?")
    assert page.evaluate(f"{FOCUSED}.tagName") == "TEXTAREA"
    chat.evaluate("e => { e.removeAttribute('theme'); e.setAttribute('position', 'bottom-left') }")
    expect(page.locator(".root")).to_have_class("root shown left")
    chat.evaluate("e => e.setAttribute('lang', 'de')")
    expect(page.get_by_role("button", name="Neues Gespräch")).to_be_visible()
    expect(page.locator(".card .short")).to_have_text("12")
    expect(page.locator("textarea")).to_have_value("And how many boats?")


def test_the_focus_stays_in_the_chat(open_page: Callable[..., Page]) -> None:
    page = open_page(SCRIPT.format('data-questions="How many ships?|Why?"'))
    page.locator("button.launch").click()
    hold(page)
    page.get_by_role("button", name="Why?").press("Enter")
    assert page.evaluate(f"{FOCUSED}?.tagName") == "TEXTAREA"
    page.keyboard.press("Escape")
    expect(page.locator(".card .said")).to_have_text("Stopped.")
    page.get_by_role("button", name="Ask again").press("Enter")
    assert page.evaluate(f"{FOCUSED}?.tagName") == "TEXTAREA"
    page.get_by_role("button", name="Stop").press("Enter")
    expect(page.locator(".card .said")).to_have_text("Stopped.")
    assert page.evaluate(f"{FOCUSED}?.tagName") == "TEXTAREA"
    page.keyboard.press("Escape")
    expect(page.locator("button.launch")).to_be_focused()


def test_asking_again_waits_for_the_question_that_runs(open_page: Callable[..., Page]) -> None:
    page = open_page(INLINE + SCRIPT.format(""))
    held = hold(page)
    ask(page, "How many boats?")
    page.get_by_role("button", name="Stop").click()
    expect(page.locator(".card .said")).to_have_text("Stopped.")
    with page.expect_request(STREAM):
        ask(page, "How many ships?")
    page.get_by_role("button", name="Ask again").click()
    assert page.locator(".asked bdi").all_text_contents() == ["How many boats?", "How many ships?"]
    held[-1].fulfill(body=stream())
    expect(page.locator(".short")).to_have_text("12")
    page.get_by_role("button", name="Ask again").click()
    texts = page.locator(".asked bdi")
    expect(texts).to_have_text(["How many ships?", "How many boats?"])


NO_CLIPBOARD = "Object.defineProperty(navigator, 'clipboard', { value: undefined })"


def test_it_copies_on_a_page_without_https(open_page: Callable[..., Page], site: Any) -> None:
    page = open_page(INLINE + SCRIPT.format(""), NO_CLIPBOARD)
    page.route(STREAM, lambda route: route.fulfill(body=stream()))
    ask(page)
    copy = page.get_by_role("button", name="Copy with sources")
    copy.click()
    expect(page.get_by_role("status")).to_have_text("Copied")
    expect(copy).to_be_focused()
    page.locator("textarea").focus()
    page.keyboard.press("Control+V")
    expect(page.locator("textarea")).to_have_value(re.compile(r"^12\n.*Ships: “There are", re.S))
    page.goto(f"{site.url}/embed")
    page.get_by_role("button", name="Copy", exact=True).click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    page.get_by_label("Suggested questions").focus()
    page.keyboard.press("Control+V")
    expect(page.get_by_label("Suggested questions")).to_have_value(re.compile("^<script src="))


def test_what_the_source_covers_takes_no_focus(open_page: Callable[..., Page]) -> None:
    around = "<button id={0}>{0}</button>"
    page = open_page(around.format("before") + INLINE + around.format("after") + SCRIPT.format(""))
    page.route(STREAM, lambda route: route.fulfill(body=stream()))
    ask(page)
    page.locator(".chip").click()
    page.get_by_role("button", name="Back to the answer").focus()
    for _ in range(3):
        page.keyboard.press("Tab")
        assert page.evaluate(f"Boolean({FOCUSED}.closest('.drawer'))")
    page.keyboard.press("Tab")
    expect(page.locator("#after")).to_be_focused()
    for _ in range(4):
        page.keyboard.press("Shift+Tab")
        assert page.evaluate(f"Boolean({FOCUSED}.closest('.drawer'))")
    page.keyboard.press("Shift+Tab")
    expect(page.locator("#before")).to_be_focused()
    page.keyboard.press("Tab")
    page.keyboard.press("Escape")
    expect(page.locator(".chip")).to_be_focused()


def test_escape_is_the_pages_where_there_is_nothing_to_leave(
    open_page: Callable[..., Page],
) -> None:
    page = open_page(f"<dialog>{INLINE}</dialog>{SCRIPT.format('')}")
    page.route(STREAM, lambda route: route.fulfill(body=stream()))
    page.locator("dialog").evaluate("e => e.showModal()")
    ask(page)
    page.locator(".chip").click()
    page.get_by_role("button", name="Back to the answer").focus()
    page.keyboard.press("Escape")
    expect(page.locator(".drawer")).to_have_count(0)
    expect(page.locator("dialog")).to_be_visible()
    page.locator("textarea").focus()
    page.keyboard.press("Escape")
    expect(page.locator("dialog")).to_be_hidden()


def test_a_fault_is_told_in_the_readers_language(open_page: Callable[..., Page]) -> None:
    page = open_page(INLINE + SCRIPT.format(""))
    problem = {"detail": "Send it as: Authorization: Bearer KEY", "request_id": "a1b2c3d4"}

    def refusal(status: int) -> Callable[[Route], None]:
        wait = {"Retry-After": "12"}
        return lambda route: route.fulfill(status=status, json=problem, headers=wait)

    seen: dict[int, set[str]] = {}
    for language in ("en", "de", "fr"):
        page.locator("groundwire-chat").evaluate("(e, lang) => { e.lang = lang }", language)
        for status in (401, 403, 404, 413, 422, 429, 500, 502, 503, 504):
            page.route(STREAM, refusal(status), times=1)
            ask(page)
            answered(page)
            lines = page.locator(".card").last.locator("p").all_text_contents()
            assert len(lines) == 3
            assert lines[2].endswith("a1b2c3d4")
            assert not re.search(r"Bearer|undefined|[{}]", lines[1])
            seen.setdefault(status, set()).add(lines[1])
            page.locator("groundwire-chat").evaluate("e => e.clear()")
    assert {len(texts) for texts in seen.values()} == {3}, "a language lacks a text"
    assert "Zu viele Fragen auf einmal. Fragen Sie in 12 Sekunden noch einmal." in seen[429]
    assert any("dans 12 secondes" in text for text in seen[503])
    assert seen[502] == seen[500]


def test_an_answer_that_breaks_off_is_said_and_asked_again(open_page: Callable[..., Page]) -> None:
    page = open_page(INLINE + SCRIPT.format(""))
    begun = 'event: started\ndata: {"request_id": "a1b2c3d4"}\n\nevent: sentence\ndata: {"in'
    page.route(STREAM, lambda route: route.fulfill(body=begun), times=1)
    ask(page)
    card = page.locator(".card")
    expect(card.locator(".said")).to_have_text("This question could not be answered.")
    expect(card).to_contain_text("The answer broke off on its way. Ask again.")
    expect(card).to_contain_text("Request a1b2c3d4")
    page.get_by_role("button", name="Ask again").click()
    expect(page.locator(".short")).to_have_text("29")
    # a fault in the middle of the stream is told like one before it
    error = {"status": 503, "detail": "Busy.", "request_id": "e5f6a7b8", "retry_after_s": 150.2}
    page.route(
        STREAM, lambda route: route.fulfill(body=f"event: error\ndata: {json.dumps(error)}\n\n")
    )
    ask(page)
    expect(card.last).to_contain_text("Ask again in 3 minutes.")


def test_waiting_and_confidence_are_said(open_page: Callable[..., Page]) -> None:
    page = open_page(INLINE + SCRIPT.format(""))
    page.clock.install()
    held = hold(page)
    with page.expect_request(STREAM):
        ask(page)
    status = page.get_by_role("status")
    expect(status).to_have_text("Searching the articles")
    page.clock.run_for(8001)
    expect(status).to_have_text("Still reading the articles")
    expect(page.locator(".card")).to_have_text("Still reading the articles")
    held[0].fulfill(body=stream())
    expect(status).to_have_text("12. high confidence")
    sure = page.get_by_role("button", name="high confidence")
    expect(sure).to_have_attribute("aria-expanded", "false")
    sure.press("Enter")
    expect(sure).to_have_attribute("aria-expanded", "true")
    means = page.get_by_text("Of ten answers like this, at least nine are right.")
    expect(means.first).to_be_visible()
    expect(status).to_have_text("Of ten answers like this, at least nine are right.")
    sure.press("Enter")
    expect(page.locator(".aside")).to_be_hidden()
