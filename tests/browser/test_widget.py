"""The widget on pages of other origins, as a person and as a page's author use it."""

from __future__ import annotations

import gzip
import http.server
import json
import os
import re
import shutil
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path
from typing import Any

import jwt
import pytest
from playwright.sync_api import Browser, BrowserContext, Dialog, Page, Playwright, expect

from rag.settings import Settings
from ui.guard.keys import KeyStore, signing_secret

ARTEFACTS = Path(os.environ.get("TEST_ARTEFACTS", Path(__file__).parents[2] / "test-artefacts"))
QUESTION = "How many world leaders attend the parade?"
PROSE = "<h1>Intranet</h1><p>The canteen serves lentil soup today.</p>" * 3

pytestmark = pytest.mark.browser


@dataclass
class Host:
    """A web site that embeds the widget: path → (body, headers)."""

    url: str
    pages: dict[str, tuple[str, dict[str, str]]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def put(self, body: str, *, path: str = "/", **headers: str) -> str:
        """Serves a page; returns its address."""
        kind = {"Content-Type": "text/html; charset=utf-8"}
        self.pages[path] = (body, kind | {k.replace("_", "-"): v for k, v in headers.items()})
        return self.url + path


def start_host() -> tuple[Host, http.server.ThreadingHTTPServer]:
    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            host.asked.append(self.path)
            body, headers = host.pages.get(self.path, ("", {}))
            self.send_response(200 if self.path in host.pages else 404)
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, *_: Any) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    host = Host(f"http://localhost:{server.server_address[1]}")
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return host, server


@pytest.fixture(scope="module")
def hosts() -> Iterator[tuple[Host, Host]]:
    """A site that the server lists, and one that it does not."""
    (listed, first), (other, second) = start_host(), start_host()
    yield listed, other
    for server in (first, second):
        server.shutdown()
        server.server_close()


@pytest.fixture(scope="module")
def serving(
    seeds_settings: Settings,
    hosts: tuple[Host, Host],
    launch: Callable[..., tuple[str, subprocess.Popen[str]]],
    tmp_path_factory: pytest.TempPathFactory,
) -> Callable[..., tuple[str, Path]]:
    """Starts servers that list the first site."""

    def start(**environment: str) -> tuple[str, Path]:
        data_dir = tmp_path_factory.mktemp("served") / "data"
        shutil.copytree(seeds_settings.data_dir, data_dir, symlinks=True)
        settings = {"EMBED__ORIGINS": hosts[0].url, "LIMITS__QUESTIONS_BURST": "500"}
        return launch(data_dir, **(settings | environment))[0], data_dir

    return start


@pytest.fixture(scope="module")
def server(serving: Callable[..., tuple[str, Path]]) -> str:
    return serving()[0]


@pytest.fixture(scope="module")
def strict_browser(playwright: Playwright) -> Iterator[Browser]:
    """A Chromium that blocks third-party cookies."""
    browser = playwright.chromium.launch(
        executable_path="/usr/bin/chromium",
        args=[
            "--no-sandbox",
            "--disable-background-networking",
            "--test-third-party-cookie-phaseout",
        ],
    )
    yield browser
    browser.close()


@dataclass
class Tab:
    """A page with what it asked for and complained about."""

    page: Page
    context: BrowserContext
    requests: list[str] = field(default_factory=list)
    complaints: list[str] = field(default_factory=list)
    dialogs: list[str] = field(default_factory=list)

    def shoot(self, name: str) -> None:
        ARTEFACTS.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=str(ARTEFACTS / f"{name}.png"))


@pytest.fixture
def tab(strict_browser: Browser) -> Iterator[Callable[..., Tab]]:
    """Opens an address in a fresh profile."""
    opened: list[BrowserContext] = []

    def go(address: str, *, width: int = 1280, height: int = 800, **options: Any) -> Tab:
        context = strict_browser.new_context(
            viewport={"width": width, "height": height}, locale="en-GB", **options
        )
        context.set_default_timeout(60_000)
        expect.set_options(timeout=60_000)
        opened.append(context)
        made = Tab(context.new_page(), context)
        made.page.on("request", lambda request: made.requests.append(request.url))
        made.page.on(
            "console",
            lambda message: (
                made.complaints.append(message.text)
                if message.type in ("error", "warning") and "favicon" not in message.location["url"]
                else None
            ),
        )
        made.page.on("pageerror", lambda error: made.complaints.append(str(error)))

        def dismissed(dialog: Dialog) -> None:
            made.dialogs.append(dialog.message)
            dialog.dismiss()

        made.page.on("dialog", dismissed)
        made.page.goto(address)
        return made

    yield go
    for context in opened:
        context.close()


