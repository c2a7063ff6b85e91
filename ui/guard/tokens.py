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


def verify(text: str, keys: KeyStore, *, audience: str) -> Token:
    """The token in `text`. Raises: TokenRefused."""
    try:
        kid = jwt.get_unverified_header(text).get("kid")
    except jwt.InvalidTokenError as error:
        raise TokenRefused("it is no token") from error
    found = keys.signing(kid) if isinstance(kid, str) else None
    if found is None:
        raise TokenRefused("the key that signed it is unknown or revoked")
    key, signing = found
    try:
        claims = jwt.decode(
            text,
            signing,
            algorithms=[ALGORITHM],
            audience=audience,
            options={"require": ["aud", "exp", "iat", "origin"]},
        )
    except jwt.ExpiredSignatureError as error:
        raise TokenRefused("it has expired") from error
    except jwt.InvalidTokenError as error:
        raise TokenRefused(str(error)) from error
    origin, lived_s = claims["origin"], int(claims["exp"]) - int(claims["iat"])
    if lived_s > LONGEST_S:
        raise TokenRefused("it was made for more than ten minutes")
    if not isinstance(origin, str):
        raise TokenRefused("its origin is no text")
    return Token(key=key, origin=origin)
