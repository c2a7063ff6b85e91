"""An answer as server-sent events: started → sentence … → done, or error at any point.

Every event carries whole things: a sentence comes with all its citations, so a chip is never split.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Awaitable
from dataclasses import asdict
from typing import Any

from fastapi.responses import StreamingResponse

from rag.types import Answer
from ui.api.answers import NOT_ANSWERED
from ui.guard.problems import Problem, Refused

log = logging.getLogger("groundwire.api")

HEARTBEAT_S = 10
HEADERS = {"Cache-Control": "no-store"}

EVENT_SCHEMA = {
    "type": "object",
    "description": "One event; `data` is JSON.",
    "properties": {
        "event": {"enum": ["started", "sentence", "done", "error"]},
        "data": {"type": "string", "contentMediaType": "application/json"},
    },
    "required": ["event", "data"],
}


class Events(StreamingResponse):
    """A stream of events."""

    media_type = "text/event-stream"

    def __init__(self, content: AsyncIterator[str], status_code: int = 200) -> None:
        super().__init__(content, status_code, headers=HEADERS)


async def answer_events(
    answering: Awaitable[Answer], *, request_id: str, instance: str
) -> AsyncIterator[str]:
    """The events of one answer; closing the iterator cancels the answering."""
    yield event("started", {"request_id": request_id})
    task = asyncio.ensure_future(answering)
    try:
        while not (await asyncio.wait({task}, timeout=HEARTBEAT_S))[0]:
            yield ": still working\n\n"
        answer = task.result()
        parts = [event("sentence", part) for part in sentences(answer)]
        told = [*parts, event("done", answer.to_dict())]
    except Refused as refused:
        told = [_error(refused.problem, request_id=request_id, instance=instance)]
    except Exception:
        log.exception("a stream failed")
        told = [_error(NOT_ANSWERED, request_id=request_id, instance=instance)]
    finally:
        task.cancel()
    for item in told:
        yield item


def _error(problem: Problem, *, request_id: str, instance: str) -> str:
    body = problem.to_dict(instance=instance, request_id=request_id)
    if problem.retry_after_s is not None:
        body["retry_after_s"] = round(problem.retry_after_s, 1)
    return event("error", body)


def sentences(answer: Answer) -> list[dict[str, Any]]:
    """Each sentence with its citations in full."""
    cited = {citation.number: asdict(citation) for citation in answer.citations}
    return [
        {
            "index": index,
            "text": sentence.text,
            "citations": [cited[number] for number in sentence.citations],
        }
        for index, sentence in enumerate(answer.sentences)
    ]


def event(name: str, data: object) -> str:
    """One server-sent event; the JSON has no line break, so it is one `data` line."""
    return f"event: {name}\ndata: {json.dumps(data, ensure_ascii=False)}\n\n"
