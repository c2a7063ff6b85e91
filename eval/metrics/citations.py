"""Citations: are they the article's own words, the right place, and do they hold the answer?

    precision = citations that are verbatim at their offsets and overlap the gold evidence / citations
    recall    = pieces of gold evidence that a verbatim citation overlaps / pieces of gold evidence
    holds     = 1 if a verbatim citation holds the words of the short answer, else 0

Overlap is by characters of the article, so that another way of cutting changes no label.

Source: the definitions of Gao et al. 2023, https://arxiv.org/abs/2305.14627, with exact offsets in
place of a model's judgement.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from eval.facts import Evidence
from eval.metrics.containment import containment
from rag.citations import stands
from rag.types import Article, Citation


@dataclass(frozen=True, slots=True, kw_only=True)
class CitationScore:
    """Shares from 0 to 1; None where there is nothing to judge."""

    verbatim: float | None
    holds_answer: float | None
    precision: float | None
    recall: float | None


def citation_score(
    citations: Sequence[Citation],
    evidence: Sequence[Evidence],
    articles: Mapping[str, Article],
    short_answer: str | None = None,
) -> CitationScore:
    """The score of one answer's citations against the evidence of its fact."""
    sound = [citation for citation in citations if is_verbatim(citation, articles)]
    placed = [item for item in evidence if item.places]
    return CitationScore(
        verbatim=_share(len(sound), len(citations)),
        holds_answer=float(any(containment(c.quote, [short_answer]) == 1.0 for c in sound))
        if short_answer
        else None,
        precision=_share(
            sum(any(overlaps(citation, item) for item in placed) for citation in sound),
            len(citations),
        )
        if placed
        else None,
        recall=_share(
            sum(any(overlaps(citation, item) for citation in sound) for item in placed), len(placed)
        ),
    )


def is_verbatim(citation: Citation, articles: Mapping[str, Article]) -> bool:
    """Whether the citation is the article's own text at its offsets."""
    article = articles.get(citation.document)
    return article is not None and stands(citation, article)


def overlaps(citation: Citation, evidence: Evidence) -> bool:
    """Whether the citation shares a character with the evidence."""
    return citation.document == evidence.document and any(
        citation.start < end and start < citation.end for start, end in evidence.places
    )


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None
