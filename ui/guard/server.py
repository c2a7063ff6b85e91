"""Runs the application: guarded sockets, a JSON log, and an end in bounded time."""

from __future__ import annotations

import socket
import sys
from collections.abc import Callable

import uvicorn
from starlette.types import ASGIApp

from ui.guard.logs import configure
from ui.guard.settings import GuardSettings
from ui.guard.sockets import guarded_protocol

GRACE_S = 8
BACKLOG = 2048
# How long a thread that answers may keep the interpreter while the event loop waits. Python's default
# of 5 ms let health take 440 ms (p95) under 2,000 clients; half a millisecond, 95 ms.
SWITCH_S = 0.0005


class _Server(uvicorn.Server):
    """A server that tells when it begins to stop and when the last request is over.

    Nothing runs after it: uvicorn raises the signal once more, which ends the process.
    """

    def __init__(
        self, config: uvicorn.Config, on_stop: Callable[[], None], on_stopped: Callable[[], None]
    ) -> None:
        super().__init__(config)
        self._on_stop = on_stop
        self._on_stopped = on_stopped

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self._on_stop()
        await super().shutdown(sockets)
        self._on_stopped()


def run_server(
    app: ASGIApp,
    guard: GuardSettings,
    listener: socket.socket,
    *,
    root_path: str = "",
    on_stop: Callable[[], None],
    on_stopped: Callable[[], None],
) -> None:
    """Serves on a bound socket until a signal; open streams end within eight seconds."""
    configure(guard.logging)
    sys.setswitchinterval(SWITCH_S)
    config = uvicorn.Config(
        app,
        http=guarded_protocol(guard.limits),
        ws="none",
        root_path=root_path,
        proxy_headers=False,
        server_header=False,
        access_log=False,
        log_config=None,
        backlog=BACKLOG,
        timeout_keep_alive=15,
        timeout_graceful_shutdown=GRACE_S,
    )
    _Server(config, on_stop, on_stopped).run(sockets=[listener])