def one_line(server: str, more: str = "") -> str:
    return (
        f'<!doctype html><html lang="en"><title>Intranet</title>{PROSE}'
        f'<script src="{server}/widget.js" crossorigin defer {more}></script></html>'
    )


def inline(server: str, attributes: str = "") -> str:
    return (
        f'<!doctype html><html lang="en"><title>Intranet</title>'
        f'<groundwire-chat mode="inline" {attributes}></groundwire-chat>'
        f'<script src="{server}/widget.js" crossorigin defer></script></html>'
    )


def ask(page: Page, question: str = QUESTION) -> None:
    page.locator("groundwire-chat textarea").fill(question)
    page.locator("groundwire-chat textarea").press("Enter")
    expect(page.locator(".card[aria-busy]")).to_have_count(0)


def test_it_is_small() -> None:
    script = (files("ui") / "static" / "widget.js").read_bytes()
    assert len(gzip.compress(script)) < 20_000


def test_one_line_brings_the_whole_citation_experience_under_a_strict_policy(
    server: str, hosts: tuple[Host, Host], tab: Callable[..., Tab]
) -> None:
    policy = (
        f"default-src 'none'; script-src {server}; connect-src {server}; base-uri 'none'; "
        "require-trusted-types-for 'script'; trusted-types 'none'"
    )
    opened = tab(hosts[0].put(one_line(server), Content_Security_Policy=policy))
    page = opened.page
    page.locator("button.launch").click()
    ask(page)
    expect(page.locator(".short")).to_have_text("29")
    chip = page.get_by_role("link", name=re.compile("^Source 1: "))
    chip.hover()
    expect(page.locator(".pop")).to_contain_text("29 world leaders")
    opened.shoot("widget-answer")
    chip.click()
    mark = page.locator(".drawer mark")
    expect(page.locator(".drawer .text")).to_contain_text("Photo: Shutterstock")
    expect(mark).to_contain_text("29 world leaders attending the parade")
    expect(mark.locator("strong")).to_have_text("29")
    expect(mark).to_be_in_viewport()
    apart = "e => e.nextElementSibling.getBoundingClientRect().height"
    assert mark.evaluate(apart) > 8, "the next paragraph is not set apart"
    opened.shoot("widget-source")
    assert opened.context.cookies() == []
    assert page.evaluate("[localStorage.length, sessionStorage.length]") == [0, 0]
    elsewhere = [url for url in opened.requests if not url.startswith((server, hosts[0].url))]
    assert elsewhere == []
    assert opened.complaints == []


def test_a_site_that_is_not_listed_gets_nothing(
    server: str, hosts: tuple[Host, Host], tab: Callable[..., Tab]
) -> None:
    opened = tab(hosts[1].put(one_line(server)))
    assert opened.page.locator("groundwire-chat").count() == 0
    assert opened.page.evaluate("customElements.get('groundwire-chat') === undefined")


def test_a_site_that_is_not_listed_gets_no_answer_even_with_the_script(
    server: str, hosts: tuple[Host, Host], tab: Callable[..., Tab]
) -> None:
    script = (files("ui") / "static" / "widget.js").read_text("utf-8")
    body = f'<!doctype html><groundwire-chat mode="inline" server="{server}"></groundwire-chat>'
    hosts[1].put(script, path="/copy.js", Content_Type="text/javascript")
    opened = tab(hosts[1].put(body + "<script src=/copy.js></script>"))
    ask(opened.page)
    expect(opened.page.locator(".card .said")).to_have_text("This question could not be answered.")
    assert opened.page.locator(".chip").count() == 0


