"""Answers and articles → HTML. The one place that escapes: every text from outside goes through here."""

from __future__ import annotations

import html
import re
from collections.abc import Sequence
from urllib.parse import quote, urlencode

from rag.confidence import in_words
from rag.types import Answer, Article, Citation, Passage

CLOSEST = 3
# Direction overrides and zero-width characters can make a text read other than it is.
_INVISIBLE = re.compile(r"[\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufeff]")


def text(value: str) -> str:
    """A text as HTML: escaped, without characters that hide or reorder others."""
    return html.escape(_INVISIBLE.sub("", value))


def article_link(document: str, start: int, end: int, sha256: str) -> str:
    """The address of a span: the article's page, the span's offsets, the version they belong to."""
    query = urlencode({"start": start, "end": end, "version": sha256[:16]})
    return f"articles/{quote(document, safe='')}?{query}#span"


def question_bubble(question: str) -> str:
    """The question as the person asked it."""
    return f'<div class="gw-question"><bdi>{text(question)}</bdi></div>'


def working_card(step: str) -> str:
    """A card that says what is being done."""
    return (
        '<div class="gw-card gw-working" role="status">'
        f'<div class="gw-line"></div><p>{text(step)}</p></div>'
    )


def answer_card(answer: Answer) -> str:
    """The short answer, its sentences with chips, and one quiet line about sources and confidence."""
    if answer.abstained:
        return _abstention_card(answer)
    parts = ['<article class="gw-card">']
    if answer.short_answer:
        parts.append(f'<p class="gw-short"><bdi>{text(answer.short_answer)}</bdi></p>')
    cited = {citation.number: citation for citation in answer.citations}
    parts.append('<p class="gw-sentences">')
    for sentence in answer.sentences:
        chips = "".join(_chip(cited[number]) for number in sentence.citations)
        parts.append(f"<span><bdi>{text(sentence.text)}</bdi>{chips}</span> ")
    parts.append("</p>")
    count = len({citation.document for citation in answer.citations})
    sources = "1 article" if count == 1 else f"{count} articles"
    parts.append(
        f'<p class="gw-quiet">{sources} · {text(in_words(answer.confidence))}</p></article>'
    )
    return "".join(parts)


def _abstention_card(answer: Answer) -> str:
    understood = answer.standalone_question or "nothing that can be searched for"
    parts = [
        '<article class="gw-card gw-abstained">',
        f"<p class='gw-said'>{text(answer.text)}</p>",
        f'<p class="gw-quiet">Searched for: <bdi>{text(understood)}</bdi></p>',
    ]
    if answer.passages:
        parts.append("<details><summary>Closest passages</summary>")
        parts.extend(_passage(passage) for passage in answer.passages[:CLOSEST])
        parts.append("</details>")
    parts.append("</article>")
    return "".join(parts)


def _chip(citation: Citation) -> str:
    label = text(f"Source {citation.number}: {citation.title}")
    link = article_link(citation.document, citation.start, citation.end, citation.sha256)
    return (
        f'<a class="gw-chip" href="{html.escape(link)}" target="_blank" rel="noopener" '
        f'aria-label="{label}" title="{text(citation.quote)}">{citation.number}</a>'
    )


def _passage(passage: Passage) -> str:
    return (
        f'<blockquote class="gw-passage"><bdi>{text(passage.text)}</bdi>'
        f"<footer>{text(passage.title)}</footer></blockquote>"
    )


def sources_panel(answer: Answer, articles: dict[str, Article]) -> str:
    """A card for each citation: the passage with the quote marked and the answer marked stronger."""
    if answer.abstained or not answer.citations:
        return '<div class="gw-sources-empty">Sources of an answer appear here.</div>'
    cards = "".join(
        _source_card(citation, answer.passages, articles[citation.document])
        for citation in answer.citations
        if citation.document in articles
    )
    return f'<section aria-label="Sources">{cards}</section>'


def _source_card(citation: Citation, passages: Sequence[Passage], article: Article) -> str:
    start, end = citation.start, citation.end
    for passage in passages:
        overlaps = passage.start < citation.end and citation.start < passage.end
        if passage.document == citation.document and overlaps:
            start, end = min(start, passage.start), max(end, passage.end)
            break
    link = article_link(citation.document, citation.start, citation.end, citation.sha256)
    return (
        f'<article class="gw-source" id="gw-source-{citation.number}">'
        f'<h3><span class="gw-number">{citation.number}</span> {text(citation.title)}</h3>'
        f"<p><bdi>{marked(article.text, citation, start, end)}</bdi></p>"
        f'<a href="{html.escape(link)}" target="_blank" rel="noopener">Open in article</a></article>'
    )


def marked(whole: str, citation: Citation, start: int, end: int) -> str:
    """`whole[start:end]` as HTML with the citation's quote, and the answer inside it, marked."""
    inner = (citation.answer_start, citation.answer_end)
    left, right = citation.start, citation.end
    if inner[0] is None or inner[1] is None:
        quoted = text(whole[left:right])
    else:
        quoted = (
            f"{text(whole[left : inner[0]])}<strong class='gw-answer'>"
            f"{text(whole[inner[0] : inner[1]])}</strong>{text(whole[inner[1] : right])}"
        )
    return f"{text(whole[start:left])}<mark>{quoted}</mark>{text(whole[right:end])}"
