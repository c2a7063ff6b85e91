"""The server: one FastAPI application with the chat at `/`, and API, widget and articles beside it."""

from __future__ import annotations

import os
import socket

from fastapi import FastAPI, Request
from fastapi.responses import HTMLResponse, Response

from rag.earlier import earlier_text
from rag.errors import ConfigError
from rag.generations import Store
from rag.pipeline import LivePipeline
from rag.settings import Settings
from rag.suggestions import Suggestions
from ui.api.install import add_api
from ui.articles_page import article_page, missing_page, script
from ui.feedback import FeedbackStore
from ui.guard.install import install
from ui.guard.keys import KeyStore
from ui.guard.metrics import Metrics
from ui.guard.paths import sub_path
from ui.guard.server import BACKLOG, run_server
from ui.guard.settings import GuardSettings, load_guard_settings
from ui.messages import preferred_language
from ui.telemetry import Traces, open_traces

ASKING = "ask"  # the chat page's group of events that ask a question


def create_app(settings: Settings, guard: GuardSettings | None = None) -> FastAPI:
    """The whole application over the current generation, guarded.

    `state.live` is its pipeline, `state.answers` the queue of questions that programs
    ask, `state.traces` what sends its spans. Raises: GroundwireError.
    """
    guard = guard or load_guard_settings()
    traces = open_traces(guard.telemetry)
    live = LivePipeline(settings)
    metrics, keys = Metrics(), KeyStore(settings.data_dir)
    app = FastAPI(title="Groundwire", docs_url=None, redoc_url=None, openapi_url=None)
    answers = add_api(app, live, settings, guard, keys, metrics, traces)
    _add_articles(app, live, Store(settings.data_dir))
    quick = _add_chat(app, live, settings, traces)
    install(app, settings, guard, keys, metrics, traces, quick)
    app.state.live = live
    app.state.answers = answers
    app.state.traces = traces
    return app


def serve(settings: Settings, *, root_path: str = "") -> None:
    """Serves until it is stopped; prints the address when it listens. Raises: ConfigError."""
    guard, root_path = load_guard_settings(), sub_path(root_path)
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((settings.host, settings.port))
    except OSError as error:
        listener.close()
        raise ConfigError(
            f"Cannot listen on {settings.host}:{settings.port}: {error.strerror}. "
            "Choose another: groundwire serve --port PORT"
        ) from error
    app = create_app(settings, guard)
    listener.listen(BACKLOG)
    shown = f"[{settings.host}]" if family == socket.AF_INET6 else settings.host
    port = listener.getsockname()[1]
    print(f"Groundwire answers at http://{shown}:{port}/ (stop with Ctrl+C)", flush=True)
    run_server(
        app,
        guard,
        listener,
        root_path=root_path,
        on_stop=app.state.answers.stop,
        on_stopped=app.state.traces.close,
    )


def _add_articles(app: FastAPI, live: LivePipeline, store: Store) -> None:
    @app.get("/articles/{document}", response_class=HTMLResponse, include_in_schema=False)
    def article(
        request: Request,
        document: str,
        start: int | None = None,
        end: int | None = None,
        version: str | None = None,
    ) -> HTMLResponse:
        language = preferred_language(request.headers.get("accept-language"))
        found = live.get().articles.get(document)
        if found is None:
            return HTMLResponse(missing_page(document, language), status_code=404)
        replaced = version and not found.sha256.startswith(version)
        earlier = earlier_text(store, document, version) if version and replaced else None
        return HTMLResponse(
            article_page(found, start, end, version, earlier=earlier, language=language)
        )

    @app.get("/articles.js", include_in_schema=False)
    async def article_script() -> Response:
        return Response(
            script(), media_type="text/javascript", headers={"Cache-Control": "no-cache"}
        )


def _add_chat(
    app: FastAPI, live: LivePipeline, settings: Settings, traces: Traces
) -> frozenset[int]:
    """Mounts the chat page. Returns its events that ask nothing."""
    os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
    import gradio as gr

    from ui.chat import chat_page, head, style

    suggestions = Suggestions(live.get, settings.data_dir)
    page = chat_page(
        live,
        suggestions=suggestions.questions,
        feedback=FeedbackStore(settings.data_dir),
        traces=traces,
    )
    page.queue(default_concurrency_limit=settings.threads, max_size=64, api_open=False)
    gr.mount_gradio_app(
        app,
        page,
        path="/",
        footer_links=[],
        run_history=False,
        show_error=False,
        ssr_mode=False,
        enable_monitoring=False,
        max_file_size=1,
        css=style(),
        head=head(),
        theme=gr.themes.Base(font=["system-ui", "sans-serif"], font_mono=["monospace"]),
    )
    return frozenset(index for index, event in page.fns.items() if event.concurrency_id != ASKING)