def test_css_of_the_page_does_not_leak_in(
    server: str, hosts: tuple[Host, Host], tab: Callable[..., Tab]
) -> None:
    hostile = """<style>* { all: unset; color: red !important; font: 40px/2 cursive !important;
      letter-spacing: 9px !important; text-transform: uppercase !important; direction: rtl !important;
      visibility: hidden !important; transform: rotate(9deg) !important; position: static !important;
      opacity: .1 !important; filter: blur(9px) !important; white-space: pre !important;
      word-spacing: 40px !important; text-align: right !important; cursor: wait !important; }
      button { display: none !important } mark { background: black !important }</style>"""
    names = ["color", "font", "letterSpacing", "textTransform", "direction", "visibility"]
    names += ["whiteSpace", "wordSpacing", "textAlign", "backgroundColor", "opacity", "filter"]
    read = """names => ['.panel', '.asked', '.short', '.chip', '.box textarea', '.go', '.launch']
      .map(part => { const e = document.querySelector('groundwire-chat').shadowRoot.querySelector(part);
        const box = e.getBoundingClientRect(); const s = getComputedStyle(e);
        return [...names.map(name => s[name]), box.x, box.y, box.width, box.height]; })"""
    seen = []
    for path, extra in (("/plain", ""), ("/hostile", hostile)):
        page = tab(hosts[0].put(extra + one_line(server), path=path)).page
        page.evaluate("customElements.whenDefined('groundwire-chat')")
        page.evaluate("document.querySelector('groundwire-chat').open()")
        page.evaluate(f"document.querySelector('groundwire-chat').ask({QUESTION!r})")
        expect(page.locator(".short")).to_have_text("29")
        page.mouse.move(1, 1)
        page.wait_for_function(
            "document.querySelector('groundwire-chat').shadowRoot.getAnimations().length === 0"
        )
        seen.append(page.evaluate(read, names))
    assert seen[0] == seen[1]


def test_it_is_used_with_the_keyboard_alone(
    server: str, hosts: tuple[Host, Host], tab: Callable[..., Tab]
) -> None:
    page = tab(hosts[0].put(one_line(server))).page
    page.locator("button.launch").wait_for()
    focused = "document.querySelector('groundwire-chat').shadowRoot.activeElement"
    page.keyboard.press("Tab")
    assert page.evaluate(f"{focused}.className") == "launch"
    page.keyboard.press("Enter")
    assert page.evaluate(f"{focused}.tagName") == "TEXTAREA"
    page.keyboard.type(QUESTION)
    page.keyboard.press("Enter")
    expect(page.locator(".short")).to_have_text("29")
    for _ in range(12):
        page.keyboard.press("Tab")
        assert page.evaluate(f"Boolean({focused}?.closest('.panel'))"), "the focus left the panel"
        if page.evaluate(f"{focused}.className") == "chip":
            break
    expect(page.locator(".pop")).to_be_visible()
    page.keyboard.press("Enter")
    expect(page.locator(".drawer mark")).to_be_in_viewport()
    for _ in range(6):
        page.keyboard.press("Tab")
        assert page.evaluate(f"Boolean({focused}?.closest('.drawer'))"), "the focus left the source"
    page.keyboard.press("Escape")
    assert page.evaluate(f"{focused}.className") == "chip"
    page.keyboard.press("Escape")
    page.keyboard.press("Escape")
    expect(page.locator(".panel")).to_be_hidden()
    assert page.evaluate(f"{focused}.className") == "launch"


def test_it_says_what_it_is_to_a_screen_reader(
    server: str, hosts: tuple[Host, Host], tab: Callable[..., Tab]
) -> None:
    page = tab(hosts[0].put(one_line(server, 'data-heading="Ask HR"'))).page
    page.get_by_role("button", name="Open the chat: Ask HR").click()
    dialog = page.get_by_role("dialog", name="Ask HR")
    expect(dialog.get_by_role("log", name="Conversation")).to_be_visible()
    ask(page)
    # one short status, instead of the whole card with its buttons
    expect(dialog.get_by_role("status")).to_have_text(re.compile(r"^29\. \w+ confidence$"))
    expect(dialog.get_by_role("button", name="Helpful", exact=True)).to_be_visible()
    unnamed = page.evaluate(
        """() => [...document.querySelector('groundwire-chat').shadowRoot
          .querySelectorAll("button,a,textarea")]
          .filter(e => !(e.getAttribute('aria-label') || e.textContent.trim())).length"""
    )
    assert unnamed == 0


