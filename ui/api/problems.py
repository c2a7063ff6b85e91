"""Faults of the framework as problem details, and the description of the API."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.openapi.utils import get_openapi
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from ui.api.bodies import ProblemDetails
from ui.guard.paths import path_of
from ui.guard.problems import Problem, Refused

OPENAPI_URL = "/api/v1/openapi.json"
_API = ("/api/", "/v1/")


def describe_problems(app: FastAPI) -> None:
    """Makes every fault of the API a problem, unknown addresses and methods included."""

    @app.exception_handler(RequestValidationError)
    async def _invalid(request: Request, error: RequestValidationError) -> Response:
        if request.method == "POST" and not _says_json(request):
            return _answer(request, _NOT_JSON)
        return _answer(request, _invalid_problem(error))

    @app.exception_handler(HTTPException)
    async def _http(request: Request, error: HTTPException) -> Response:
        if not path_of(request.scope).startswith(_API):
            return Response(str(error.detail), error.status_code, dict(error.headers or {}))
        return _answer(request, _http_problem(error))

    for prefix in _API:
        app.router.routes.append(Route(f"{prefix}{{rest:path}}", _Unmatched(app)))


class _Unmatched:
    """Answers for every address of the API that no route knows, or not with this method."""

    def __init__(self, app: FastAPI) -> None:
        self._app = app

    async def __call__(self, scope: Scope, _receive: Receive, _send: Send) -> None:
        methods = allowed_methods(self._app.openapi()["paths"], path_of(scope))
        raise Refused(_not_allowed(scope["method"], methods) if methods else _not_found())


def allowed_methods(paths: Mapping[str, Mapping[str, object]], path: str) -> list[str]:
    """The methods that the API's description has for an address.

    >>> allowed_methods({"/a/{b}": {"get": {}}}, "/a/1"), allowed_methods({"/a": {"get": {}}}, "/b")
    (['GET'], [])
    """
    return sorted(
        {
            method.upper()
            for template, known in paths.items()
            for method in known
            if re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", template), path)
        }
    )


def _answer(request: Request, problem: Problem) -> Response:
    return problem.response(instance=path_of(request.scope), request_id=request.state.request_id)


def _says_json(request: Request) -> bool:
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    return kind == "application/json" or kind.endswith("+json")


def _invalid_problem(error: RequestValidationError) -> Problem:
    errors = [
        {
            "pointer": "#/" + "/".join(str(part) for part in item["loc"][1:]),
            "detail": str(item["msg"]),
        }
        for item in error.errors()[:20]
    ]
    unreadable = any(item["type"] == "json_invalid" for item in error.errors())
    first = errors[0]
    return Problem(
        status=400 if unreadable else 422,
        name="not-readable" if unreadable else "invalid",
        title="Not readable" if unreadable else "Invalid request",
        detail=f"{first['pointer']}: {first['detail']}. The wanted form is described at "
        f"{OPENAPI_URL}.",
        errors=errors,
    )


def _http_problem(error: HTTPException) -> Problem:
    if error.status_code == 404:
        return _not_found()
    if error.status_code == 400:
        return _NOT_READABLE
    return Problem(
        status=error.status_code,
        name="http",
        title="Not possible",
        detail=f"{error.detail}. The API is described at {OPENAPI_URL}.",
        headers=dict(error.headers or {}),
    )


def _not_found() -> Problem:
    return Problem(
        status=404,
        name="not-found",
        title="Not found",
        detail=f"There is nothing at this address. The API is described at {OPENAPI_URL}.",
    )


def _not_allowed(method: str, methods: list[str]) -> Problem:
    return Problem(
        status=405,
        name="method-not-allowed",
        title="Method not allowed",
        detail=f"This address does not know {method[:20]}. Use {' or '.join(methods)}.",
        headers={"Allow": ", ".join(methods)},
    )


_NOT_JSON = Problem(
    status=415,
    name="not-json",
    title="Not JSON",
    detail="The body must be JSON. Send the header: Content-Type: application/json",
)


# What the framework says of JSON that it cannot hold, such as a number of 5,000 digits.
_NOT_READABLE = Problem(
    status=400,
    name="not-readable",
    title="Not readable",
    detail=f"The body could not be read as JSON. The wanted form is described at {OPENAPI_URL}.",
)


def describe(app: FastAPI, version: str) -> None:
    """Gives the application its OpenAPI description, complete with problems and access."""

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = _description(app, version)
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]

    @app.get(OPENAPI_URL, include_in_schema=False)
    def description() -> JSONResponse:
        return JSONResponse(openapi())


def _description(app: FastAPI, version: str) -> dict[str, Any]:
    described = get_openapi(
        title="Groundwire",
        version=version,
        summary="Answers questions about a folder of articles and proves every answer.",
        description="Offsets count Unicode code points of an article's text; ends are exclusive. "
        "Every fault is a problem of RFC 9457 whose `detail` says what to do; an address that does "
        "not know a method answers 405 and names those it knows in `Allow`.",
        license_info={"name": "Apache-2.0", "identifier": "Apache-2.0"},
        routes=app.routes,
    )
    parts = described.setdefault("components", {})
    schemas = parts.setdefault("schemas", {})
    schemas["ProblemDetails"] = ProblemDetails.model_json_schema()
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    parts["securitySchemes"] = {
        "bearer": {
            "type": "http",
            "scheme": "bearer",
            "description": "An API key or a widget token, where the server asks for one.",
        }
    }
    described["security"] = [{}, {"bearer": []}]
    return described
