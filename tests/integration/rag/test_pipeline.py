from __future__ import annotations

import json
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rag.citations import stands
from rag.pipeline import LivePipeline, Pipeline, build, open_pipeline
from rag.settings import load_settings
from rag.steps import Step, Stopped
from rag.types import NOT_IN_ARTICLES, Answer

Articles = Callable[..., Path]


def assert_proven(answer: Answer, pipeline: Pipeline) -> None:
    """What holds for every answer ever returned."""
    for citation in answer.citations:
        article = pipeline.articles[citation.document]
        assert article.text[citation.start : citation.end] == citation.quote
        assert stands(citation, article)
    for passage in answer.passages:
        assert pipeline.articles[passage.document].text[passage.start : passage.end] == passage.text
    assert [citation.number for citation in answer.citations] == list(
        range(1, len(answer.citations) + 1)
    )
    used = {number for sentence in answer.sentences for number in sentence.citations}
    assert used == {citation.number for citation in answer.citations}
    if answer.abstained:
        assert (answer.text, answer.short_answer, answer.sentences) == (NOT_IN_ARTICLES, None, ())
    else:
        assert answer.sentences and all(sentence.citations for sentence in answer.sentences)
        if answer.short_answer:
            first = answer.citations[0]
            text = pipeline.articles[first.document].text
            assert text[first.answer_start : first.answer_end] == answer.short_answer
    assert 0 <= answer.confidence <= 1


def test_the_parade_question(pipeline: Pipeline) -> None:
    answer = pipeline.ask("How many leaders attended the parade?")
    assert answer.short_answer == "29"
    assert "29 world leaders" in answer.citations[0].quote
    assert_proven(answer, pipeline)


def test_the_json_form_has_the_promised_keys(pipeline: Pipeline) -> None:
    value = json.loads(json.dumps(pipeline.ask("Who is the mayor of Moscow?").to_dict()))
    assert {
        "question", "standalone_question", "abstained", "short_answer", "text", "confidence",
        "sentences", "citations", "passages", "answered_by", "generation", "timings_ms", "verdict",
    } == set(value)  # fmt: skip
    assert {"number", "document", "title", "sha256", "start", "end", "quote"} <= set(
        value["citations"][0]
    )
    assert {"document", "start", "end", "text", "score"} <= set(value["passages"][0])


@pytest.mark.parametrize(
    "question",
    [
        "", "   ", "?", "😀😀", "\u202e\u200b", "x" * 5000, "What is " + "very " * 600 + "big?",
        "'; DROP TABLE articles; --", "line\nbreak\r\n?\x00", "你好吗？", "¿Cuántos líderes asistieron?",
        "<script>alert(1)</script>",
    ],
)  # fmt: skip
def test_odd_questions_get_an_answer_or_an_abstention(pipeline: Pipeline, question: str) -> None:
    answer = pipeline.ask(question)
    assert answer.question == question
    assert len(answer.standalone_question) <= 2000
    assert_proven(answer, pipeline)


def test_nothing_to_search_for_is_an_abstention(pipeline: Pipeline) -> None:
    assert pipeline.ask("?!").abstained
    assert pipeline.ask("").passages == ()


def test_the_steps_of_a_question_and_its_end_at_any_of_them(pipeline: Pipeline) -> None:
    question = "How many leaders attended the parade?"
    steps: list[Step] = []
    answer = pipeline.ask(question, on_step=steps.append)
    found = len(answer.passages)
    assert (steps[0].stage, steps[0].total) == ("search", found)
    assert (steps[-1].stage, steps[-1].done) == ("check", found)
    read = [step.done for step in steps if step.stage == "read"]
    assert read == sorted(read) and 0 < read[-1] <= found
    for last in range(len(steps)):
        seen: list[Step] = []

        def stop(step: Step, last: int = last, seen: list[Step] = seen) -> None:
            seen.append(step)
            if len(seen) > last:
                raise Stopped

        with pytest.raises(Stopped):
            pipeline.ask(question, on_step=stop)
        assert seen == steps[: last + 1]
    assert pipeline.ask(question).short_answer == answer.short_answer


def test_a_yes_or_no_is_said_where_the_quote_says_it(articles: Articles, data_dir: Path) -> None:
    text = (
        "The ferry to Norderney does not run on Sundays. The ferry carries bicycles. "
        "The island has two schools, and the council said that a third was planned."
    )
    folder = articles(**{"ferry.txt": text})
    build(load_settings(articles=folder, data_dir=data_dir, min_confidence=0.0))
    opened = open_pipeline(load_settings(data_dir=data_dir, min_confidence=0.0))
    for question, verdict in (
        ("Does the ferry carry bicycles?", "yes"),
        ("Does the ferry to Norderney run on Sundays?", "no"),
        ("Was a third school planned?", None),
    ):
        answer = opened.ask(question)
        assert (answer.verdict, answer.short_answer) == (verdict, None)
        assert_proven(answer, opened)
    opened.close()


