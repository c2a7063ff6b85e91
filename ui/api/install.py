"""Adds the whole API to an application."""

from __future__ import annotations

from importlib.metadata import version

from fastapi import FastAPI

from rag.pipeline import LivePipeline
from rag.settings import Settings
from ui.api.answers import Answers
from ui.api.completions import completions_router
from ui.api.problems import describe, describe_problems
from ui.api.routes import router
from ui.embed_page import embed_router
from ui.feedback import FeedbackStore
from ui.guard.keys import KeyStore
from ui.guard.metrics import Metrics
from ui.guard.settings import GuardSettings
from ui.telemetry import Traces


def add_api(
    app: FastAPI,
    live: LivePipeline,
    settings: Settings,
    guard: GuardSettings,
    keys: KeyStore,
    metrics: Metrics,
    traces: Traces,
) -> Answers:
    """Adds API, widget and embed page; call it before Gradio is mounted. Returns the queue."""
    answers = Answers(live, guard.limits, metrics, traces)
    feedback = FeedbackStore(settings.data_dir)
    app.include_router(router(answers, feedback, keys, guard, metrics))
    app.include_router(completions_router(answers, guard))
    app.include_router(embed_router())
    describe(app, version("groundwire"))
    describe_problems(app)
    return answers
