"""What one visitor has asked: conversations in the session, and their compact form in the browser.

The browser's copy comes back from outside: it is checked, and what does not fit is dropped.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from rag.types import NOT_IN_ARTICLES, Answer, Article, Citation, Passage, Sentence
from ui.messages import Language, as_language

MAX_TURNS = 40
MAX_CONVERSATIONS = 20
MAX_KEPT_BYTES = 48_000
CLOSEST = 3
State = Literal["working", "answered", "stopped", "failed"]
Vote = Literal["", "up", "down"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """A question and what became of it. `answer` is there exactly where it was answered."""

    question: str
    standalone: str
    state: State = "working"
    answer: Answer | None = None
    fault: str = ""
    vote: Vote = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversation:
    """Exchanges in order; the id names it in the history."""

    id: str = field(default_factory=lambda: secrets.token_hex(6))
    exchanges: tuple[Exchange, ...] = ()

    @property
    def title(self) -> str:
        """The first question."""
        return self.exchanges[0].question if self.exchanges else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """Everything one visitor's page shows. `articles` is the filter; empty searches all. `asking`
    names the question that is being answered, so that it can be stopped."""

    language: Language = "en"
    current: Conversation = field(default_factory=Conversation)
    history: tuple[Conversation, ...] = ()
    articles: tuple[str, ...] = ()
    sought: str = ""
    asking: str = ""

    def with_question(self, at: int, exchange: Exchange) -> Session:
        """The session with `exchange` at position `at` of the conversation, later ones dropped."""
        kept = self.current.exchanges[:at][-(MAX_TURNS - 1) :]
        return replace(self, current=replace(self.current, exchanges=(*kept, exchange)))

    def with_last(self, exchange: Exchange) -> Session:
        """The session with the conversation's last exchange replaced."""
        kept = self.current.exchanges[:-1]
        return replace(self, current=replace(self.current, exchanges=(*kept, exchange)))

    def with_vote(self, at: int, vote: Vote) -> Session:
        """The session with one exchange's vote set."""
        exchanges = list(self.current.exchanges)
        exchanges[at] = replace(exchanges[at], vote=vote)
        return replace(self, current=replace(self.current, exchanges=tuple(exchanges)))

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


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class _KeptQuote(_Strict):
    document: str = Field(max_length=200)
    title: str = Field(max_length=500)
    sha256: str = Field(max_length=64)
    start: int = Field(ge=0)
    end: int = Field(ge=0)
    quote: str = Field(max_length=20_000)
    answer: tuple[int, int] | None = None


class _KeptAnswer(_Strict):
    short: str | None = Field(None, max_length=4_000)
    verdict: Literal["yes", "no"] | None = None
    abstained: bool = False
    confidence: float = Field(0.0, ge=0, le=1)
    by: str = Field("", max_length=200)
    generation: str = Field("", max_length=100)
    sentences: list[tuple[str, list[int]]] = []
    quotes: list[_KeptQuote] = Field([], max_length=20)
    closest: list[tuple[str, str, int, int]] = Field([], max_length=CLOSEST)


class _KeptExchange(_Strict):
    question: str = Field(max_length=2_000)
    standalone: str = Field("", max_length=4_000)
    state: Literal["answered", "stopped", "failed"]
    vote: Vote = ""
    answer: _KeptAnswer | None = None


class _KeptConversation(_Strict):
    id: str = Field(pattern=r"^[0-9a-f]{12}$")
    exchanges: list[_KeptExchange] = Field(max_length=MAX_TURNS)


def pack(session: Session) -> dict[str, Any]:
    """The session for the browser, as JSON values: at most 48,000 bytes, the oldest given up first."""
    kept: dict[str, Any] = {
        "language": session.language,
        "open": session.current.id if session.current.exchanges else "",
        "conversations": [],
    }
    room = MAX_KEPT_BYTES
    for conversation in session.all()[:MAX_CONVERSATIONS]:
        exchanges: list[dict[str, Any]] = []
        for exchange in reversed(conversation.exchanges):
            packed = _pack_exchange(exchange)
            room -= len(json.dumps(packed, ensure_ascii=False).encode())
            if room < 0:
                break
            exchanges.insert(0, packed)
        if exchanges:
            kept["conversations"].append({"id": conversation.id, "exchanges": exchanges})
        if room < 0:
            break
    return kept


