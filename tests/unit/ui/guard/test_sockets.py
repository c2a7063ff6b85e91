"""The guarded protocol under a small application, on both event loops: what holds a socket, and what may."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Literal

import pytest
import uvicorn
from starlette.types import Receive, Scope, Send

from ui.guard.settings import Limits
from ui.guard.sockets import guarded_protocol

LARGE = b"a" * 30_000_000
GET = b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"
CHUNKED = b"POST /read HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"


class Site:
    """A running server: its address, its open connections, and the paths it was asked for."""

    def __init__(self, loop: Literal["asyncio", "uvloop"]) -> None:
        limits = Limits(head_s=5, send_s=0.3)
        self.asked: list[str] = []
        self.listener = socket.create_server(("127.0.0.1", 0))
        config = uvicorn.Config(
            self.answer,
            interface="asgi3",
            http=guarded_protocol(limits),
            loop=loop,
            lifespan="off",
            log_level="error",
        )
        self.server = uvicorn.Server(config)

    @property
    def open(self) -> int:
        return len(self.server.server_state.connections)

    async def answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        """`/large` is large; `/read` answers after its body, every other path before it."""
        self.asked.append(scope["path"])
        size = 0
        while scope["path"] == "/read":
            message = await receive()
            if message["type"] == "http.disconnect":
                return
            size += len(message["body"])
            if not message["more_body"]:
                break
        body = LARGE if scope["path"] == "/large" else str(size).encode()
        headers = [(b"content-length", str(len(body)).encode())]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    @contextmanager
    def connected(self, window: int | None = None) -> Iterator[socket.socket]:
        with socket.socket() as client:
            client.settimeout(20)
            if window:
                client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, window)
            client.connect(self.listener.getsockname())
            yield client


@pytest.fixture(params=["asyncio", "uvloop"])
def site(request: pytest.FixtureRequest) -> Iterator[Site]:
    running = Site(request.param)
    thread = threading.Thread(target=running.server.run, args=([running.listener],), daemon=True)
    thread.start()
    yield running
    running.server.should_exit = True
    thread.join(20)
    running.listener.close()


def until(true: Callable[[], bool], within_s: float = 10) -> bool:
    """Whether something becomes true in time."""
    deadline = time.monotonic() + within_s
    while not true() and time.monotonic() < deadline:
        time.sleep(0.01)
    return true()


def received(client: socket.socket) -> bytes:
    """What comes until the server closes the connection."""
    parts = []
    try:
        while part := client.recv(65536):
            parts.append(part)
    except ConnectionResetError:
        pass
    return b"".join(parts)


def sent_before_closed(client: socket.socket, piece: bytes, most: int) -> int:
    """How much the server takes of an endless text before it closes the connection."""
    sent = 0
    try:
        while sent < most:
            client.sendall(piece)
            sent += len(piece)
    except (ConnectionResetError, BrokenPipeError):
        pass
    return sent


@pytest.mark.parametrize("connection", [b"keep-alive", b"close"])
def test_a_client_that_never_reads_is_closed(site: Site, connection: bytes) -> None:
    with site.connected(window=4096) as client:
        request = b"GET /large HTTP/1.1\r\nHost: a\r\nConnection: %s\r\n\r\n" % connection
        client.sendall(request)
        assert until(lambda: site.asked == ["/large"])
        assert until(lambda: site.open == 0)


def test_a_client_that_reads_slowly_gets_the_whole(site: Site) -> None:
    with site.connected() as client:
        client.sendall(b"GET /large HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")
        began, size = time.monotonic(), 0
        while part := client.recv(1_000_000, socket.MSG_WAITALL):
            size += len(part)
            time.sleep(0.05)
        assert size > len(LARGE)
        assert time.monotonic() - began > 1


def test_a_body_after_the_answer_is_not_waited_for(site: Site) -> None:
    with site.connected() as client:
        client.sendall(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 999\r\n\r\n")
        answer = b""
        while not answer.endswith(b"\r\n\r\n0"):
            answer += client.recv(65536)
        client.sendall(b"a")
        assert received(client) == b""


@pytest.mark.parametrize(
    ("start", "piece"),
    [
        pytest.param(b"0\r\n", b"X-A: b\r\n" * 100, id="trailers"),
        pytest.param(b"0\r\nX-A: ", b"b" * 1000, id="one trailer"),
        pytest.param(b"1;a=", b"b" * 1000, id="extension of a chunk"),
        pytest.param(b"", b"0" * 1000, id="size of a chunk"),
    ],
)
def test_a_body_of_framing_alone_has_an_end(site: Site, start: bytes, piece: bytes) -> None:
    with site.connected() as client:
        client.sendall(CHUNKED + start)
        most = 30_000_000
        assert sent_before_closed(client, piece, most) < most
        assert until(lambda: site.open == 0)


def test_a_body_in_the_smallest_chunks_is_read_and_its_trailers_are_no_headers(site: Site) -> None:
    with site.connected() as client:
        client.sendall(CHUNKED + b"1\r\na\r\n" * 60_000 + b"0\r\nX-A: b\r\n\r\n" + GET)
        answers = b""
        while answers.count(b"HTTP/1.1 200 ") < 2:
            answers += client.recv(65536)
        assert b"\r\n60000" in answers or b"\n60000" in answers


@pytest.mark.parametrize(
    "head",
    [
        pytest.param(b"GET /" + b"a" * 33_000 + b" HTTP/1.1\r\nHost: a\r\n\r\n", id="address"),
        pytest.param(GET[:-2] + b"X-A: " + b"a" * 33_000 + b"\r\n\r\n", id="header"),
        pytest.param(GET[:-2] + b"X-A: b\r\n" * 9_000 + b"\r\n", id="headers"),
    ],
)
def test_a_large_head_is_closed_though_it_comes_at_once(site: Site, head: bytes) -> None:
    with site.connected() as client:
        client.sendall(head)
        assert received(client) == b""
    assert site.asked == []


def test_a_head_of_30_kib_is_read(site: Site) -> None:
    with site.connected() as client:
        client.sendall(GET[:-2] + b"X-A: " + b"a" * 30_000 + b"\r\n\r\n")
        assert client.recv(65536).startswith(b"HTTP/1.1 200 ")


def test_a_few_requests_may_be_pipelined_but_not_thousands(site: Site) -> None:
    with site.connected() as client:
        client.sendall(GET * 10)
        answers = b""
        while answers.count(b"HTTP/1.1 200 ") < 10:
            answers += client.recv(65536)
    assert until(lambda: site.open == 0)
    with site.connected() as client:
        client.sendall(GET * 5_000)
        received(client)
    assert len(site.asked) < 1_000
