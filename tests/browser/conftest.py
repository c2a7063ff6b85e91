"""A real server over the real models in this process, and Debian's Chromium."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from fastapi import FastAPI
from playwright.sync_api import (
    Browser,
    BrowserContext,
    Dialog,
    Locator,
    Page,
    Playwright,
    Request,
    expect,
    sync_playwright,
)

from rag.pipeline import LivePipeline
from rag.settings import Settings

CHROMIUM = "/usr/bin/chromium"
ARTEFACTS = Path(os.environ.get("TEST_ARTEFACTS", Path(__file__).parents[2] / "test-artefacts"))
TIMEOUT_MS = 12_000


@dataclass(frozen=True)
class Site:
    """A running server; `live` is the pipeline that it answers with."""

    url: str
    live: LivePipeline
    data_dir: Path


@dataclass
class Watched:
    """What a page did that it must not do."""

    dialogs: list[str] = field(default_factory=list)
    elsewhere: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)


@pytest.fixture(scope="session")
def sites(
    serving_here: Callable[[Settings], AbstractContextManager[tuple[str, FastAPI]]],
) -> Callable[[Settings], AbstractContextManager[Site]]:
    """Serves sites."""

    @contextmanager
    def running(settings: Settings) -> Iterator[Site]:
        with serving_here(settings) as (url, app):
            yield Site(url, app.state.live, settings.data_dir)

    return running


@pytest.fixture(scope="session")
def site(
    seeds_settings: Settings, sites: Callable[[Settings], AbstractContextManager[Site]]
) -> Iterator[Site]:
    """The seeds, served."""
    with sites(seeds_settings) as running:
        yield running


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    """The one Playwright of the run; a second would not start beside it."""
    with sync_playwright() as started:
        yield started


@pytest.fixture(scope="session")
def chromium(playwright: Playwright) -> Iterator[Browser]:
    browser = playwright.chromium.launch(
        executable_path=CHROMIUM, args=["--no-sandbox", "--disable-background-networking"]
    )
    yield browser
    browser.close()


@pytest.fixture
def context(chromium: Browser) -> Iterator[BrowserContext]:
    """A fresh browser profile, 1280 wide, light, English."""
    opened = chromium.new_context(
        viewport={"width": 1280, "height": 800}, locale="en-GB", color_scheme="light"
    )
    opened.set_default_timeout(TIMEOUT_MS)
    expect.set_options(timeout=TIMEOUT_MS)
    yield opened
    opened.close()


class Chat:
    """The chat in one tab, used as a person does."""

    def __init__(self, context: BrowserContext, site: Site) -> None:
        self.context = context
        self.site = site
        self.page = context.new_page()
        self.watched = _watch(self.page, site)
        self.open()

    def open(self) -> None:
        """Loads the page and waits until it takes a question."""
        self.page.goto(self.site.url)
        self.page.locator(".gw-talk").wait_for()
        self.page.locator(".gw-panel-body > *").first.wait_for(state="attached")

    def submit(self, question: str) -> None:
        """Types a question and presses Enter."""
        field = self.page.locator("#gw-question textarea")
        field.fill(question)
        field.press("Enter")

    def ask(self, question: str) -> None:
        """Asks, and waits for the finished card."""
        before = self.page.locator(".gw-turn").count()
        self.submit(question)
        expect(self.page.locator(".gw-turn")).to_have_count(before + 1)
        self.finished()

    def finished(self) -> None:
        """Waits until nothing is being answered."""
        expect(self.page.locator(".gw-working")).to_have_count(0)
        expect(self.page.locator("#gw-question .submit-button")).to_be_visible()

    def last(self, selector: str) -> Locator:
        """A part of the last card."""
        return self.page.locator(".gw-turn").last.locator(selector)

    def shoot(self, name: str) -> None:
        """Keeps a screenshot as a test artefact."""
        ARTEFACTS.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=str(ARTEFACTS / f"{name}.png"))


@pytest.fixture
def chat(context: BrowserContext, site: Site) -> Chat:
    """The chat, ready for a question."""
    return Chat(context, site)


@pytest.fixture
def open_chat() -> type[Chat]:
    """Opens the chat in another profile or on another server."""
    return Chat


@pytest.fixture
def serve(
    sites: Callable[[Settings], AbstractContextManager[Site]],
) -> Iterator[Callable[[Settings], Site]]:
    """Starts servers that end with the test."""
    with ExitStack() as running:
        yield lambda settings: running.enter_context(sites(settings))


def _watch(page: Page, site: Site) -> Watched:
    seen = Watched()

    def dismissed(dialog: Dialog) -> None:
        seen.dialogs.append(dialog.message)
        dialog.dismiss()

    def requested(request: Request) -> None:
        if not re.match(rf"{re.escape(site.url)}/|data:|blob:|about:", request.url):
            seen.elsewhere.append(request.url)

    page.on("dialog", dismissed)
    page.on("request", requested)
    page.on("pageerror", lambda error: seen.errors.append(str(error)))
    return seen
