"""What an event of the chat page says. It comes from outside: what does not fit counts as not said."""

from __future__ import annotations

import gradio as gr

from ui.conversations import Session, Vote


def text_of(event: gr.EventData, name: str) -> str:
    """A text that an event carries; empty where there is none."""
    values = event._data
    value = values.get(name) if isinstance(values, dict) else None
    return value if isinstance(value, str) else ""


def position_of(event: gr.EventData, session: Session) -> int | None:
    """The position in the conversation of the exchange that an event names, if it is there."""
    wanted = text_of(event, "turn")
    exchanges = session.current.exchanges
    return next((at for at, item in enumerate(exchanges) if item.id == wanted), None)


def vote_of(event: gr.EventData) -> Vote:
    """The vote that an event gives; empty where it is none of ours."""
    value = text_of(event, "vote")
    return "up" if value == "up" else "down" if value == "down" else ""
