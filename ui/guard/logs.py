"""Log lines: one JSON object each, with the id of the request they belong to."""

from __future__ import annotations

import json
import logging
import sys
from contextvars import ContextVar
from datetime import UTC, datetime

from starlette.requests import Request

from ui.guard.settings import GuardSettings, Logging

request_id: ContextVar[str] = ContextVar("request_id", default="")
access_log = logging.getLogger("groundwire.access")


class JsonLines(logging.Formatter):
    """A record as one line of JSON; the fields under `fields` stand beside the message."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, object] = {
            "time": _time(record),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        if request_id.get():
            line["request_id"] = request_id.get()
        line.update(getattr(record, "fields", {}))
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False)


class TextLines(logging.Formatter):
    """A record as one line for people."""

    def format(self, record: logging.LogRecord) -> str:
        fields = getattr(record, "fields", {})
        shown = " ".join(f"{name}={_flat(value)}" for name, value in fields.items())
        line = f"{_time(record)} {record.levelname.lower()} {record.getMessage()} {shown}".rstrip()
        return f"{line}\n{self.formatException(record.exc_info)}" if record.exc_info else line


def configure(settings: Logging) -> None:
    """Sends the lines of `groundwire` and of the web server to standard error."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines() if settings.format == "json" else TextLines())
    for name in ("groundwire", "uvicorn", "opentelemetry"):
        logger = logging.getLogger(name)
        logger.handlers = [handler]
        logger.propagate = False
    logging.getLogger("groundwire").setLevel(settings.level.upper())
    for name in ("uvicorn", "opentelemetry"):
        logging.getLogger(name).setLevel("WARNING")


def note_question(request: Request, question: str, guard: GuardSettings) -> None:
    """Puts the question into the log line and the span of its request, if the settings say so."""
    if guard.logging.questions:
        request.state.log = {"question": question}


def _time(record: logging.LogRecord) -> str:
    return datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")


def _flat(value: object) -> str:
    return json.dumps(value, ensure_ascii=False) if isinstance(value, str) else str(value)
