from __future__ import annotations

import hashlib
from dataclasses import replace
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.types import NOT_IN_ARTICLES, Answer, Article, Citation, Passage, Sentence
from ui.conversations import Conversation, Exchange
from ui.markup import article_link, text
from ui.messages import LANGUAGES, Messages
from ui.render import as_text, turn
from ui.shell import conversation
from ui.sources import View, sources

TEXT = "The port closed. It held 29 ships. Nobody said why."
QUOTE = "It held 29 ships."
ENGLISH = Messages("en")


def article(body: str = TEXT, title: str = "A port") -> Article:
    digest = hashlib.sha256(body.encode()).hexdigest()
    return Article(id="port", title=title, text=body, sha256=digest, source="port.txt")


def answered(held: Article, short: str | None = "29") -> Answer:
    start = held.text.index(QUOTE)
    inner = held.text.index("29")
    return Answer(
        question="How many ships?",
        standalone_question="How many ships?",
        abstained=False,
        short_answer=short,
        text=QUOTE,
        confidence=0.95,
        sentences=(Sentence(text=QUOTE, citations=(1,)),),
        citations=(
            Citation(
                number=1,
                document=held.id,
                title=held.title,
                sha256=held.sha256,
                start=start,
                end=start + len(QUOTE),
                quote=QUOTE,
                answer_start=inner,
                answer_end=inner + 2,
            ),
        ),
        passages=(passage(held),),
        answered_by="test",
        generation="g",
        timings_ms={},
    )


def passage(held: Article) -> Passage:
    return Passage(
        document=held.id, title=held.title, start=0, end=len(held.text), text=held.text, score=1.0
    )


def abstained(held: Article) -> Answer:
    return Answer(
        question="Who?",
        standalone_question="Who owns the port?",
        abstained=True,
        short_answer=None,
        text=NOT_IN_ARTICLES,
        confidence=0.1,
        sentences=(),
        citations=(),
        passages=(passage(held),),
        answered_by="test",
        generation="g",
        timings_ms={},
    )


def shown(answer: Answer, held: Article, **more: object) -> str:
    exchange = Exchange(
        question=answer.question,
        standalone=answer.standalone_question,
        state="answered",
        answer=answer,
        versions={held.id: held.sha256},
        **more,  # type: ignore[arg-type]
    )
    view = View(articles={held.id: held}, say=ENGLISH, feedback=True)
    return turn(0, exchange, view, last=True)


