"""What clients send and receive, beside the `Answer` itself."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from rag.conversation import Turn
from rag.pipeline import MAX_QUESTION_CHARACTERS
from ui.feedback import MAX_NOTE

ArticleId = Annotated[str, Field(min_length=1, max_length=200)]


class Body(BaseModel):
    """A request's body. Unknown names are refused."""

    model_config = ConfigDict(extra="forbid", strict=True, str_max_length=MAX_QUESTION_CHARACTERS)


class PastTurn(Body):
    """An earlier question of the conversation and what it was answered, as in its answer."""

    question: str = Field(min_length=1)
    standalone_question: str = Field("", description="The question as it was understood.")
    short_answer: str = Field("", description="Empty where there was none.")
    sentences: list[str] = Field(
        default=[], max_length=20, description="Texts of the answer's sentences."
    )

    def turn(self) -> Turn:
        """The turn as the conversation's rules take it."""
        return Turn(
            question=self.question,
            standalone=self.standalone_question or self.question,
            answer=self.short_answer,
            evidence=tuple(self.sentences),
        )


class Question(Body):
    """A question, the articles to search and the conversation it belongs to."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"question": "How many world leaders attend the parade?"}]}
    )

    question: str = Field(
        min_length=1, max_length=MAX_QUESTION_CHARACTERS, description="The question."
    )
    articles: list[ArticleId] = Field(
        default=[], max_length=100, description="Ids of the articles to search; empty means all."
    )
    conversation: list[PastTurn] = Field(
        default=[],
        max_length=12,
        description="The turns before, oldest first: a follow-up is understood from them.",
    )


class Feedback(Body):
    """What a person thinks of an answer."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {"request_id": "3f9c1b2a7d5e4f60", "helpful": False, "note": "The date is missing."}
            ]
        }
    )

    request_id: str = Field(
        pattern=r"^[A-Za-z0-9_-]{8,64}$",
        description="The `X-Request-ID` of the answer, or `request_id` of its `started` event.",
    )
    helpful: bool = Field(description="Whether the answer helped.")
    note: str = Field("", max_length=MAX_NOTE, description="What was missing or wrong.")


def _whole(value: object) -> object:
    """A whole number as JSON may also write it: 60.0 is 60."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


class TokenRequest(Body):
    """Which page a widget token is for."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"origin": "https://intranet.example.org"}]}
    )

    origin: str = Field(max_length=300, description="The page's origin, listed in `embed.origins`.")
    seconds: Annotated[int, BeforeValidator(_whole)] = Field(
        600, ge=30, le=600, description="How long the token is good for."
    )


class TokenReply(BaseModel):
    """A widget token."""

    token: str
    expires_in: int = Field(description="Seconds until it expires.")


class ArticleSummary(BaseModel):
    """An article of the index."""

    id: str
    title: str
    sha256: str = Field(description="SHA-256 of the text in UTF-8: the version of the article.")
    characters: int = Field(description="Length in Unicode code points.")


class ArticleList(BaseModel):
    """A page of the list of articles, in the order of their ids."""

    articles: list[ArticleSummary]
    total: int
    generation: str


class ArticleText(ArticleSummary):
    """An article with its text. All offsets of citations count code points of it."""

    text: str


class Health(BaseModel):
    """The server runs."""

    status: Literal["ok"] = "ok"


class Ready(BaseModel):
    """The server can answer, and from which generation."""

    status: Literal["ready"] = "ready"
    generation: str
    articles: int
    fault: str | None = Field(description="Why the newest generation does not answer, if so.")


class Accepted(BaseModel):
    """What was sent is stored."""

    status: Literal["stored"] = "stored"


class ProblemDetails(BaseModel):
    """RFC 9457. `detail` says what to do."""

    model_config = ConfigDict(extra="allow")

    type: str
    title: str
    status: int
    detail: str
    instance: str
    request_id: str


def problem_responses(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The problems of a route, for the OpenAPI description."""
    reasons = {
        400: "The body is not what is wanted.",
        401: "No valid key, token or sign-in.",
        403: "The page or the caller may not do this.",
        404: "There is no such thing.",
        408: "The body did not arrive in time.",
        413: "The body is larger than allowed.",
        415: "The body is not sent as JSON.",
        421: "The host name is not one of the server's.",
        422: "A value is not allowed.",
        429: "Too many requests; `Retry-After` says when to come back.",
        500: "A fault of the server.",
        503: "More questions wait than can be answered soon; see `Retry-After`.",
        504: "The answer took too long.",
    }
    return {
        status: {
            "description": reasons[status],
            "content": {
                "application/problem+json": {
                    "schema": {"$ref": "#/components/schemas/ProblemDetails"}
                }
            },
        }
        for status in statuses
    }
