"""Hostile articles and questions: nothing runs, nothing is fetched, nothing breaks the page."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from rag.pipeline import build
from rag.settings import load_settings

pytestmark = pytest.mark.browser

_SHAPES = (
    "<script>alert({n})</script>",
    "<img src=x onerror=alert({n})>",
    '<img src="https://elsewhere.example/{n}.png">',
    "![picture](https://elsewhere.example/{n}.png)",
    "[press here](javascript:alert({n}))",
    '<a href="javascript:alert({n})">press</a>',
    '"><svg onload=alert({n})>',
    "'; alert({n}); '",
    "<iframe srcdoc='<script>parent.alert({n})</script>'></iframe>",
    "<style>body{{display:none}}</style>{n}",
    "{{{{constructor.constructor('alert({n})')()}}}}",
    "${{alert({n})}} `${{alert({n})}}`",
    "<link rel=stylesheet href=https://elsewhere.example/{n}.css>",
    "<meta http-equiv=refresh content='0;url=https://elsewhere.example/{n}'>",
    "<form action=https://elsewhere.example/{n}><button>go</button></form>",
    "\u202egnp.{n} esrever\u202c \u2066isolated\u2069",
    "a\u200bb\u200cc\u200dd\ufeff{n}",
    "e" + "\u0301" * 60 + " {n}",
    "</article></div></section><h1>out {n}</h1>",
    "<!-- {n} --><![CDATA[ {n} ]]>",
)
# Twenty shapes in five places each: 100 hostile texts.
SHAPES = [shape.format(n=number) for number, shape in enumerate(_SHAPES)]
LONG_WORD = "w" * 10_000


@pytest.fixture(scope="module")
def hostile_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An article for each shape: in its name, its title line, its first sentence and a later one."""
    folder = tmp_path_factory.mktemp("hostile")
    for number, shape in enumerate(SHAPES):
        name = "".join(c for c in shape if c not in "/\\\0")[:60]
        (folder / f"{number:02d} {name}.txt").write_text(
            f"{shape} title\n\nThe beacon number {number} stands in {shape} harbour. "
            f"Beacon {number} was painted by Ada {shape} Quist in 19{number + 10}.\n",
            "utf-8",
        )
    (folder / "long.txt").write_text(f"The longest word is {LONG_WORD} and no other.\n", "utf-8")
    return folder


@pytest.fixture
def hostile_site(hostile_folder: Path, tmp_path: Path, models: Path, serve: Any) -> Iterator[Any]:
    data_dir = tmp_path / "data"
    data_dir.mkdir()
    (data_dir / "models").symlink_to(models, target_is_directory=True)
    # everything is shown as an answer, however unsure
    settings = load_settings(data_dir=data_dir, articles=hostile_folder, min_confidence=0.0)
    build(settings)
    yield serve(settings)


def test_a_hundred_hostile_texts_do_no_harm(
    hostile_site: Any, context: Any, open_chat: Any
) -> None:
    chat = open_chat(context, hostile_site)
    held = hostile_site.live.get().articles
    assert len(held) == len(SHAPES) + 1
    for number, shape in enumerate(SHAPES):
        chat.ask(f"In which year was beacon {number} painted? {shape}")
        chat.last("details summary").first.click()
        if number % 5 == 4:
            chat.last(".gw-chip").first.click()
            expect(chat.page.locator(".gw-reader")).to_be_visible()
    chat.page.get_by_role("button", name="History").click()
    expect(chat.page.get_by_role("dialog", name="History")).to_be_visible()
    chat.page.keyboard.press("Escape")
    chat.open()
    expect(chat.page.locator(".gw-turn")).to_have_count(len(SHAPES))
    assert _harm(chat) == []
    made = ":is(img, iframe, script, style, link, form[action], meta, object, svg[onload], h1)"
    assert chat.page.locator(f".gw-talk {made}").count() == 0
    chat.shoot("hostile")
    for article in held.values():
        chat.page.goto(f"{hostile_site.url}/articles/{article.id}?start=0&end=20")
        expect(chat.page.locator("main")).to_be_visible()
    assert _harm(chat) == []


def test_a_word_of_ten_thousand_characters_stays_inside_the_page(
    hostile_site: Any, context: Any, open_chat: Any
) -> None:
    chat = open_chat(context, hostile_site)
    chat.page.set_viewport_size({"width": 360, "height": 740})
    chat.ask("What is the longest word?")
    chat.last("details summary").first.click()
    assert chat.page.evaluate("document.documentElement.scrollWidth") <= 360
    chat.page.goto(f"{hostile_site.url}/articles/long")
    assert chat.page.evaluate("document.documentElement.scrollWidth") <= 360


def _harm(chat: Any) -> list[str]:
    seen = chat.watched
    return [*seen.dialogs, *seen.elsewhere, *seen.errors]
