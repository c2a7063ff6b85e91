"""The chat as a person uses it: ask, check the quote, go on asking, stop, come back."""

from __future__ import annotations

import re
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, expect

from rag.pipeline import Pipeline
from rag.settings import load_settings
from rag.types import Answer

pytestmark = pytest.mark.browser

LEADERS = "How many world leaders attended the parade?"
PASSENGERS = "How many passengers were affected by the closure of major airports?"
UNKNOWN = "Who won the football world cup in 1998?"


@dataclass
class Gate:
    """Holds answers back until it is opened."""

    reached: threading.Event
    opened: threading.Event


@pytest.fixture
def gate(monkeypatch: pytest.MonkeyPatch) -> Iterator[Gate]:
    """Every answer waits until the gate opens."""
    held = Gate(threading.Event(), threading.Event())
    answer = Pipeline.ask

    def waits(self: Pipeline, *given: Any, **named: Any) -> Answer:
        held.reached.set()
        assert held.opened.wait(60)
        return answer(self, *given, **named)

    monkeypatch.setattr(Pipeline, "ask", waits)
    yield held
    held.opened.set()


def test_short_answer_stands_first_and_its_sentence_has_a_numbered_chip(chat: Any) -> None:
    chat.ask(LEADERS)
    expect(chat.last(".gw-short")).to_have_text("29")
    expect(chat.last(".gw-sentences")).to_contain_text("29 world leaders")
    expect(chat.last(".gw-chip").first).to_have_text("1")
    expect(chat.last(".gw-confidence")).to_have_text(re.compile("(high|good|low) confidence"))
    numbers = chat.last(".gw-chip").all_inner_texts()
    assert numbers == [str(number) for number in range(1, len(numbers) + 1)]
    chat.shoot("answer-light-1280")


def test_chip_shows_its_quote_on_hover_and_on_focus(chat: Any) -> None:
    chat.ask(LEADERS)
    tip = chat.page.locator("#gw-tip")
    chat.last(".gw-chip").first.hover()
    expect(tip).to_contain_text("He is among 29 world leaders")
    chat.shoot("chip-hover")
    chat.page.mouse.move(5, 400)
    expect(tip).to_be_hidden()
    chat.last("[data-do=edit]").focus()
    chat.page.keyboard.press("Tab")
    expect(chat.last(".gw-chip").first).to_be_focused()
    expect(tip).to_be_visible()
    expect(chat.last(".gw-chip").first).to_have_attribute("aria-describedby", "gw-tip")


def test_chip_opens_the_article_at_the_marked_span(chat: Any) -> None:
    chat.ask(LEADERS)
    chat.last(".gw-chip").first.click()
    mark = chat.page.locator(".gw-reader mark")
    expect(mark).to_contain_text("29 world leaders")
    expect(mark).to_be_in_viewport(ratio=1)
    expect(mark).to_be_focused()
    chat.shoot("article-beside-chat")
    chat.page.get_by_role("button", name="Back to sources").click()
    expect(chat.page.locator(".gw-panel .gw-source")).to_have_count(1)
    expect(chat.page.locator(".gw-panel .gw-source")).to_be_focused()


def test_sources_show_the_passage_with_quote_and_answer_marked(chat: Any) -> None:
    chat.ask(LEADERS)
    source = chat.page.locator(".gw-panel .gw-source").first
    expect(source.locator("mark")).to_contain_text("29 world leaders")
    expect(source.locator("mark .gw-answer")).to_have_text("29")
    with chat.context.expect_page() as opened:
        source.get_by_role("link", name="Open in article").click()
    article = opened.value
    expect(article.locator("mark")).to_contain_text("29 world leaders")
    expect(article.locator("mark")).to_be_in_viewport()
    article.screenshot(path=str(_artefact("article-page.png")))


def test_article_page_needs_no_javascript(chat: Any, chromium: Any) -> None:
    chat.ask(LEADERS)
    link = chat.last(".gw-chip").first.get_attribute("href")
    plain = chromium.new_context(java_script_enabled=False, viewport={"width": 1000, "height": 600})
    page = plain.new_page()
    page.goto(f"{chat.site.url}/{link}")
    expect(page.locator("mark")).to_contain_text("29 world leaders")
    expect(page.locator("mark")).to_be_in_viewport()
    plain.close()


def test_when_the_articles_do_not_say_nothing_looks_like_an_answer(chat: Any) -> None:
    chat.ask(UNKNOWN)
    expect(chat.last(".gw-said")).to_have_text("The articles do not say.")
    expect(chat.last(".gw-looked")).to_contain_text(UNKNOWN)
    expect(chat.last(".gw-short, .gw-sentences, .gw-chip")).to_have_count(0)
    expect(chat.page.locator(".gw-panel .gw-source")).to_have_count(0)
    closest = chat.last("details")
    expect(closest.locator("blockquote").first).to_be_hidden()
    closest.locator("summary").click()
    expect(closest.locator("blockquote").first).to_be_visible()
    chat.shoot("abstention")


