"""Seventh step: passages → an answer. The extractive reader finds the span, support weighs it,
and the sentences around it are what is shown and cited."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from rag.alone import read_alone
from rag.confidence import Calibration, is_calibrated
from rag.embedding import Embedder
from rag.features import Evidence, Features, over_passages, sentence_features
from rag.judging import Examined, Judged, enough, judge
from rag.questions import form_of
from rag.reader import Candidate, Reader
from rag.sentences import Span, sentence_spans
from rag.steps import OnStep, unwatched
from rag.support import Text, alike, asked, normal, passage_read, read_text, sentence_of
from rag.types import Article, Citation, Passage, Sentence
from rag.verdicts import Verdict, verdict

MAX_SENTENCES = 4
MAX_PLACES = 3
# A second place is cited, and a further sentence of a long answer shown, from these probabilities;
# a further sentence must also reach this share of the best one's.
SECOND_PLACE = 0.5
FURTHER_SENTENCE = 0.35
FURTHER_SHARE = 0.6


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """What an answerer proposes. `confidence` belongs to the draft even where it is too low."""

    short_answer: str | None
    sentences: tuple[Sentence, ...]
    citations: tuple[Citation, ...]
    confidence: float
    passages_read: int
    verdict: Verdict | None = None


class Answerer(Protocol):
    """Question and passages → a draft; the pipeline abstains and proves."""

    @property
    def name(self) -> str:
        """Who answers, as `Answer.answered_by` says it."""

    def answer(
        self,
        question: str,
        passages: Sequence[Passage],
        articles: Mapping[str, Article],
        on_step: OnStep = unwatched,
    ) -> Draft | None:
        """A draft, or None where nothing in the passages bears on the question."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SentencePlace:
    """A sentence of passage `row`, by its span in the passage, with its features."""

    row: int
    span: Span
    features: Features


