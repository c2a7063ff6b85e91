"""A bounded queue for a few workers: who comes first is served first, who comes too late is refused."""

from __future__ import annotations

import asyncio
from collections import deque

from ui.guard.problems import Problem, Refused


class Turns:
    """`workers` turns at once; up to `waiting` callers wait for one, each at most `wait_s`.

    To be used from one event loop.
    """

    def __init__(self, workers: int, waiting: int, wait_s: float) -> None:
        self._free = workers
        self._longest = waiting
        self._wait_s = wait_s
        self._queue: deque[asyncio.Future[None]] = deque()
        self._stopping = False

    @property
    def waiting(self) -> int:
        """How many wait."""
        return len(self._queue)

    async def take(self) -> None:
        """Waits for a turn, to be given back. Raises: Refused."""
        if self._stopping:
            raise Refused(_STOPPING)
        if self._free > 0:
            self._free -= 1
            return
        if len(self._queue) >= self._longest:
            raise Refused(self._busy())
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._queue.append(turn)
        try:
            async with asyncio.timeout(self._wait_s):
                await turn
        except (TimeoutError, asyncio.CancelledError) as error:
            if turn in self._queue:
                self._queue.remove(turn)
            elif turn.done() and not turn.cancelled() and turn.exception() is None:
                self.give_back()  # the turn came in the very moment of leaving
            if isinstance(error, TimeoutError):
                raise Refused(self._busy()) from error
            raise

    def give_back(self) -> None:
        """Ends a turn: the one who waits longest is next."""
        while self._queue:
            turn = self._queue.popleft()
            if not turn.done():
                turn.set_result(None)
                return
        self._free += 1

    def stop(self) -> None:
        """Refuses all who wait and all who come; turns that were taken go on."""
        self._stopping = True
        while self._queue:
            turn = self._queue.popleft()
            if not turn.done():
                turn.set_exception(Refused(_STOPPING))

    def _busy(self) -> Problem:
        return Problem(
            status=503,
            name="busy",
            title="Busy",
            detail="More questions wait than can be answered soon. Ask again in a few seconds.",
            retry_after_s=max(1.0, self._wait_s / 2),
        )


_STOPPING = Problem(
    status=503,
    name="stopping",
    title="Stopping",
    detail="The server is stopping. Ask again in a moment.",
    retry_after_s=5,
)
