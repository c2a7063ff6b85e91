"""Which of Gradio's paths are open, under fuzzing; which peer a request comes from."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.datastructures import Headers

from ui.guard.gradio_routes import is_open
from ui.guard.origins import same_origin
from ui.guard.paths import path_of
from ui.guard.proxies import peer_of

CLOSED = (
    "upload",
    "file=",
    "proxy=",
    "run/",
    "call/",
    "api/",
    "vibe",
    "component_server",
    "monitoring",
)


@given(st.text(max_size=60), st.sampled_from(CLOSED), st.text(max_size=60))
def test_no_spelling_opens_a_closed_route(before: str, closed: str, after: str) -> None:
    for path in (f"/gradio_api/{closed}{after}", f"/gradio_api/{before}/{closed}{after}"):
        assert not is_open(path) or path.startswith("/gradio_api/heartbeat/")


@given(st.text(max_size=40))
def test_no_path_climbs_out(rest: str) -> None:
    assert not is_open(f"/assets/../{rest}")
    assert not is_open(f"/static/{rest}/../x")


@pytest.mark.parametrize(
    ("peer", "forwarded", "address"),
    [
        ("10.0.0.1", "203.0.113.9", "203.0.113.9"),
        ("10.0.0.1", "1.1.1.1, 203.0.113.9", "203.0.113.9"),
        ("10.0.0.1", "203.0.113.9, 10.0.0.2", "203.0.113.9"),
        ("10.0.0.1", "nonsense", "10.0.0.1"),
        ("10.0.0.1", "", "10.0.0.1"),
        ("198.51.100.7", "203.0.113.9", "198.51.100.7"),
    ],
)
def test_only_a_trusted_proxy_speaks_for_another(peer: str, forwarded: str, address: str) -> None:
    headers = Headers({"x-forwarded-for": forwarded})
    scope = {"client": (peer, 1)}
    assert peer_of(scope, headers, ["10.0.0.0/8"]).address == address


def test_one_ipv6_customer_is_one_caller() -> None:
    first, second = (
        peer_of({"client": (f"2001:db8:1:2::{end}", 1)}, Headers({}), []).network for end in "12"
    )
    assert first == second == "2001:db8:1:2::/64"


@pytest.mark.parametrize(
    ("path", "root", "expected"),
    [
        ("/gw/api/v1/ask", "/gw", "/api/v1/ask"),
        ("/gw", "/gw", "/"),
        ("/gwx", "/gw", "/gwx"),
        ("/a", "", "/a"),
    ],
)
def test_the_root_path_of_a_proxy_is_taken_off(path: str, root: str, expected: str) -> None:
    assert path_of({"path": path, "root_path": root}) == expected


@given(st.text(max_size=30))
def test_a_foreign_origin_is_never_our_own(text: str) -> None:
    assert not same_origin(f"https://evil.example/{text}", "gw.example")
    assert not same_origin(text, "")
    assert not same_origin(f"http://[{text}", "gw.example")
