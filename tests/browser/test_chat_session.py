"""The chat where its surroundings fail it: a server that forgot, a browser that keeps nothing, a slow
network."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import Any

import pytest
from fastapi import FastAPI
from playwright.sync_api import Route, expect
from starlette.routing import Mount

from rag.settings import Settings

pytestmark = pytest.mark.browser

LEADERS = "How many world leaders attended the parade?"
PASSENGERS = "How many passengers were affected by the closure of major airports?"
BLOCKED = """
    Object.defineProperty(window, 'localStorage', {
      configurable: true,
      get() { throw new DOMException('Access is denied for this document.', 'SecurityError'); },
    });
"""


@pytest.fixture
def forgetful(
    seeds_settings: Settings,
    serving_here: Callable[[Settings], AbstractContextManager[tuple[str, FastAPI]]],
    site: Any,
) -> Iterator[tuple[Any, Callable[[], None]]]:
    """A server, and what makes it lose every session as a restart does."""
    with serving_here(seeds_settings) as (url, app):
        mounted = next(route.app for route in app.routes if isinstance(route, Mount))

        def forget() -> None:
            held = mounted._app.state_holder.session_data
            assert held
            held.clear()

        yield type(site)(url, app.state.live, seeds_settings.data_dir), forget


def test_history_and_language_stay_when_the_server_has_forgotten(
    forgetful: tuple[Any, Callable[[], None]], context: Any, open_chat: Any
) -> None:
    site, forget = forgetful
    chat = open_chat(context, site)
    chat.page.locator(".gw-language select").select_option("fr")
    expect(chat.page.locator("html")).to_have_attribute("lang", "fr")
    chat.ask(LEADERS)
    chat.page.get_by_role("button", name="Nouvelle conversation").click()
    expect(chat.page.locator(".gw-empty")).to_be_visible()
    forget()
    chat.ask(PASSENGERS)
    expect(chat.last(".gw-short")).to_have_text("60,000")
    forget()
    chat.page.get_by_role("button", name="Historique").click()
    history = chat.page.get_by_role("dialog", name="Historique")
    history.get_by_role("button", name=LEADERS, exact=True).click()
    expect(chat.last(".gw-short")).to_have_text("29")
    chat.open()
    expect(chat.page.locator("html")).to_have_attribute("lang", "fr")
    chat.page.get_by_role("button", name="Historique").click()
    for question in (LEADERS, PASSENGERS):
        expect(history.get_by_role("button", name=question, exact=True)).to_be_visible()


def test_the_chat_works_where_the_browser_keeps_nothing(
    context: Any, site: Any, open_chat: Any
) -> None:
    context.add_init_script(BLOCKED)
    chat = open_chat(context, site)
    chat.ask(LEADERS)
    expect(chat.last(".gw-short")).to_have_text("29")
    chat.page.get_by_role("button", name="Dark or light").click()
    expect(chat.page.locator("body")).to_have_class("dark")
    chat.last(".gw-chip").first.click()
    expect(chat.page.locator(".gw-reader mark")).to_be_visible()
    assert chat.watched.errors == []


def test_the_article_asked_for_last_is_shown_in_the_language_of_the_page(chat: Any) -> None:
    chat.page.locator(".gw-language select").select_option("de")
    expect(chat.page.locator("html")).to_have_attribute("lang", "de")
    chat.ask(LEADERS)
    chat.ask(PASSENGERS)
    held: list[Route] = []
    languages: list[str] = []

    def slowly(route: Route) -> None:
        languages.append(route.request.headers["accept-language"])
        if held:
            route.continue_()
        else:
            held.append(route)

    chat.page.route("**/articles/**", slowly)
    first, last = (chat.page.locator(".gw-turn").nth(at) for at in (0, 1))
    first.locator(".gw-chip").first.click()
    last.locator(".gw-chip").first.click()
    mark = chat.page.locator(".gw-reader mark")
    expect(mark).to_contain_text("60,000")
    with chat.page.expect_response("**/articles/**"):
        held[0].continue_()
    link = first.locator(".gw-chip").first.get_attribute("href")
    chat.page.evaluate("link => fetch(link).then((page) => page.text())", link)
    expect(mark).to_contain_text("60,000")
    assert languages[:2] == ["de", "de"]


def test_the_meaning_of_the_confidence_is_shown_to_keyboard_and_touch(chat: Any) -> None:
    chat.ask(LEADERS)
    tip = chat.page.locator("#gw-tip")
    confidence = chat.last(".gw-confidence")
    chat.last("[data-do=sources]").focus()
    chat.page.keyboard.press("Tab")
    expect(confidence).to_be_focused()
    expect(tip).to_contain_text("confidence:")
    expect(confidence).to_have_attribute("aria-describedby", "gw-tip")
    chat.page.keyboard.press("Escape")
    expect(tip).to_be_hidden()
    confidence.dispatch_event("click")
    expect(tip).to_be_visible()