def test_it_fills_a_phone(server: str, hosts: tuple[Host, Host], tab: Callable[..., Tab]) -> None:
    opened = tab(hosts[0].put(one_line(server)), width=360, height=740)
    page = opened.page
    page.locator("button.launch").click()
    ask(page)
    page.wait_for_function(
        "document.querySelector('groundwire-chat').shadowRoot.getAnimations().length === 0"
    )
    box = page.locator(".panel").bounding_box()
    assert box == {"x": 0, "y": 0, "width": 360, "height": 740}
    log = "document.querySelector('groundwire-chat').shadowRoot.querySelector('.log')"
    assert page.evaluate(f"{log}.scrollWidth <= {log}.clientWidth")
    opened.shoot("widget-phone")


def test_it_is_dark_and_still_when_the_system_says_so(
    server: str, hosts: tuple[Host, Host], tab: Callable[..., Tab]
) -> None:
    opened = tab(hosts[0].put(one_line(server)), color_scheme="dark", reduced_motion="reduce")
    page = opened.page
    page.locator("button.launch").click()
    ask(page)
    style = page.locator(".panel").evaluate(
        "e => [getComputedStyle(e).backgroundColor, getComputedStyle(e).animationName]"
    )
    assert style == ["rgb(23, 26, 32)", "none"]
    opened.shoot("widget-dark")


def test_the_page_decides_how_it_looks_and_what_it_searches(
    server: str, hosts: tuple[Host, Host], tab: Callable[..., Tab]
) -> None:
    attributes = (
        'heading="Frag HR" lang="de" questions="Erste?|Zweite?" articles="002_3cc3be2bd391e0d7" '
        'style="--groundwire-accent: rgb(1, 2, 3); --groundwire-height: 444px"'
    )
    page = tab(hosts[0].put(inline(server, attributes))).page
    expect(page.get_by_role("region", name="Frag HR")).to_be_visible()
    assert page.locator(".tries button").all_text_contents() == ["Erste?", "Zweite?"]
    assert page.locator(".panel").bounding_box()["height"] == 444  # type: ignore[index]
    with page.expect_request("**/api/v1/ask/stream") as asked:
        page.get_by_role("button", name="Zweite?").click()
    assert json.loads(asked.value.post_data or "")["articles"] == ["002_3cc3be2bd391e0d7"]
    page.locator("textarea").fill("x")
    go = page.locator(".go")
    expect(page.locator(".card[aria-busy]")).to_have_count(0)
    assert go.evaluate("e => getComputedStyle(e).backgroundColor") == "rgb(1, 2, 3)"


def test_a_page_steers_it_with_methods_and_events(
    server: str, hosts: tuple[Host, Host], tab: Callable[..., Tab]
) -> None:
    page = tab(hosts[0].put(one_line(server))).page
    page.locator("button.launch").wait_for()
    told = page.evaluate(
        """async question => {
          const chat = document.querySelector('groundwire-chat');
          const told = [];
          for (const name of ['open', 'ask', 'answered', 'close'])
            chat.addEventListener(name, event => told.push([name, event.detail.question]));
          const answer = await chat.ask(question);
          chat.close();
          return [told, answer.short_answer];
        }""",
        QUESTION,
    )
    assert told == [
        [["open", None], ["ask", QUESTION], ["answered", QUESTION], ["close", None]],
        "29",
    ]


def test_where_the_articles_do_not_say_it_shows_no_answer(
    server: str, hosts: tuple[Host, Host], tab: Callable[..., Tab]
) -> None:
    page = tab(hosts[0].put(inline(server))).page
    ask(page, "Who won the football world cup in 1998?")
    expect(page.locator(".card .said")).to_have_text("The articles do not say.")
    assert page.locator(".short, .chip").count() == 0
    page.get_by_text("Closest passages").click()
    expect(page.locator("blockquote").first).to_be_visible()


HOSTILE = "<img src=x onerror=alert(1)><script>alert(2)</script>[a](javascript:alert(3)) \u202eevil"


