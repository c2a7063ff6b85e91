"""Responses: what the guard adds to each, and how long a client may take to receive it."""

from __future__ import annotations

import asyncio

from starlette.datastructures import MutableHeaders
from starlette.types import Message, Scope, Send

from ui.guard.origins import page_policy
from ui.guard.paths import path_of
from ui.guard.settings import GuardSettings


class ClientTooSlow(Exception):
    """The client does not take what is sent to it."""


class Outgoing:
    """Sends a response with our headers, in bounded time, and remembers its status."""

    def __init__(self, send: Send, identity: str, settings: GuardSettings, scope: Scope) -> None:
        self._send = send
        self._identity = identity
        self._settings = settings
        self._path = path_of(scope)
        self.status = 0
        self.unread = False  # of the request's body something may still come
        self.allowed: dict[str, str] = {}  # what the page's origin may do

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            if self.unread:
                MutableHeaders(scope=message)["Connection"] = "close"
            self._add_headers(MutableHeaders(scope=message))
        try:
            async with asyncio.timeout(self._settings.limits.send_s):
                await self._send(message)
        except TimeoutError as error:
            raise ClientTooSlow from error

    def _add_headers(self, headers: MutableHeaders) -> None:
        for name in [name for name in headers if name.startswith("access-control-")]:
            del headers[name]
        for name, value in self.allowed.items():
            headers[name] = value
        headers["X-Request-ID"] = self._identity
        headers["X-Content-Type-Options"] = "nosniff"
        headers.add_vary_header("Origin")
        headers.setdefault("Referrer-Policy", "same-origin")
        headers.setdefault("Cross-Origin-Resource-Policy", "same-origin")
        headers.setdefault("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
        headers.setdefault("Content-Security-Policy", page_policy(self._settings.embed.origins))
        if not self._settings.embed.origins:
            headers.setdefault("X-Frame-Options", "SAMEORIGIN")
        if headers.get("content-type", "").startswith("text/event-stream"):
            headers["X-Accel-Buffering"] = "no"  # proxies pass each event on at once
        if self._path.startswith(("/api/", "/v1/")):
            headers.setdefault("Cache-Control", "no-store")
