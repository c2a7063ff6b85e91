from __future__ import annotations

import hashlib
import re
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.chunking import ChunkOptions, chunk_article
from rag.embedding import OnnxEmbedder
from rag.sentences import Span, sentence_spans
from rag.types import Article

OPTIONS = ChunkOptions(max_tokens=20, overlap_tokens=6)
TEXTS = st.lists(
    st.sampled_from(
        [
            "A short one. ",
            "The same sentence again. ",
            "The same sentence again. ",
            "He said “no” — twice! ",
            "你好，世界。",
            "😀 emoji stand here. ",
            "\r\n",
            "\n\n",
            "word " * 45,
            "unbroken" * 12 + " ",
            "It cost 60,000. ",
        ]
    ),
    max_size=25,
).map("".join)


def words(text: str) -> list[Span]:
    """One token a word, one a character in unspaced scripts."""
    return [
        match.span() for match in re.finditer(r"[^\W\u4e00-\u9fff]+|[^\s\w]|[\u4e00-\u9fff]", text)
    ]


def article(text: str) -> Article:
    digest = hashlib.sha256(text.encode()).hexdigest()
    return Article(id="a", title="A", text=text, sha256=digest, source="a.txt")


@given(TEXTS)
def test_offsets_are_exact_and_every_sentence_is_covered(text: str) -> None:
    chunks = chunk_article(article(text), words, OPTIONS)
    for chunk in chunks:
        assert text[chunk.start : chunk.end] == chunk.text
        assert chunk.text == chunk.text.strip() != ""
    assert all(a.start < b.start and a.end < b.end for a, b in pairwise(chunks))
    covered = {place for chunk in chunks for place in range(chunk.start, chunk.end)}
    for start, end in sentence_spans(text):
        assert {p for p in range(start, end) if not text[p].isspace()} <= covered


@given(TEXTS)
def test_chunks_stay_within_the_size(text: str) -> None:
    for chunk in chunk_article(article(text), words, OPTIONS):
        assert len(words(chunk.text)) <= OPTIONS.max_tokens


def test_repeated_text_keeps_its_place() -> None:
    text = "Boilerplate stands here. " * 12
    chunks = chunk_article(article(text), words, ChunkOptions(max_tokens=8, overlap_tokens=0))
    assert [chunk.start for chunk in chunks] == [50 * number for number in range(6)]


def test_neighbours_share_whole_sentences() -> None:
    text = " ".join(f"Sentence number {n}." for n in range(12))
    chunks = chunk_article(article(text), words, ChunkOptions(max_tokens=12, overlap_tokens=4))
    assert chunks[0].text.endswith("Sentence number 2.")
    assert chunks[1].text.startswith("Sentence number 2.")


@pytest.mark.parametrize("text", ["", " \n ", "\r\n\r\n"])
def test_nothing_gives_no_chunk(text: str) -> None:
    assert chunk_article(article(text), words, OPTIONS) == []


def test_the_models_own_tokens_bound_a_chunk(embedder: OnnxEmbedder) -> None:
    text = "The Ministry’s antidisestablishmentarianism cost €2,450 million — “unheard of”. " * 30
    chunks = chunk_article(article(text), embedder.token_spans, ChunkOptions())
    assert len(chunks) > 3
    assert max(len(embedder.token_spans(chunk.text)) for chunk in chunks) <= 120
