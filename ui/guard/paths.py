"""Paths of requests, and what some of them are."""

from __future__ import annotations

import re

from starlette.types import Scope

from rag.errors import ConfigError
from ui.guard.access import PUBLIC

# Where a listed page of another origin may call; everything else is for our own pages.
CROSS_ORIGIN = ("/api/v1/", "/v1/", "/widget.js")
# What asks a question, and so costs a token of the smaller buckets.
QUESTIONS = frozenset({"/api/v1/ask", "/api/v1/ask/stream", "/v1/chat/completions"})
# Where the chat page sends every event: a question, and a click that costs little.
EVENTS = "/gradio_api/queue/join"


def sub_path(text: str) -> str:
    """A sub-path as the application has it: "/" and names, or "" for the whole host.

    >>> sub_path("/tools/groundwire/"), sub_path("/"), sub_path("")
    ('/tools/groundwire', '', '')
    >>> sub_path("groundwire")
    Traceback (most recent call last):
    rag.errors.ConfigError: --root-path: 'groundwire' is no sub-path. Write it as: /groundwire

    Raises: ConfigError.
    """
    path = text.rstrip("/")
    if not re.fullmatch(r"(/[A-Za-z0-9._~-]+)*", path):
        raise ConfigError(f"--root-path: '{text}' is no sub-path. Write it as: /groundwire")
    return path


def path_of(scope: Scope) -> str:
    """The path under the application's root, whatever sub-path a proxy serves it on."""
    path: str = scope["path"]
    root: str = scope.get("root_path", "")
    if root and (path == root or path.startswith(f"{root}/")):
        return path[len(root) :] or "/"
    return path


def route_of(scope: Scope) -> str:
    """The name of the route for figures: few values, whatever paths are asked for."""
    path = path_of(scope)
    if path in PUBLIC or path in QUESTIONS or path == EVENTS:
        return path
    template = getattr(scope.get("route"), "path", None)
    return template if isinstance(template, str) and template else "other"
