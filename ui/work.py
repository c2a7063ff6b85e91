"""A question in a worker thread, as the one who waits for it sees it: its steps, and how to end it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from queue import SimpleQueue

from rag.steps import Step, Stopped


class Work:
    """Steps go from the thread that answers to the one that waits; the wish to stop goes back."""

    def __init__(self) -> None:
        self._steps: SimpleQueue[Step | None] = SimpleQueue()
        self._stopping = threading.Event()

    @property
    def stopping(self) -> bool:
        """Whether somebody wished to stop."""
        return self._stopping.is_set()

    def on_step(self, step: Step) -> None:
        """For the pipeline. Raises: Stopped, once somebody wished so."""
        if self.stopping:
            raise Stopped
        self._steps.put(step)

    def steps(self) -> Iterator[Step]:
        """The steps as they come, until the work is done or somebody wished to stop."""
        while (step := self._steps.get()) is not None:
            yield step

    def done(self) -> None:
        """The work has ended."""
        self._steps.put(None)

    def stop(self) -> None:
        """Ends the waiting at once, and the work at its next step."""
        self._stopping.set()
        self._steps.put(None)
