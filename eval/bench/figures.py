"""Records of a benchmark → its figures, with the product's threshold and without."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from eval.bench.benchmark import Benchmark, BenchQuestion
from eval.metrics.abstention import abstention
from eval.metrics.answer_match import long_match, short_match
from eval.metrics.exact_match import exact_match
from eval.metrics.latency import latencies
from eval.metrics.risk_coverage import area
from eval.metrics.token_f1 import token_f1


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """Shares from 0 to 1, None where nothing was measured; milliseconds for the latencies.

    `exact_match` and `token_f1` follow SQuAD: an abstention is right where the question is
    unanswerable, else wrong. `…_forced` are those of the answerable questions without a threshold.
    `answered_right` is the share of answers given that match.
    """

    n: int
    exact_match: float
    token_f1: float
    exact_match_forced: float | None
    token_f1_forced: float | None
    coverage: float
    answered_right: float | None
    abstention_precision: float | None
    abstention_recall: float | None
    abstention_f1: float | None
    aurc: float | None
    success_at_1: float | None
    recall_at_5: float | None
    p50_ms: float
    p95_ms: float

    def to_dict(self) -> dict[str, Any]:
        """The JSON form."""
        return {
            name: round(value, 4) if isinstance(value, float) else value
            for name, value in asdict(self).items()
        }


def figures(
    benchmark: Benchmark, records: Sequence[Mapping[str, Any]], threshold: float, *, ranked: bool
) -> Figures:
    """The figures of at least one record; `ranked` says that documents were searched for."""
    cases = [
        (question, record, bool(record["text"]) and record["confidence"] >= threshold)
        for question, record in zip(benchmark.questions, records, strict=True)
    ]
    answerable = [case for case in cases if not case[0].unanswerable]
    given = [case for case in cases if case[2]]
    silent = abstention([(question.unanswerable, not said) for question, _, said in cases])
    latency = latencies([record["timings_ms"] for record in records])["total"]
    return Figures(
        n=len(cases),
        exact_match=_mean([_em(q, r) if said else float(q.unanswerable) for q, r, said in cases]),
        token_f1=_mean([_f1(q, r) if said else float(q.unanswerable) for q, r, said in cases]),
        exact_match_forced=_mean_or_none([_em(q, r) for q, r, _ in answerable]),
        token_f1_forced=_mean_or_none([_f1(q, r) for q, r, _ in answerable]),
        coverage=len(given) / len(cases),
        answered_right=_mean_or_none([float(_right(q, r)) for q, r, _ in given]),
        abstention_precision=silent.precision,
        abstention_recall=silent.recall,
        abstention_f1=silent.f1,
        aurc=area([(r["confidence"], _right(q, r)) for q, r, _ in cases]),
        success_at_1=_found(answerable, 1) if ranked else None,
        recall_at_5=_found(answerable, 5) if ranked else None,
        p50_ms=latency.p50_ms,
        p95_ms=latency.p95_ms,
    )


def _said(record: Mapping[str, Any]) -> str:
    return str(record["answer"] or record["text"])


def _em(question: BenchQuestion, record: Mapping[str, Any]) -> float:
    return exact_match(_said(record), question.answers)


def _f1(question: BenchQuestion, record: Mapping[str, Any]) -> float:
    return token_f1(_said(record), question.answers)


def _right(question: BenchQuestion, record: Mapping[str, Any]) -> bool:
    if question.unanswerable or not record["text"]:
        return False
    if record["answer"]:
        return short_match(record["answer"], question.answers)
    return long_match(record["text"], question.answers)


def _found(
    cases: Sequence[tuple[BenchQuestion, Mapping[str, Any], bool]], depth: int
) -> float | None:
    """The share of questions with a right document among the first `depth`."""
    return _mean_or_none(
        [float(bool(set(q.documents) & set(r["documents"][:depth]))) for q, r, _ in cases]
    )


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)


def _mean_or_none(values: Sequence[float]) -> float | None:
    return _mean(values) if values else None
