"""One visitor's session and the work on their question, as the events of their page share them.

Events run in threads of their own, at the same time: what one of them changes, no other undoes.
"""

from __future__ import annotations

import threading
from collections.abc import Callable

from ui.conversations import Exchange, Session
from ui.work import Work


class Desk:
    """Holds a session, changed by one event after another, and at most one question in work.

    A copy is an empty desk: Gradio copies the first one for each visitor.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._session = Session()
        self._begun = False
        self._work: Work | None = None
        self.progress = ""

    def __deepcopy__(self, _: object) -> Desk:
        return Desk()

    @property
    def busy(self) -> bool:
        """Whether a question is being answered that nobody has stopped."""
        return self._work is not None and not self._work.stopping

    @property
    def now(self) -> Session:
        """The session as it is."""
        return self._session

    def session(self, first: Callable[[], Session]) -> Session:
        """The session; `first` makes it where there is none, as after a restart of the server."""
        with self._lock:
            if not self._begun:
                self._session, self._begun = first(), True
            return self._session

    def change(self, change: Callable[[Session], Session]) -> None:
        """Puts a changed session in the place of the one before. Work on a question whose
        conversation was left or deleted is stopped."""
        with self._lock:
            before = self._session
            after = change(before)
            if self._work and after.current.id != before.current.id:
                self._work.stop()
            self._session = after

    def begin(self, work: Work, progress: str, change: Callable[[Session], Session]) -> bool:
        """Changes the session and holds the work; False, and nothing done, while the desk is busy."""
        with self._lock:
            if self.busy:
                return False
            self._session = change(self._session)
            self._work, self.progress = work, progress
            return True

    def end(self, work: Work, exchange: Exchange) -> None:
        """Lets the work go; the exchange it was about is replaced where it still is."""
        with self._lock:
            if self._work is work:
                self._work = None
                self.progress = ""
            self._session = self._session.with_exchange(exchange)

    def stop(self) -> None:
        """Stops the work, if there is any."""
        work = self._work
        if work:
            work.stop()
