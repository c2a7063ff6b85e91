r"""Last step of training: the reader's features → calibrated probabilities and one threshold.

    python -m rag.training.calibrate --data reader-train --reader rag/models/reader \
        --work runs/calibration --risk 0.25

Questions of articles that training held out are asked through the real pipeline over an index of
paragraphs, together with near misses of them and questions about articles that are not indexed; and
of their own paragraph alone. The written questions over held-out paragraphs are asked with them.
Logistic weights of spans and of sentences are fitted on all of them; their scales (Platt 1999) on
the questions that the product answers by a span, or by sentences; and the threshold, which is the
lowest at which the error among all answers stays within the stated risk, on answers chosen by
weights that had not seen the paragraph. Benchmarks are not read.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import random
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from rich.progress import track

from rag.answering import ExtractiveAnswerer
from rag.chunking import ChunkOptions
from rag.confidence import Calibration
from rag.corpus import Corpus
from rag.embedding import OnnxEmbedder, open_embedder
from rag.features import span_features
from rag.generations import Store
from rag.index import Index, build_index, open_index
from rag.judging import Examined
from rag.onnx_model import load_model, read_card, write_card
from rag.pipeline import given_passage
from rag.questions import form_of
from rag.reader import Reader
from rag.retrieval import retrieve
from rag.support import normal
from rag.training.data import split_held_out
from rag.training.fit import Row, fit, is_right, reliability, risk_coverage, threshold_for
from rag.training.held_out import (
    FAMILIES,
    HeldOutQuestion,
    paragraphs_as_articles,
    questions_of,
    some_articles,
    written_questions,
)
from rag.training.plan import family
from rag.training.written import OWN, load_all
from rag.types import Article, Passage

CANDIDATES_FITTED = 12
DISTRACTORS = 900  # paragraphs of articles that no question is about
_NEVER = Calibration(weights={}, intercept=0.0)


def rows_of(
    asked: Sequence[HeldOutQuestion],
    answerer: ExtractiveAnswerer,
    index: Index,
    embedder: OnnxEmbedder,
    top_k: int,
) -> tuple[list[Row], list[Row]]:
    """Span rows and sentence rows: each question over the index, then over its paragraph alone."""
    spans: list[Row] = []
    sentences: list[Row] = []
    for number, item in enumerate(track(asked, "Reading")):
        article, alone = given_passage(item.question, item.paragraph, embedder)
        turns: list[tuple[tuple[Passage, ...], Mapping[str, Article]]] = [
            ((alone,), {article.id: article})
        ]
        if not item.alone:
            over_index = retrieve(index, embedder, item.question, top_k=top_k)
            turns.append((over_index, index.articles))
        for turn, (passages, articles) in enumerate(turns):
            key = 2 * number + turn
            examined = answerer.examine(item.question, passages, articles)
            spans.extend(_span_rows(examined, item, key))
            sentences.extend(_sentence_rows(answerer, examined, item, key))
    return spans, sentences


def _span_rows(examined: Examined, item: HeldOutQuestion, key: int) -> Iterator[Row]:
    candidates = examined.evidence.candidates
    described = zip(candidates, span_features(examined.evidence), strict=True)
    best = sorted(described, key=lambda item: -item[0].margin)[:CANDIDATES_FITTED]
    for candidate, features in best:
        text = examined.passages[candidate.passage].text[candidate.start : candidate.end]
        yield Row(
            features=features,
            right=is_right(text, item.gold),
            question=key,
            group=item.group,
            asked_so=form_of(item.question) == "short",
        )


def _sentence_rows(
    answerer: ExtractiveAnswerer, examined: Examined, item: HeldOutQuestion, key: int
) -> Iterator[Row]:
    places = answerer.sentence_places(examined)
    for place in sorted(places, key=lambda p: -p.features["similarity"])[:CANDIDATES_FITTED]:
        text = examined.passages[place.row].text[slice(*place.span)]
        held = any(normal(gold) in normal(text) for gold in item.gold)
        # "in" alone would call a sentence right for a gold answer such as "two"
        from_paragraph = text in item.paragraph
        yield Row(
            features=place.features,
            right=held and from_paragraph,
            question=key,
            group=item.group,
            asked_so=form_of(item.question) != "short",
        )


def calibrate(
    data: Path, reader_folder: Path, work: Path, *, risk: float, per_family: int, seed: int
) -> Mapping[str, object]:
    """Fits and stores the calibration in the reader's card; returns what is reported.

    `work` keeps the index, which does not depend on the reader, for the next calibration.
    """
    generator = random.Random(seed)
    train, held_out = split_held_out(load_all(data))
    wanted = [example for example in held_out if family(example.source) in (*FAMILIES, OWN)]
    beside = some_articles(train, DISTRACTORS, generator)
    asked = [*questions_of(wanted, per_family, generator), *written_questions(wanted)]
    # one article stays out of the index, so that its questions find nothing there
    absent = min((example.article for example in wanted), key=_digest)
    indexed = [example for example in wanted if example.article != absent]
    store = Store(work)
    embedder = open_embedder("all-MiniLM-L6-v2", work, 2)
    corpus = Corpus(folder=work, articles=paragraphs_as_articles([*indexed, *beside]), reports=())
    with store.building():
        build_index(store, corpus, embedder, ChunkOptions(), force=True)
    index = open_index(store)
    reader = Reader(load_model(reader_folder), 2)
    answerer = ExtractiveAnswerer(reader, embedder, index.lexical.rarity, _NEVER, _NEVER)
    spans, sentences = rows_of(asked, answerer, index, embedder, 8)
    index.vectors.close()
    span, by_span = fit(spans)
    sentence, by_sentence = fit(sentences)
    chosen = [*by_span, *by_sentence]
    report = {
        "span": {"weights": dict(span.weights), "intercept": span.intercept},
        "sentence": {"weights": dict(sentence.weights), "intercept": sentence.intercept},
        "threshold": threshold_for(chosen, risk),
        "risk": risk,
        "questions": len(asked),
        "reliability": reliability(chosen),
        "risk_coverage": risk_coverage(chosen),
        "sentence_reliability": reliability(by_sentence),
        "sentence_risk_coverage": risk_coverage(by_sentence),
    }
    card = read_card(reader_folder)
    card.pop("files")
    write_card(reader_folder, card | {"calibration": report})
    return report


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()


def main(arguments: Sequence[str] | None = None) -> None:
    """The command line of the calibration."""
    parser = argparse.ArgumentParser(prog="python -m rag.training.calibrate", description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--reader", type=Path, required=True)
    parser.add_argument("--work", type=Path, required=True, help="folder for the index")
    parser.add_argument("--risk", type=float, default=0.25)
    parser.add_argument("--per-family", type=int, default=320)
    parser.add_argument("--seed", type=int, default=29)
    chosen = parser.parse_args(arguments)
    report = calibrate(
        chosen.data,
        chosen.reader,
        chosen.work,
        risk=chosen.risk,
        per_family=chosen.per_family,
        seed=chosen.seed,
    )
    print(json.dumps(report, indent=2))


if __name__ == "__main__":
    main()
