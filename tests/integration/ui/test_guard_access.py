"""Who may ask: keys, widget tokens and a signing-in proxy, each against a running server."""

from __future__ import annotations

import base64
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import jwt
import pytest

from ui.guard.keys import signing_secret

LISTED = "http://listed.example:8080"
QUESTION = {"question": "How many world leaders attend the parade?"}


@pytest.fixture(scope="module")
def web(keyed_server: Any) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=keyed_server.url, timeout=60) as client:
        yield client


@pytest.fixture(scope="module")
def key(keyed_server: Any) -> str:
    store = keyed_server.keys
    text: str = store.add("intranet")[1]
    store.close()
    return text


def bearer(text: str, **more: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {text}", **more}


@pytest.mark.parametrize("path", ["/", "/embed", "/config", "/articles/x", "/metrics"])
def test_without_a_key_nothing_of_the_articles_is_shown(web: httpx.Client, path: str) -> None:
    response = web.get(path)
    assert response.status_code == 401
    assert response.headers["www-authenticate"].startswith("Bearer")


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/widget.js", "/embed/frame"])
def test_probes_and_static_files_need_no_key(web: httpx.Client, path: str) -> None:
    assert web.get(path).status_code == 200


def test_a_key_opens_the_api_and_a_wrong_one_does_not(web: httpx.Client, key: str) -> None:
    assert web.get("/api/v1/articles", headers=bearer(key)).status_code == 200
    wrong = key[:-1] + ("a" if key[-1] != "a" else "b")
    for text in (wrong, "gw_00000000_" + "a" * 43, "x" * 5000):
        assert web.get("/api/v1/articles", headers=bearer(text)).status_code == 401


def test_a_browser_may_give_the_key_as_a_password(web: httpx.Client, key: str) -> None:
    asked = web.get("/", headers={"Accept": "text/html"})
    assert asked.headers["www-authenticate"].startswith("Basic ")
    pair = base64.b64encode(f"me:{key}".encode()).decode()
    assert web.get("/", headers={"Authorization": f"Basic {pair}"}).status_code == 200
    assert web.get("/", headers={"Authorization": "Basic %%%"}).status_code == 401


def test_keys_are_stored_as_digests_that_only_the_owner_can_read(
    keyed_server: Any, key: str
) -> None:
    file = keyed_server.data_dir / "access.sqlite"
    assert key.encode() not in file.read_bytes()
    assert key.rpartition("_")[2].encode() not in file.read_bytes()
    assert file.stat().st_mode & 0o077 == 0


def test_the_command_makes_lists_and_revokes_keys(keyed_server: Any, web: httpx.Client) -> None:
    def keys(*arguments: str) -> subprocess.CompletedProcess[str]:
        program = "from ui.guard.keys_cli import keys_app; keys_app()"
        command = [sys.executable, "-c", program, *arguments]
        directory = ["--data-dir", str(keyed_server.data_dir)]
        return subprocess.run([*command, *directory], capture_output=True, text=True, check=True)

    made = keys("add", "from the command").stdout.strip()
    assert web.get("/api/v1/articles", headers=bearer(made)).status_code == 200
    listed = keys("list").stdout
    assert "from the command" in listed and made not in listed
    keys("revoke", "from the command")
    assert web.get("/api/v1/articles", headers=bearer(made)).status_code == 401


# ── widget tokens ───────────────────────────────────────────────────────────────────────────────


def token(
    key: str,
    *,
    lifetime_s: int = 300,
    age_s: int = 0,
    algorithm: str = "HS256",
    secret: str | None = None,
    kid: str | None = None,
    **changed: Any,
) -> str:
    """What a page's backend mints with its key."""
    now = int(time.time()) - age_s
    claims = {"aud": "groundwire", "origin": LISTED, "iat": now, "exp": now + lifetime_s} | changed
    claims = {name: value for name, value in claims.items() if value is not None}
    signing = "" if algorithm == "none" else secret or signing_secret(key)
    headers = {"kid": kid or key.split("_")[1]}
    return jwt.encode(claims, signing, algorithm=algorithm, headers=headers)


def test_a_token_that_the_backend_minted_asks(web: httpx.Client, key: str) -> None:
    headers = bearer(token(key), Origin=LISTED)
    assert web.post("/api/v1/ask", json=QUESTION, headers=headers).status_code == 200


def test_a_token_that_the_server_minted_asks(web: httpx.Client, key: str) -> None:
    made = web.post("/api/v1/tokens", json={"origin": LISTED}, headers=bearer(key))
    assert made.status_code == 201 and made.json()["expires_in"] == 600
    headers = bearer(made.json()["token"], Origin=LISTED)
    assert web.post("/api/v1/ask", json=QUESTION, headers=headers).status_code == 200


@pytest.mark.parametrize(
    "make",
    [
        pytest.param(lambda key: token(key, lifetime_s=60, age_s=120), id="expired"),
        pytest.param(lambda key: token(key, algorithm="none"), id="no algorithm"),
        pytest.param(lambda key: token(key, algorithm="HS512"), id="another algorithm"),
        pytest.param(lambda key: token(key, aud="elsewhere"), id="wrong audience"),
        pytest.param(lambda key: token(key, aud=None), id="no audience"),
        pytest.param(lambda key: token(key, exp=None), id="no expiry"),
        pytest.param(lambda key: token(key, origin=None), id="no origin"),
        pytest.param(lambda key: token(key, lifetime_s=601), id="too long"),
        pytest.param(lambda key: token(key, age_s=-600), id="from the future"),
        pytest.param(lambda key: token(key, secret="0" * 64), id="forged"),
        pytest.param(lambda key: token(key, secret=key), id="signed with the key itself"),
        pytest.param(lambda key: token(key, kid="00000000"), id="unknown key"),
        pytest.param(lambda key: token(key)[:-4] + "AAAA", id="changed signature"),
        pytest.param(lambda key: "a.b.c", id="no token"),
    ],
)
def test_a_bad_token_is_refused(web: httpx.Client, key: str, make: Callable[[str], str]) -> None:
    headers = bearer(make(key), Origin=LISTED)
    response = web.post("/api/v1/ask", json=QUESTION, headers=headers)
    assert response.status_code == 401
    assert response.json()["type"] == "urn:groundwire:problem:not-authenticated"


def test_a_token_for_another_page_is_refused(web: httpx.Client, key: str) -> None:
    headers = bearer(token(key, origin="https://other.example"), Origin=LISTED)
    response = web.post("/api/v1/ask", json=QUESTION, headers=headers)
    assert response.status_code == 403
    assert response.json()["type"] == "urn:groundwire:problem:wrong-origin"


def test_a_token_without_its_page_is_good_only_if_the_page_is_listed(
    web: httpx.Client, key: str, keyed_server: Any
) -> None:
    own = {"Origin": keyed_server.url}
    listed = bearer(token(key), **own)
    other = bearer(token(key, origin="https://other.example"), **own)
    assert web.post("/api/v1/ask", json=QUESTION, headers=listed).status_code == 200
    assert web.post("/api/v1/ask", json=QUESTION, headers=other).status_code == 403


def test_a_token_is_for_asking_only(web: httpx.Client, key: str) -> None:
    headers = bearer(token(key), Origin=LISTED)
    assert web.get("/api/v1/metrics", headers=headers).status_code == 403
    minting = web.post("/api/v1/tokens", json={"origin": LISTED}, headers=headers)
    assert minting.status_code == 403


def test_a_token_dies_with_its_key(web: httpx.Client, keyed_server: Any) -> None:
    store = keyed_server.keys
    text = store.add("for a while")[1]
    headers = bearer(token(text), Origin=LISTED)
    assert web.post("/api/v1/ask", json=QUESTION, headers=headers).status_code == 200
    store.revoke("for a while")
    store.close()
    assert web.post("/api/v1/ask", json=QUESTION, headers=headers).status_code == 401


def test_a_token_for_an_origin_that_is_not_listed_is_not_minted(
    web: httpx.Client, key: str
) -> None:
    body = {"origin": "https://evil.example"}
    assert web.post("/api/v1/tokens", json=body, headers=bearer(key)).status_code == 403


# ── a proxy that signs people in ────────────────────────────────────────────────────────────────


def test_a_person_whom_the_trusted_proxy_names_may_ask(serve: Any) -> None:
    server = serve(ACCESS__MODE="proxy", ACCESS__PROXIES="127.0.0.1")
    named = {"X-Forwarded-User": "ada@example.org", "X-Forwarded-For": "10.1.2.3"}
    assert httpx.get(f"{server.url}/api/v1/articles", headers=named).status_code == 200
    assert httpx.get(f"{server.url}/api/v1/articles").status_code == 401
    basic = {**named, "Authorization": "Basic YWRhOnBhc3N3b3Jk"}
    assert httpx.get(f"{server.url}/api/v1/articles", headers=basic).status_code == 200
    twice = [("X-Forwarded-User", "mallory"), ("X-Forwarded-User", "ada@example.org")]
    assert httpx.get(f"{server.url}/api/v1/articles", headers=twice).status_code == 401
    assert '"address": "10.1.2.3"' in server.log.read_text()


def test_a_forged_proxy_header_from_another_address_is_refused(serve: Any) -> None:
    server = serve(ACCESS__MODE="proxy", ACCESS__PROXIES="10.9.9.9")
    forged = {"X-Forwarded-User": "ada@example.org", "X-Forwarded-For": "10.9.9.9"}
    response = httpx.get(f"{server.url}/api/v1/articles", headers=forged)
    assert response.status_code == 403
    assert response.json()["type"] == "urn:groundwire:problem:not-through-proxy"


def test_a_proxy_without_a_mode_is_warned_of(serve: Any, open_server: Any) -> None:
    server = serve(ACCESS__PROXIES="10.9.9.9")
    for started in (server, open_server):
        assert httpx.get(f"{started.url}/healthz").status_code == 200  # its log has begun
    assert "Set access.mode to keys, proxy or open" in server.log.read_text()
    assert "Set access.mode" not in open_server.log.read_text()


def test_forwarded_addresses_do_not_escape_the_rate_limit(serve: Any) -> None:
    server = serve(LIMITS__QUESTIONS_BURST="2", LIMITS__QUESTIONS_PER_MINUTE="1")
    statuses = [
        httpx.post(
            f"{server.url}/api/v1/ask",
            json=QUESTION,
            headers={"X-Forwarded-For": f"10.0.0.{index}"},
            timeout=60,
        ).status_code
        for index in range(3)
    ]
    assert statuses == [200, 200, 429]


# ── stopping ────────────────────────────────────────────────────────────────────────────────────


def test_streams_end_with_an_event_when_the_server_stops(serve: Any, tmp_path: Path) -> None:
    server = serve(LIMITS__WORKERS="1", LIMITS__WAITING="100", LIMITS__WAIT_S="60")
    with httpx.Client(base_url=server.url, timeout=60, limits=httpx.Limits()) as client:
        streams = []
        for _ in range(50):
            request = client.build_request("POST", "/api/v1/ask/stream", json=QUESTION)
            streams.append(client.send(request, stream=True))
        began = time.monotonic()
        server.process.send_signal(signal.SIGTERM)
        for stream in streams:
            last = stream.read().decode().strip().split("\n\n")[-1]
            assert last.startswith(("event: done", "event: error"))
    assert server.process.wait(timeout=30) in (0, -signal.SIGTERM)
    assert time.monotonic() - began < 10
