"""An answer as events and in the OpenAI form, without a server."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace

import pytest

from rag.types import Answer, Citation, Sentence
from ui.api.completions import Completion, pieces, turns, url_citations
from ui.api.events import answer_events, sentences
from ui.api.problems import allowed_methods
from ui.guard.problems import Problem, Refused

FIRST = Citation(
    number=1, document="a b", title="A", sha256="0" * 64, start=0, end=4, quote="Aé[1]"
)
SECOND = Citation(number=2, document="b", title="B", sha256="1" * 64, start=4, end=9, quote="B")
ANSWER = Answer(
    question="q",
    standalone_question="q",
    abstained=False,
    short_answer="[1] is 7",
    text="",
    confidence=0.9,
    sentences=(
        Sentence(text="Seven [1] it is.", citations=(1, 2)),
        Sentence(text="Yes.", citations=(2,)),
    ),
    citations=(FIRST, SECOND),
    passages=(),
    answered_by="extractive",
    generation="g",
    timings_ms={},
)


def test_every_mark_is_where_its_annotation_says() -> None:
    content = "".join(pieces(ANSWER))
    found = [item["url_citation"] for item in url_citations(ANSWER, "http://gw")]
    marks = [content[place["start_index"] : place["end_index"]] for place in found]
    assert marks == ["[1]", "[2]", "[2]"]
    assert found[0]["url"] == f"http://gw/articles/a%20b?start=0&end=4&version={'0' * 16}#span"


def test_a_sentence_event_carries_its_citations_in_full() -> None:
    assert [[c["number"] for c in part["citations"]] for part in sentences(ANSWER)] == [[1, 2], [2]]


async def _events(outcome: Answer | Exception) -> list[str]:
    async def work() -> Answer:
        if isinstance(outcome, Exception):
            raise outcome
        return outcome

    return [item async for item in answer_events(work(), request_id="r", instance="/x")]


def test_a_refusal_within_a_stream_is_an_event() -> None:
    problem = Problem(status=503, name="busy", title="Busy", detail="Later.", retry_after_s=5)
    events = asyncio.run(_events(Refused(problem)))
    assert [item.split("\n")[0] for item in events] == ["event: started", "event: error"]
    body = json.loads(events[1].split("data: ")[1])
    assert (body["detail"], body["retry_after_s"], body["request_id"]) == ("Later.", 5, "r")


def test_any_fault_within_a_stream_is_an_event_that_does_not_tell_it(
    caplog: pytest.LogCaptureFixture,
) -> None:
    without_citation = replace(ANSWER, citations=())
    for outcome in (RuntimeError("of the inside"), without_citation):
        caplog.clear()
        events = asyncio.run(_events(outcome))
        assert [item.split("\n")[0] for item in events] == ["event: started", "event: error"]
        body = json.loads(events[1].split("data: ")[1])
        assert body["type"] == "urn:groundwire:problem:not-answered"
        assert (body["status"], body["request_id"]) == (500, "r")
        assert "of the inside" not in events[1] and "KeyError" not in events[1]
        assert "Traceback" in caplog.text


def test_an_event_is_one_line_of_data_whatever_the_text_holds() -> None:
    for item in asyncio.run(_events(ANSWER)):
        assert item.count("\n") == 3 and item.endswith("\n\n")


def test_the_conversation_before_a_question_is_read_from_the_messages() -> None:
    body = Completion.model_validate(
        {
            "messages": [
                {"role": "system", "content": "ignored"},
                {"role": "user", "content": "Who came?"},
                {"role": "assistant", "content": "Xi\n\nXi came. [1]"},
                {"role": "user", "content": [{"type": "text", "text": "When?"}]},
            ]
        }
    )
    before = turns(body)
    assert [(turn.question, turn.answer) for turn in before] == [("Who came?", "Xi")]


@pytest.mark.parametrize(
    ("path", "methods"),
    [("/a/1", ["GET", "POST"]), ("/a/1/2", []), ("/b", ["PUT"]), ("/bb", [])],
)
def test_the_methods_of_an_address_are_those_of_the_description(
    path: str, methods: list[str]
) -> None:
    paths = {"/a/{id}": {"get": {}, "post": {}}, "/b": {"put": {}}}
    assert allowed_methods(paths, path) == methods
