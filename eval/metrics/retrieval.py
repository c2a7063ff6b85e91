"""Retrieval: recall, reciprocal rank and nDCG, by ir-measures, at two levels.

- document: is the article with the evidence found? A document's rank is that of its first passage.
- evidence: are the very words found? A passage finds a piece of evidence of which it holds at least
  half the characters. The labels are places in articles, so another chunk size leaves them whole.

Source: https://ir-measur.es; Järvelin and Kekäläinen 2002 (nDCG), Voorhees 1999 (reciprocal rank).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from eval.facts import Evidence
from rag.types import Passage

MEASURES = ("Success@1", "R@5", "R@10", "RR@10", "nDCG@10")
# ir-measures' names under the names of this project's reports
NAMES = {
    "Success@1": "success@1",
    "R@5": "recall@5",
    "R@10": "recall@10",
    "RR@10": "mrr@10",
    "nDCG@10": "ndcg@10",
}
Run = Mapping[str, Sequence[str]]


def evaluate_run(run: Run, wanted: Run) -> dict[str, float | None]:
    """Each measure's mean over the questions of `wanted`; None where it has none.

    `run` holds what was found for each question, best first; `wanted` what should be. A question
    without a run counts as nothing found.
    """
    if not wanted:
        return dict.fromkeys(NAMES.values())
    import ir_measures

    measures = [ir_measures.parse_measure(name) for name in MEASURES]
    qrels = [
        ir_measures.Qrel(question, document, 1)
        for question, documents in wanted.items()
        for document in documents
    ]
    scored = [
        ir_measures.ScoredDoc(question, document, -float(rank))
        for question, documents in run.items()
        if question in wanted
        for rank, document in enumerate(documents)
    ]
    sums = dict.fromkeys(MEASURES, 0.0)
    for value in ir_measures.iter_calc(measures, qrels, scored):
        sums[str(value.measure)] += value.value
    return {NAMES[name]: total / len(wanted) for name, total in sums.items()}


def documents_of(passages: Sequence[Passage]) -> list[str]:
    """The documents of the passages in order, each once."""
    return list(dict.fromkeys(passage.document for passage in passages))


def evidence_of(passages: Sequence[Passage], evidence: Sequence[Evidence]) -> list[str]:
    """A ranked list for the evidence level: the evidence each passage finds first, else itself.

    Evidence `n` is named `evidence-n`, a passage that finds nothing new `passage-rank`.
    """
    found: list[str] = []
    for rank, passage in enumerate(passages):
        fresh = [
            name
            for number, item in enumerate(evidence)
            if (name := f"evidence-{number}") not in found and finds(passage, item)
        ]
        found.extend(fresh or [f"passage-{rank}"])
    return found


def rank_of(passages: Sequence[Passage], evidence: Sequence[Evidence]) -> int | None:
    """The rank, from 1, of the first passage that finds any of the evidence."""
    for rank, passage in enumerate(passages, start=1):
        if any(finds(passage, item) for item in evidence):
            return rank
    return None


def finds(passage: Passage, evidence: Evidence) -> bool:
    """Whether the passage holds at least half the characters of the evidence at one of its places."""
    return passage.document == evidence.document and any(
        2 * (min(end, passage.end) - max(start, passage.start)) >= end - start
        for start, end in evidence.places
    )
