from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from eval.compare import compare, difference
from eval.stored import StoredFact


def stored(name: str, passed: bool, cause: str | None = None) -> StoredFact:
    return StoredFact(
        id=name, passed=passed, cause=cause, got="", measures={"passed": float(passed)}, evidence=()
    )


def test_flips_are_named_in_both_directions() -> None:
    before = {"a": stored("a", True), "b": stored("b", False, "read wrong"),
              "c": stored("c", False, "read wrong"), "old": stored("old", True)}  # fmt: skip
    after = {"a": stored("a", False, "cited wrong"), "b": stored("b", True),
             "c": stored("c", False, "cited wrong"), "new": stored("new", True)}  # fmt: skip
    found = compare(before, after, ["passed", "never measured"], resamples=99)
    assert (found.broken, found.mended, found.other_cause) == (("a",), ("b",), ("c",))
    assert (found.gone, found.new) == (("old",), ("new",))
    (passed,) = found.differences
    assert (passed.n, passed.mean) == (3, 0.0)


def test_a_clear_fall_is_significant_and_a_single_flip_is_not() -> None:
    fall = difference("passed", [(1.0, 0.0)] * 12 + [(1.0, 1.0)] * 8)
    assert fall.p_worse < 0.001 < 0.9 < fall.p_better
    assert fall.low <= fall.mean <= fall.high < 0
    flip = difference("passed", [(1.0, 0.0)] + [(1.0, 1.0)] * 19)
    assert flip.p_worse >= 0.5 and flip.high == 0.0


PAIRS = st.lists(
    st.tuples(st.sampled_from([0.0, 0.5, 1.0]), st.sampled_from([0.0, 0.5, 1.0])),
    min_size=1,
    max_size=12,
)


@settings(max_examples=25, deadline=None)
@given(PAIRS)
def test_the_same_runs_give_the_same_figures_and_turned_round_the_opposite(
    pairs: list[tuple[float, float]],
) -> None:
    one = difference("m", pairs, resamples=199)
    assert one == difference("m", pairs, resamples=199)
    turned = difference("m", [(after, before) for before, after in pairs], resamples=199)
    assert turned.mean == -one.mean
    assert one.low <= one.high and 0 < one.p_worse <= 1 and 0 < one.p_better <= 1