def test_a_follow_up_is_understood_and_a_new_topic_is_not_mixed_in(chat: Any) -> None:
    chat.ask("When did Xi Jinping arrive in Moscow?")
    expect(chat.last(".gw-understood")).to_have_count(0)
    chat.ask("And how long did he stay there?")
    expect(chat.last(".gw-understood")).to_have_text(
        "Understood as: How long did Xi Jinping stay in Moscow?"
    )
    chat.shoot("follow-up")
    chat.ask(PASSENGERS)
    expect(chat.last(".gw-understood")).to_have_count(0)
    expect(chat.last(".gw-short")).to_have_text("60,000")


def test_stop_ends_the_answer_and_the_question_can_be_asked_again(chat: Any, gate: Gate) -> None:
    chat.submit(LEADERS)
    expect(chat.page.locator(".gw-working")).to_contain_text("Searching 3 articles")
    assert gate.reached.wait(30)
    chat.shoot("working")
    chat.page.locator("#gw-question .stop-button").click()
    expect(chat.last(".gw-said")).to_have_text("Stopped.")
    gate.opened.set()
    chat.finished()
    chat.last("[data-do=retry]").click()
    expect(chat.last(".gw-short")).to_have_text("29")
    expect(chat.page.locator(".gw-turn")).to_have_count(1)


def test_edit_asks_the_changed_question_and_drops_what_followed(chat: Any) -> None:
    chat.ask(LEADERS)
    chat.ask(UNKNOWN)
    first = chat.page.locator(".gw-turn").first
    first.hover()
    first.locator("[data-do=edit]").click()
    editor = first.get_by_role("textbox", name="Question")
    expect(editor).to_have_value(LEADERS)
    editor.fill(PASSENGERS)
    editor.press("Enter")
    expect(chat.page.locator(".gw-turn")).to_have_count(1)
    expect(chat.last(".gw-short")).to_have_text("60,000")


def test_copy_takes_answer_and_citations(chat: Any) -> None:
    chat.context.grant_permissions(["clipboard-read", "clipboard-write"], origin=chat.site.url)
    chat.ask(LEADERS)
    chat.last("[data-do=copy]").click()
    expect(chat.page.locator("#gw-live")).to_have_text("Copied")
    copied = chat.page.evaluate("navigator.clipboard.readText()")
    assert LEADERS in copied
    assert "29" in copied
    assert "[1] Xi Jinping in Moscow for the Victory Day parade: “He is among 29" in copied


def test_conversation_is_there_after_a_reload_and_can_be_deleted(chat: Any) -> None:
    chat.ask(LEADERS)
    chat.open()
    expect(chat.last(".gw-short")).to_have_text("29")
    expect(chat.page.locator(".gw-panel .gw-source mark")).to_contain_text("29 world leaders")
    chat.page.get_by_role("button", name="New conversation").click()
    expect(chat.page.locator(".gw-empty")).to_be_visible()
    chat.page.get_by_role("button", name="History").click()
    chat.page.get_by_role("dialog", name="History").get_by_role(
        "button", name=LEADERS, exact=True
    ).click()
    expect(chat.last(".gw-short")).to_have_text("29")
    chat.page.get_by_role("button", name="History").click()
    chat.shoot("history")
    chat.page.get_by_role("button", name="Delete all").click()
    expect(chat.page.locator(".gw-empty")).to_be_visible()
    chat.open()
    expect(chat.page.locator(".gw-empty")).to_be_visible()
    chat.page.get_by_role("button", name="History").click()
    expect(chat.page.get_by_role("dialog", name="History")).to_contain_text(
        "Conversations are kept"
    )


def test_filter_restricts_the_search_to_the_chosen_articles(chat: Any) -> None:
    chat.page.get_by_role("button", name="All articles").first.click()
    shown = chat.page.get_by_role("dialog", name="Articles")
    button = chat.page.get_by_role("button", name="All articles").first.bounding_box()
    assert abs(shown.bounding_box()["x"] - button["x"]) < 16, "it does not open at its button"
    shown.get_by_role("searchbox").fill("Zanzibar")
    expect(shown).to_contain_text("No article has this in its title.")
    shown.get_by_role("searchbox").fill("")
    shown.get_by_role("checkbox", name="Putin's visit to Beijing").check()
    opener = chat.page.get_by_role("button", name="1 of 3 articles")
    expect(opener).to_be_visible()
    chat.page.keyboard.press("Escape")
    chat.ask(PASSENGERS)
    expect(chat.last(".gw-said")).to_have_text("The articles do not say.")
    expect(chat.last(".gw-looked")).to_contain_text("Putin's visit to Beijing")
    opener.click()
    shown.get_by_role("button", name="All articles").click()
    expect(chat.page.locator(".gw-bar")).to_contain_text("All articles")
    chat.page.keyboard.press("Escape")
    chat.last("[data-do=retry]").click()
    expect(chat.last(".gw-short")).to_have_text("60,000")


