"""`/v1/chat/completions` and `/v1/models`: Groundwire as a model for clients of the OpenAI form.

The answer is the last user message's. Citations stand in the message as `[1]` with a list of sources
under it, and as `url_citation` annotations; the whole answer is under `groundwire`.
"""

from __future__ import annotations

import json
import time
from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Annotated, Any, Literal
from urllib.parse import quote, urlencode

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel, ConfigDict, Field

from rag.conversation import Turn
from rag.pipeline import MAX_QUESTION_CHARACTERS
from rag.types import NOT_IN_ARTICLES, Answer, Citation
from ui.api.answers import Answers
from ui.api.bodies import problem_responses
from ui.api.events import Events
from ui.api.waiting import while_connected
from ui.guard.logs import note_question
from ui.guard.problems import Problem, Refused
from ui.guard.settings import GuardSettings

MODEL = "groundwire"
MAX_TURNS = 12


class TextPart(BaseModel):
    """A part of a message; parts that are no text are refused."""

    type: Literal["text"]
    text: Annotated[str, Field(max_length=20_000)]


class Message(BaseModel):
    """One message of the conversation."""

    role: Literal["system", "developer", "user", "assistant", "tool", "function"]
    content: Annotated[str, Field(max_length=20_000)] | list[TextPart] | None = None

    @property
    def text(self) -> str:
        """The message's text."""
        if isinstance(self.content, list):
            return "\n".join(part.text for part in self.content)
        return self.content or ""


class Completion(BaseModel):
    """A request in the OpenAI form. Settings of a language model, like temperature, have no effect."""

    model_config = ConfigDict(
        extra="ignore",
        strict=True,
        json_schema_extra={
            "examples": [
                {
                    "model": MODEL,
                    "messages": [
                        {"role": "user", "content": "How many world leaders attend the parade?"}
                    ],
                }
            ]
        },
    )

    model: str = Field(MODEL, max_length=200, description="Any name; Groundwire answers.")
    messages: list[Message] = Field(min_length=1, max_length=200)
    stream: bool = Field(False, description="Send the answer in chunks, as server-sent events.")


def completions_router(answers: Answers, guard: GuardSettings) -> APIRouter:
    """The routes under `/v1`."""
    routes = APIRouter(prefix="/v1", tags=["OpenAI form"])

    @routes.get(
        "/models", summary="List the models", responses=problem_responses(401, 403, 421, 429, 500)
    )
    async def models() -> dict[str, Any]:
        """One model: Groundwire over the current index."""
        model = {"id": MODEL, "object": "model", "created": 0, "owned_by": MODEL}
        return {"object": "list", "data": [model]}

    @routes.post(
        "/chat/completions",
        summary="Ask in the OpenAI form",
        response_model=None,
        responses={
            200: {"content": {"application/json": {}, "text/event-stream": {}}},
            **problem_responses(400, 401, 403, 408, 413, 415, 421, 422, 429, 500, 503, 504),
        },
    )
    async def complete(body: Completion, request: Request) -> Response:
        """Answers the last user message."""
        identity = request.state.request_id
        base = str(request.base_url).rstrip("/")
        question = _question(body)
        note_question(request, question, guard)
        work = answers.ask(question, request_id=identity, turns=turns(body))
        head = {"id": f"chatcmpl-{identity}", "created": int(time.time()), "model": MODEL}
        answer = await while_connected(request, work)
        if body.stream:
            return Events(_chunks(head, answer, base))
        return JSONResponse(_whole(head, answer, base))

    return routes


def _question(body: Completion) -> str:
    said = (m.text.strip() for m in reversed(body.messages) if m.role == "user")
    asked = next((text for text in said if text), "")
    if not asked:
        raise Refused(
            Problem(
                status=400,
                name="no-question",
                title="No question",
                detail='No message has the role "user" and a text. Send the question in one.',
            )
        )
    if len(asked) > MAX_QUESTION_CHARACTERS:
        raise Refused(
            Problem(
                status=400,
                name="question-too-long",
                title="Question too long",
                detail=f"A question may have {MAX_QUESTION_CHARACTERS:,} characters, this one has "
                f"{len(asked):,}. Ask more briefly.",
            )
        )
    return asked


def turns(body: Completion) -> list[Turn]:
    """The questions before the last one, each with the message that answered it."""
    found: list[Turn] = []
    for message in body.messages:
        text = message.text.strip()[:MAX_QUESTION_CHARACTERS]
        if message.role == "user" and text:
            found.append(Turn(question=text, standalone=text))
        elif message.role == "assistant" and text and found:
            short = text.partition("\n\n")[0] if text != NOT_IN_ARTICLES else ""
            found[-1] = replace(found[-1], answer=short, evidence=(text,) if short else ())
    return found[:-1][-MAX_TURNS:]


def pieces(answer: Answer) -> list[str]:
    """The message in the pieces that are streamed: joined they are the whole.

    No piece splits a citation mark.
    """
    if answer.abstained:
        return [answer.text]
    head = [f"{answer.lead}\n\n"] if answer.lead else []
    body = [
        f"{sentence.text} {''.join(f'[{number}]' for number in sentence.citations)}\n"
        for sentence in answer.sentences
    ]
    tail = [f"\n[{c.number}] {c.title}: “{c.quote}”" for c in answer.citations]
    return [*head, *body, *tail]


def url_citations(answer: Answer, base: str) -> list[dict[str, Any]]:
    """A `url_citation` for each mark in the message, with its place there."""
    cited = {citation.number: citation for citation in answer.citations}
    found = []
    position = len(f"{answer.lead}\n\n") if answer.lead else 0
    for sentence in answer.sentences:
        start = position + len(sentence.text) + 1
        for number in sentence.citations:
            end = start + len(f"[{number}]")
            place = {
                "start_index": start,
                "end_index": end,
                "url": span_url(cited[number], base),
                "title": cited[number].title,
            }
            found.append({"type": "url_citation", "url_citation": place})
            start = end
        position = start + 1
    return found


def span_url(citation: Citation, base: str) -> str:
    """The address of the article's page with the quote marked."""
    query = urlencode(
        {"start": citation.start, "end": citation.end, "version": citation.sha256[:16]}
    )
    return f"{base}/articles/{quote(citation.document, safe='')}?{query}#span"


def _whole(head: dict[str, Any], answer: Answer, base: str) -> dict[str, Any]:
    message = {
        "role": "assistant",
        "content": "".join(pieces(answer)),
        "refusal": None,
        "annotations": url_citations(answer, base),
    }
    choice = {"index": 0, "message": message, "finish_reason": "stop", "logprobs": None}
    return {
        **head,
        "object": "chat.completion",
        "choices": [choice],
        "groundwire": answer.to_dict(),
    }


async def _chunks(head: dict[str, Any], answer: Answer, base: str) -> AsyncIterator[str]:
    yield _chunk(head, {"role": "assistant", "content": ""})
    for piece in pieces(answer):
        yield _chunk(head, {"content": piece})
    yield _chunk(head, {"annotations": url_citations(answer, base)}, finish="stop")
    yield "data: [DONE]\n\n"


def _chunk(head: dict[str, Any], delta: dict[str, Any], finish: str | None = None) -> str:
    choice = {"index": 0, "delta": delta, "finish_reason": finish, "logprobs": None}
    body = {**head, "object": "chat.completion.chunk", "choices": [choice]}
    return f"data: {json.dumps(body, ensure_ascii=False)}\n\n"
