"""Token buckets: how often one caller may do something."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable

LARGEST = 20_000


class Buckets:
    """One bucket for each name, filled at a steady rate up to a burst.

    The names used longest ago are forgotten above 20,000, so memory stays bounded.
    """

    def __init__(
        self, per_minute: float, burst: int, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._rate = per_minute / 60
        self._burst = float(burst)
        self._clock = clock
        self._held: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def take(self, name: str) -> float:
        """Takes one token: 0 if there was one, else the seconds until there is one."""
        now = self._clock()
        tokens, since = self._held.pop(name, (self._burst, now))
        tokens = min(self._burst, tokens + (now - since) * self._rate)
        wait_s = 0.0 if tokens >= 1 else (1 - tokens) / self._rate
        self._held[name] = (tokens - 1 if wait_s == 0 else tokens, now)
        if len(self._held) > LARGEST:
            self._held.popitem(last=False)
        return wait_s
