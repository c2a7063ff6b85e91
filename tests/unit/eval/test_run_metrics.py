from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eval.facts import Evidence
from eval.metrics.abstention import abstention
from eval.metrics.latency import latencies, percentile
from eval.metrics.retrieval import documents_of, evaluate_run, evidence_of, finds, rank_of
from eval.metrics.risk_coverage import area, risk_coverage
from rag.types import Passage

CASES = st.lists(st.tuples(st.sampled_from([0.0, 0.2, 0.5, 0.9, 1.0]), st.booleans()), max_size=20)


def passage(document: str, start: int, end: int) -> Passage:
    return Passage(document=document, title="", start=start, end=end, text="", score=1.0)


def evidence(document: str, start: int, end: int) -> Evidence:
    return Evidence(document=document, quote="", line=1, places=((start, end),))


@given(CASES)
def test_the_curve_rises_to_full_coverage_and_the_whole_risk(
    cases: list[tuple[float, bool]],
) -> None:
    points = risk_coverage(cases)
    found = area(cases)
    if not cases:
        assert points == () and found is None
        return
    coverages = [point.coverage for point in points]
    assert coverages == sorted(set(coverages)) and coverages[-1] == 1
    assert points[-1].risk == sum(not right for _, right in cases) / len(cases)
    assert found is not None and 0 <= found <= 1


@given(CASES)
def test_the_curve_knows_no_order_among_equals(cases: list[tuple[float, bool]]) -> None:
    assert risk_coverage(cases) == risk_coverage(list(reversed(cases)))
    assert area(cases) == pytest.approx(area(list(reversed(cases))))


def test_sure_and_right_first_is_the_best_order() -> None:
    best, worst = area([(0.9, True), (0.1, False)]), area([(0.1, True), (0.9, False)])
    assert best == 0.25 and worst == 0.75


@given(st.lists(st.tuples(st.booleans(), st.booleans()), max_size=20))
def test_abstention_is_the_harmonic_mean_of_its_halves(cases: list[tuple[bool, bool]]) -> None:
    found = abstention(cases)
    if found.precision and found.recall:
        mean = 2 * found.precision * found.recall / (found.precision + found.recall)
        assert found.f1 == pytest.approx(mean)
    assert (found.precision is None) == (not any(abstained for _, abstained in cases))
    assert (found.recall is None) == (not any(unanswerable for unanswerable, _ in cases))


@given(st.lists(st.floats(0, 1e6), min_size=1, max_size=40))
def test_percentiles_are_measured_values_in_order(values: list[float]) -> None:
    median, high = percentile(values, 50), percentile(values, 95)
    assert median in values and high in values and median <= high <= max(values)
    assert sum(value <= high for value in values) >= 0.95 * len(values)


def test_a_step_that_was_not_timed_everywhere_counts_its_own() -> None:
    found = latencies([{"read": 4.0, "total": 5.0}, {"total": 1.0}])
    assert (found["read"].n, found["total"].n, found["total"].p95_ms) == (1, 2, 5.0)


def test_evidence_is_found_by_half_its_characters_in_its_document() -> None:
    item = evidence("a", 100, 200)
    assert finds(passage("a", 0, 150), item) and finds(passage("a", 90, 300), item)
    assert not finds(passage("a", 0, 149), item) and not finds(passage("b", 0, 300), item)


def test_ranked_lists_name_documents_once_and_evidence_at_its_first_place() -> None:
    passages = [passage("a", 0, 50), passage("b", 0, 50), passage("a", 40, 300)]
    wanted = [evidence("a", 100, 200), evidence("b", 10, 20), evidence("c", 0, 5)]
    assert documents_of(passages) == ["a", "b"]
    assert evidence_of(passages, wanted) == ["passage-0", "evidence-1", "evidence-0"]
    assert rank_of(passages, wanted) == 2 and rank_of(passages, wanted[2:]) is None


def test_the_labels_hold_when_the_chunks_change() -> None:
    wanted = [evidence("a", 100, 140)]
    for size in (60, 90, 400):
        chunks = [passage("a", start, start + size) for start in range(0, 400, size // 2)]
        assert rank_of(chunks, wanted) is not None


def test_retrieval_measures_of_a_known_run() -> None:
    run = {"q1": ["x", "d1"], "q2": ["d2"], "q3": ["x"]}
    wanted = {"q1": ["d1"], "q2": ["d2"], "q3": ["d3"], "q4": ["d4"]}
    found = evaluate_run(run, wanted)
    assert found["success@1"] == 0.25 and found["recall@5"] == 0.5
    assert found["mrr@10"] == pytest.approx((0.5 + 1) / 4)
    assert found["ndcg@10"] == pytest.approx((0.6309297 + 1) / 4)


def test_without_questions_nothing_is_measured() -> None:
    assert set(evaluate_run({}, {}).values()) == {None}
