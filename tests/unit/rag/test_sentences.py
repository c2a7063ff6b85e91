from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from rag.sentences import sentence_spans, trimmed

TEXTS = st.text(
    alphabet=st.sampled_from(list("abcXYZ .!?,“”‘’'\"\n\r\t0123。、你好日本😀é\u200b-—…")),
    max_size=300,
)


def sentences(text: str) -> list[str]:
    return [text[start:end] for start, end in sentence_spans(text)]


@given(TEXTS)
def test_spans_are_in_order_apart_and_hold_all_that_is_not_white_space(text: str) -> None:
    covered = 0
    for start, end in sentence_spans(text):
        assert start < end
        assert not text[covered:start].strip()
        assert text[start:end] == text[start:end].strip()
        covered = end
    assert not text[covered:].strip()


def test_a_heading_without_a_full_stop_is_its_own_sentence() -> None:
    assert sentences("Gas and energy\nThe visit shows ties.") == [
        "Gas and energy",
        "The visit shows ties.",
    ]


def test_wrapped_lines_are_joined() -> None:
    text = (
        "The committee met on Monday in order to discuss the budget for the\n"
        "coming year, which had been delayed by three weeks because of the\n"
        "illness of its chair. It agreed on a total of ten million."
    )
    assert [s.replace("\n", " ") for s in sentences(text)] == [
        "The committee met on Monday in order to discuss the budget for the coming year, which had "
        "been delayed by three weeks because of the illness of its chair.",
        "It agreed on a total of ten million.",
    ]


def test_abbreviations_and_numbers_do_not_end_a_sentence() -> None:
    assert sentences("Mr. Smith paid $2.5 million. He left.") == [
        "Mr. Smith paid $2.5 million.",
        "He left.",
    ]


def test_carriage_returns_and_chinese() -> None:
    assert sentences("One.\r\nTwo.\r\n你好。世界！") == ["One.", "Two.", "你好。", "世界！"]


@given(TEXTS, st.integers(0, 300), st.integers(0, 300))
def test_trimming_keeps_the_stripped_text(text: str, start: int, end: int) -> None:
    left, right = trimmed(text, start, max(start, end))
    assert text[left:right] == text[start : max(start, end)].strip()
