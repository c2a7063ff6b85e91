"""Third step of the evaluation: facts + pipeline → outcomes, each failure with its cause."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from importlib.metadata import version

from eval.causes import Cause, cause_of
from eval.evidence import nearest
from eval.facts import Evidence, Fact
from eval.metrics.answer_match import long_match, short_match
from eval.metrics.citations import citation_score, is_verbatim, overlaps
from eval.metrics.containment import containment
from eval.metrics.exact_match import exact_match
from eval.metrics.retrieval import documents_of, evidence_of, rank_of
from eval.metrics.token_f1 import token_f1
from eval.outcome import Cited, Outcome, Run, Subject
from eval.target import Target
from rag.conversation import Turn, resolve
from rag.types import Answer, Article, Citation, Passage

SHOWN_CHARACTERS = 160


def run_facts(
    facts: Sequence[Fact], target: Target, progress: Callable[[Outcome], None] | None = None
) -> Run:
    """Asks every fact, one after the other; `progress` is told each outcome.

    A turn of a conversation is understood from the turns before it, as the product answered them.
    """
    outcomes: list[Outcome] = []
    turns: dict[str, tuple[Turn, ...]] = {}
    for fact in facts:
        before = turns.get(fact.conversation, ()) if fact.conversation else ()
        outcome, turn = check(fact, target, before)
        outcomes.append(outcome)
        if fact.conversation:
            turns[fact.conversation] = (*before, turn)
        if progress:
            progress(outcome)
    return Run(subject=subject_of(target), outcomes=tuple(outcomes), articles=target.articles)


def check(fact: Fact, target: Target, before: Sequence[Turn] = ()) -> tuple[Outcome, Turn]:
    """Asks one fact and judges what came; the turn is what a follow-up question may refer to."""
    standalone = resolve(fact.question, before).standalone if before else None
    answer, guess = target.ask(fact.question, standalone)
    ranking = target.ranking(answer.standalone_question) if answer.standalone_question else ()
    turn = Turn(
        question=fact.question,
        standalone=answer.standalone_question,
        answer=answer.short_answer or "",
        evidence=tuple(sentence.text for sentence in answer.sentences),
    )
    return judge(fact, answer, guess, ranking, target.articles), turn


def judge(
    fact: Fact,
    answer: Answer,
    guess: Answer,
    ranking: Sequence[Passage],
    articles: Mapping[str, Article],
) -> Outcome:
    """The outcome of a fact whose evidence is placed. Pure.

    `guess` is the answer without the threshold, `ranking` every candidate of the search.
    """
    right = not answer.abstained and is_right(fact, answer)
    gone = [item for item in fact.evidence if not item.places]
    cited = _is_cited(answer, fact.evidence, articles)
    rank = rank_of(ranking, fact.evidence)
    cause = cause_of(
        unanswerable=fact.unanswerable,
        evidence_gone=bool(gone),
        abstained=answer.abstained,
        right=right,
        cited=cited,
        rank=rank,
        passages_read=len(answer.passages),
    )
    return Outcome(
        fact=fact,
        cause=cause,
        detail=_detail(cause, fact, answer, guess, rank, gone, articles) if cause else "",
        abstained=answer.abstained,
        understood=answer.standalone_question,
        got=said(answer),
        sentence=answer.text,
        confidence=answer.confidence,
        guess=said(guess),
        guess_right=not fact.unanswerable and not guess.abstained and is_right(fact, guess),
        right=right,
        rank=rank,
        passages_read=len(answer.passages),
        citations=tuple(_shown(c, fact.evidence, articles) for c in answer.citations),
        measures=_measures(fact, answer, articles),
        found_documents=tuple(documents_of(ranking)),
        found_evidence=tuple(evidence_of(ranking, fact.evidence)),
        timings_ms=dict(answer.timings_ms),
    )


def is_right(fact: Fact, answer: Answer) -> bool:
    """Whether an answer is one that the fact accepts. A short fact may be answered by sentences."""
    sentences = _sentences(answer)
    if fact.form == "short" and answer.short_answer:
        return short_match(answer.short_answer, fact.answers)
    return long_match(sentences, fact.answers)


def said(answer: Answer) -> str:
    """The short answer, else the sentences without their citation numbers; "" for an abstention."""
    return "" if answer.abstained else answer.short_answer or _sentences(answer)


def subject_of(target: Target) -> Subject:
    """What is evaluated."""
    manifest = target.index.manifest
    card = target.models.reader.card
    return Subject(
        version=version("groundwire"),
        generation=manifest.id,
        embedder=manifest.embedder,
        embedder_digest=manifest.embedder_digest,
        reader=str(card.get("name")),
        reader_digest=str(card.get("digest")),
        top_k=target.settings.top_k,
        threshold=target.pipeline.threshold,
        articles={article.id: article.sha256 for article in target.articles.values()},
    )


def _sentences(answer: Answer) -> str:
    return " ".join(sentence.text for sentence in answer.sentences)


def _is_cited(
    answer: Answer, evidence: Sequence[Evidence], articles: Mapping[str, Article]
) -> bool:
    return all(is_verbatim(citation, articles) for citation in answer.citations) and any(
        overlaps(citation, item) for citation in answer.citations for item in evidence
    )


def _measures(
    fact: Fact, answer: Answer, articles: Mapping[str, Article]
) -> dict[str, float | None]:
    """The answer and citation measures of an answerable fact; an abstention scores 0."""
    score = citation_score(answer.citations, fact.evidence, articles, answer.short_answer)
    judged = not fact.unanswerable
    span = judged and fact.form == "short"
    text = said(answer)
    return {
        "exact_match": exact_match(text, fact.answers) if span else None,
        "token_f1": token_f1(text, fact.answers) if span else None,
        "containment": containment(_sentences(answer), fact.answers) if judged else None,
        "citation_precision": score.precision if judged else None,
        "citation_recall": score.recall if judged and not answer.abstained else None,
        "citation_verbatim": score.verbatim,
        "citation_holds_answer": score.holds_answer,
    }


def _shown(
    citation: Citation, evidence: Sequence[Evidence], articles: Mapping[str, Article]
) -> Cited:
    return Cited(
        document=citation.document,
        start=citation.start,
        end=citation.end,
        quote=citation.quote,
        verbatim=is_verbatim(citation, articles),
        on_evidence=any(overlaps(citation, item) for item in evidence),
    )


def _detail(
    cause: Cause,
    fact: Fact,
    answer: Answer,
    guess: Answer,
    rank: int | None,
    gone: Sequence[Evidence],
    articles: Mapping[str, Article],
) -> str:
    """One line that says what happened, for people."""
    if cause == "evidence gone":
        return _gone(gone[0], articles)
    if cause == "wrongly answered":
        return f"unanswerable ({fact.reason}), answered at confidence {answer.confidence:.2f}"
    understood = (
        f"; understood as {answer.standalone_question!r}"
        if fact.standalone and answer.standalone_question != fact.standalone
        else ""
    )
    return _on_the_way(cause, answer, guess, rank, articles) + understood


def _on_the_way(
    cause: Cause,
    answer: Answer,
    guess: Answer,
    rank: int | None,
    articles: Mapping[str, Article],
) -> str:
    if cause == "not retrieved":
        return "no candidate of the search holds the evidence"
    if cause == "ranked too low":
        return f"the evidence is at rank {rank}, {len(answer.passages)} passages are read"
    if cause == "wrongly abstained":
        would = f", would have said {_short(said(guess))!r}" if not guess.abstained else ""
        return f"the evidence was read at rank {rank}; confidence {answer.confidence:.2f}{would}"
    if cause == "read wrong":
        return f"the evidence was read at rank {rank}; confidence {answer.confidence:.2f}"
    broken = [c for c in answer.citations if not is_verbatim(c, articles)]
    if broken:
        here = f"{broken[0].document} {broken[0].start}–{broken[0].end}"
        return f"citation {broken[0].number} is not the article's text at {here}"
    return "no citation overlaps the evidence"


def _gone(evidence: Evidence, articles: Mapping[str, Article]) -> str:
    if evidence.document not in articles:
        return f"article '{evidence.document}' is not in the index"
    now = nearest(articles[evidence.document].text, evidence.quote)
    return f"article '{evidence.document}' no longer says it" + (
        f"; it says: {_short(now)!r}" if now else ""
    )


def _short(text: str) -> str:
    one_line = " ".join(text.split())
    return one_line if len(one_line) <= SHOWN_CHARACTERS else one_line[: SHOWN_CHARACTERS - 1] + "…"
