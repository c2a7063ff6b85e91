"""Widget tokens: JWTs signed with HS256 that live for ten minutes at most.

Claims: `aud`, `origin` (of the page), `iat`, `exp`; the header's `kid` is the id of the API key that
signs, so revoking the key ends its tokens.
"""

from __future__ import annotations

import time
from dataclasses import dataclass

import jwt

from ui.guard.keys import Key, KeyStore

ALGORITHM = "HS256"
LONGEST_S = 600
# How far ahead the clock of the host that minted a token may be.
AHEAD_S = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """A token that was checked: whose key signed it and the page it is for."""

    key: Key
    origin: str


class TokenRefused(Exception):
    """The token is not good; the message says why."""


def mint(key: Key, signing: str, *, origin: str, audience: str, seconds: int = LONGEST_S) -> str:
    """A token for pages of `origin`, good for `seconds`."""
    now = int(time.time())
    claims = {"aud": audience, "origin": origin, "iat": now, "exp": now + seconds}
    return jwt.encode(claims, signing, algorithm=ALGORITHM, headers={"kid": key.id})


def names_key(text: str, keys: KeyStore) -> bool:
    """Whether a text is a token that names one of the valid keys; its signature is not checked."""
    return _signer(text, keys) is not None


def verify(text: str, keys: KeyStore, *, audience: str) -> Token:
    """The token in `text`. Raises: TokenRefused."""
    found = _signer(text, keys)
    if found is None:
        raise TokenRefused("it is no token, or the key that signed it is unknown or revoked")
    key, signing = found
    try:
        claims = jwt.decode(
            text,
            signing,
            algorithms=[ALGORITHM],
            audience=audience,
            options={"require": ["aud", "exp", "iat", "origin"], "verify_iat": False},
        )
    except jwt.ExpiredSignatureError as error:
        raise TokenRefused("it has expired") from error
    except jwt.InvalidTokenError as error:
        raise TokenRefused(str(error)) from error
    origin, issued = claims["origin"], claims["iat"]
    if not isinstance(issued, int | float) or not issued <= time.time() + AHEAD_S:
        raise TokenRefused("it is not yet valid: compare the clock of the host that made it")
    if not int(claims["exp"]) - issued <= LONGEST_S:
        raise TokenRefused("it was made for more than ten minutes")
    if not isinstance(origin, str):
        raise TokenRefused("its origin is no text")
    return Token(key=key, origin=origin)


def _signer(text: str, keys: KeyStore) -> tuple[Key, str] | None:
    try:
        kid = jwt.get_unverified_header(text).get("kid")
    except (jwt.InvalidTokenError, RecursionError):
        return None
    return keys.signing(kid) if isinstance(kid, str) else None
