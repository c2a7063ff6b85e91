"""Puts the guard in front of an application."""

from __future__ import annotations

from fastapi import FastAPI

from rag.settings import Settings
from ui.guard.gradio_routes import close_gradio
from ui.guard.keys import KeyStore
from ui.guard.metrics import Metrics
from ui.guard.middleware import Guard, Policy
from ui.guard.settings import GuardSettings, is_loopback
from ui.telemetry import Traces


def install(
    app: FastAPI,
    settings: Settings,
    guard: GuardSettings,
    keys: KeyStore,
    metrics: Metrics,
    traces: Traces,
    quick: frozenset[int],
) -> None:
    """Guards every route of `app`. Call it last, after Gradio is mounted.

    `quick` are the chat page's events that ask nothing; every other one counts as a question.
    """
    policy = Policy(
        settings=guard, mode=guard.mode(settings.host), loopback=is_loopback(settings.host)
    )
    close_gradio(app, guard.embed.origins)
    app.add_middleware(Guard, policy=policy, keys=keys, metrics=metrics, traces=traces, quick=quick)