@pytest.mark.parametrize("listed", [2, 100])
def test_the_ticked_articles_are_the_chosen_ones(
    chat: Any, monkeypatch: pytest.MonkeyPatch, listed: int
) -> None:
    monkeypatch.setattr("ui.shell.MAX_LISTED", listed)  # where not all are listed, the rows move
    chat.open()
    chat.page.get_by_role("button", name="All articles").first.click()
    shown = chat.page.get_by_role("dialog", name="Articles")
    names = [name.strip() for name in shown.locator("li").all_inner_texts()]
    ticked = shown.get_by_role("checkbox", checked=True)
    first, second = names[:2]
    shown.get_by_role("checkbox", name=second).click()
    expect(chat.page.get_by_role("button", name="1 of 3 articles")).to_be_visible()
    expect(ticked).to_have_count(1)
    expect(shown.get_by_role("checkbox", name=second)).to_be_checked()
    expect(shown.get_by_role("checkbox", name=second)).to_be_focused()
    shown.get_by_role("searchbox").fill(first)
    expect(shown.get_by_role("checkbox")).to_have_count(1)
    expect(shown.get_by_role("checkbox", name=first)).not_to_be_checked()
    shown.get_by_role("searchbox").fill("")
    expect(shown.get_by_role("checkbox")).to_have_count(len(names))
    expect(ticked).to_have_count(1)
    shown.get_by_role("checkbox", name=second).click()
    expect(ticked).to_have_count(0)


def test_votes_and_notes_are_stored_and_can_be_taken_back(chat: Any) -> None:
    chat.ask(LEADERS)
    chat.last("button[data-vote=down]").click()
    note = chat.last(".gw-note textarea")
    expect(note).to_be_focused()
    expect(chat.last("button[data-vote=down]")).to_have_attribute("aria-pressed", "true")
    note.fill("=1+1 is missing")
    chat.shoot("feedback-note")
    chat.last(".gw-note").get_by_role("button", name="Send").click()
    expect(chat.last(".gw-note")).to_be_hidden()
    _until_stored(chat, ("down", "=1+1 is missing", LEADERS))
    chat.last("button[data-vote=down]").click()
    expect(chat.last("button[data-vote=down]")).to_have_attribute("aria-pressed", "false")
    with sqlite3.connect(chat.site.data_dir / "feedback.sqlite3") as database:
        assert database.execute("SELECT count(*) FROM feedback").fetchone() == (0,)
    chat.last("button[data-vote=up]").click()
    expect(chat.last(".gw-note")).to_be_visible()
    chat.last("button[data-vote=up]").click()
    expect(chat.last("button[data-vote=up]")).to_have_attribute("aria-pressed", "false")
    expect(chat.last(".gw-note")).to_be_hidden()


def test_everything_can_be_done_with_the_keyboard(chat: Any) -> None:
    page = chat.page
    page.keyboard.press("/")
    expect(page.locator("#gw-question textarea")).to_be_focused()
    page.keyboard.type(LEADERS)
    page.keyboard.press("Enter")
    chat.finished()
    expect(chat.last(".gw-short")).to_have_text("29")
    _tab_to(page, ".gw-chip")
    page.keyboard.press("Enter")
    expect(page.locator(".gw-reader mark")).to_be_focused()
    _tab_to(page, "[data-do=back]", backwards=True)
    page.keyboard.press("Enter")
    expect(page.locator(".gw-panel .gw-source").first).to_be_focused()
    page.keyboard.press("Shift+Enter")
    page.keyboard.press("/")
    page.keyboard.type("one")
    page.keyboard.press("Shift+Enter")
    page.keyboard.type("two")
    expect(page.locator("#gw-question textarea")).to_have_value("one\ntwo")
    expect(page.locator(".gw-turn")).to_have_count(1)


