"""Runs the application: guarded sockets, a JSON log, and an end in bounded time."""

from __future__ import annotations

import logging
import resource
import socket
import sys
from collections.abc import Callable

import uvicorn
from starlette.types import ASGIApp

from ui.guard.logs import configure
from ui.guard.settings import FEWEST_CONNECTIONS, GuardSettings, Limits
from ui.guard.sockets import guarded_protocol

log = logging.getLogger("groundwire.server")

GRACE_S = 8
BACKLOG = 2048
# How long a thread that answers may keep the interpreter while the event loop waits. Python's default
# of 5 ms let health take 440 ms (p95) under 2,000 clients; half a millisecond, 95 ms.
SWITCH_S = 0.0005
# Files that are open beside the connections: index, models, databases, libraries.
OTHER_FILES = 256
_WITHOUT_MODE = (
    "access.proxies is set and access.mode is not: everyone whom the proxy lets in may ask. "
    "Set access.mode to keys, proxy or open."
)


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


def fitted(limits: Limits) -> Limits:
    """The limits with as many connections as this process may have files open.

    The soft limit on open files is raised as far as the connections need it and the hard one lets it.
    """
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    # Connections that are too many are open for a moment, until they are closed.
    wanted = limits.connections + BACKLOG + OTHER_FILES
    allowed = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    if soft != resource.RLIM_INFINITY and soft < allowed:
        resource.setrlimit(resource.RLIMIT_NOFILE, (allowed, hard))
    connections = max(FEWEST_CONNECTIONS, min(limits.connections, allowed - OTHER_FILES))
    if connections < limits.connections:
        log.warning(
            "limits.connections is lowered from %d to %d: this process may open %d files. "
            "Raise its hard limit (ulimit -Hn, LimitNOFILE, --ulimit nofile).",
            limits.connections,
            connections,
            hard,
        )
    return limits.model_copy(update={"connections": connections})


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
    by_default = guard.access.mode is None and guard.mode(listener.getsockname()[0]) == "open"
    if guard.access.proxies and by_default:
        log.warning("%s", _WITHOUT_MODE)
    limits = fitted(guard.limits)
    sys.setswitchinterval(SWITCH_S)
    config = uvicorn.Config(
        app,
        http=guarded_protocol(limits),
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
