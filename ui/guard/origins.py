"""Which pages may use the server, and the headers that tell browsers so."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import urlsplit

EXPOSED = "X-Request-ID, Retry-After"
_ALLOWED_HEADERS = "Authorization, Content-Type, X-Request-ID"


def same_origin(origin: str, host: str) -> bool:
    """Whether `origin` names the host that the request is addressed to.

    The scheme is not compared: behind a proxy that ends TLS the server sees another one.

    >>> same_origin("https://gw.example.org", "gw.example.org:443")
    True
    >>> same_origin("https://evil.example", "gw.example.org"), same_origin("http://[", "[")
    (False, False)
    """
    try:
        parts = urlsplit(origin)
    except ValueError:
        return False
    if parts.scheme not in ("http", "https") or not host:
        return False
    return _bare(parts.netloc) == _bare(host)


def cors_headers(origin: str) -> dict[str, str]:
    """What lets a listed page read the response; never with credentials."""
    return {"Access-Control-Allow-Origin": origin, "Access-Control-Expose-Headers": EXPOSED}


def preflight_headers(origin: str, *, private_network: bool) -> dict[str, str]:
    """The answer to a listed page's preflight."""
    headers = {
        **cors_headers(origin),
        "Access-Control-Allow-Methods": "GET, POST",
        "Access-Control-Allow-Headers": _ALLOWED_HEADERS,
        "Access-Control-Max-Age": "600",
    }
    if private_network:
        headers["Access-Control-Allow-Private-Network"] = "true"
    return headers


def frame_ancestors(origins: Sequence[str]) -> str:
    """The pages that may show ours in a frame."""
    return " ".join(["frame-ancestors 'self'", *origins])


def page_policy(origins: Sequence[str]) -> str:
    """The content security policy of our own pages: nothing from elsewhere, no inline script."""
    return (
        "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; "
        "img-src 'self' data:; font-src 'self'; connect-src 'self'; manifest-src 'self'; "
        f"frame-src 'self'; base-uri 'none'; form-action 'self'; {frame_ancestors(origins)}"
    )


def chat_policy(origins: Sequence[str]) -> str:
    """The policy of the chat page: Gradio builds its page with inline and evaluated script."""
    return (
        "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; "
        "style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self' data:; "
        "connect-src 'self'; worker-src 'self' blob:; object-src 'none'; base-uri 'self'; "
        f"form-action 'self'; {frame_ancestors(origins)}"
    )


def _bare(netloc: str) -> str:
    lowered = netloc.lower()
    for port in (":80", ":443"):
        lowered = lowered.removesuffix(port)
    return lowered
