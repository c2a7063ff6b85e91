"""How much one caller may ask for: which buckets a request takes its tokens from."""

from __future__ import annotations

from starlette.types import Scope

from ui.guard.access import PUBLIC, Caller
from ui.guard.buckets import Buckets
from ui.guard.gradio_routes import event_of
from ui.guard.paths import EVENTS, QUESTIONS, path_of
from ui.guard.problems import Problem, Refused
from ui.guard.proxies import Peer
from ui.guard.settings import Limits


class Spending:
    """The buckets of one server. `quick` are the chat page's events that ask nothing."""

    def __init__(self, limits: Limits, quick: frozenset[int]) -> None:
        self._quick = quick
        self._people = Buckets(limits.questions_per_minute, limits.questions_burst)
        self._by_key = Buckets(limits.key_questions_per_minute, limits.key_questions_burst)
        self._events = Buckets(limits.events_per_minute, limits.events_burst)
        self._other = Buckets(limits.requests_per_minute, limits.requests_burst)

    def on_head(self, scope: Scope, peer: Peer, caller: Caller) -> None:
        """Takes a token from each bucket that counts a request by its head. Raises: Refused."""
        path = path_of(scope)
        if path in PUBLIC:
            return
        if path == EVENTS:
            _take(self._events, _person(peer, caller))
        elif path not in QUESTIONS or scope["method"] != "POST":
            _take(self._other, _person(peer, caller))
        else:
            self._question(peer, caller)

    def on_body(self, scope: Scope, body: bytes, peer: Peer, caller: Caller) -> None:
        """Takes a question's tokens for an event of the chat page that may be one. Raises: Refused."""
        if path_of(scope) == EVENTS and event_of(body) not in self._quick:
            self._question(peer, caller)

    def _question(self, peer: Peer, caller: Caller) -> None:
        # The person's token first: who has none left takes none of the key that others share.
        if caller.kind != "key":
            _take(self._people, _person(peer, caller))
        if caller.key is not None:
            _take(self._by_key, caller.key.id)


def _person(peer: Peer, caller: Caller) -> str:
    return f"user {caller.name}" if caller.kind == "user" else f"address {peer.network}"


def _take(buckets: Buckets, name: str) -> None:
    wait_s = buckets.take(name)
    if wait_s > 0:
        raise Refused(
            Problem(
                status=429,
                name="too-many-requests",
                title="Too many requests",
                detail=f"Ask again in {wait_s:.0f} seconds." if wait_s > 1 else "Ask again.",
                retry_after_s=wait_s,
            )
        )
