"""The HTTP API of a running server."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from typing import Any

import httpx
import openai
import pytest

from ui.guard.logs import JsonLines

QUESTION = "How many world leaders attend the parade?"
UNANSWERABLE = "Who won the football world cup in 1998?"


@pytest.fixture(scope="module")
def api(open_server: Any) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=open_server.url, timeout=60) as client:
        yield client


def events_of(response: httpx.Response) -> list[tuple[str, Any]]:
    found = []
    for block in response.text.strip().split("\n\n"):
        name, data = block.split("\n")
        found.append((name.removeprefix("event: "), json.loads(data.removeprefix("data: "))))
    return found


def test_an_answer_is_proven_by_the_article_the_api_gives(api: httpx.Client) -> None:
    answer = api.post("/api/v1/ask", json={"question": QUESTION}).json()
    assert answer["short_answer"] == "29"
    assert answer["citations"]
    for citation in answer["citations"]:
        article = api.get(f"/api/v1/articles/{citation['document']}").json()
        assert article["text"][citation["start"] : citation["end"]] == citation["quote"]
        assert article["sha256"] == citation["sha256"]


def test_a_question_without_answer_is_abstained_from(api: httpx.Client) -> None:
    answer = api.post("/api/v1/ask", json={"question": UNANSWERABLE}).json()
    assert answer["abstained"] is True
    assert answer["sentences"] == [] and answer["citations"] == []


def test_a_stream_starts_brings_sentences_with_their_citations_and_ends_with_the_answer(
    api: httpx.Client,
) -> None:
    response = api.post("/api/v1/ask/stream", json={"question": QUESTION})
    assert response.headers["content-type"].startswith("text/event-stream")
    assert response.headers["x-accel-buffering"] == "no"
    events = events_of(response)
    names = [name for name, _ in events]
    assert names[0] == "started" and names[-1] == "done"
    assert names[1:-1] == ["sentence"] * len(events[-1][1]["sentences"])
    assert events[0][1]["request_id"] == response.headers["x-request-id"]
    cited = {citation["number"]: citation for citation in events[-1][1]["citations"]}
    for (_, part), sentence in zip(events[1:-1], events[-1][1]["sentences"], strict=True):
        assert part["text"] == sentence["text"]
        assert part["citations"] == [cited[number] for number in sentence["citations"]]


def test_the_search_is_restricted_to_the_articles_asked_for(api: httpx.Client) -> None:
    listed = api.get("/api/v1/articles").json()["articles"]
    only = listed[-1]["id"]
    answer = api.post("/api/v1/ask", json={"question": QUESTION, "articles": [only]}).json()
    assert {passage["document"] for passage in answer["passages"]} <= {only}


@pytest.mark.parametrize("path", ["/api/v1/ask", "/api/v1/ask/stream"])
def test_an_unknown_article_is_named(api: httpx.Client, path: str) -> None:
    response = api.post(path, json={"question": QUESTION, "articles": ["nowhere"]})
    assert response.status_code == 404
    assert "'nowhere'" in response.json()["detail"]


def test_the_list_of_articles_is_paged(api: httpx.Client) -> None:
    whole = api.get("/api/v1/articles").json()
    parts = [
        api.get("/api/v1/articles", params={"offset": offset, "limit": 1}).json()["articles"][0]
        for offset in range(whole["total"])
    ]
    assert parts == whole["articles"]


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "name"),
    [
        ("POST", "/api/v1/ask", b"{", 400, "not-readable"),
        ("POST", "/api/v1/ask", b'{"question": ' + b"1" * 5000 + b"}", 400, "not-readable"),
        ("POST", "/api/v1/ask", b"[" * 60_000, 400, "not-readable"),
        ("POST", "/api/v1/ask", b'{"question": ""}', 422, "invalid"),
        ("POST", "/api/v1/ask", b'{"question": "a", "unknown": 1}', 422, "invalid"),
        ("POST", "/api/v1/ask", json.dumps({"question": "a" * 2001}).encode(), 422, "invalid"),
        ("POST", "/api/v1/ask", b'{"question": "' + b"a" * 70_000 + b'"}', 413, "body-too-large"),
        ("GET", "/api/v1/nothing", b"", 404, "not-found"),
        ("GET", "/api/v1/articles/nowhere", b"", 404, "no-such-article"),
        ("PUT", "/api/v1/ask", b"{}", 405, "method-not-allowed"),
        ("GET", "/v1/chat/completions", b"", 405, "method-not-allowed"),
    ],
)
def test_a_fault_is_a_problem_that_says_what_to_do(
    api: httpx.Client, method: str, path: str, body: bytes, status: int, name: str
) -> None:
    headers = {"Content-Type": "application/json"}
    response = api.request(method, path, content=body, headers=headers)
    problem = response.json()
    assert response.status_code == problem["status"] == status
    assert response.headers["content-type"] == "application/problem+json"
    assert problem["type"] == f"urn:groundwire:problem:{name}"
    assert problem["request_id"] == response.headers["x-request-id"]
    assert problem["detail"].endswith(".") or "openapi.json" in problem["detail"]


def test_a_body_that_is_not_sent_as_json_is_refused(api: httpx.Client) -> None:
    body = json.dumps({"question": QUESTION})
    response = api.post("/api/v1/ask", content=body, headers={"Content-Type": "text/plain"})
    assert response.status_code == 415
    assert "Content-Type: application/json" in response.json()["detail"]


def test_every_refusal_that_the_guard_may_give_is_described(api: httpx.Client) -> None:
    described = api.get("/api/v1/openapi.json").json()
    operations = {
        (method, path): set(operation["responses"])
        for path, known in described["paths"].items()
        for method, operation in known.items()
    }
    assert len(operations) > 8
    for (method, path), statuses in operations.items():
        if path not in ("/api/v1/health", "/api/v1/ready"):
            assert {"401", "403", "421", "429", "500"} <= statuses, path
        if method == "post":
            assert {"400", "408", "413", "415"} <= statuses, path


class Broken:
    """A pipeline with a fault that nobody thought of."""

    def get(self) -> Broken:
        return self

    def ask(self, *_: object, **__: object) -> None:
        raise TimeoutError("the text of the fault")


class Lines(logging.Handler):
    """Keeps what is logged, as the server writes it."""

    def __init__(self) -> None:
        super().__init__()
        self.setFormatter(JsonLines())
        self.lines: list[dict[str, Any]] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(json.loads(self.format(record)))


def test_a_fault_that_nobody_thought_of_is_a_problem_in_every_form(
    serving_here: Any, seeds_settings: Any
) -> None:
    lines, logger = Lines(), logging.getLogger("groundwire.api")
    messages = [{"role": "user", "content": QUESTION}]
    logger.addHandler(lines)
    with serving_here(seeds_settings) as (url, app), httpx.Client(base_url=url) as web:
        app.state.answers.live = Broken()
        for path, body in (
            ("/api/v1/ask", {"question": QUESTION}),
            ("/api/v1/ask/stream", {"question": QUESTION}),
            ("/v1/chat/completions", {"messages": messages}),
            ("/v1/chat/completions", {"messages": messages, "stream": True}),
        ):
            response = web.post(path, json=body)
            if path.endswith("stream"):
                (_, started), (name, problem) = events_of(response)
                assert name == "error" and started["request_id"] == problem["request_id"]
            else:
                problem = response.json()
                assert response.status_code == 500
            assert problem["type"] == "urn:groundwire:problem:not-answered"
            assert "the text of the fault" not in response.text
            line = lines.lines.pop()
            assert line["request_id"] == response.headers["x-request-id"]
            assert "the text of the fault" in line["exception"]
        app.state.answers.live = app.state.live
        assert 'groundwire_answers_total{outcome="failed"} 4.0' in web.get("/metrics").text
    logger.removeHandler(lines)


def test_feedback_is_stored_with_the_servers_own_answer(
    api: httpx.Client, open_server: Any
) -> None:
    from ui.feedback import FeedbackStore

    answered = api.post("/api/v1/ask", json={"question": QUESTION})
    rating = {"request_id": answered.headers["x-request-id"], "helpful": False, "note": "Why?"}
    assert api.post("/api/v1/feedback", json=rating).status_code == 201
    stored = FeedbackStore(open_server.data_dir).all()[0]
    assert (stored.question, stored.answer, stored.vote, stored.note) == (
        QUESTION,
        "29",
        "down",
        "Why?",
    )


def test_feedback_on_no_answer_is_refused(api: httpx.Client) -> None:
    response = api.post("/api/v1/feedback", json={"request_id": "0" * 16, "helpful": True})
    assert response.status_code == 404


def test_the_figures_count_answers_and_refusals(api: httpx.Client) -> None:
    api.post("/api/v1/ask", json={"question": QUESTION})
    api.get("/api/v1/nothing")
    text = api.get("/api/v1/metrics").text
    assert 'groundwire_answers_total{outcome="answered"}' in text
    assert 'groundwire_refused_total{reason="not-found"}' in text
    assert 'groundwire_stage_seconds_bucket{le="+Inf",stage="read"}' in text


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/api/v1/health", "/api/v1/ready"])
def test_probes_answer(api: httpx.Client, path: str) -> None:
    assert api.get(path).status_code == 200


@pytest.fixture(scope="module")
def client(open_server: Any) -> Iterator[openai.OpenAI]:
    with openai.OpenAI(base_url=f"{open_server.url}/v1", api_key="none") as made:
        yield made


def test_the_official_client_reads_an_answer_with_its_citations(client: openai.OpenAI) -> None:
    done = client.chat.completions.create(
        model="groundwire", messages=[{"role": "user", "content": QUESTION}]
    )
    message = done.choices[0].message
    assert message.content and message.content.startswith("29\n\n")
    assert message.annotations
    for annotation in message.annotations:
        place = annotation.url_citation
        assert message.content[place.start_index : place.end_index] == "[1]"
        assert httpx.get(place.url.partition("#")[0]).status_code == 200


def test_the_official_client_follows_a_stream(client: openai.OpenAI) -> None:
    messages: list[Any] = [{"role": "user", "content": QUESTION}]
    whole = client.chat.completions.create(model="groundwire", messages=messages)
    stream = client.chat.completions.create(model="groundwire", messages=messages, stream=True)
    chunks = list(stream)
    assert chunks[-1].choices[0].finish_reason == "stop"
    parts = [chunk.choices[0].delta.content or "" for chunk in chunks]
    assert "".join(parts) == whole.choices[0].message.content
    assert not any(part.endswith("[") for part in parts)


def test_the_official_client_gets_the_reason_of_a_refusal(client: openai.OpenAI) -> None:
    with pytest.raises(openai.BadRequestError, match="Ask more briefly"):
        client.chat.completions.create(
            model="groundwire", messages=[{"role": "user", "content": "a" * 2001}]
        )


def test_the_official_client_lists_the_model(client: openai.OpenAI) -> None:
    assert [model.id for model in client.models.list()] == ["groundwire"]


def answered(url: str) -> float:
    """How many questions the server has answered."""
    text = httpx.get(f"{url}/api/v1/metrics").text
    lines = [line for line in text.splitlines() if line.startswith("groundwire_answers_total{")]
    return sum(float(line.rpartition(" ")[2]) for line in lines)


def test_closing_the_connection_gives_up_the_place_in_the_queue(serve: Any) -> None:
    server = serve(LIMITS__WORKERS="1", LIMITS__WAITING="100", LIMITS__WAIT_S="60")
    with httpx.Client(base_url=server.url, timeout=60) as client:
        for _ in range(40):
            request = client.build_request(
                "POST", "/api/v1/ask/stream", json={"question": QUESTION}
            )
            client.send(request, stream=True).close()
        assert client.post("/api/v1/ask", json={"question": QUESTION}).status_code == 200
    assert answered(server.url) < 41


def test_it_stands_on_a_sub_path_of_a_proxy(serve: Any) -> None:
    server = serve(root_path="/tools/groundwire")
    with httpx.Client(base_url=server.url, timeout=60) as client:
        assert client.get("/api/v1/health").status_code == 200
        assert client.get("/gradio_api/upload").status_code == 404
        assert "/tools/groundwire" in client.get("/").text
        body = {"messages": [{"role": "user", "content": QUESTION}]}
        message = client.post("/v1/chat/completions", json=body).json()["choices"][0]["message"]
        assert "/tools/groundwire/articles/" in message["annotations"][0]["url_citation"]["url"]
