"""How far a question has got, and the way to end the work on it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """`done` of `total` passages at one stage; at "search" `total` is what was found."""

    stage: Literal["search", "read", "check"]
    done: int
    total: int


class Stopped(Exception):
    """Raised by an `OnStep` to end the work; it passes through to whoever asked."""


# Called from the thread that answers, after the search and after each round of reading.
OnStep = Callable[[Step], None]


def unwatched(_step: Step) -> None:
    """Lets every step pass."""
