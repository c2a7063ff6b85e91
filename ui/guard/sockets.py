"""Sockets that are slow, half open, too many or endless are closed before they cost anything.

uvicorn limits none of these: a client that never ends its request's head would hold a connection for
ever, and a head may be of any length.
"""

from __future__ import annotations

import asyncio

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from ui.guard.settings import Limits

LARGEST_HEAD = 32 * 1024


def guarded_protocol(limits: Limits) -> type[HttpToolsProtocol]:
    """uvicorn's HTTP protocol with a limit on connections, and on a head's time and size."""

    class GuardedProtocol(HttpToolsProtocol):
        """One connection."""

        _timer: asyncio.TimerHandle | None = None
        _head_bytes = 0
        _in_body = False

        def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
            super().connection_made(transport)
            if len(self.connections) > limits.connections:
                transport.abort()
            else:
                self._expect_head()

        def connection_lost(self, exc: Exception | None) -> None:
            self._stop_timer()
            super().connection_lost(exc)

        def data_received(self, data: bytes) -> None:
            if not self._in_body:
                if self._timer is None:
                    self._expect_head()
                self._head_bytes += len(data)
            super().data_received(data)
            if not self._in_body and self._head_bytes > LARGEST_HEAD:
                self.transport.abort()

        def on_headers_complete(self) -> None:
            self._stop_timer()
            self._head_bytes = 0
            self._in_body = True
            super().on_headers_complete()

        def on_message_complete(self) -> None:
            self._in_body = False
            super().on_message_complete()

        def _expect_head(self) -> None:
            self._timer = asyncio.get_running_loop().call_later(limits.head_s, self._too_slow)

        def _too_slow(self) -> None:
            self._timer = None
            self.transport.abort()

        def _stop_timer(self) -> None:
            if self._timer is not None:
                self._timer.cancel()
                self._timer = None

    return GuardedProtocol
