"""Spans of a question's stages, whole or cut short, and where traces go."""

from __future__ import annotations

import pytest
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from rag.errors import ConfigError
from rag.steps import Step, Stopped
from ui.guard.settings import Telemetry, load_guard_settings
from ui.telemetry import OFF, STANDARD, Traces, open_traces

SEARCHED = Step(stage="search", done=0, total=3)
READING = Step(stage="read", done=1, total=3)
CHECKING = Step(stage="check", done=3, total=3)


@pytest.fixture
def spans() -> InMemorySpanExporter:
    return InMemorySpanExporter()


@pytest.fixture
def traces(spans: InMemorySpanExporter) -> Traces:
    provider = TracerProvider(shutdown_on_exit=False)
    provider.add_span_processor(SimpleSpanProcessor(spans))
    return Traces(provider)


def test_each_stage_is_a_span_and_every_step_is_passed_on(
    traces: Traces, spans: InMemorySpanExporter
) -> None:
    heard: list[Step] = []
    with traces.stages(heard.append) as on_step:
        for step in (SEARCHED, READING, CHECKING):
            on_step(step)
    assert heard == [SEARCHED, READING, CHECKING]
    ended = spans.get_finished_spans()
    assert [span.name for span in ended] == ["retrieve", "read", "check"]
    assert dict(ended[0].attributes or {}) == {"groundwire.passages": 3}


def test_work_that_ends_early_leaves_the_stage_it_ended_in(
    traces: Traces, spans: InMemorySpanExporter
) -> None:
    def stop_while_reading(step: Step) -> None:
        if step is READING:
            raise Stopped

    with pytest.raises(Stopped), traces.stages(stop_while_reading) as on_step:
        for step in (SEARCHED, READING, CHECKING):
            on_step(step)
    ended = spans.get_finished_spans()
    assert [span.name for span in ended] == ["retrieve", "read"]
    assert dict(ended[1].attributes or {}) == {"error.type": "Stopped"}


def test_a_question_of_the_chat_is_a_trace_of_its_own(
    traces: Traces, spans: InMemorySpanExporter
) -> None:
    with pytest.raises(Stopped), traces.chat(), traces.stages(lambda _: None) as on_step:
        on_step(SEARCHED)
        raise Stopped
    *stages, question = spans.get_finished_spans()
    assert (question.name, question.parent, question.events) == ("chat question", None, ())
    assert [stage.name for stage in stages] == ["retrieve", "read"]
    assert all(stage.parent == question.get_span_context() for stage in stages)


def test_nothing_is_traced_unless_a_collector_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in STANDARD:
        monkeypatch.delenv(name, raising=False)
    assert open_traces(Telemetry()) is OFF
    monkeypatch.setenv(STANDARD[0], "http://127.0.0.1:4318/v1/traces")
    traces = open_traces(Telemetry())
    assert traces.provider is not None
    traces.close()


@pytest.mark.parametrize("address", ["collector:4318", "ftp://collector", "http://"])
def test_a_collector_is_named_by_its_whole_address(address: str) -> None:
    with pytest.raises(ConfigError, match=r"^telemetry\.endpoint: .*http://127\.0\.0\.1:4318"):
        load_guard_settings(telemetry={"endpoint": address})
