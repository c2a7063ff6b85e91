"""Request bodies: read whole before the application sees them, small and in bounded time."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from starlette.types import Message, Receive

from ui.guard.problems import Problem, Refused


class ClientGone(Exception):
    """The client closed the connection before its request was complete."""


def has_body(headers: Mapping[str, str]) -> bool:
    """Whether a request with these headers has a body."""
    return "content-length" in headers or "transfer-encoding" in headers


async def is_sent(
    headers: Mapping[str, str], receive: Receive, *, largest: int, timeout_s: float
) -> bool:
    """Whether the whole body comes in time; it is thrown away.

    A client that is still sending when its connection is closed may not see the response.
    """
    if "expect" in headers:
        return False  # it waits for leave to send
    try:
        await read_body(headers, receive, largest=largest, timeout_s=timeout_s)
    except (Refused, ClientGone):
        return False
    return True


async def read_body(
    headers: Mapping[str, str], receive: Receive, *, largest: int, timeout_s: float
) -> bytes:
    """The body, at most `largest` bytes. Raises: Refused, ClientGone."""
    declared = headers.get("content-length", "0")
    if declared.isdecimal() and int(declared) > largest:
        raise Refused(_too_large(largest))
    parts: list[bytes] = []
    size = 0
    try:
        async with asyncio.timeout(timeout_s):
            while True:
                message = await receive()
                if message["type"] == "http.disconnect":
                    raise ClientGone
                parts.append(message.get("body", b""))
                size += len(parts[-1])
                if size > largest:
                    raise Refused(_too_large(largest))
                if not message.get("more_body", False):
                    return b"".join(parts)
    except TimeoutError as error:
        raise Refused(
            Problem(
                status=408,
                name="body-too-slow",
                title="Body too slow",
                detail=f"The body must arrive within {timeout_s:g} seconds. Send it again.",
            )
        ) from error


def replay(body: bytes, receive: Receive) -> Receive:
    """A `receive` that gives the body first, and then what comes after it."""
    given = False

    async def again() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return again


def _too_large(largest: int) -> Problem:
    return Problem(
        status=413,
        name="body-too-large",
        title="Body too large",
        detail=f"A body may have {largest // 1024} KiB. Send less.",
    )
