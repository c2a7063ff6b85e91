"""Which of Gradio's routes are open: those that the chat page needs. All others are not there.

Gradio also serves uploads, a fetch of any address (`/gradio_api/file=https://…`), a proxy, run
history, monitoring, its own API and code editing, none of which this product uses.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence

from fastapi import FastAPI
from starlette.datastructures import MutableHeaders
from starlette.routing import Mount
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ui.guard.origins import chat_policy
from ui.guard.paths import path_of
from ui.guard.problems import Problem, Refused

_OPEN = re.compile(
    r"""
    /|/config/?|/theme\.css|/favicon\.ico|/robots\.txt|/manifest\.json
    |/(assets|static|svelte)/[\w./@+~-]+
    |/gradio_api/(startup-events|theme\.css|app_id/?|info/?|reset/?|cancel)
    |/gradio_api/queue/(join|data)
    |/gradio_api/heartbeat/\w+
    """,
    re.VERBOSE | re.ASCII,
)


def is_open(path: str) -> bool:
    """Whether the chat page needs this path of Gradio's.

    >>> is_open("/gradio_api/queue/join"), is_open("/gradio_api/upload")
    (True, False)
    """
    return _OPEN.fullmatch(path) is not None and ".." not in path


def event_of(body: bytes) -> int | None:
    """Which event of the chat page a body of `queue/join` names, or None if none clearly.

    >>> event_of(b'{"fn_index": 3, "data": []}'), event_of(b'{"fn_index": "3"}'), event_of(b"{")
    (3, None, None)
    """
    try:
        named = json.loads(body)
    except (ValueError, RecursionError):
        return None
    index = named.get("fn_index") if isinstance(named, dict) else None
    return index if type(index) is int else None


class GradioGate:
    """Lets through what the chat page needs, with the page's content security policy."""

    def __init__(self, app: ASGIApp, origins: Sequence[str]) -> None:
        self._app = app
        self._policy = chat_policy(origins)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and not is_open(path_of(scope)):
            raise Refused(
                Problem(
                    status=404,
                    name="not-found",
                    title="Not found",
                    detail="There is nothing at this address. The API is described at "
                    "/api/v1/openapi.json.",
                )
            )

        async def with_policy(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message)["Content-Security-Policy"] = self._policy
            await send(message)

        if scope.get("root_path") and scope.get("method") == "GET" and path_of(scope) == "/":
            await _page(self._app, scope, receive, with_policy)
        else:
            await self._app(scope, receive, with_policy)


async def _page(app: ASGIApp, scope: Scope, receive: Receive, send: Send) -> None:
    """Gradio's page with the one link that leaves a sub-path made relative.

    Its manifest is addressed from the host's root, where another application may be.
    """
    plain = [(name, value) for name, value in scope["headers"] if name != b"accept-encoding"]
    start: Message = {}
    parts: list[bytes] = []

    async def relative(message: Message) -> None:
        nonlocal start
        if message["type"] == "http.response.start":
            start = message
            return
        parts.append(message.get("body", b""))
        if not message.get("more_body", False):
            body = b"".join(parts).replace(b'href="/manifest.json"', b'href="manifest.json"')
            MutableHeaders(scope=start)["Content-Length"] = str(len(body))
            await send(start)
            await send({**message, "body": body})

    await app({**scope, "headers": plain}, receive, relative)


def close_gradio(app: FastAPI, origins: Sequence[str]) -> None:
    """Puts the gate before every application mounted at `/`. Call it after mounting Gradio."""
    for route in app.routes:
        if isinstance(route, Mount) and route.path == "":
            route.app = GradioGate(route.app, origins)