def test_every_text_stays_text(
    server: str, hosts: tuple[Host, Host], tab: Callable[..., Tab]
) -> None:
    opened = tab(hosts[0].put(inline(server, 'heading="&lt;img src=x onerror=alert(4)&gt;"')))
    page = opened.page
    citation = {
        "number": 1, "document": "../../x", "title": HOSTILE, "sha256": "0" * 64, "start": 0,
        "end": len(HOSTILE), "quote": HOSTILE, "answer_start": 0, "answer_end": 4,
    }  # fmt: skip
    passage = {
        "document": "../../x",
        "title": HOSTILE,
        "start": 0,
        "end": len(HOSTILE),
        "text": HOSTILE,
    }
    answer = {
        "question": HOSTILE, "standalone_question": HOSTILE, "abstained": False, "confidence": 0.9,
        "short_answer": HOSTILE, "sentences": [{"text": HOSTILE, "citations": [1]}],
        "citations": [citation], "passages": [passage],
    }  # fmt: skip
    body = f"event: done\ndata: {json.dumps(answer)}\n\n"
    headers = {"Access-Control-Allow-Origin": hosts[0].url, "Content-Type": "text/event-stream"}
    page.route("**/ask/stream", lambda route: route.fulfill(body=body, headers=headers))
    ask(page, HOSTILE)
    page.locator(".chip").hover()
    page.locator(".chip").click()
    expect(page.locator(".drawer mark")).to_contain_text("<img src=x")
    inside = "document.querySelector('groundwire-chat').shadowRoot"
    assert page.evaluate(f"{inside}.querySelectorAll('img,script,iframe').length") == 0
    assert "\u202e" not in page.evaluate(f"{inside}.textContent")
    hrefs = page.evaluate(f"[...{inside}.querySelectorAll('a')].map(a => a.href)")
    assert all(href.startswith(f"{server}/articles/..%2F..%2Fx") for href in hrefs)
    assert opened.dialogs == []


def test_a_question_can_be_stopped_and_asked_again(
    server: str, hosts: tuple[Host, Host], tab: Callable[..., Tab]
) -> None:
    page = tab(hosts[0].put(inline(server))).page
    page.route("**/ask/stream", lambda _: None)  # never answered
    page.locator("textarea").fill(QUESTION)
    page.locator("textarea").press("Enter")
    page.get_by_role("button", name="Stop").click()
    expect(page.locator(".card .said")).to_have_text("Stopped.")
    page.unroute("**/ask/stream")
    page.get_by_role("button", name="Ask again").click()
    expect(page.locator(".short")).to_have_text("29")


def test_a_server_that_is_away_is_said_plainly(
    server: str, hosts: tuple[Host, Host], tab: Callable[..., Tab]
) -> None:
    page = tab(hosts[0].put(inline(server))).page
    page.route("**/ask/stream", lambda route: route.abort())
    ask(page)
    expect(page.locator(".card")).to_contain_text("The server cannot be reached.")


@pytest.fixture(scope="module")
def keyed(
    serving: Callable[..., tuple[str, Path]], hosts: tuple[Host, Host]
) -> tuple[str, Callable[[int], str]]:
    """A server that asks for keys, and what mints a widget token of an age in seconds."""
    server, data_dir = serving(ACCESS__MODE="keys")
    store = KeyStore(data_dir)
    key, text = store.add("intranet")
    store.close()

    def token(age_s: int) -> str:
        began = int(time.time()) - age_s
        claims = {
            "aud": "groundwire", "origin": hosts[0].url, "iat": began, "exp": began + 600,
        }  # fmt: skip
        return jwt.encode(claims, signing_secret(text), "HS256", headers={"kid": key.id})

    return server, token


