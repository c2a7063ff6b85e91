from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from eval.metrics.agreement import kappa
from eval.metrics.answer_match import long_match, short_match
from eval.metrics.containment import containment
from eval.metrics.exact_match import exact_match
from eval.metrics.normal import join_thousands, normal, words
from eval.metrics.token_f1 import token_f1
from eval.metrics.word_recall import word_recall

TEXTS = st.text(max_size=40)


@given(TEXTS)
def test_a_text_matches_itself(text: str) -> None:
    assert exact_match(text, [text]) == token_f1(text, [text]) == 1.0
    assert short_match(text, [text])


@given(TEXTS, TEXTS)
def test_f1_is_symmetric_bounded_and_one_only_for_the_same_words(one: str, other: str) -> None:
    score = token_f1(one, [other])
    assert score == token_f1(other, [one])
    assert 0 <= score <= 1
    assert (score == 1) == (sorted(words(one)) == sorted(words(other)))


@given(TEXTS, st.lists(TEXTS, min_size=1, max_size=4))
def test_more_accepted_answers_never_lower_a_score(answer: str, accepted: list[str]) -> None:
    for metric in (exact_match, token_f1, containment):
        assert metric(answer, accepted) >= metric(answer, accepted[:1])
        assert metric(answer, accepted) == metric(answer, list(reversed(accepted)))


@given(TEXTS, TEXTS, TEXTS)
def test_what_stands_between_other_words_is_contained(left: str, text: str, right: str) -> None:
    assume(words(text))
    assert containment(f"{left} {text} {right}", [text]) == 1.0


@given(TEXTS, TEXTS)
def test_what_is_contained_is_recalled_wholly(answer: str, accepted: str) -> None:
    recall = word_recall(answer, [accepted])
    assert 0 <= recall <= 1
    if containment(answer, [accepted]):
        assert recall == 1


@given(TEXTS)
def test_normalising_twice_changes_nothing(text: str) -> None:
    assume("'s" not in text and "’s" not in text)
    once = normal(text)
    assume(join_thousands(once) == once)  # "0:000" leaves what reads like a thousand
    assert normal(once) == once


@given(TEXTS)
def test_nothing_is_contained_in_a_text_as_no_words(text: str) -> None:
    assert containment(text, ["the", "…", ""]) == float(False)


@pytest.mark.parametrize(
    ("answer", "accepted", "right"),
    [
        ("the Kremlin", "Kremlin", True),
        ("Serbian President Aleksandar Vučić", "Aleksandar Vucic", True),
        ("Red Square", "Kremlin", False),
        ("Queen Silvia", "Queen Sophia", False),
        ("2", "Power of Siberia 2", False),
        ("习近平", "习近平主席", True),
        ("60 000", "60,000", True),
        ("$245 billion", "$254 billion", False),
    ],
)
def test_short_answers(answer: str, accepted: str, right: bool) -> None:
    assert short_match(answer, [accepted]) is right


@pytest.mark.parametrize(
    ("answer", "accepted", "right"),
    [
        ("He landed in Baku before Moscow.", "Baku", True),
        ("Bakunin wrote it.", "Baku", False),
        ("Xi was met by Vladimir Putin.", "President Vladimir Putin", True),
        ("Xi was met by Vladimir Putin.", "Vladimir Zelensky", False),
        ("It flew to Baku with flight 62.", "flight 64 to Baku", False),
        ("Some sixty thousand people were stranded.", "60,000", True),
        ("Some sixty people were stranded.", "60,000", False),
        ("It came to 245 billion dollars in 2024.", "$245 billion", True),
        ("It came to 245 billion euros in 2024.", "$245 billion", False),
    ],
)
def test_long_answers(answer: str, accepted: str, right: bool) -> None:
    assert long_match(answer, [accepted]) is right


@given(st.lists(st.tuples(st.booleans(), st.booleans()), max_size=30))
def test_kappa_is_symmetric_and_at_most_one(pairs: list[tuple[bool, bool]]) -> None:
    found = kappa(pairs)
    assert found == kappa([(other, one) for one, other in pairs])
    assert found is None or -1 <= found <= 1


def test_kappa_of_cohen_s_example() -> None:
    pairs = [(True, True)] * 20 + [(True, False)] * 5 + [(False, True)] * 10 + [(False, False)] * 15
    assert kappa(pairs) == pytest.approx(0.4)
    assert kappa([]) is None and kappa([(True, True)]) is None