class Parts(HTMLParser):
    """Every tag and attribute of a markup."""

    def __init__(self, markup: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.text = ""
        self.feed(markup)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes.extend(attrs)

    def handle_data(self, data: str) -> None:
        self.text += data


def test_short_answer_comes_first_then_the_sentence_with_its_chip() -> None:
    markup = shown(answered(article()), article())
    assert (
        markup.index('gw-short"><bdi>29') < markup.index("gw-sentences") < markup.index("gw-chip")
    )
    assert 'aria-label="Source 1: A port"' in markup


def test_confidence_is_said_in_words() -> None:
    markup = shown(answered(article()), article())
    assert "high confidence" in markup
    assert "0.95" not in markup


def test_the_source_marks_quote_and_answer_in_the_passage() -> None:
    held = article()
    markup = sources(3, answered(held), View(articles={held.id: held}, say=ENGLISH))
    assert (
        "The port closed. <mark>It held <strong class='gw-answer'>29</strong> ships.</mark>"
        in markup
    )
    assert 'id="gw-source-3-1"' in markup


def test_a_source_whose_article_changed_shows_the_quote_as_it_was() -> None:
    held = article()
    now = article("Other words entirely.")
    markup = sources(0, answered(held), View(articles={"port": now}, say=ENGLISH))
    assert f"<mark>{QUOTE}</mark>" in markup
    assert "from an earlier version" in markup
    assert "Other words" not in markup


def test_an_abstention_says_what_was_searched_and_has_nothing_like_an_answer() -> None:
    markup = shown(abstained(article()), article(), searched=3)
    assert "The articles do not say." in markup
    assert "Searched for: <bdi>Who owns the port?</bdi>" in markup
    assert "Searched in: <bdi>3 articles</bdi>" in markup
    assert "gw-short" not in markup
    assert "gw-chip" not in markup
    assert "confidence" not in markup


def test_a_passage_that_was_looked_at_links_to_the_version_that_was_looked_at() -> None:
    held = article()
    now = article("Other words entirely.")
    asked = abstained(held)
    exchange = Exchange(
        question=asked.question,
        standalone=asked.question,
        state="answered",
        answer=asked,
        searched=1,
        titles=("A port",),
        versions={held.id: held.sha256},
    )
    markup = turn(0, exchange, View(articles={"port": now}, say=ENGLISH), last=True)
    assert f"version={held.sha256[:16]}" in markup
    assert now.sha256[:16] not in markup
    assert "Searched in: <bdi>A port</bdi>" in markup


def test_the_meaning_of_the_confidence_is_said_by_a_button() -> None:
    parts = Parts(shown(answered(article()), article()))
    assert ("data-meaning", ENGLISH("high confidence")) in parts.attributes
    assert "of ten answers like this" not in parts.text


def test_a_conversation_that_was_cut_says_so() -> None:
    asked = Exchange(question="Who?", standalone="Who?", state="stopped")
    view = View(articles={}, say=ENGLISH)
    whole = conversation(Conversation(exchanges=(asked,)), (), view, "")
    cut = conversation(Conversation(exchanges=(asked,), cut=True), (), view, "")
    assert "no longer kept" in cut
    assert "no longer kept" not in whole


def test_the_question_as_understood_is_shown_only_where_it_differs() -> None:
    asked = replace(answered(article()), question="And how many?")
    assert "Understood as: <bdi>How many ships?</bdi>" in shown(asked, article())
    assert "Understood as" not in shown(answered(article()), article())
    # "Searched for" says it there
    assert "Understood as" not in shown(abstained(article()), article())


def test_copied_text_holds_answer_and_citations() -> None:
    assert as_text(answered(article()), ENGLISH).splitlines() == [
        "How many ships?",
        "",
        "29",
        "",
        "It held 29 ships. [1]",
        "",
        "[1] A port: “It held 29 ships.”",
    ]


def test_a_link_carries_span_and_version() -> None:
    link = article_link("a/b c", 3, 9, "f" * 64)
    assert link == f"articles/a%2Fb%20c?start=3&end=9&version={'f' * 16}#span"


@pytest.mark.parametrize(
    "character",
    ["\u202e", "\u200b", "\u2066", "\ufeff", "\u00ad", "\u061c", "\x00", "\x1b", "\U000e0041"],
)
def test_characters_that_hide_or_reorder_are_left_out(character: str) -> None:
    assert text(f"a{character}b") == "ab"


def test_stacked_marks_are_cut_and_lone_surrogates_replaced() -> None:
    assert text("e" + "\u0301" * 50) == "e" + "\u0301" * 3
    assert text("\ud800x").encode() == "\ufffdx".encode()


@given(
    st.text(alphabet=st.sampled_from("<>\"'&=/ \u202eabonerr:javascript()[]!`${}\x01"), max_size=60)
)
def test_no_text_from_outside_becomes_markup(hostile: str) -> None:
    plain, evil = article(), article(title=hostile or "x")
    for make in (answered, abstained):
        known = Parts(shown(make(plain), plain, searched=1, titles=("s",)))
        answer = replace(make(evil), short_answer=(hostile or "x") if make is answered else None)
        seen = Parts(shown(answer, evil, searched=1, titles=(hostile,)))
        assert seen.tags == known.tags
        assert [name for name, _ in seen.attributes] == [name for name, _ in known.attributes]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_exists_in_every_language_with_the_same_values(language: str) -> None:
    from string import Formatter

    from ui.messages import _TEXTS

    for key, versions in _TEXTS.items():
        assert all(versions), key
        fields = [{name for _, name, _, _ in Formatter().parse(t) if name} for t in versions]
        assert fields[0] == fields[1] == fields[2], key
    assert Messages(language).confidence("low confidence")  # type: ignore[arg-type]
