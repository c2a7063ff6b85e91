"""The chat page: Gradio Blocks around our own escaped markup."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from importlib.resources import files

import gradio as gr

from rag.errors import GroundwireError
from rag.pipeline import MAX_QUESTION_CHARACTERS, LivePipeline
from ui.render import answer_card, question_bubble, sources_panel, text, working_card

log = logging.getLogger("groundwire.chat")

_NO_SOURCES = '<div class="gw-sources-empty">Sources of an answer appear here.</div>'


def chat_page(live: LivePipeline) -> gr.Blocks:
    """The page's components and events; each visitor's conversation lives in their own session."""
    with gr.Blocks(title="Groundwire", analytics_enabled=False, fill_width=True) as page:
        turns = gr.State([])
        gr.HTML(_header(live), elem_id="gw-header-frame")
        with gr.Row(equal_height=False):
            with gr.Column(scale=2, min_width=320):
                talk = gr.HTML(_talk([]), elem_id="gw-talk", apply_default_css=False)
                with gr.Row(elem_id="gw-bottom"):
                    question = gr.Textbox(
                        show_label=False,
                        label="Question",
                        placeholder="Ask about the articles",
                        lines=1,
                        max_lines=5,
                        max_length=MAX_QUESTION_CHARACTERS,
                        submit_btn="Ask",
                        autofocus=True,
                        elem_id="gw-question",
                    )
            with gr.Column(scale=1, min_width=300):
                sources = gr.HTML(_NO_SOURCES, elem_id="gw-sources", apply_default_css=False)

        def ask(asked: str, before: list[str]) -> Iterator[tuple[str, str, list[str], str]]:
            if not asked.strip():
                yield _talk(before), _NO_SOURCES, before, ""
                return
            bubble = question_bubble(asked)
            pipeline = live.get()
            working = working_card(f"Searching {len(pipeline.articles)} articles")
            yield _talk([*before, bubble, working]), _NO_SOURCES, before, ""
            try:
                answer = pipeline.ask(asked)
            except GroundwireError as error:
                log.error("answering failed: %s", error)
                after = [*before, bubble, _error_card(str(error))]
                yield _talk(after), _NO_SOURCES, after, ""
                return
            after = [*before, bubble, answer_card(answer)]
            yield _talk(after), sources_panel(answer, pipeline.articles), after, ""

        question.submit(
            ask,
            inputs=[question, turns],
            outputs=[talk, sources, turns, question],
            api_visibility="private",
            show_progress="hidden",
        )
    return page


def style() -> str:
    """The page's style sheet."""
    return (files("ui") / "static" / "groundwire.css").read_text("utf-8")


def _header(live: LivePipeline) -> str:
    count = len(live.get().articles)
    held = "1 article" if count == 1 else f"{count:,} articles"
    return f'<header id="gw-header"><h1>Groundwire</h1><p>{held}</p></header>'


def _talk(blocks: list[str]) -> str:
    if not blocks:
        return (
            '<div class="gw-talk"><p class="gw-empty">Ask a question about the articles. Every '
            "sentence of an answer is quoted from them, and where they do not say, the answer says "
            "so.</p></div>"
        )
    return f'<div class="gw-talk" aria-live="polite">{"".join(blocks)}</div>'


def _error_card(message: str) -> str:
    return (
        '<article class="gw-card gw-abstained" role="alert"><p class="gw-said">This question could '
        f"not be answered.</p><p>{text(message)}</p></article>"
    )
