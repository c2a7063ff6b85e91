"""The routes of `/api/v1/`."""

from __future__ import annotations

from collections.abc import Coroutine
from typing import Annotated

from fastapi import APIRouter, Path, Query, Request
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse, PlainTextResponse, Response
from prometheus_client import CONTENT_TYPE_LATEST

from rag.types import Answer, Article
from ui.api.answers import Answers
from ui.api.bodies import (
    Accepted,
    ArticleList,
    ArticleSummary,
    ArticleText,
    Feedback,
    Health,
    Question,
    Ready,
    TokenReply,
    TokenRequest,
    problem_responses,
)
from ui.api.events import EVENT_SCHEMA, Events, answer_events
from ui.api.waiting import while_connected
from ui.feedback import FeedbackStore
from ui.guard.access import Caller
from ui.guard.keys import KeyStore
from ui.guard.logs import note_question
from ui.guard.metrics import Metrics
from ui.guard.problems import Problem, Refused
from ui.guard.settings import GuardSettings
from ui.guard.tokens import mint

ArticleIdInPath = Annotated[str, Path(max_length=200, description="Id of an article.")]
SENDING = problem_responses(400, 401, 403, 408, 413, 415, 421, 422, 429, 500)
ASKING = SENDING | problem_responses(404, 503, 504)
READING = problem_responses(401, 403, 404, 421, 422, 429, 500)


def router(
    answers: Answers,
    feedback: FeedbackStore,
    keys: KeyStore,
    guard: GuardSettings,
    metrics: Metrics,
) -> APIRouter:
    """All routes under `/api/v1`, and the probes at the root."""
    api = APIRouter(prefix="/api/v1")
    api.include_router(_asking(answers, guard))
    api.include_router(_articles(answers))
    api.include_router(_opinions(answers, feedback))
    api.include_router(_tokens(keys, guard))
    api.include_router(_state(answers, metrics))
    whole = APIRouter()
    whole.include_router(api)
    whole.include_router(_probes(answers, metrics))
    return whole


def _asking(answers: Answers, guard: GuardSettings) -> APIRouter:
    routes = APIRouter(tags=["Questions"], responses=ASKING)

    @routes.post("/ask", response_model=Answer, summary="Ask a question")
    async def ask(body: Question, request: Request) -> JSONResponse:
        """The whole answer at once, with every citation and the passages looked at."""
        wanted = await _known_articles(answers, body.articles)
        note_question(request, body.question, guard)
        work = _answer(answers, body, wanted, request.state.request_id)
        return JSONResponse((await while_connected(request, work)).to_dict())

    @routes.post(
        "/ask/stream",
        summary="Ask a question and follow the answer",
        response_class=Events,
        responses={200: {"content": {"text/event-stream": {"schema": EVENT_SCHEMA}}}},
    )
    async def stream(body: Question, request: Request) -> Events:
        """Server-sent events: `started` with the request id, a `sentence` with its citations each,
        `done` with the whole answer, or `error` with a problem. Closing the connection ends the work.
        """
        wanted = await _known_articles(answers, body.articles)
        note_question(request, body.question, guard)
        identity = request.state.request_id
        work = _answer(answers, body, wanted, identity)
        return Events(answer_events(work, request_id=identity, instance="/api/v1/ask/stream"))

    return routes


def _articles(answers: Answers) -> APIRouter:
    routes = APIRouter(prefix="/articles", tags=["Articles"], responses=READING)

    @routes.get("", response_model=ArticleList, summary="List the articles")
    def listed(
        offset: Annotated[int, Query(ge=0, le=10_000_000, description="How many to skip.")] = 0,
        limit: Annotated[int, Query(ge=1, le=1000, description="How many to give.")] = 100,
    ) -> ArticleList:
        """The articles of the current generation, in the order of their ids."""
        pipeline = answers.live.get()
        ids = sorted(pipeline.articles)
        return ArticleList(
            articles=[
                ArticleSummary(**_summary(pipeline.articles[name]))
                for name in ids[offset : offset + limit]
            ],
            total=len(ids),
            generation=pipeline.index.manifest.id,
        )

    @routes.get("/{article}", response_model=ArticleText, summary="Read an article")
    def read(article: ArticleIdInPath, response: Response) -> ArticleText:
        """One article with its whole text; the offsets of citations count its code points."""
        found = answers.live.get().articles.get(article)
        if found is None:
            raise Refused(no_article(article))
        response.headers["ETag"] = f'"{found.sha256}"'
        return ArticleText(**_summary(found), text=found.text)

    return routes


