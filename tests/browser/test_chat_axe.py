"""axe-core finds nothing to object to, in light and dark, wide and narrow, in each state of the page."""

from __future__ import annotations

from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

pytestmark = pytest.mark.browser


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 360])
def test_no_violations(chromium: Any, site: Any, open_chat: Any, scheme: str, width: int) -> None:
    profile = chromium.new_context(
        viewport={"width": width, "height": 800}, color_scheme=scheme, reduced_motion="reduce"
    )
    chat = open_chat(profile, site)
    assert _violations(chat) == []
    chat.ask("How many world leaders attended the parade?")
    assert _violations(chat) == []
    chat.last(".gw-chip").first.click()
    expect(chat.page.locator(".gw-reader mark")).to_be_focused()
    assert _violations(chat) == []
    chat.page.keyboard.press("Escape")
    chat.ask("Who won the football world cup in 1998?")
    chat.last("details summary").click()
    chat.page.get_by_role("button", name="History").click()
    assert _violations(chat) == []
    chat.page.goto(f"{site.url}/articles/{next(iter(site.live.get().articles))}?start=10&end=90")
    assert _violations(chat) == []
    profile.close()


def _violations(chat: Any) -> list[str]:
    found = Axe().run(chat.page).response["violations"]
    return [
        f"{item['id']}: {node['target']} {node['html'][:120]}"
        for item in found
        for node in item["nodes"]
    ]
