r"""Last step of training: the reader's features → calibrated probabilities and one threshold.

    python -m rag.training.calibrate --data reader-train --reader rag/models/reader \
        --work runs/calibration --risk 0.33

Questions of articles that training held out are asked through the real pipeline over an index of
paragraphs, together with near misses of them and questions about articles that are not indexed; and
of their own paragraph alone. Logistic weights are fitted on one half of the paragraphs, their scale
is calibrated on the other half's chosen answers (Platt 1999), and the threshold is the lowest at
which the error among answers on that half stays within the stated risk. Benchmarks are not read.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import random
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from rich.progress import track
from sklearn.linear_model import LogisticRegression

from rag.answering import Examined, ExtractiveAnswerer
from rag.chunking import ChunkOptions
from rag.confidence import Calibration
from rag.corpus import Corpus
from rag.embedding import OnnxEmbedder, open_embedder
from rag.generations import Store
from rag.index import Index, build_index, open_index
from rag.onnx_model import load_model, read_card, write_card
from rag.pipeline import given_passage
from rag.reader import Reader
from rag.retrieval import retrieve
from rag.support import Features, normal, span_features
from rag.training.data import Example, load_folder, split_held_out
from rag.training.near_misses import NearMisses
from rag.training.plan import family
from rag.training.train import packaged_base
from rag.types import Article

FAMILIES = ("squad", "new_wiki")  # encyclopaedia articles: what they say is said in so many words
NEAR_MISSES = 0.5  # near misses for each answerable question
CANDIDATES_FITTED = 12
DISTRACTORS = 900  # paragraphs of articles that no question is about
_NEVER = Calibration(weights={}, intercept=0.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A question to calibrate on: its gold answers (none: unanswerable) and its paragraph.

    `group` is what must not be on both sides of a split.
    """

    question: str
    gold: tuple[str, ...]
    paragraph: str
    group: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One candidate of one question: its features, whether it is right, and its question."""

    features: Features
    right: bool
    question: int
    group: str


def questions_of(
    held_out: Sequence[Example], per_family: int, generator: random.Random
) -> list[Asked]:
    """Answerable questions of held-out articles and, for most, a near miss over the paragraph."""
    near_misses = NearMisses(held_out, *_vocabulary(), generator)
    found: list[Asked] = []
    for name in FAMILIES:
        pool = [example for example in held_out if family(example.source) == name]
        for example in generator.sample(pool, min(per_family, len(pool))):
            gold = tuple({example.context[start:end] for start, end in example.spans})
            found.append(
                Asked(
                    question=example.question,
                    gold=gold,
                    paragraph=example.context,
                    group=example.context,
                )
            )
            rewritten = near_misses.rewrite(example, example.context)
            if rewritten and generator.random() < NEAR_MISSES:
                found.append(
                    Asked(
                        question=rewritten,
                        gold=(),
                        paragraph=example.context,
                        group=example.context,
                    )
                )
    return found


def is_right(span: str, gold: Sequence[str]) -> bool:
    """Whether a span shares enough words with a gold answer: token F1 of at least a half.

    >>> is_right("the 3rd of May", ["3rd of May 1990"]), is_right("May", ["3rd of May 1990"])
    (True, False)
    """
    return any(token_f1(normal(span).split(), normal(answer).split()) >= 0.5 for answer in gold)


def token_f1(found: Sequence[str], wanted: Sequence[str]) -> float:
    """The harmonic mean of the shares of words in common."""
    common = sum((Counter(found) & Counter(wanted)).values())
    return 2 * common / (len(found) + len(wanted)) if common else 0.0


def paragraphs_as_articles(examples: Sequence[Example]) -> tuple[Article, ...]:
    """One article for each data article: its paragraphs, each once."""
    paragraphs: dict[str, dict[str, None]] = {}
    for example in examples:
        paragraphs.setdefault(example.article, {})[example.context] = None
    return tuple(
        Article.of(id=name.replace("/", "-"), title=name, text="\n\n".join(parts), source=name)
        for name, parts in paragraphs.items()
    )


def rows_of(
    asked: Sequence[Asked],
    answerer: ExtractiveAnswerer,
    index: Index,
    embedder: OnnxEmbedder,
    top_k: int,
) -> tuple[list[Row], list[Row]]:
    """Span rows and sentence rows: each question over the index, then over its paragraph alone."""
    spans: list[Row] = []
    sentences: list[Row] = []
    for number, item in enumerate(track(asked, "Reading")):
        over_index = retrieve(index, embedder, item.question, top_k=top_k)
        article, alone = given_passage(item.question, item.paragraph, embedder)
        for turn, (passages, articles) in enumerate(
            (
                (over_index, index.articles),
                ((alone,), {article.id: article}),
            )
        ):
            key = 2 * number + turn
            examined = answerer.examine(item.question, passages, articles)
            spans.extend(_span_rows(examined, item, key))
            sentences.extend(_sentence_rows(answerer, examined, item, key))
    return spans, sentences


def _span_rows(examined: Examined, item: Asked, key: int) -> Iterator[Row]:
    best = sorted(examined.candidates, key=lambda c: -c.margin)[:CANDIDATES_FITTED]
    for candidate in best:
        text = examined.passages[candidate.passage].text[candidate.start : candidate.end]
        yield Row(
            features=span_features(examined.wanted, candidate, examined.candidates, examined.reads),
            right=is_right(text, item.gold),
            question=key,
            group=item.group,
        )


def _sentence_rows(
    answerer: ExtractiveAnswerer, examined: Examined, item: Asked, key: int
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
        )


def fit(rows: Sequence[Row]) -> tuple[Calibration, list[tuple[float, bool]]]:
    """Weights on one half of the paragraphs, scale on the other; and that half's chosen answers.

    Returns the calibration and (probability, right) of the chosen answer of every question of the
    second half.
    """
    names = sorted(rows[0].features)
    first = [row for row in rows if _half(row.group) == 0]
    second = [row for row in rows if _half(row.group) == 1]
    model = LogisticRegression(C=0.03, max_iter=4000)
    model.fit(_matrix(first, names), [row.right for row in first])
    raw = Calibration(
        weights=dict(zip(names, map(float, model.coef_[0]), strict=True)),
        intercept=float(model.intercept_[0]),
    )
    chosen = _chosen(second, raw)
    logits = np.array([[_logit(raw.probability(row.features))] for row in chosen])
    scale = LogisticRegression(C=1e6, max_iter=2000)
    scale.fit(logits, [row.right for row in chosen])
    slope, shift = float(scale.coef_[0][0]), float(scale.intercept_[0])
    calibrated = Calibration(
        weights={name: round(weight * slope, 5) for name, weight in raw.weights.items()},
        intercept=round(raw.intercept * slope + shift, 5),
    )
    return calibrated, [(calibrated.probability(row.features), row.right) for row in chosen]


def _chosen(rows: Sequence[Row], calibration: Calibration) -> list[Row]:
    best: dict[int, tuple[float, Row]] = {}
    for row in rows:
        probability = calibration.probability(row.features)
        if row.question not in best or probability > best[row.question][0]:
            best[row.question] = (probability, row)
    return [row for _, row in best.values()]


def threshold_for(chosen: Sequence[tuple[float, bool]], risk: float) -> float:
    """The lowest probability from which on the share of wrong answers stays within `risk`.

    >>> threshold_for([(0.9, True), (0.8, True), (0.4, False), (0.3, False)], 0.1)
    0.8
    """
    ordered = sorted(chosen, key=lambda item: -item[0])
    wrong, lowest = 0, 1.0
    for place, (probability, right) in enumerate(ordered, start=1):
        wrong += not right
        if wrong / place <= risk:
            lowest = probability
    return round(lowest, 4)


def reliability(chosen: Sequence[tuple[float, bool]], bins: int = 10) -> list[dict[str, float]]:
    """Mean probability and share right in equal bins, for a reliability diagram."""
    table: list[dict[str, float]] = []
    for number in range(bins):
        low, high = number / bins, (number + 1) / bins
        inside = [
            item for item in chosen if low <= item[0] < high or (number == 9 and item[0] == 1)
        ]
        if inside:
            table.append(
                {
                    "from": low,
                    "to": high,
                    "answers": len(inside),
                    "probability": round(float(np.mean([p for p, _ in inside])), 4),
                    "right": round(float(np.mean([r for _, r in inside])), 4),
                }
            )
    return table


def risk_coverage(chosen: Sequence[tuple[float, bool]]) -> list[dict[str, float]]:
    """The share answered and the share wrong among those, for thresholds from 0 to 0.95.

    Source: El-Yaniv and Wiener 2010, https://jmlr.org/papers/v11/el-yaniv10a.html
    """
    table: list[dict[str, float]] = []
    for threshold in np.arange(0, 1, 0.05):
        answered = [right for probability, right in chosen if probability >= threshold]
        if answered:
            table.append(
                {
                    "threshold": round(float(threshold), 2),
                    "coverage": round(len(answered) / len(chosen), 4),
                    "risk": round(1 - float(np.mean(answered)), 4),
                }
            )
    return table


def _half(group: str) -> int:
    return hashlib.sha256(group.encode()).digest()[1] % 2


def _matrix(rows: Sequence[Row], names: Sequence[str]) -> np.ndarray:
    return np.array([[row.features[name] for name in names] for row in rows])


def _logit(probability: float) -> float:
    clipped = min(1 - 1e-9, max(1e-9, probability))
    return float(np.log(clipped / (1 - clipped)))


def _vocabulary() -> tuple[list[str], np.ndarray]:
    from safetensors.numpy import load_file
    from tokenizers import Tokenizer

    base = packaged_base()
    ids = Tokenizer.from_file(str(base / "tokenizer.json")).get_vocab()
    words = [word for word in ids if word.isalpha() and len(word) > 3]
    matrix = load_file(base / "model.safetensors")["embeddings.word_embeddings.weight"]
    return words, matrix[[ids[word] for word in words]] - matrix.mean(axis=0)


def calibrate(
    data: Path, reader_folder: Path, work: Path, *, risk: float, per_family: int, seed: int
) -> Mapping[str, object]:
    """Fits and stores the calibration in the reader's card; returns what is reported.

    `work` keeps the index, which does not depend on the reader, for the next calibration.
    """
    generator = random.Random(seed)
    train, held_out = split_held_out(load_folder(data))
    wanted = [example for example in held_out if family(example.source) in FAMILIES]
    beside = _some_articles(train, DISTRACTORS, generator)
    asked = questions_of(wanted, per_family, generator)
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
    span, chosen = fit(spans)
    sentence, chosen_sentences = fit(sentences)
    report = {
        "span": {"weights": dict(span.weights), "intercept": span.intercept},
        "sentence": {"weights": dict(sentence.weights), "intercept": sentence.intercept},
        "threshold": threshold_for(chosen, risk),
        "risk": risk,
        "questions": len(asked),
        "reliability": reliability(chosen),
        "risk_coverage": risk_coverage(chosen),
        "sentence_reliability": reliability(chosen_sentences),
        "sentence_risk_coverage": risk_coverage(chosen_sentences),
    }
    card = read_card(reader_folder)
    card.pop("files")
    write_card(reader_folder, card | {"calibration": report})
    return report


def _some_articles(
    examples: Sequence[Example], paragraphs: int, generator: random.Random
) -> list[Example]:
    """Whole Wikipedia articles, drawn until they hold about this many paragraphs."""
    pool = [example for example in examples if family(example.source) in ("squad", "new_wiki")]
    names = sorted({example.article for example in pool})
    generator.shuffle(names)
    chosen: list[Example] = []
    seen: set[str] = set()
    for name in names:
        if len(seen) >= paragraphs:
            break
        part = [example for example in pool if example.article == name]
        seen.update(example.context for example in part)
        chosen.extend(part)
    return chosen


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()


def main(arguments: Sequence[str] | None = None) -> None:
    """The command line of the calibration."""
    parser = argparse.ArgumentParser(prog="python -m rag.training.calibrate", description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--reader", type=Path, required=True)
    parser.add_argument("--work", type=Path, required=True, help="folder for the index")
    parser.add_argument("--risk", type=float, default=0.33)
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