def test_on_a_phone_the_sources_are_a_sheet_below(chat: Any) -> None:
    chat.page.set_viewport_size({"width": 360, "height": 740})
    chat.ask(LEADERS)
    assert chat.page.evaluate("document.documentElement.scrollWidth") <= 360
    expect(chat.page.get_by_role("button", name="Dark or light")).to_be_in_viewport(ratio=1)
    expect(chat.page.locator(".gw-panel")).not_to_be_in_viewport()
    chat.shoot("phone-light")
    chip = chat.last(".gw-chip").first
    chip.click()
    expect(chat.page.locator(".gw-reader mark")).to_be_in_viewport()
    chat.shoot("phone-sheet")
    chat.page.keyboard.press("Escape")
    expect(chat.page.locator(".gw-panel")).not_to_be_in_viewport()
    expect(chip).to_be_focused()


def test_dark_and_light_can_be_chosen_and_are_remembered(chat: Any) -> None:
    chat.ask(LEADERS)
    light = chat.page.evaluate(
        "getComputedStyle(document.querySelector('.gw-card')).backgroundColor"
    )
    chat.page.get_by_role("button", name="Dark or light").click()
    expect(chat.page.locator("body")).to_have_class(re.compile(r"\bdark\b"))
    dark = chat.page.evaluate(
        "getComputedStyle(document.querySelector('.gw-card')).backgroundColor"
    )
    assert dark != light
    chat.shoot("answer-dark-1280")
    chat.open()
    expect(chat.page.locator("body")).to_have_class(re.compile(r"\bdark\b"))


@pytest.mark.parametrize(
    ("locale", "placeholder", "not_said"),
    [
        ("de-DE", "Fragen Sie etwas zu den Artikeln", "Die Artikel sagen das nicht."),
        ("fr-FR", "Posez une question sur les articles", "Les articles ne le disent pas."),
    ],
)
def test_the_page_speaks_the_language_of_the_browser(
    chromium: Any, site: Any, open_chat: Any, locale: str, placeholder: str, not_said: str
) -> None:
    profile: BrowserContext = chromium.new_context(locale=locale)
    chat = open_chat(profile, site)
    expect(chat.page.locator("html")).to_have_attribute("lang", locale[:2])
    expect(chat.page.locator("#gw-question textarea")).to_have_attribute("placeholder", placeholder)
    chat.ask(UNKNOWN)
    expect(chat.last(".gw-said")).to_have_text(not_said)
    chat.page.locator(".gw-language select").select_option("en")
    expect(chat.last(".gw-said")).to_have_text("The articles do not say.")
    expect(chat.page.locator("#gw-question textarea")).to_have_attribute(
        "placeholder", "Ask about the articles"
    )
    chat.open()
    expect(chat.page.locator("html")).to_have_attribute("lang", "en")
    profile.close()


def test_the_first_visitor_after_indexing_is_offered_questions_that_have_answers(
    context: BrowserContext, data_dir: Path, serve: Any, open_chat: Any
) -> None:
    command = [str(Path(sys.executable).with_name("groundwire")), "index"]
    subprocess.run([*command, "--data-dir", str(data_dir)], check=True, timeout=240)
    chat = open_chat(context, serve(load_settings(data_dir=data_dir)))
    offered = chat.page.locator(".gw-suggestions button")
    expect(offered).to_have_count(4, timeout=1_000)
    chat.shoot("empty-light-1280")
    question = offered.last.inner_text()
    offered.last.click()
    chat.finished()
    expect(chat.last(".gw-question")).to_contain_text(question)
    expect(chat.last(".gw-short, .gw-lead")).to_be_visible()
    expect(chat.page.locator(".gw-panel .gw-source")).not_to_have_count(0)


def test_the_page_loads_nothing_from_outside_and_runs_without_errors(chat: Any) -> None:
    chat.ask(LEADERS)
    chat.ask(UNKNOWN)
    assert chat.watched.elsewhere == []
    assert chat.watched.errors == []


def _tab_to(page: Any, selector: str, *, backwards: bool = False) -> None:
    for _ in range(60):
        if page.evaluate("s => document.activeElement.matches(s)", selector):
            return
        page.keyboard.press("Shift+Tab" if backwards else "Tab")
    raise AssertionError(f"Tab does not reach {selector}")


def _until_stored(chat: Any, wanted: tuple[str, str, str]) -> None:
    """Looks into the store until it holds exactly that vote."""
    ends = time.monotonic() + 30
    rows: list[tuple[str, str, str]] = []
    while rows != [wanted]:
        assert time.monotonic() < ends, rows
        with sqlite3.connect(chat.site.data_dir / "feedback.sqlite3") as database:
            rows = database.execute("SELECT vote, note, question FROM feedback").fetchall()
        chat.page.wait_for_timeout(50)


def _artefact(name: str) -> Any:
    folder = Path(__file__).parents[2] / "test-artefacts"
    folder.mkdir(exist_ok=True)
    return folder / name