class ExtractiveAnswerer:
    """Answers with the articles' own words. `rarity(term)` says how rare a term is, 0 to 1."""

    def __init__(
        self,
        reader: Reader,
        embedder: Embedder,
        rarity: Callable[[str], float],
        span_calibration: Calibration,
        sentence_calibration: Calibration,
    ) -> None:
        self._reader = reader
        self._embedder = embedder
        self._rarity = rarity
        self._span = span_calibration
        self._sentence = sentence_calibration
        self._article_texts: dict[str, Text] = {}
        self._article_sentences: dict[str, tuple[Span, ...]] = {}

    @property
    def name(self) -> str:
        card = self._reader.card
        return f"extractive: {card['name']}" + ("" if is_calibrated(card) else " (not calibrated)")

    def answer(
        self,
        question: str,
        passages: Sequence[Passage],
        articles: Mapping[str, Article],
        on_step: OnStep = unwatched,
    ) -> Draft | None:
        if not passages:
            return None
        examined = self.examine(question, passages, articles, on_step)
        form = form_of(question)
        if form == "short":
            judged = judge(examined, self._span)
            return self._short(examined, judged, articles) if judged else None
        places = self.sentence_places(examined)
        if not places:
            return None
        draft = self._long(examined, places, articles)
        return self._decided(question, draft) if form == "yes_no" else draft

    def examine(
        self,
        question: str,
        passages: Sequence[Passage],
        articles: Mapping[str, Article],
        on_step: OnStep = unwatched,
    ) -> Examined:
        """Reads the passages in order, until one span is clearly best; then the best spans' sentences."""
        candidates, read = self._reader.read(
            question, [passage.text for passage in passages], enough, on_step
        )
        reads = [
            passage_read(passage, self._text_of(articles[passage.document]), rank)
            for rank, passage in enumerate(passages[:read])
        ]
        return Examined(
            question=question,
            passages=passages[:read],
            evidence=Evidence(
                question=asked(question, self._rarity),
                reads=reads,
                candidates=candidates,
                alone=read_alone(self._reader, question, candidates, reads),
            ),
        )

    def sentence_places(self, examined: Examined) -> list[SentencePlace]:
        """Every sentence of the passages read, once, with its features."""
        places: dict[tuple[str, int], tuple[int, Span]] = {}
        for row, read in enumerate(examined.evidence.reads):
            for span in read.sentences:
                if not read.passage.text[slice(*span)].endswith("?"):  # a question answers none
                    places.setdefault((read.document, read.start + span[0]), (row, span))
        texts = [examined.passages[row].text[start:end] for row, (start, end) in places.values()]
        if not texts:
            return []
        similarities = self._embedder.embed(texts) @ self._embedder.embed_query(examined.question)
        evidence = examined.evidence
        overall = over_passages(evidence.candidates)
        return [
            SentencePlace(
                row=row,
                span=span,
                features=sentence_features(evidence, row, span, float(similarity), overall),
            )
            for (row, span), similarity in zip(places.values(), similarities, strict=True)
        ]

    def _short(
        self, examined: Examined, judged: Sequence[Judged], articles: Mapping[str, Article]
    ) -> Draft:
        """The best span, its sentence, and up to two other places that say the same."""
        best = judged[0]
        short = _text_in(best.candidate, examined.passages)
        citations = [self._cite(1, best.candidate, examined.passages, articles)]
        for other in judged[1:]:
            if other.probability < SECOND_PLACE or len(citations) == MAX_PLACES:
                break
            cited = self._cite(len(citations) + 1, other.candidate, examined.passages, articles)
            same = alike(normal(short), normal(_text_in(other.candidate, examined.passages)))
            fresh = all(
                not _overlap(cited, known) and cited.quote != known.quote for known in citations
            )
            if same and fresh:
                citations.append(cited)
        return _draft(short, citations, best.probability, examined)

    def _long(
        self,
        examined: Examined,
        places: Sequence[SentencePlace],
        articles: Mapping[str, Article],
    ) -> Draft:
        """The best sentence and those of its article that also answer, in the article's order."""
        scored = sorted(
            ((self._sentence.probability(place.features), place) for place in places),
            key=lambda item: -item[0],
        )
        best, first = scored[0]
        document = examined.passages[first.row].document
        floor = max(FURTHER_SENTENCE, FURTHER_SHARE * best)
        chosen = [
            place
            for probability, place in scored
            if place is first
            or (probability >= floor and examined.passages[place.row].document == document)
        ][:MAX_SENTENCES]
        article = articles[document]
        citations: list[Citation] = []
        for start in sorted(examined.passages[p.row].start + p.span[0] for p in chosen):
            span = self._sentence_in_article(article, start, start + 1)
            cited = _citation(len(citations) + 1, article, *span)
            if not any(_overlap(cited, known) for known in citations):
                citations.append(cited)
        return _draft(None, citations, best, examined)

    def _decided(self, question: str, draft: Draft) -> Draft:
        """The draft with the verdict of its sentences, where those that give one agree."""
        found = {verdict(question, sentence.text) for sentence in draft.sentences} - {None}
        return replace(draft, verdict=found.pop()) if len(found) == 1 else draft

    def _cite(
        self,
        number: int,
        candidate: Candidate,
        passages: Sequence[Passage],
        articles: Mapping[str, Article],
    ) -> Citation:
        passage = passages[candidate.passage]
        article = articles[passage.document]
        inner = (passage.start + candidate.start, passage.start + candidate.end)
        start, end = self._sentence_in_article(article, *inner)
        return _citation(number, article, start, end, inner)

    def _sentence_in_article(self, article: Article, start: int, end: int) -> Span:
        if article.sha256 not in self._article_sentences:
            self._article_sentences[article.sha256] = tuple(sentence_spans(article.text))
        return sentence_of(self._article_sentences[article.sha256], start, end)

    def _text_of(self, article: Article) -> Text:
        if article.sha256 not in self._article_texts:
            self._article_texts[article.sha256] = read_text(f"{article.title}\n{article.text}")
        return self._article_texts[article.sha256]


def _draft(
    short: str | None, citations: Sequence[Citation], confidence: float, examined: Examined
) -> Draft:
    return Draft(
        short_answer=short,
        sentences=tuple(
            Sentence(text=citation.quote, citations=(citation.number,)) for citation in citations
        ),
        citations=tuple(citations),
        confidence=confidence,
        passages_read=len(examined.passages),
    )


def _overlap(one: Citation, other: Citation) -> bool:
    return one.document == other.document and one.start < other.end and other.start < one.end


def _text_in(candidate: Candidate, passages: Sequence[Passage]) -> str:
    return passages[candidate.passage].text[candidate.start : candidate.end]


def _citation(
    number: int, article: Article, start: int, end: int, inner: Span | None = None
) -> Citation:
    return Citation(
        number=number,
        document=article.id,
        title=article.title,
        sha256=article.sha256,
        start=start,
        end=end,
        quote=article.text[start:end],
        answer_start=inner[0] if inner else None,
        answer_end=inner[1] if inner else None,
    )