def _opinions(answers: Answers, feedback: FeedbackStore) -> APIRouter:
    routes = APIRouter(tags=["Feedback"], responses=SENDING | problem_responses(404))

    @routes.post("/feedback", response_model=Accepted, status_code=201, summary="Rate an answer")
    def rate(body: Feedback) -> Accepted:
        """Stores what a person thinks of an answer; a person reviews it before it is used."""
        answer = answers.remembered(body.request_id)
        if answer is None:
            raise Refused(
                Problem(
                    status=404,
                    name="answer-not-held",
                    title="Answer not held",
                    detail="No recent answer has this request id. Ask again, then rate the answer.",
                )
            )
        feedback.add(body.request_id, "up" if body.helpful else "down", body.note, answer)
        return Accepted()

    return routes


def _tokens(keys: KeyStore, guard: GuardSettings) -> APIRouter:
    routes = APIRouter(tags=["Access"], responses=SENDING)

    @routes.post("/tokens", response_model=TokenReply, status_code=201, summary="Mint a token")
    async def make(body: TokenRequest, request: Request) -> TokenReply:
        """A widget token for pages of one origin. To be called by the page's backend with its key."""
        caller: Caller = request.state.caller
        signer = keys.signing(caller.key.id) if caller.kind == "key" and caller.key else None
        if signer is None:
            raise Refused(
                Problem(
                    status=403,
                    name="key-needed",
                    title="Key needed",
                    detail="Tokens are made with an API key, on a server whose access.mode is keys "
                    "or proxy. Make one with: groundwire keys add NAME",
                )
            )
        if body.origin not in guard.embed.origins:
            raise Refused(
                Problem(
                    status=403,
                    name="origin-not-listed",
                    title="Origin not listed",
                    detail="This origin is not under embed.origins in groundwire.toml. List it first.",
                )
            )
        key, signing = signer
        token = mint(
            key,
            signing,
            origin=body.origin,
            audience=guard.access.audience,
            seconds=body.seconds,
        )
        return TokenReply(token=token, expires_in=body.seconds)

    return routes


def _state(answers: Answers, metrics: Metrics) -> APIRouter:
    routes = APIRouter(tags=["Operation"])

    @routes.get("/health", response_model=Health, summary="Does the server run?")
    async def health() -> Health:
        """Quick under any load."""
        return Health()

    @routes.get(
        "/ready",
        response_model=Ready,
        summary="Can the server answer?",
        responses=problem_responses(500, 503),
    )
    def ready() -> Ready:
        """Which generation answers, and what is wrong with a newer one, if anything."""
        pipeline = answers.live.get()
        return Ready(
            generation=pipeline.index.manifest.id,
            articles=len(pipeline.articles),
            fault=answers.live.fault,
        )

    @routes.get(
        "/metrics",
        summary="Figures for Prometheus",
        response_class=PlainTextResponse,
        responses=problem_responses(401, 403, 421, 429, 500),
    )
    def figures() -> Response:
        """Requests, refusals, answers, times and the queue."""
        pipeline = answers.live.get()
        metrics.articles.set(len(pipeline.articles))
        metrics.generation.clear()
        metrics.generation.labels(pipeline.index.manifest.id).set(1)
        return Response(metrics.text(), media_type=CONTENT_TYPE_LATEST)

    return routes


def _probes(answers: Answers, metrics: Metrics) -> APIRouter:
    """The same three where orchestrators look for them."""
    routes = APIRouter(include_in_schema=False)
    short = {"/health": "/healthz", "/ready": "/readyz", "/metrics": "/metrics"}
    for route in _state(answers, metrics).routes:
        endpoint = getattr(route, "endpoint", None)
        path = getattr(route, "path", "")
        if endpoint is not None:
            routes.add_api_route(short[path], endpoint, methods=["GET"])
    return routes


def _answer(
    answers: Answers, body: Question, articles: tuple[str, ...], request_id: str
) -> Coroutine[None, None, Answer]:
    return answers.ask(
        body.question,
        request_id=request_id,
        articles=articles,
        turns=[turn.turn() for turn in body.conversation],
    )


async def _known_articles(answers: Answers, wanted: list[str]) -> tuple[str, ...]:
    """The ids as they were given. Raises: Refused, if one is not in the index."""
    if wanted:
        held = (await run_in_threadpool(answers.live.get)).articles
        unknown = next((name for name in wanted if name not in held), None)
        if unknown is not None:
            raise Refused(no_article(unknown))
    return tuple(wanted)


def no_article(name: str) -> Problem:
    """There is no article with this id."""
    return Problem(
        status=404,
        name="no-such-article",
        title="No such article",
        detail=f"The index holds no article '{name[:200]}'. See the list at /api/v1/articles.",
    )


def _summary(article: Article) -> dict[str, str | int]:
    return {
        "id": article.id,
        "title": article.title,
        "sha256": article.sha256,
        "characters": len(article.text),
    }