def unpack(kept: object, articles: Mapping[str, Article]) -> Session:
    """The session that the browser kept; whatever is not of our making is left out."""
    values = kept if isinstance(kept, dict) else {}
    found = [
        conversation
        for value in _list(values.get("conversations"))[:MAX_CONVERSATIONS]
        if (conversation := _conversation(value, articles))
    ]
    wanted = values.get("open")
    current = next((item for item in found if item.id == wanted), Conversation())
    return Session(
        language=as_language(values.get("language")) or "en",
        current=current,
        history=tuple(item for item in found if item is not current),
    )


def _conversation(value: object, articles: Mapping[str, Article]) -> Conversation | None:
    try:
        kept = _KeptConversation.model_validate_json(json.dumps(value))
    except (ValidationError, TypeError, ValueError, RecursionError):
        return None
    exchanges = tuple(
        Exchange(
            question=item.question,
            standalone=item.standalone or item.question,
            state="failed" if item.state == "answered" and item.answer is None else item.state,
            answer=_unpack_answer(item, item.answer, articles) if item.answer else None,
            vote=item.vote,
        )
        for item in kept.exchanges
    )
    return Conversation(id=kept.id, exchanges=exchanges) if exchanges else None


def _pack_exchange(exchange: Exchange) -> dict[str, Any]:
    packed: dict[str, Any] = {
        "question": exchange.question,
        "state": "stopped" if exchange.state == "working" else exchange.state,
        "vote": exchange.vote,
    }
    if exchange.standalone != exchange.question:
        packed["standalone"] = exchange.standalone
    if exchange.answer:
        packed["answer"] = _pack_answer(exchange.answer)
    return packed


def _pack_answer(answer: Answer) -> dict[str, Any]:
    return {
        "short": answer.short_answer,
        "verdict": answer.verdict,
        "abstained": answer.abstained,
        "confidence": answer.confidence,
        "by": answer.answered_by,
        "generation": answer.generation,
        "sentences": [[sentence.text, list(sentence.citations)] for sentence in answer.sentences],
        "quotes": [
            {
                "document": item.document,
                "title": item.title,
                "sha256": item.sha256,
                "start": item.start,
                "end": item.end,
                "quote": item.quote,
                "answer": [item.answer_start, item.answer_end]
                if item.answer_start is not None
                else None,
            }
            for item in answer.citations
        ],
        "closest": [
            [passage.document, passage.title, passage.start, passage.end]
            for passage in answer.passages[:CLOSEST]
        ],
    }


def _unpack_answer(
    exchange: _KeptExchange, kept: _KeptAnswer, articles: Mapping[str, Article]
) -> Answer | None:
    citations = tuple(
        Citation(
            number=number,
            document=item.document,
            title=item.title,
            sha256=item.sha256,
            start=item.start,
            end=item.end,
            quote=item.quote,
            answer_start=item.answer[0] if item.answer else None,
            answer_end=item.answer[1] if item.answer else None,
        )
        for number, item in enumerate(kept.quotes, start=1)
    )
    numbers = {citation.number for citation in citations}
    sentences = tuple(
        Sentence(text=text, citations=tuple(number for number in cited if number in numbers))
        for text, cited in kept.sentences
    )
    return Answer(
        question=exchange.question,
        standalone_question=exchange.standalone or exchange.question,
        abstained=kept.abstained,
        short_answer=kept.short,
        verdict=kept.verdict,
        text=NOT_IN_ARTICLES if kept.abstained else " ".join(text for text, _ in kept.sentences),
        confidence=kept.confidence,
        sentences=sentences,
        citations=citations,
        passages=_passages(kept.closest, articles),
        answered_by=kept.by,
        generation=kept.generation,
        timings_ms={},
    )


def _passages(
    closest: Sequence[tuple[str, str, int, int]], articles: Mapping[str, Article]
) -> tuple[Passage, ...]:
    """The passages that the articles still hold at these offsets."""
    found: list[Passage] = []
    for document, title, start, end in closest:
        article = articles.get(document)
        if article and 0 <= start < end <= len(article.text):
            text = article.text[start:end]
            found.append(
                Passage(document=document, title=title, start=start, end=end, text=text, score=0.0)
            )
    return tuple(found)


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else []
