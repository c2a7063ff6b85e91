"""The server: one FastAPI application with the chat at `/` and the article pages beside it."""

from __future__ import annotations

import os
import socket

import uvicorn
from fastapi import FastAPI
from fastapi.middleware.cors import CORSMiddleware
from fastapi.responses import HTMLResponse, JSONResponse

from rag.errors import ConfigError
from rag.pipeline import LivePipeline
from rag.settings import Settings
from ui.articles_page import article_page, missing_page


def create_app(settings: Settings) -> FastAPI:
    """The whole application over the current generation. Raises: GroundwireError."""
    os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
    import gradio as gr

    from ui.chat import chat_page, style

    live = LivePipeline(settings)
    app = FastAPI(title="Groundwire", docs_url=None, redoc_url=None)
    app.state.live = live
    # Gradio reflects any origin unless its parent application has a policy; ours allows none
    app.add_middleware(CORSMiddleware, allow_origins=[])

    @app.get("/healthz")
    def health() -> JSONResponse:
        return JSONResponse({"status": "ok", "generation": live.get().index.manifest.id})

    @app.get("/articles/{document}", response_class=HTMLResponse)
    def article(
        document: str, start: int | None = None, end: int | None = None, version: str | None = None
    ) -> HTMLResponse:
        found = live.get().articles.get(document)
        if found is None:
            return HTMLResponse(missing_page(document), status_code=404)
        return HTMLResponse(article_page(found, start, end, version))

    page = chat_page(live)
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
        theme=gr.themes.Base(font=["system-ui", "sans-serif"], font_mono=["monospace"]),
    )
    return app


def serve(settings: Settings) -> None:
    """Serves until it is stopped; prints the address when it listens. Raises: ConfigError."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((settings.host, settings.port))
    except OSError as error:
        raise ConfigError(
            f"Cannot listen on {settings.host}:{settings.port}: {error.strerror}. "
            "Choose another: groundwire serve --port PORT"
        ) from error
    app = create_app(settings)
    port = listener.getsockname()[1]
    print(f"Groundwire answers at http://{settings.host}:{port}/ (stop with Ctrl+C)", flush=True)
    server = uvicorn.Server(
        uvicorn.Config(app, log_level="warning", server_header=False, timeout_graceful_shutdown=8)
    )
    server.run(sockets=[listener])
