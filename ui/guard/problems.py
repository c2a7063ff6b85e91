"""Problem details (RFC 9457): every refusal says what happened, where, and what to do."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any

from starlette.responses import Response

MEDIA_TYPE = "application/problem+json"
_TYPE = "urn:groundwire:problem:"


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One refusal. `name` is its stable short name, `detail` says what to do."""

    status: int
    name: str
    title: str
    detail: str
    retry_after_s: float | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    errors: Sequence[Mapping[str, str]] = ()

    def to_dict(self, *, instance: str, request_id: str) -> dict[str, Any]:
        """The JSON form; `error` beside it is what clients of the OpenAI form read."""
        body: dict[str, Any] = {
            "type": _TYPE + self.name,
            "title": self.title,
            "status": self.status,
            "detail": self.detail,
            "instance": instance,
            "request_id": request_id,
        }
        if self.errors:
            body["errors"] = [dict(error) for error in self.errors]
        if instance.startswith("/v1/"):
            kind = "invalid_request_error" if self.status < HTTPStatus.INTERNAL_SERVER_ERROR else ""
            body["error"] = {
                "message": self.detail,
                "type": kind or "server_error",
                "param": None,
                "code": self.name,
            }
        return body

    def response(self, *, instance: str, request_id: str) -> Response:
        """The HTTP response."""
        headers = dict(self.headers)
        if self.retry_after_s is not None:
            headers["Retry-After"] = str(max(1, round(self.retry_after_s + 0.5)))
        body = self.to_dict(instance=instance, request_id=request_id)
        return Response(
            json.dumps(body, ensure_ascii=False),
            status_code=self.status,
            media_type=MEDIA_TYPE,
            headers=headers,
        )


class Refused(Exception):
    """Ends a request with a problem."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.detail)
        self.problem = problem
