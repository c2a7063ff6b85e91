"""Who asks, by which credential, and whose tokens a question takes; what a process may have open."""

from __future__ import annotations

import base64
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jwt
import pytest
from starlette.datastructures import Headers
from starlette.types import Scope

from ui.guard.access import Caller, identify
from ui.guard.keys import Key, KeyStore, signing_secret
from ui.guard.problems import Refused
from ui.guard.proxies import Peer
from ui.guard.settings import GuardSettings, Limits
from ui.guard.spending import Spending
from ui.guard.tokens import TokenRefused, verify

PAGE = "https://intranet.example.org"
PROXY = "10.0.0.5"


@pytest.fixture
def keys(tmp_path: Path) -> Iterator[KeyStore]:
    store = KeyStore(tmp_path)
    yield store
    store.close()


def token(key: str, **claims: Any) -> str:
    """A token as a page's backend mints it; `ahead_s` is how far its clock is ahead."""
    now = int(time.time()) + claims.pop("ahead_s", 0)
    made = {"aud": "groundwire", "origin": PAGE, "iat": now, "exp": now + 600} | claims
    return jwt.encode(made, signing_secret(key), "HS256", headers={"kid": key.split("_")[1]})


@pytest.mark.parametrize("ahead_s", [-60, 0, 1, 55])
def test_a_token_of_a_host_whose_clock_is_a_little_ahead_is_good(
    keys: KeyStore, ahead_s: int
) -> None:
    text = keys.add("intranet")[1]
    assert verify(token(text, ahead_s=ahead_s), keys, audience="groundwire").origin == PAGE


@pytest.mark.parametrize(
    ("claims", "why"),
    [
        ({"ahead_s": 70}, "not yet valid"),
        ({"ahead_s": 30, "iat": int(time.time()) - 600}, "more than ten minutes"),
        ({"iat": float("nan")}, "not yet valid"),
        ({"iat": "now"}, "not yet valid"),
    ],
)
def test_the_leeway_lengthens_no_token(keys: KeyStore, claims: dict[str, Any], why: str) -> None:
    text = keys.add("intranet")[1]
    with pytest.raises(TokenRefused, match=why):
        verify(token(text, **claims), keys, audience="groundwire")


def basic(password: str) -> str:
    return "Basic " + base64.b64encode(f"ada:{password}".encode()).decode()


def proxied(keys: KeyStore, authorization: str, peer: str = PROXY) -> Caller:
    """Who sends a request through the sign-in proxy that names Ada."""
    access = {"mode": "proxy", "proxies": (PROXY,)}
    return identify(
        Headers({"authorization": authorization, "x-forwarded-user": "ada"}),
        peer=peer,
        origin=PAGE,
        path="/api/v1/ask",
        mode="proxy",
        settings=GuardSettings.model_validate({"access": access}),
        keys=keys,
    )


@pytest.mark.parametrize(
    "authorization",
    [
        pytest.param(basic("her password at the proxy"), id="auth_basic"),
        pytest.param("Bearer " + jwt.encode({"sub": "ada"}, "s" * 32), id="id token"),
        pytest.param(
            "Bearer " + jwt.encode({}, "s" * 32, headers={"kid": "of the proxy"}), id="its key"
        ),
        pytest.param("Bearer opaque", id="opaque"),
        pytest.param(
            f"Bearer {base64.urlsafe_b64encode(b'[' * 9000).decode()}.a.b", id="no token at all"
        ),
        pytest.param("Negotiate YII=", id="negotiate"),
        pytest.param("", id="none"),
    ],
)
def test_the_proxys_own_credentials_do_not_hide_who_is_signed_in(
    keys: KeyStore, authorization: str
) -> None:
    keys.add("intranet")
    assert proxied(keys, authorization) == Caller(kind="user", name="ada")
    with pytest.raises(Refused) as refused:
        proxied(keys, authorization, peer="10.0.0.6")
    assert refused.value.problem.status in (401, 403)


def test_a_key_or_a_token_of_ours_wins_over_who_is_signed_in(keys: KeyStore) -> None:
    text = keys.add("intranet")[1]
    for authorization in (f"Bearer {text}", basic(text), f"Bearer {token(text)}"):
        assert proxied(keys, authorization).name == "intranet"
    wrong = text[:-1] + ("a" if text[-1] != "a" else "b")
    for authorization in (f"Bearer {wrong}", basic(wrong), f"Bearer {token(wrong)}"):
        with pytest.raises(Refused) as refused:
            proxied(keys, authorization)
        assert refused.value.problem.status == 401


def test_one_visitor_cannot_use_up_a_pages_key() -> None:
    limits = Limits(
        questions_burst=2, questions_per_minute=1, key_questions_burst=3, key_questions_per_minute=1
    )
    spending = Spending(limits, frozenset())
    key = Key(id="0" * 8, name="intranet", created="", revoked=None)
    caller = Caller(kind="token", name="intranet", key=key)
    scope: Scope = {"type": "http", "path": "/api/v1/ask", "method": "POST"}

    def granted(address: str) -> bool:
        try:
            spending.on_head(scope, Peer(direct=address, address=address, trusted=False), caller)
        except Refused:
            return False
        return True

    assert [granted("10.1.1.1") for _ in range(50)] == [True] * 2 + [False] * 48
    assert [granted(f"10.1.1.{number}") for number in (2, 3)] == [True, False]


PROGRAM = """
import logging, resource
from ui.guard.server import fitted
from ui.guard.settings import Limits
logging.basicConfig(format="%(message)s")
resource.setrlimit(resource.RLIMIT_NOFILE, ({soft}, {hard}))
print(fitted(Limits()).connections, *resource.getrlimit(resource.RLIMIT_NOFILE))
"""


@pytest.mark.parametrize(
    ("soft", "hard", "connections", "files", "said"),
    [
        (1024, 16_384, 4096, 6400, ""),
        (8192, 16_384, 4096, 8192, ""),
        (1024, 4096, 3840, 4096, "lowered from 4096 to 3840"),
        (64, 128, 8, 128, "lowered from 4096 to 8"),
    ],
)
def test_as_many_connections_as_files_may_be_open(
    soft: int, hard: int, connections: int, files: int, said: str
) -> None:
    program = PROGRAM.format(soft=soft, hard=hard)
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == [str(connections), str(files), str(hard)]
    assert said in done.stderr and bool(said) == bool(done.stderr)
