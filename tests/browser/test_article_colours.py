"""The article page is dark or light as the visitor chose in the chat; without a choice as the system is."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

pytestmark = pytest.mark.browser

DARK, LIGHT = "rgb(21, 24, 29)", "rgb(255, 255, 255)"


@pytest.mark.parametrize(
    ("system", "before", "chosen"), [("light", LIGHT, DARK), ("dark", DARK, LIGHT)]
)
def test_it_follows_the_choice_made_in_the_chat_at_once(
    chromium: Browser, site: Any, open_chat: Any, system: Any, before: str, chosen: str
) -> None:
    profile = chromium.new_context(color_scheme=system)
    chat = open_chat(profile, site)
    article = profile.new_page()
    complaints: list[str] = []
    article.on("console", lambda message: complaints.append(message.text))
    article.goto(_address(site))
    _looks(article, before)
    chat.page.bring_to_front()
    chat.page.get_by_role("button", name="Dark or light").click()
    _looks(article, chosen)
    article.reload()
    _looks(article, chosen)
    assert complaints == []
    profile.close()


@pytest.mark.parametrize(("system", "shown"), [("light", LIGHT), ("dark", DARK)])
def test_without_javascript_it_follows_the_system(
    chromium: Browser, site: Any, system: Any, shown: str
) -> None:
    profile = chromium.new_context(color_scheme=system, java_script_enabled=False)
    page = profile.new_page()
    page.goto(_address(site))
    _looks(page, shown)
    profile.close()


def _looks(page: Page, paper: str) -> None:
    expect(page.locator("body")).to_have_css("background-color", paper)


def _address(site: Any) -> str:
    return f"{site.url}/articles/{next(iter(site.live.get().articles))}?start=10&end=90"
