"""The chat page: Gradio's components around our own escaped markup, and which event goes where."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from importlib.resources import files
from typing import Any

import gradio as gr

from rag.pipeline import MAX_QUESTION_CHARACTERS, LivePipeline
from ui.chat_handlers import Chat
from ui.desk import Desk
from ui.feedback import FeedbackStore
from ui.messages import Messages, component_texts
from ui.telemetry import OFF, Traces

HISTORY_KEY = "groundwire-history"
SESSION_HOURS = 12
# Who asks waits in a thread of Gradio's, of which there are 40; the workers bound the answering.
ASKING_AT_ONCE = 24
# An event of a component, its handler, what it takes and what it changes.
Wiring = tuple[Callable[..., Any], Callable[..., Any], list[Any], list[Any]]


def chat_page(
    live: LivePipeline,
    *,
    suggestions: Callable[[], Sequence[str]] = tuple,
    feedback: FeedbackStore | None = None,
    traces: Traces = OFF,
) -> gr.Blocks:
    """The page's components and events."""
    workers = ThreadPoolExecutor(os.cpu_count() or 1, thread_name_prefix="groundwire-chat")
    chat = Chat(live, suggestions, feedback, workers, traces)
    translate = gr.I18n(**component_texts("question", "placeholder"))
    page = gr.Blocks(title="Groundwire", analytics_enabled=False, fill_width=True)
    with page:
        desk = gr.State(Desk(), time_to_live=SESSION_HOURS * 3600)
        kept = gr.BrowserState({}, storage_key=HISTORY_KEY, secret=HISTORY_KEY)
        top = gr.HTML("", elem_id="gw-top", apply_default_css=False, js_on_load=None)
        with gr.Row(elem_id="gw-main", equal_height=False):
            with gr.Column(elem_id="gw-left"):
                talk = gr.HTML(
                    "", elem_id="gw-frame", apply_default_css=False, js_on_load=_static("chat.js")
                )
                progress = gr.HTML(
                    "", elem_id="gw-progress", apply_default_css=False, js_on_load=None
                )
                question = gr.Textbox(
                    label=translate("question"),
                    show_label=False,
                    placeholder=translate("placeholder"),
                    lines=1,
                    max_lines=5,
                    max_length=MAX_QUESTION_CHARACTERS,
                    submit_btn=Messages("en")("ask"),
                    autofocus=True,
                    elem_id="gw-question",
                )
            with gr.Column(elem_id="gw-right"):
                side = gr.HTML("", elem_id="gw-side", apply_default_css=False, js_on_load=None)
        shown = [talk, top, question, progress, desk, kept]
        mine = [desk, kept]
        page.load(
            chat.start,
            mine,
            [side, *shown],
            api_visibility="private",
            show_progress="hidden",
            concurrency_limit=None,
        )
        asking: list[Wiring] = [
            (question.submit, chat.ask, [question, *mine], shown),
            (talk.ask, chat.ask_suggested, mine, shown),
            (talk.retry, chat.retry, mine, shown),
            (talk.edit, chat.edit, mine, shown),
        ]
        quick: list[Wiring] = [
            (question.stop, chat.stop, [desk], []),
            (talk.vote, chat.vote, mine, shown),
            (talk.new, chat.new, mine, shown),
            (talk.open, chat.open, mine, shown),
            (talk.forget, chat.forget, mine, shown),
            (talk.filter, chat.filter, mine, shown),
            (talk.find, chat.find, mine, shown),
            (talk.speak, chat.speak, mine, [side, *shown]),
        ]
        for wirings, limits in (
            (asking, {"concurrency_id": "ask", "concurrency_limit": ASKING_AT_ONCE}),
            (quick, {"concurrency_limit": None, "trigger_mode": "multiple"}),
        ):
            for event, handler, inputs, outputs in wirings:
                event(
                    handler,
                    inputs,
                    outputs,
                    api_visibility="private",
                    show_progress="hidden",
                    **limits,
                )
    page.i18n_instance = translate
    return page


def style() -> str:
    """The page's style sheet."""
    return _static("groundwire.css")


def head() -> str:
    """What stands in the page's head: where a browser keeps nothing from us, a store for this page."""
    return f"<script>{_static('storage.js')}</script>"


def _static(name: str) -> str:
    return (files("ui") / "static" / name).read_text("utf-8")
