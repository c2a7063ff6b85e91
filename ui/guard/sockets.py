"""Sockets that are slow, half open, too many or endless are closed before they cost anything.

uvicorn limits none of these: a client that never ends its request's head, or never takes its response,
would hold a connection for ever, and a head may be of any length.
"""

from __future__ import annotations

import asyncio

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from ui.guard.settings import Limits

LARGEST_HEAD = 32 * 1024
MOST_PIPELINED = 16
# A chunk of one byte has five bytes around it.
FRAMING = 6
# What a client must take in `send_s` of a response that waits for it, or all that is left.
SLOWEST = 16 * 1024


class _Aborted(Exception):
    """Ends the parsing of what a closed socket has sent."""


def guarded_protocol(limits: Limits) -> type[HttpToolsProtocol]:
    """uvicorn's HTTP protocol with a limit on connections, on a head's time and size, and on the
    time in which a response must be taken."""

    class GuardedProtocol(HttpToolsProtocol):
        """One connection."""

        _head_timer: asyncio.TimerHandle | None = None
        _send_timer: asyncio.TimerHandle | None = None
        _bodiless = 0  # bytes that came and are no body: of a head, of framing or of trailers
        _fields = 0  # bytes of the address and the headers of one request
        _in_body = False

        def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
            super().connection_made(transport)
            if len(self.connections) > limits.connections:
                transport.abort()
            else:
                self._expect_head()

        def connection_lost(self, exc: Exception | None) -> None:
            self._stop_head_timer()
            self._stop_send_timer()
            super().connection_lost(exc)

        def data_received(self, data: bytes) -> None:
            if not self._in_body and self._head_timer is None:
                self._expect_head()
            self._bodiless += len(data)
            super().data_received(data)
            if self.transport.is_closing():
                return
            answered = self._in_body and self.cycle.response_complete
            if answered or self._bodiless > LARGEST_HEAD:
                self.transport.abort()

        def on_message_begin(self) -> None:
            self._fields = 0
            super().on_message_begin()

        def on_url(self, url: bytes) -> None:
            self._count_field(len(url))
            super().on_url(url)

        def on_header(self, name: bytes, value: bytes) -> None:
            if not self._in_body:  # a trailer is no header
                self._count_field(len(name) + len(value))
                super().on_header(name, value)

        def on_headers_complete(self) -> None:
            self._stop_head_timer()
            self._in_body = True
            super().on_headers_complete()
            if len(self.pipeline) > MOST_PIPELINED:
                self._abort()

        def on_body(self, body: bytes) -> None:
            self._bodiless = max(0, self._bodiless - FRAMING * len(body))
            super().on_body(body)

        def on_message_complete(self) -> None:
            self._in_body = False
            self._bodiless = 0
            super().on_message_complete()

        def on_response_complete(self) -> None:
            super().on_response_complete()
            if self.transport.is_closing():
                self._expect_sent()

        def send_400_response(self, msg: str) -> None:
            super().send_400_response(msg)
            self._expect_sent()

        def pause_writing(self) -> None:
            super().pause_writing()
            self._expect_sent()

        def resume_writing(self) -> None:
            super().resume_writing()
            if not self.transport.is_closing():
                self._stop_send_timer()

        def timeout_keep_alive_handler(self) -> None:
            if self.transport.get_write_buffer_size():
                self.transport.abort()
            else:
                super().timeout_keep_alive_handler()

        def _count_field(self, size: int) -> None:
            self._fields += size
            if self._fields > LARGEST_HEAD:
                self._abort()

        def _abort(self) -> None:
            self.transport.abort()
            raise _Aborted

        def _expect_head(self) -> None:
            self._head_timer = self.loop.call_later(limits.head_s, self._too_slow)

        def _too_slow(self) -> None:
            self._head_timer = None
            self.transport.abort()

        def _stop_head_timer(self) -> None:
            if self._head_timer is not None:
                self._head_timer.cancel()
                self._head_timer = None

        def _expect_sent(self) -> None:
            if self._send_timer is None:
                self._watch_sending()

        def _watch_sending(self) -> None:
            left = self.transport.get_write_buffer_size()
            self._send_timer = self.loop.call_later(limits.send_s, self._check_sent, left)

        def _check_sent(self, before: int) -> None:
            if self.transport.get_write_buffer_size() > max(0, before - SLOWEST):
                self.transport.abort()
            else:
                self._watch_sending()

        def _stop_send_timer(self) -> None:
            if self._send_timer is not None:
                self._send_timer.cancel()
                self._send_timer = None

    return GuardedProtocol
