"""The words that all reports share: figures, names of measures, expected and got."""

from __future__ import annotations

from eval.outcome import Outcome
from eval.summary import Measure

NOT_MEASURED = "not measured"
SHOWN = (
    ("passed", "facts passed"),
    ("accuracy", "answerable facts answered right"),
    ("answered_right", "of those answered, right"),
    ("token_f1", "token F1 of short answers"),
    ("exact_match", "exact match of short answers"),
    ("containment", "sentences hold the accepted words"),
    ("citation_verbatim", "citations word for word"),
    ("citation_holds_answer", "citations hold the answer"),
    ("citation_precision", "citations on the evidence"),
    ("citation_recall", "evidence cited"),
    ("abstention_precision", "abstention precision"),
    ("abstention_recall", "abstention recall"),
    ("abstention_f1", "abstention F1"),
    ("aurc", "area under risk and coverage (lower is better)"),
    ("evidence_success@1", "evidence first"),
    ("evidence_recall@5", "evidence in the first 5"),
    ("evidence_mrr@10", "evidence MRR@10"),
    ("evidence_ndcg@10", "evidence nDCG@10"),
    ("document_success@1", "article first"),
    ("document_mrr@10", "article MRR@10"),
)


def figure(measure: Measure) -> str:
    """Three decimals, or that it was not measured.

    >>> figure(Measure(value=None, n=0, not_measured=4))
    'not measured'
    """
    return NOT_MEASURED if measure.value is None else f"{measure.value:.3f}"


def expected(outcome: Outcome) -> str:
    """What a fact wants, on one line."""
    if outcome.fact.unanswerable:
        return f"an abstention ({outcome.fact.reason})"
    return " | ".join(outcome.fact.answers)


def got(outcome: Outcome) -> str:
    """What was answered, on one line."""
    text = "abstained" if outcome.abstained else one_line(outcome.got)
    return f"{text} ({outcome.confidence:.2f})"


def one_line(text: str, most: int = 240) -> str:
    """The text without line breaks, shortened."""
    joined = " ".join(text.split())
    return joined if len(joined) <= most else joined[: most - 1] + "…"


def verdict(failed: int) -> str:
    """The first word of a report."""
    return "Passed" if failed == 0 else "Failed"
