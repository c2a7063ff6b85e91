"""What became of one fact, and of a whole run. Values only; their JSON form is `report/as_json.py`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from eval.causes import Cause
from eval.facts import Fact
from rag.types import Article


@dataclass(frozen=True, slots=True, kw_only=True)
class Cited:
    """A citation as the report shows it."""

    document: str
    start: int
    end: int
    quote: str
    verbatim: bool
    on_evidence: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """One fact, what was got, and why it failed. None in a measure is "not measured".

    `understood` is the question as searched for; `got` is what was answered ("" for an abstention);
    `guess` and `guess_right` what would have been without the threshold. `rank` is that of the first
    candidate passage with the evidence. `found_documents` and `found_evidence` are ranked lists for
    the retrieval measures.
    """

    fact: Fact
    cause: Cause | None
    detail: str
    abstained: bool
    understood: str
    got: str
    sentence: str
    confidence: float
    guess: str
    guess_right: bool
    right: bool
    rank: int | None
    passages_read: int
    citations: tuple[Cited, ...]
    measures: Mapping[str, float | None]
    found_documents: tuple[str, ...]
    found_evidence: tuple[str, ...]
    timings_ms: Mapping[str, float]

    @property
    def passed(self) -> bool:
        """Whether nothing failed."""
        return self.cause is None


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """What was evaluated: everything that decides the answers."""

    version: str
    generation: str
    embedder: str
    embedder_digest: str
    reader: str
    reader_digest: str
    top_k: int
    threshold: float
    articles: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """All outcomes, in the order of the facts, with what was evaluated and its articles."""

    subject: Subject
    outcomes: tuple[Outcome, ...]
    articles: Mapping[str, Article]
