"""What one visitor has asked: exchanges, conversations, and the session that holds them."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from rag.types import Answer
from ui.messages import Language

MAX_TURNS = 40
MAX_CONVERSATIONS = 20
State = Literal["working", "answered", "stopped", "failed"]
Vote = Literal["", "up", "down"]


def new_id() -> str:
    """A name for an exchange or a conversation."""
    return secrets.token_hex(6)


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """A question and what became of it. `answer` is there exactly where it was answered.

    `searched` counts the articles that were searched; `titles` names them where few were chosen.
    `versions` holds the SHA-256 that each article looked at had then, by the article's id.
    """

    id: str = field(default_factory=new_id)
    question: str
    standalone: str
    state: State = "working"
    answer: Answer | None = None
    fault: str = ""
    vote: Vote = ""
    searched: int = 0
    titles: tuple[str, ...] = ()
    versions: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversation:
    """Exchanges in order; the id names it in the history. `cut`: earlier ones are kept no longer."""

    id: str = field(default_factory=new_id)
    exchanges: tuple[Exchange, ...] = ()
    cut: bool = False

    @property
    def title(self) -> str:
        """The first question."""
        return self.exchanges[0].question if self.exchanges else ""

    def with_exchange(self, exchange: Exchange) -> Conversation:
        """The conversation with the exchange of that id replaced; unchanged where there is none."""
        kept = tuple(exchange if item.id == exchange.id else item for item in self.exchanges)
        return replace(self, exchanges=kept)


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """Everything one visitor's page shows. `articles` is the filter; empty searches all."""

    language: Language = "en"
    current: Conversation = field(default_factory=Conversation)
    history: tuple[Conversation, ...] = ()
    articles: tuple[str, ...] = ()
    sought: str = ""

    def with_question(self, at: int, exchange: Exchange) -> Session:
        """The session with `exchange` at position `at` of the conversation, later ones dropped."""
        before = self.current.exchanges[:at]
        kept = before[-(MAX_TURNS - 1) :]
        cut = self.current.cut or len(kept) < len(before)
        return replace(self, current=replace(self.current, exchanges=(*kept, exchange), cut=cut))

    def with_exchange(self, exchange: Exchange) -> Session:
        """The session with the exchange of that id replaced, in whichever conversation it is."""
        return replace(
            self,
            current=self.current.with_exchange(exchange),
            history=tuple(item.with_exchange(exchange) for item in self.history),
        )

    def fresh(self) -> Session:
        """A new, empty conversation; the one before goes to the history."""
        return replace(self, current=Conversation(), history=self.all()[:MAX_CONVERSATIONS])

    def opened(self, wanted: str) -> Session:
        """The conversation of that id made current; unchanged where there is none."""
        found = next((item for item in self.history if item.id == wanted), None)
        if found is None:
            return self
        others = tuple(item for item in self.all() if item.id != wanted)
        return replace(self, current=found, history=others[:MAX_CONVERSATIONS])

    def without(self, wanted: str) -> Session:
        """The session without the conversation of that id; every one for "all"."""
        if wanted == "all":
            return replace(self, current=Conversation(), history=())
        history = tuple(item for item in self.history if item.id != wanted)
        current = Conversation() if self.current.id == wanted else self.current
        return replace(self, current=current, history=history)

    def all(self) -> tuple[Conversation, ...]:
        """The current conversation, if it holds anything, then the history."""
        return (self.current, *self.history) if self.current.exchanges else self.history
