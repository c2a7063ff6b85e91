"""The browser's copy of a session: made compact for it, and checked when it comes back from there.

What does not fit is left out.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from rag.types import NOT_IN_ARTICLES, Answer, Article, Citation, Passage, Sentence
from ui.conversations import (
    MAX_CONVERSATIONS,
    MAX_TURNS,
    Conversation,
    Exchange,
    Session,
    Vote,
    new_id,
)
from ui.messages import as_language

MAX_KEPT_BYTES = 48_000
CLOSEST = 3
MAX_TITLE = 500
MAX_SHORT = 4_000
MAX_QUOTE = 20_000
MAX_QUOTES = 20
MAX_TITLES = 10
_ID = r"^[0-9a-f]{12}$"


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class _KeptQuote(_Strict):
    document: str = Field(max_length=1_000)
    title: str = Field(max_length=MAX_TITLE)
    sha256: str = Field(max_length=64)
    start: int = Field(ge=0)
    end: int = Field(ge=0)
    quote: str = Field(max_length=MAX_QUOTE)
    answer: tuple[int, int] | None = None


# Document, title, start, end; then the version, which copies of an earlier time lack.
_KeptPassage = tuple[str, str, int, int] | tuple[str, str, int, int, str]


class _KeptAnswer(_Strict):
    short: str | None = Field(None, max_length=MAX_SHORT)
    verdict: Literal["yes", "no"] | None = None
    abstained: bool = False
    confidence: float = Field(0.0, ge=0, le=1)
    by: str = Field("", max_length=200)
    generation: str = Field("", max_length=100)
    sentences: list[tuple[str, list[int]]] = []
    quotes: list[_KeptQuote] = Field([], max_length=MAX_QUOTES)
    closest: list[_KeptPassage] = Field([], max_length=CLOSEST)


class _KeptExchange(_Strict):
    id: str = Field(default_factory=new_id, pattern=_ID)
    question: str = Field(max_length=2_000)
    standalone: str = Field("", max_length=MAX_SHORT)
    state: Literal["answered", "stopped", "failed"]
    vote: Vote = ""
    searched: int = Field(0, ge=0)
    titles: list[str] = Field([], max_length=MAX_TITLES)
    answer: _KeptAnswer | None = None


class _KeptConversation(_Strict):
    id: str = Field(pattern=_ID)
    cut: bool = False
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
        cut = conversation.cut
        for exchange in reversed(conversation.exchanges):
            packed = _pack_exchange(exchange)
            room -= len(json.dumps(packed, ensure_ascii=False).encode())
            if room < 0:
                cut = True
                break
            exchanges.insert(0, packed)
        if exchanges:
            kept["conversations"].append(
                {"id": conversation.id, "cut": cut, "exchanges": exchanges}
            )
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
    exchanges = tuple(_exchange(item, articles) for item in kept.exchanges)
    return Conversation(id=kept.id, exchanges=exchanges, cut=kept.cut) if exchanges else None


def _exchange(kept: _KeptExchange, articles: Mapping[str, Article]) -> Exchange:
    closest = kept.answer.closest if kept.answer else []
    return Exchange(
        id=kept.id,
        question=kept.question,
        standalone=kept.standalone or kept.question,
        state="failed" if kept.state == "answered" and kept.answer is None else kept.state,
        answer=_unpack_answer(kept, kept.answer, articles) if kept.answer else None,
        vote=kept.vote,
        searched=kept.searched,
        titles=tuple(kept.titles),
        versions={document: version for document, _, _, _, *given in closest for version in given},
    )


def _pack_exchange(exchange: Exchange) -> dict[str, Any]:
    packed: dict[str, Any] = {
        "id": exchange.id,
        "question": exchange.question,
        "state": "stopped" if exchange.state == "working" else exchange.state,
        "vote": exchange.vote,
    }
    if exchange.standalone != exchange.question:
        packed["standalone"] = exchange.standalone[:MAX_SHORT]
    if exchange.searched:
        packed["searched"] = exchange.searched
    if exchange.titles:
        packed["titles"] = list(exchange.titles[:MAX_TITLES])
    if exchange.answer:
        packed["answer"] = _pack_answer(exchange.answer, exchange.versions)
    return packed


def _pack_answer(answer: Answer, versions: Mapping[str, str]) -> dict[str, Any]:
    return {
        "short": answer.short_answer[:MAX_SHORT] if answer.short_answer else answer.short_answer,
        "verdict": answer.verdict,
        "abstained": answer.abstained,
        "confidence": answer.confidence,
        "by": answer.answered_by,
        "generation": answer.generation,
        "sentences": [[sentence.text, list(sentence.citations)] for sentence in answer.sentences],
        "quotes": [
            {
                "document": item.document,
                "title": item.title[:MAX_TITLE],
                "sha256": item.sha256,
                "start": item.start,
                "end": min(item.end, item.start + MAX_QUOTE),
                "quote": item.quote[:MAX_QUOTE],
                "answer": [item.answer_start, item.answer_end]
                if item.answer_start is not None
                else None,
            }
            for item in answer.citations[:MAX_QUOTES]
        ],
        "closest": [
            [
                passage.document,
                passage.title[:MAX_TITLE],
                passage.start,
                passage.end,
                versions.get(passage.document, ""),
            ]
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
    closest: Sequence[_KeptPassage], articles: Mapping[str, Article]
) -> tuple[Passage, ...]:
    """The passages of articles that are still the version that was looked at."""
    found: list[Passage] = []
    for document, title, start, end, *version in closest:
        article = articles.get(document)
        if article and version == [article.sha256] and 0 <= start < end <= len(article.text):
            text = article.text[start:end]
            found.append(
                Passage(document=document, title=title, start=start, end=end, text=text, score=0.0)
            )
    return tuple(found)


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else []