def test_it_fetches_a_token_and_renews_one_that_expired(
    keyed: tuple[str, Callable[[int], str]], hosts: tuple[Host, Host], tab: Callable[..., Tab]
) -> None:
    server, mint = keyed

    def token(age_s: int) -> str:
        return json.dumps({"token": mint(age_s), "expires_in": 600})

    hosts[0].put(token(age_s=1200), path="/token", Content_Type="application/json")
    opened = tab(hosts[0].put(inline(server, 'token-url="/token"')))
    page = opened.page
    hosts[0].asked.clear()
    ask(page)
    expect(page.locator(".card")).to_contain_text("This page may not ask at the moment.")
    assert any("The widget token was refused: it has expired." in c for c in opened.complaints)
    assert hosts[0].asked.count("/token") == 2
    hosts[0].put(token(age_s=0), path="/token", Content_Type="application/json")
    page.get_by_role("button", name="Ask again").click()
    expect(page.locator(".short")).to_have_text("29")
    page.locator(".chip").click()
    expect(page.locator(".drawer .text")).to_contain_text("Photo: Shutterstock")
    assert hosts[0].asked.count("/token") == 3
    # the articles' own pages would ask the reader for a key
    assert page.locator("groundwire-chat a").count() == 0
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name=re.compile("^Source 1: "))).to_be_focused()
    opened.context.grant_permissions(["clipboard-read", "clipboard-write"], origin=hosts[0].url)
    page.get_by_role("button", name="Copy with sources").click()
    expect(page.get_by_role("status")).to_have_text("Copied")
    copied = page.evaluate("navigator.clipboard.readText()")
    assert "29 world leaders" in copied
    assert server not in copied


def test_a_frame_takes_a_new_token_when_one_has_ended(
    keyed: tuple[str, Callable[[int], str]], hosts: tuple[Host, Host], tab: Callable[..., Tab]
) -> None:
    server, mint = keyed
    address = f"{server}/embed/frame#token="
    body = f'<!doctype html><iframe src="{address}{mint(1200)}" width="380" height="600"></iframe>'
    page = tab(hosts[0].put(body)).page
    frame = page.frame_locator("iframe")
    frame.locator("textarea").fill(QUESTION)
    frame.locator("textarea").press("Enter")
    expect(frame.locator(".card")).to_contain_text("This page may not ask at the moment.")
    token = mint(0)
    page.locator("iframe").evaluate("(e, address) => { e.src = address }", address + token)
    expect(frame.locator("groundwire-chat")).to_have_js_property("token", token)
    expect(frame.locator(".card")).to_have_count(1)  # the conversation stays
    frame.get_by_role("button", name="Ask again").click()
    expect(frame.locator(".short")).to_have_text("29")


def test_the_generator_writes_a_tag_that_works(
    server: str, hosts: tuple[Host, Host], tab: Callable[..., Tab]
) -> None:
    opened = tab(f"{server}/embed")
    page = opened.page
    page.get_by_label("Heading").fill('Ask "HR" & <co>')
    page.get_by_label("Suggested questions").fill(QUESTION)
    expect(page.locator("#preview h2")).to_have_text('Ask "HR" & <co>')
    expect(page.get_by_label("Only these articles").locator("option")).not_to_have_count(0)
    opened.shoot("embed")
    for kind in ("Launcher, one line", "Inside the page", "Frame, without script"):
        page.get_by_role("tab", name=kind).click()
        tag = page.locator("#tag code").inner_text()
        assert ('allow="clipboard-write"' in tag) == kind.startswith("Frame")
        embedded = tab(hosts[0].put(f"<!doctype html><html lang=en>{tag}</html>")).page
        within: Any = embedded.frame_locator("iframe") if kind.startswith("Frame") else embedded
        if kind.startswith("Launcher"):
            embedded.locator("button.launch").click()
        expect(within.locator(".bar h2").first).to_have_text('Ask "HR" & <co>')
        within.get_by_role("button", name=QUESTION).click()
        expect(within.locator(".short")).to_have_text("29")
    assert opened.complaints == []


def test_a_frame_needs_no_script_of_the_page_and_a_listed_page(
    server: str, hosts: tuple[Host, Host], tab: Callable[..., Tab]
) -> None:
    body = f'<!doctype html><iframe src="{server}/embed/frame" width="380" height="600"></iframe>'
    policy = f"default-src 'none'; frame-src {server}"
    page = tab(hosts[0].put(body, Content_Security_Policy=policy)).page
    frame = page.frame_locator("iframe")
    frame.locator("textarea").fill(QUESTION)
    frame.locator("textarea").press("Enter")
    expect(frame.locator(".short")).to_have_text("29")
    refused = tab(hosts[1].put(body))
    refused.page.wait_for_load_state()
    assert any("frame-ancestors" in complaint for complaint in refused.complaints)
    assert refused.page.frame_locator("iframe").locator("groundwire-chat").count() == 0
