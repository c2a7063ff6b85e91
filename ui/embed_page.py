"""The widget's own pages: `/widget.js`, `/embed` that shows it and writes its tag, `/embed/frame`."""

from __future__ import annotations

import hashlib
from functools import cache
from importlib.resources import files

from fastapi import APIRouter, Request, Response

_TYPES = {
    "html": "text/html; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "css": "text/css; charset=utf-8",
}


def embed_router() -> APIRouter:
    """The widget's script and pages."""
    routes = APIRouter(include_in_schema=False)

    @routes.get("/widget.js")
    async def widget(request: Request) -> Response:
        response = _static(request, "widget.js")
        response.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
        return response

    @routes.get("/embed")
    async def embed(request: Request) -> Response:
        return _static(request, "embed.html")

    @routes.get("/embed/frame")
    async def frame(request: Request) -> Response:
        return _static(request, "frame.html")

    @routes.get("/embed/{name}")
    async def part(name: str, request: Request) -> Response:
        if name not in ("embed.js", "embed.css", "frame.js"):
            return Response("There is nothing at this address.", status_code=404)
        return _static(request, name)

    return routes


def _static(request: Request, name: str) -> Response:
    body, tag = _file(name)
    headers = {"ETag": tag, "Cache-Control": "no-cache"}
    if tag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    return Response(body, media_type=_TYPES[name.rpartition(".")[2]], headers=headers)


@cache
def _file(name: str) -> tuple[bytes, str]:
    body = (files("ui") / "static" / name).read_bytes()
    return body, f'"{hashlib.sha256(body).hexdigest()[:16]}"'
