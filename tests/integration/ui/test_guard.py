"""What the guard refuses, on a running server: each default of the parts that had to be changed."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from importlib.resources import files
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

LISTED = "http://listed.example:8080"
EVIL = "https://evil.example"
QUESTION = {"question": "How many world leaders attend the parade?"}


@pytest.fixture(scope="module")
def web(open_server: Any) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=open_server.url, timeout=60) as client:
        yield client


def raw(url: str, data: bytes, *, until_closed_s: float) -> bytes:
    """What the server sends on a socket that sends `data` and then nothing, until it closes it."""
    parts = urlsplit(url)
    assert parts.hostname and parts.port
    received = b""
    with closing(socket.create_connection((parts.hostname, parts.port), until_closed_s)) as sock:
        sock.sendall(data)
        try:
            while piece := sock.recv(65536):
                received += piece
        except ConnectionResetError:
            return received
    return received


# ── origins ─────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("path", ["/", "/config", "/api/v1/articles", "/gradio_api/queue/data"])
@pytest.mark.parametrize(
    "origin", [EVIL, "null", LISTED + ".evil.example", "https://listed.example"]
)
def test_an_origin_that_is_not_listed_is_refused_everywhere(
    web: httpx.Client, path: str, origin: str
) -> None:
    response = web.get(path, headers={"Origin": origin, "Host": "localhost"})
    assert response.status_code == 403
    assert "embed.origins" in response.json()["detail"]
    assert not [name for name in response.headers if name.startswith("access-control-")]


def test_a_preflight_of_an_origin_that_is_not_listed_gets_nothing(web: httpx.Client) -> None:
    headers = {"Origin": EVIL, "Access-Control-Request-Method": "POST"}
    response = web.options("/api/v1/ask", headers=headers)
    assert response.status_code == 403
    assert not [name for name in response.headers if name.startswith("access-control-")]


def test_a_listed_origin_may_call_the_api_without_credentials(web: httpx.Client) -> None:
    headers = {"Origin": LISTED, "Access-Control-Request-Method": "POST"}
    preflight = web.options("/api/v1/ask", headers=headers)
    assert preflight.status_code == 204
    assert preflight.headers["access-control-allow-origin"] == LISTED
    response = web.post("/api/v1/ask", json=QUESTION, headers={"Origin": LISTED})
    assert response.status_code == 200
    assert response.headers["access-control-allow-origin"] == LISTED
    assert "origin" in response.headers["vary"].lower()
    for answer in (preflight, response):
        assert "access-control-allow-credentials" not in answer.headers


@pytest.mark.parametrize("path", ["/", "/config", "/gradio_api/info"])
def test_a_listed_origin_may_not_read_the_chat_page(web: httpx.Client, path: str) -> None:
    response = web.get(path, headers={"Origin": LISTED})
    assert response.status_code == 403
    assert "access-control-allow-origin" not in response.headers


def test_the_servers_own_pages_may_call_it(web: httpx.Client, open_server: Any) -> None:
    response = web.get("/api/v1/articles", headers={"Origin": open_server.url})
    assert response.status_code == 200


def test_a_name_that_is_not_ours_is_refused_against_rebinding(web: httpx.Client) -> None:
    response = web.get("/api/v1/articles", headers={"Host": "rebound.example"})
    assert response.status_code == 421
    assert "access.hosts" in response.json()["detail"]


@pytest.mark.parametrize("origin", ["http://[", "http://[::1", "http://a]", "https://\xbd/"])
def test_an_origin_that_is_no_address_is_refused(web: httpx.Client, origin: str) -> None:
    response = web.get("/api/v1/articles", headers={"Origin": origin.encode("latin-1")})
    assert response.status_code == 403


# ── Gradio's routes ─────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/gradio_api/file=https://example.org/"),
        ("GET", "/gradio_api/file=/etc/passwd"),
        ("GET", "/gradio_api/file/etc/passwd"),
        ("HEAD", "/gradio_api/file=https://example.org/"),
        ("GET", "/gradio_api/proxy=https://example.org/"),
        ("POST", "/gradio_api/upload"),
        ("GET", "/gradio_api/upload_progress"),
        ("POST", "/gradio_api/api/ask"),
        ("POST", "/gradio_api/run/ask"),
        ("POST", "/gradio_api/call/ask"),
        ("POST", "/gradio_api/component_server"),
        ("POST", "/gradio_api/process_recording"),
        ("POST", "/gradio_api/vibe-edit"),
        ("GET", "/gradio_api/vibe-code"),
        ("GET", "/gradio_api/runs"),
        ("GET", "/gradio_api/run-history/buckets"),
        ("GET", "/gradio_api/openapi.json"),
        ("GET", "/gradio_api/deep_link"),
        ("GET", "/gradio_api/dev/reload"),
        ("GET", "/gradio_api/queue/status"),
        ("GET", "/gradio_api/token"),
        ("GET", "/monitoring"),
        ("GET", "/monitoring/summary"),
        ("POST", "/login"),
        ("GET", "/openapi.json"),
        ("GET", "/docs"),
        ("GET", "/redoc"),
        ("GET", "/assets/%2e%2e/%2e%2e/gradio_api/upload"),
    ],
)
def test_a_route_that_the_chat_page_does_not_need_is_not_there(
    web: httpx.Client, method: str, path: str
) -> None:
    request = web.build_request(method, web.base_url.join("/"))
    request.url = request.url.copy_with(raw_path=path.encode())
    assert web.send(request).status_code == 404


def test_the_page_has_a_policy_and_may_be_framed_by_listed_pages_only(web: httpx.Client) -> None:
    for path in ("/", "/embed", "/embed/frame"):
        response = web.get(path)
        assert response.status_code == 200
        policy = response.headers["content-security-policy"]
        assert f"frame-ancestors 'self' {LISTED}" in policy
        assert "connect-src 'self'" in policy and "img-src 'self'" in policy
        assert response.headers["x-content-type-options"] == "nosniff"


def test_our_own_pages_run_no_inline_script(web: httpx.Client) -> None:
    policy = web.get("/embed").headers["content-security-policy"]
    assert "script-src 'self';" in policy


# ── limits ──────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("path", ["/api/v1/ask", "/gradio_api/queue/join", "/articles/none"])
def test_a_large_body_is_refused_before_it_is_read(open_server: Any, path: str) -> None:
    head = f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Length: 999999999\r\n\r\n"
    answer = raw(open_server.url, head.encode(), until_closed_s=5)
    assert answer.startswith(b"HTTP/1.1 413 ")


def test_a_large_body_in_chunks_is_refused(open_server: Any) -> None:
    head = "POST /api/v1/ask HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n"
    chunk = b"8000\r\n" + b"a" * 0x8000 + b"\r\n"
    answer = raw(open_server.url, head.encode() + chunk * 3, until_closed_s=5)
    assert answer.startswith(b"HTTP/1.1 413 ")


def test_too_many_questions_are_told_when_to_come_back(serve: Any) -> None:
    server = serve(
        LIMITS__QUESTIONS_BURST="2",
        LIMITS__QUESTIONS_PER_MINUTE="6",
        LIMITS__EVENTS_BURST="1",
        LIMITS__EVENTS_PER_MINUTE="6",
    )
    with httpx.Client(base_url=server.url, timeout=60) as client:
        statuses = [client.post("/api/v1/ask", json=QUESTION).status_code for _ in range(3)]
        assert statuses == [200, 200, 429]
        client.post("/gradio_api/queue/join", json={})
        for path in ("/api/v1/ask/stream", "/v1/chat/completions", "/gradio_api/queue/join"):
            response = client.post(path, json=QUESTION)
            assert response.status_code == 429
            assert 1 <= int(response.headers["retry-after"]) <= 11
        assert client.get("/api/v1/articles").status_code == 200
        assert client.get("/healthz").status_code == 200


def test_a_question_of_the_chat_page_counts_as_one(serve: Any) -> None:
    server = serve(LIMITS__QUESTIONS_BURST="2", LIMITS__QUESTIONS_PER_MINUTE="1")
    with httpx.Client(base_url=server.url, timeout=60) as client:
        events = client.get("/config").json()["dependencies"]
        named = {name: event for event in events for _, name in event["targets"]}

        def join(name: str, **changed: object) -> int:
            data = [None] * len(named[name]["inputs"])
            body = {"fn_index": named[name]["id"], "data": data, "session_hash": "counted"}
            return client.post("/gradio_api/queue/join", json=body | changed).status_code

        assert [join(name) for name in ("retry", "submit", "ask")] == [200, 200, 429]
        assert [join(name) for name in ("retry", "submit", "edit")] == [429] * 3
        new = named["new"]["id"]
        assert [join("new", fn_index=index) for index in (str(new), float(new), None)] == [429] * 3
        assert [join(name) for name in ("new", "find", "stop")] == [200] * 3
        assert client.post("/api/v1/ask", json=QUESTION).status_code == 429


def test_a_full_queue_is_busy_and_health_is_not(serve: Any) -> None:
    server = serve(LIMITS__WORKERS="1", LIMITS__WAITING="0")
    streams = []
    with httpx.Client(base_url=server.url, timeout=60) as client:
        statuses = set()
        for _ in range(20):
            request = client.build_request("POST", "/api/v1/ask/stream", json=QUESTION)
            streams.append(client.send(request, stream=True))
            answer = client.post("/api/v1/ask", json=QUESTION)
            statuses.add(answer.status_code)
            if answer.status_code == 503:
                assert answer.json()["type"].endswith(":busy")
                assert int(answer.headers["retry-after"]) >= 1
                assert client.get("/healthz").status_code == 200
                break
        for stream in streams:
            stream.close()
    assert 503 in statuses


def test_an_answer_that_takes_too_long_is_given_up(serve: Any) -> None:
    server = serve(LIMITS__ANSWER_S="0.001")
    response = httpx.post(f"{server.url}/api/v1/ask", json=QUESTION, timeout=60)
    assert response.status_code == 504


def test_slow_half_open_and_endless_sockets_are_closed(serve: Any) -> None:
    server = serve(LIMITS__HEAD_S="0.5", LIMITS__BODY_S="0.5")
    began = time.monotonic()
    assert raw(server.url, b"", until_closed_s=10) == b""
    assert raw(server.url, b"GET / HTTP/1.1\r\nHost: local", until_closed_s=10) == b""
    head = b"POST /api/v1/ask HTTP/1.1\r\nHost: localhost\r\nContent-Length: 50\r\n\r\n{"
    assert raw(server.url, head, until_closed_s=10).startswith(b"HTTP/1.1 408 ")
    endless = b"GET / HTTP/1.1\r\nHost: localhost\r\n" + b"X-A: " + b"a" * 80_000
    assert raw(server.url, endless, until_closed_s=10) == b""
    assert time.monotonic() - began < 10
    assert httpx.get(f"{server.url}/healthz").status_code == 200


@pytest.mark.parametrize(
    ("head", "status"),
    [
        (b"POST /api/v1/ask HTTP/1.1\r\nHost: rebound.example", 421),
        (b"POST /api/v1/ask HTTP/1.1\r\nHost: localhost\r\nOrigin: https://evil.example", 403),
        (b"POST /api/v1/ask HTTP/1.1\r\nHost: rebound.example\r\nExpect: 100-continue", 421),
        (
            f"OPTIONS /api/v1/ask HTTP/1.1\r\nHost: localhost\r\nOrigin: {LISTED}\r\n"
            "Access-Control-Request-Method: POST".encode(),
            204,
        ),
    ],
)
def test_a_refused_request_whose_body_does_not_come_holds_no_socket(
    open_server: Any, head: bytes, status: int
) -> None:
    answer = raw(open_server.url, head + b"\r\nContent-Length: 999\r\n\r\na", until_closed_s=5)
    assert answer.startswith(f"HTTP/1.1 {status} ".encode())
    assert b"connection: close\r\n" in answer
    assert b"100 Continue" not in answer


def test_a_refused_request_whose_body_comes_keeps_its_connection(open_server: Any) -> None:
    refused = b"POST /api/v1/ask HTTP/1.1\r\nHost: rebound.example\r\nContent-Length: 5\r\n\r\nab"
    good = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
    answers = raw(open_server.url, refused + b"cde" + good, until_closed_s=5)
    assert answers.startswith(b"HTTP/1.1 421 ") and b"HTTP/1.1 200 " in answers


def test_a_refused_request_without_a_key_holds_no_socket(keyed_server: Any) -> None:
    head = b"POST /api/v1/ask HTTP/1.1\r\nHost: localhost\r\nContent-Length: 999\r\n\r\n"
    answer = raw(keyed_server.url, head, until_closed_s=5)
    assert answer.startswith(b"HTTP/1.1 401 ") and b"connection: close\r\n" in answer


def test_endless_trailers_are_closed(open_server: Any) -> None:
    parts = urlsplit(open_server.url)
    head = (
        b"POST /api/v1/ask HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n"
    )
    with closing(socket.create_connection((parts.hostname, parts.port), 5)) as sock:
        sock.sendall(head)
        with pytest.raises(ConnectionError):
            for _ in range(100_000):
                sock.sendall(b"X-A: b\r\n" * 100)


def test_a_client_that_does_not_read_is_closed(serve: Any) -> None:
    server = serve(LIMITS__SEND_S="0.5")
    folder = files("gradio") / "templates" / "frontend" / "assets"
    asset = max((len(file.read_bytes()), file.name) for file in folder.iterdir())[1]
    parts = urlsplit(server.url)
    request = f"GET /assets/{asset} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode()
    with socket.socket() as sock:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        sock.connect((parts.hostname, parts.port))
        sock.sendall(request * 16)  # more than the kernel holds for one connection
        assert until(lambda: is_held(sock))
        assert until(lambda: not is_held(sock))


def is_held(sock: socket.socket) -> bool:
    """Whether the server, on this machine, still holds its end of a connection."""
    here, there = (f":{address[1]:04X}" for address in (sock.getsockname(), sock.getpeername()))
    rows = [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]
    return any(row[1].endswith(there) and row[2].endswith(here) and row[9] != "0" for row in rows)


def until(true: Callable[[], bool], within_s: float = 20) -> bool:
    """Whether something becomes true in time."""
    deadline = time.monotonic() + within_s
    while not true() and time.monotonic() < deadline:
        time.sleep(0.05)
    return true()


# ── logs ────────────────────────────────────────────────────────────────────────────────────────


def line_of_a_question(server: Any) -> tuple[str, dict[str, Any]]:
    """Asks, and returns the request id with the log line of the request."""
    with httpx.Client(base_url=server.url, timeout=60) as client:
        identity = client.post("/api/v1/ask", json=QUESTION).headers["x-request-id"]
        client.get("/healthz")  # on the same connection: the request before is over
    lines = [json.loads(line) for line in server.log.read_text().splitlines()]
    return identity, next(line for line in lines if line.get("request_id") == identity)


def test_log_lines_carry_the_request_id_and_no_question(open_server: Any) -> None:
    _, line = line_of_a_question(open_server)
    assert (line["path"], line["status"]) == ("/api/v1/ask", 200)
    assert line["ms"] > 0
    assert QUESTION["question"] not in open_server.log.read_text()


def test_questions_are_logged_when_asked_for(serve: Any) -> None:
    _, line = line_of_a_question(serve(LOGGING__QUESTIONS="true"))
    assert line["question"] == QUESTION["question"]
