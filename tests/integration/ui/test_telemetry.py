"""Traces of a running server, as a collector receives them."""

from __future__ import annotations

import gzip
import json
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from rag.settings import Settings

QUESTION = {"question": "How many world leaders attend the parade?"}
STAGES = ["wait", "retrieve", "read", "check"]
REMOTE_TRACE, REMOTE_SPAN = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
TRACEPARENT = {"traceparent": f"00-{REMOTE_TRACE}-{REMOTE_SPAN}-01"}


@dataclass
class Collector:
    """What was sent to a collector at `url`."""

    url: str
    bodies: list[bytes] = field(default_factory=list)
    paths: set[str] = field(default_factory=set)

    def exports(self) -> list[ExportTraceServiceRequest]:
        return [ExportTraceServiceRequest.FromString(body) for body in self.bodies]

    def spans(self) -> list[Span]:
        return [
            span
            for export in self.exports()
            for resource in export.resource_spans
            for scope in resource.scope_spans
            for span in scope.spans
        ]

    def request(self, identity: str) -> Span:
        """The one span of a request."""
        found = [s for s in self.spans() if facts(s).get("groundwire.request_id") == identity]
        assert len(found) == 1
        return found[0]

    def inside(self, parent: Span) -> list[Span]:
        """The spans inside another, by when they began."""
        inside = [span for span in self.spans() if span.parent_span_id == parent.span_id]
        return sorted(inside, key=lambda span: span.start_time_unix_nano)


@pytest.fixture
def collector() -> Iterator[Collector]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            zipped = self.headers.get("Content-Encoding") == "gzip"
            collector.bodies.append(gzip.decompress(body) if zipped else body)
            collector.paths.add(self.path)
            self.send_response(200)
            self.send_header("Content-Type", "application/x-protobuf")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            """Says nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        collector = Collector(f"http://127.0.0.1:{server.server_port}")
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield collector
        server.shutdown()
        thread.join()


def facts(span: Span) -> dict[str, Any]:
    """The attributes of a span."""
    return {
        item.key: getattr(item.value, item.value.WhichOneof("value")) for item in span.attributes
    }


def stop(server: Any) -> None:
    """Ends the server, which sends its last spans before."""
    server.process.send_signal(signal.SIGTERM)
    assert server.process.wait(timeout=30) in (0, -signal.SIGTERM)


def test_a_request_is_a_span_with_its_stages_inside(serve: Any, collector: Collector) -> None:
    server = serve(TELEMETRY__ENDPOINT=collector.url)
    with httpx.Client(base_url=server.url, timeout=60, headers=TRACEPARENT) as web:
        paths = ("/api/v1/ask", "/api/v1/ask/stream")
        asked = {path: web.post(path, json=QUESTION).headers["x-request-id"] for path in paths}
        listed = web.get("/api/v1/articles").headers["x-request-id"]
        refused = web.post("/api/v1/ask", json={}).headers["x-request-id"]
        web.get("/healthz")
    stop(server)
    assert collector.paths == {"/v1/traces"}
    for path, identity in asked.items():
        span = collector.request(identity)
        assert span.name == f"POST {path}"
        assert span.kind == Span.SPAN_KIND_SERVER
        assert facts(span)["http.response.status_code"] == 200
        inside = collector.inside(span)
        assert [stage.name for stage in inside] == STAGES
        times = [time for s in inside for time in (s.start_time_unix_nano, s.end_time_unix_nano)]
        assert times == sorted(times)
        assert span.start_time_unix_nano <= times[0] and times[-1] <= span.end_time_unix_nano
        assert facts(inside[1])["groundwire.passages"] > 0
        assert {s.trace_id for s in inside} == {span.trace_id} != {bytes.fromhex(REMOTE_TRACE)}
    assert collector.inside(collector.request(listed)) == []
    assert facts(collector.request(refused))["http.response.status_code"] == 422
    assert len(collector.spans()) == 2 * (1 + len(STAGES)) + 2
    assert not [body for body in collector.bodies if b"world leaders" in body]
    resource = {
        item.key: item.value.string_value
        for item in collector.exports()[0].resource_spans[0].resource.attributes
    }
    assert resource["service.name"] == "groundwire"


def test_the_standards_variable_suffices_and_the_proxys_trace_goes_on(
    serve: Any, collector: Collector, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", collector.url)
    server = serve(ACCESS__PROXIES="127.0.0.1", LOGGING__QUESTIONS="true")
    with httpx.Client(base_url=server.url, timeout=60, headers=TRACEPARENT) as web:
        plain = web.post("/api/v1/ask", json=QUESTION)
        body = {"messages": [{"role": "user", "content": QUESTION["question"]}]}
        completion = web.post("/v1/chat/completions", json=body)
    stop(server)
    for response in (plain, completion):
        span = collector.request(response.headers["x-request-id"])
        assert span.trace_id == bytes.fromhex(REMOTE_TRACE)
        assert span.parent_span_id == bytes.fromhex(REMOTE_SPAN)
        assert facts(span)["groundwire.question"] == QUESTION["question"]
        assert [stage.name for stage in collector.inside(span)] == STAGES


def test_a_collector_that_is_not_there_hinders_nothing(serve: Any) -> None:
    server = serve(TELEMETRY__ENDPOINT="http://127.0.0.1:9")
    assert httpx.post(f"{server.url}/api/v1/ask", json=QUESTION, timeout=60).status_code == 200
    began = time.monotonic()
    stop(server)
    assert time.monotonic() - began < 10
    lines = [json.loads(line) for line in server.log.read_text().splitlines()]
    assert [line for line in lines if line["logger"].startswith("opentelemetry.")]


def test_without_the_extra_one_line_says_what_to_install(
    seeds_settings: Settings, tmp_path: Path
) -> None:
    without = "sys.modules['opentelemetry.exporter.otlp.proto.http.trace_exporter'] = None"
    done = subprocess.run(
        [
            *(sys.executable, "-c", f"import sys; {without}; from ui.cli import main; main()"),
            *("serve", "--port", "0", "--data-dir", str(seeds_settings.data_dir)),
        ],
        cwd=tmp_path,
        env={"GROUNDWIRE_TELEMETRY__ENDPOINT": "http://127.0.0.1:4318"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 2
    assert done.stderr.splitlines() == [
        "groundwire: telemetry.endpoint asks for traces, but OpenTelemetry is not installed. "
        "Install it: pip install 'groundwire[otel]'"
    ]
