"""OpenTelemetry traces: a span for each request, with one for each stage of its answer inside.

The libraries are the extra `otel` and are imported only when traces are asked for.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from typing import TYPE_CHECKING

from rag.errors import ConfigError
from rag.steps import OnStep, Step
from ui.guard.settings import Telemetry

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.trace import Tracer

Facts = dict[str, str | int | float | bool]

# The variables of the OpenTelemetry standard that say where to send traces.
STANDARD = ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT")
LAST_SPANS_S = 1.5
# What begins when a step is told: reading follows the search.
_NEXT = {"search": "read", "check": "check"}


@dataclass(frozen=True, slots=True)
class Traces:
    """Makes spans; without a provider it makes none, and costs nothing."""

    provider: TracerProvider | None = None

    @contextmanager
    def request(self, headers: Mapping[str, str]) -> Iterator[Facts]:
        """A span around a request. What the block puts into the facts is its name and attributes.

        It continues the trace that the headers name: give only headers that are believed.
        """
        facts: Facts = {}
        if self.provider is None:
            yield facts
            return
        from opentelemetry.trace import SpanKind, StatusCode
        from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

        with _tracer(self.provider).start_as_current_span(
            "request",
            context=TraceContextTextMapPropagator().extract(headers),
            kind=SpanKind.SERVER,
        ) as span:
            try:
                yield facts
            finally:
                span.update_name(f"{facts['http.request.method']} {facts['http.route']}")
                span.set_attributes(facts)
                if int(facts["http.response.status_code"]) >= 500:
                    span.set_status(StatusCode.ERROR)

    @contextmanager
    def chat(self) -> Iterator[None]:
        """A span around a question of the chat, which no single request holds."""
        if self.provider is None:
            yield
            return
        with _tracer(self.provider).start_as_current_span(
            "chat question", record_exception=False, set_status_on_exception=False
        ):
            yield

    @contextmanager
    def waiting(self) -> Iterator[None]:
        """A span around the wait for a worker."""
        if self.provider is None:
            yield
            return
        with _tracer(self.provider).start_as_current_span("wait", record_exception=False):
            yield

    @contextmanager
    def stages(self, on_step: OnStep) -> Iterator[OnStep]:
        """The same `on_step`, which also ends one stage's span and begins the next one's."""
        if self.provider is None:
            yield on_step
            return
        tracer = _tracer(self.provider)
        span = tracer.start_span("retrieve")

        def watched(step: Step) -> None:
            nonlocal span
            on_step(step)
            if step.stage == "search":
                span.set_attribute("groundwire.passages", step.total)
            if step.stage in _NEXT:
                span.end()
                span = tracer.start_span(_NEXT[step.stage])

        try:
            yield watched
        except Exception as error:
            span.set_attribute("error.type", type(error).__name__)
            raise
        finally:
            span.end()

    def close(self) -> None:
        """Sends the last spans, for a short time only."""
        if self.provider is not None:
            sending = threading.Thread(target=self.provider.shutdown, daemon=True)
            sending.start()
            sending.join(LAST_SPANS_S)


OFF = Traces()


def open_traces(settings: Telemetry) -> Traces:
    """Traces to the collector of the settings or of the standard's variables, or none.

    Raises: ConfigError, if a collector is named but the extra is not installed.
    """
    standard = next((name for name in STANDARD if os.environ.get(name)), None)
    asked = "telemetry.endpoint" if settings.endpoint else standard
    if asked is None:
        return OFF
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
    except ImportError as error:
        raise ConfigError(
            f"{asked} asks for traces, but OpenTelemetry is not installed. "
            "Install it: pip install 'groundwire[otel]'"
        ) from error
    service = {
        "service.name": os.environ.get("OTEL_SERVICE_NAME", "groundwire"),
        "service.version": version("groundwire"),
    }
    provider = TracerProvider(resource=Resource.create(service), shutdown_on_exit=False)
    endpoint = f"{settings.endpoint.rstrip('/')}/v1/traces" if settings.endpoint else None
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(endpoint=endpoint)))
    return Traces(provider)


def _tracer(provider: TracerProvider) -> Tracer:
    return provider.get_tracer("groundwire")
