"""Who is asking, and what they may do."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from typing import Literal

from starlette.datastructures import Headers

from ui.guard.keys import MARK, Key, KeyStore
from ui.guard.origins import same_origin
from ui.guard.problems import Problem, Refused
from ui.guard.settings import GuardSettings, Mode, in_networks
from ui.guard.tokens import TokenRefused, names_key, verify

# What needs no permission: probes, and the static files that hold nothing of the articles.
PUBLIC = frozenset(
    {
        "/healthz",
        "/readyz",
        "/api/v1/health",
        "/api/v1/ready",
        "/widget.js",
        "/embed/frame",
        "/embed/frame.js",
        "/embed/embed.css",
    }
)
# What a widget token is good for.
_TOKEN_PATHS = ("/api/v1/ask", "/api/v1/articles", "/api/v1/feedback")

Kind = Literal["anyone", "key", "token", "user"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Who asks. `name` is a key's name or a person's; `key` is set for keys and their tokens."""

    kind: Kind
    name: str
    key: Key | None = None


ANYONE = Caller(kind="anyone", name="")


def identify(
    headers: Headers,
    *,
    peer: str,
    origin: str | None,
    path: str,
    mode: Mode,
    settings: GuardSettings,
    keys: KeyStore,
) -> Caller:
    """Who sends a request with these headers from the address `peer`. Raises: Refused."""
    if mode == "open" or path in PUBLIC:
        return ANYONE
    scheme, _, credentials = headers.get("authorization", "").partition(" ")
    proxied = mode == "proxy" and in_networks(peer, settings.access.proxies)
    if proxied and not _is_ours(scheme, credentials, keys):  # the proxy's own sign-in, passed on
        return _user(headers, settings)
    match scheme.lower():
        case "bearer" if credentials.count(".") == 2:
            return _token(credentials, headers, origin, path, settings, keys)
        case "bearer":
            return _key(credentials.strip(), keys)
        case "basic":
            return _key(_password(credentials), keys)
    if mode == "proxy":
        raise Refused(_NOT_THROUGH_PROXY)
    raise Refused(_unknown("This server answers to API keys only.", headers))


def _is_ours(scheme: str, credentials: str, keys: KeyStore) -> bool:
    """Whether these are a key, or a widget token that one of the keys signs: good or not."""
    match scheme.lower():
        case "bearer":
            return credentials.strip().startswith(MARK) or names_key(credentials, keys)
        case "basic":
            return _password(credentials).startswith(MARK)
    return False


def _key(text: str, keys: KeyStore) -> Caller:
    key = keys.check(text)
    if key is None:
        raise Refused(_unknown("The API key is unknown or revoked."))
    return Caller(kind="key", name=key.name, key=key)


def _token(
    text: str,
    headers: Headers,
    origin: str | None,
    path: str,
    settings: GuardSettings,
    keys: KeyStore,
) -> Caller:
    try:
        token = verify(text, keys, audience=settings.access.audience)
    except TokenRefused as refused:
        raise Refused(
            _unknown(f"The widget token was refused: {refused}. Fetch a new one.")
        ) from refused
    from_own_frame = origin is None or same_origin(origin, headers.get("host", ""))
    listed = token.origin in settings.embed.origins
    if not (token.origin == origin or (from_own_frame and listed)):
        raise Refused(
            Problem(
                status=403,
                name="wrong-origin",
                title="Wrong origin",
                detail=f"The widget token is for pages of {token.origin}. "
                f"Mint one for {origin or 'this page'}.",
            )
        )
    if not path.startswith(_TOKEN_PATHS):
        raise Refused(
            Problem(
                status=403,
                name="not-for-tokens",
                title="Not for widget tokens",
                detail="A widget token may ask, read articles and give feedback. Use an API key.",
            )
        )
    return Caller(kind="token", name=token.key.name, key=token.key)


def _user(headers: Headers, settings: GuardSettings) -> Caller:
    names = [name.strip() for name in headers.getlist(settings.access.user_header)]
    if len(names) != 1 or not names[0]:
        raise Refused(
            _unknown(
                f"The proxy must send {settings.access.user_header} once, with the name of who is "
                "signed in.",
                headers,
            )
        )
    return Caller(kind="user", name=names[0][:200])


_NOT_THROUGH_PROXY = Problem(
    status=403,
    name="not-through-proxy",
    title="Not through the proxy",
    detail="This server answers people through its sign-in proxy only. "
    "Use the proxy's address, or an API key.",
)


def _unknown(detail: str, headers: Headers | None = None) -> Problem:
    asks_for_page = "text/html" in (headers.get("accept", "") if headers else "")
    scheme = 'Basic realm="Groundwire: an API key as the password", charset="UTF-8"'
    return Problem(
        status=401,
        name="not-authenticated",
        title="Not authenticated",
        detail=f"{detail} Send it as: Authorization: Bearer KEY",
        headers={"WWW-Authenticate": scheme if asks_for_page else 'Bearer realm="Groundwire"'},
    )


def _password(credentials: str) -> str:
    try:
        pair = base64.b64decode(credentials, validate=True).decode("utf-8")
    except (binascii.Error, UnicodeDecodeError):
        return ""
    return pair.partition(":")[2]
