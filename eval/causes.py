"""Why a fact failed: one cause, the first fault on the way from the articles to the answer.

evidence gone       the article no longer says what the fact quotes, or is not in the index
wrongly answered    the articles do not answer, and it did
not retrieved       no candidate of the search holds the evidence
ranked too low      a candidate holds it, below the passages that are read
wrongly abstained   the evidence was read, and it said that the articles do not say
read wrong          the evidence was read, and the answer is another one
cited wrong         the answer is right, its citations are not
"""

from __future__ import annotations

from typing import Literal, get_args

Cause = Literal[
    "evidence gone",
    "wrongly answered",
    "not retrieved",
    "ranked too low",
    "wrongly abstained",
    "read wrong",
    "cited wrong",
]
CAUSES: tuple[Cause, ...] = get_args(Cause)


def cause_of(
    *,
    unanswerable: bool,
    evidence_gone: bool,
    abstained: bool,
    right: bool,
    cited: bool,
    rank: int | None,
    passages_read: int,
) -> Cause | None:
    """The cause, or None for a fact that passed.

    `rank` is that of the first candidate with the evidence; `cited` whether every citation is
    verbatim and one overlaps the evidence.

    >>> cause_of(unanswerable=False, evidence_gone=False, abstained=True, right=False, cited=False,
    ...          rank=3, passages_read=1)
    'ranked too low'
    """
    if evidence_gone:
        return "evidence gone"
    if unanswerable:
        return None if abstained else "wrongly answered"
    if not abstained and right:
        return None if cited else "cited wrong"
    if rank is None:
        return "not retrieved"
    if rank > passages_read:
        return "ranked too low"
    return "wrongly abstained" if abstained else "read wrong"
