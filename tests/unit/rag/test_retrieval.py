from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from rag.retrieval import Ranking, fuse

rankings = st.lists(
    st.lists(st.integers(0, 50), unique=True, max_size=20).map(
        lambda rows: Ranking(rows=tuple(rows), scores=tuple(1.0 for _ in rows))
    ),
    min_size=1,
    max_size=3,
)


@given(rankings)
def test_every_row_comes_once_and_best_first(found: list[Ranking]) -> None:
    fused = fuse(found)
    rows = [row for row, _ in fused]
    scores = [score for _, score in fused]
    assert sorted(rows) == sorted({row for ranking in found for row in ranking.rows})
    assert scores == sorted(scores, reverse=True)
    assert all(0 < score <= 1 + 1e-9 for score in scores)


@given(rankings)
def test_a_row_that_is_never_behind_another_is_not_ranked_behind_it(found: list[Ranking]) -> None:
    order = [row for row, _ in fuse(found)]
    last = 99
    place = [{row: rank for rank, row in enumerate(ranking.rows)} for ranking in found]
    for at, row in enumerate(order):
        for behind in order[at + 1 :]:
            better = [p.get(behind, last) < p.get(row, last) for p in place]
            not_worse = [p.get(behind, last) <= p.get(row, last) for p in place]
            assert not (all(not_worse) and any(better))


def test_both_sides_beat_one() -> None:
    one = Ranking(rows=(1, 2), scores=(1.0, 1.0))
    other = Ranking(rows=(3, 2), scores=(1.0, 1.0))
    assert fuse([one, other])[0][0] == 2


def test_nothing_found_is_nothing_fused() -> None:
    assert fuse([Ranking(rows=(), scores=()), Ranking(rows=(), scores=())]) == []
