"""axe-core finds nothing to object to in the widget: each state, light and dark, wide and narrow."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped]
from playwright.sync_api import Browser, Page, expect

pytestmark = pytest.mark.browser

LEADERS = "How many world leaders attended the parade?"
UNKNOWN = "Who won the football world cup in 1998?"
HOST = """<!doctype html><html lang="en"><meta name="viewport" content="width=device-width">
<title>Intranet</title><style>body { background: Canvas; color: CanvasText; color-scheme: light dark }</style>
<main><h1>Intranet</h1><p>The canteen serves lentil soup today.</p></main>
<script src="/widget.js" data-questions="How many ships?|Why?" defer></script></html>"""
STILL = "document.querySelector('groundwire-chat').shadowRoot.getAnimations().length === 0"


@pytest.fixture
def open_page(chromium: Browser, site: Any) -> Iterator[Callable[..., Page]]:
    """A page that embeds the widget, in a fresh profile."""
    profiles = []

    def go(body: str, width: int, scheme: Any) -> Page:
        profile = chromium.new_context(
            viewport={"width": width, "height": 740}, color_scheme=scheme, reduced_motion="reduce"
        )
        profile.set_default_timeout(60_000)
        expect.set_options(timeout=60_000)
        profiles.append(profile)
        page = profile.new_page()
        page.route(
            f"{site.url}/intranet",
            lambda route: route.fulfill(body=body, content_type="text/html; charset=utf-8"),
        )
        page.goto(f"{site.url}/intranet")
        return page

    yield go
    for profile in profiles:
        profile.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 360])
def test_no_violations(open_page: Callable[..., Page], scheme: str, width: int) -> None:
    page = open_page(HOST, width, scheme)
    launcher = page.locator("button.launch")
    launcher.wait_for()
    assert violations(page) == []
    launcher.click()
    expect(page.locator(".tries button")).to_have_count(2)
    assert violations(page) == []
    page.route("**/ask/stream", lambda _: None)  # never answered
    ask(page, LEADERS)
    expect(page.locator(".card[aria-busy]")).to_be_visible()
    assert violations(page) == []
    page.get_by_role("button", name="Stop").click()
    expect(page.locator(".card .said")).to_have_text("Stopped.")
    assert violations(page) == []
    page.unroute("**/ask/stream")
    page.get_by_role("button", name="Ask again").click()
    expect(page.locator(".short")).to_have_text("29")
    assert violations(page) == []
    # other tests count the votes that are stored
    page.route("**/api/v1/feedback", lambda route: route.fulfill(json={}))
    page.get_by_role("button", name="Helpful", exact=True).click()
    expect(page.get_by_role("button", name="Helpful", exact=True)).to_have_attribute(
        "aria-pressed", "true"
    )
    page.get_by_role("button", name="Copy with sources").press("Shift+Tab")
    page.keyboard.press("Enter")
    expect(page.locator(".sure")).to_have_attribute("aria-expanded", "true")
    assert violations(page) == []
    page.keyboard.press("Shift+Tab")
    expect(page.locator(".chip")).to_be_focused()
    expect(page.locator(".pop")).to_be_visible()
    assert violations(page) == []
    page.keyboard.press("Enter")
    expect(page.locator(".drawer .text")).to_contain_text("Photo: Shutterstock")
    expect(page.locator(".drawer mark")).to_be_in_viewport()
    assert violations(page) == []
    page.keyboard.press("Escape")
    ask(page, UNKNOWN)
    page.get_by_text("Closest passages").click()
    expect(page.locator("blockquote").first).to_be_visible()
    assert violations(page) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_no_violations_inside_a_page(open_page: Callable[..., Page], scheme: str) -> None:
    page = open_page(
        HOST.replace("</main>", '<groundwire-chat mode="inline"></groundwire-chat></main>'),
        1280,
        scheme,
    )
    ask(page, LEADERS)
    expect(page.locator(".short")).to_have_text("29")
    assert violations(page) == []


def ask(page: Page, question: str) -> None:
    page.locator("groundwire-chat textarea").fill(question)
    page.locator("groundwire-chat textarea").press("Enter")


def violations(page: Page) -> list[str]:
    page.wait_for_function(STILL)
    found = Axe().run(page).response["violations"]
    return [
        f"{item['id']}: {node['target']} {node['html'][:160]} {node['failureSummary'][:300]}"
        for item in found
        for node in item["nodes"]
    ]
