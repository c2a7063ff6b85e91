"""Inside the seventh step: candidate spans → the likeliest one, by calibrated probability."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from rag.confidence import Calibration
from rag.features import Evidence, span_features
from rag.reader import Candidate
from rag.types import Passage


@dataclass(frozen=True, slots=True, kw_only=True)
class Examined:
    """A question with its passages read: what spans there are and what speaks for them."""

    question: str
    passages: Sequence[Passage]
    evidence: Evidence


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """A candidate span with its probability."""

    candidate: Candidate
    probability: float


def judge(examined: Examined, calibration: Calibration) -> list[Judged]:
    """The candidates with their probabilities, likeliest first.

    Of spans that overlap the likeliest, the reader's favourite stands in its place: the probability
    tells places apart, the reader tells where an answer begins and ends.
    """
    probabilities = calibration.probabilities(span_features(examined.evidence))
    judged = [
        Judged(candidate=candidate, probability=probability)
        for candidate, probability in zip(examined.evidence.candidates, probabilities, strict=True)
    ]
    judged.sort(key=lambda item: (-item.probability, -item.candidate.margin))
    if not judged:
        return []
    likeliest = judged[0]
    favourite = max(
        (item for item in judged if _same_words(item.candidate, likeliest.candidate)),
        key=lambda item: item.candidate.margin,
    )
    first = replace(favourite, probability=likeliest.probability)
    return [first, *(item for item in judged if item is not favourite)]


def enough(candidates: Sequence[Candidate]) -> bool:
    """Whether one span is so clearly best that further passages are not worth their time."""
    margins = sorted((candidate.margin for candidate in candidates), reverse=True)
    return len({c.passage for c in candidates}) >= 4 and bool(margins) and margins[0] > 9.0


def _same_words(one: Candidate, other: Candidate) -> bool:
    return one.passage == other.passage and one.start < other.end and other.start < one.end