def test_a_filter_keeps_to_its_articles(pipeline: Pipeline) -> None:
    only = sorted(pipeline.articles)[1]
    answer = pipeline.ask("How many leaders attended the parade?", articles=[only])
    assert {passage.document for passage in answer.passages} == {only}


SENTENCES = st.sampled_from(
    [
        "The keeper of the lighthouse is {name}.",
        "{name} paid {number} crowns for the boat in {year}.",
        "In {year}, {number} people lived on the island.",
        "“We did not sail,” said {name}.\r\n",
        "Nothing happened.",
        "Nothing happened.",
        "你好，世界。",
        "A heading\n",
    ]
)


@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    st.lists(st.lists(SENTENCES, min_size=1, max_size=30), min_size=1, max_size=3),
    st.integers(1, 99),
)
def test_every_citation_over_generated_articles_is_exact(
    models: Path, parts: list[list[str]], seed: int
) -> None:
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "articles"
        folder.mkdir()
        for number, sentences in enumerate(parts):
            text = " ".join(
                sentence.format(name=f"Ada Nord{at}", number=seed * at + 3, year=1900 + at)
                for at, sentence in enumerate(sentences)
            )
            (folder / f"{number}.txt").write_text(f"Island {number}. {text}", "utf-8", newline="")
        data = Path(scratch) / "data"
        data.mkdir()
        (data / "models").symlink_to(models)
        options = load_settings(articles=folder, data_dir=data, min_confidence=0)
        build(options)
        pipeline = open_pipeline(options)
        for question in (
            "Who keeps the lighthouse?",
            "How many people lived there?",
            "Why?",
            "Did it?",
        ):
            answer = pipeline.ask(question)
            assert not answer.abstained
            assert_proven(answer, pipeline)
        pipeline.close()


def test_a_running_pipeline_takes_up_a_new_generation(articles: Articles, data_dir: Path) -> None:
    folder = articles(**{"a.txt": "The keeper of the lighthouse is Ada Nord."})
    options = load_settings(articles=folder, data_dir=data_dir, min_confidence=0)
    build(options)
    live = LivePipeline(options)
    assert live.get().ask("Who is the keeper of the lighthouse?").short_answer == "Ada Nord"
    before = live.get()
    articles(**{"a.txt": "The keeper of the lighthouse is Bo Sund."})
    build(options)
    assert live.get().ask("Who is the keeper of the lighthouse?").short_answer == "Bo Sund"
    # a request that began before the swap still ends
    assert before.ask("Who is the keeper of the lighthouse?").short_answer == "Ada Nord"
    assert live.fault is None


def test_a_refused_generation_is_named_and_taken_up_once_it_is_whole(
    articles: Articles, data_dir: Path, caplog: pytest.LogCaptureFixture
) -> None:
    folder = articles(**{"a.txt": "The keeper of the lighthouse is Ada Nord."})
    options = load_settings(articles=folder, data_dir=data_dir, min_confidence=0)
    build(options)
    live = LivePipeline(options)
    articles(**{"a.txt": "The keeper of the lighthouse is Bo Sund."})
    damaged = build(options).generation
    (data_dir / "generations" / damaged / "chunks.jsonl").write_text("", "utf-8")
    for _ in range(2):
        assert live.get().ask("Who is the keeper of the lighthouse?").short_answer == "Ada Nord"
    assert live.fault is not None and f"generation {damaged} was refused: " in live.fault
    assert [
        record.getMessage() for record in caplog.records if record.name == "groundwire.index"
    ] == [live.fault]
    build(options, force=True)
    assert live.get().ask("Who is the keeper of the lighthouse?").short_answer == "Bo Sund"
    assert live.fault is None


def test_a_pipeline_long_out_of_use_lets_its_files_go(
    articles: Articles, data_dir: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = articles(**{"a.txt": "The keeper of the lighthouse is Ada Nord."})
    options = load_settings(articles=folder, data_dir=data_dir, min_confidence=0)
    build(options)
    live = LivePipeline(options)
    monkeypatch.setattr("rag.pipeline.RETIRED_S", 0)
    seen = [live.get()]
    for keeper in ("Bo Sund", "Cy Dahl"):
        articles(**{"a.txt": f"The keeper of the lighthouse is {keeper}."})
        build(options)
        seen.append(live.get())
    with pytest.raises(AttributeError, match="bindings"):
        seen[0].ask("Who is the keeper of the lighthouse?")
    for pipeline, keeper in zip(seen[1:], ("Bo Sund", "Cy Dahl"), strict=True):
        assert pipeline.ask("Who is the keeper of the lighthouse?").short_answer == keeper


def test_a_given_passage_is_read_like_an_indexed_one(pipeline: Pipeline) -> None:
    text = "The bridge was opened in 1931. It is 240 metres long."
    answer = pipeline.read_passage("When was the bridge opened?", text)
    assert answer.short_answer == "1931"
    assert text[answer.citations[0].start : answer.citations[0].end] == answer.citations[0].quote
