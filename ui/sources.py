"""The proof of an answer → HTML: its sources with quote and answer marked, and passages looked at."""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rag.types import Answer, Article, Citation, Passage
from ui.icons import icon
from ui.markup import article_link, text
from ui.messages import Messages

CONTEXT = 180


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """What rendering needs besides an exchange. Without `feedback` no votes are offered."""

    articles: Mapping[str, Article]
    say: Messages
    feedback: bool = False


def sources(at: int, answer: Answer, view: View) -> str:
    """A card for each citation: the passage with the quote marked and the answer marked stronger."""
    return "".join(_source_card(at, citation, answer, view) for citation in answer.citations)


def _source_card(at: int, citation: Citation, answer: Answer, view: View) -> str:
    article = view.articles.get(citation.document)
    link = html.escape(
        article_link(citation.document, citation.start, citation.end, citation.sha256)
    )
    if article is not None and _stands(citation, article):
        body, note = _in_context(citation, answer.passages, article), ""
    else:
        body = f"<mark>{text(citation.quote)}</mark>"
        note = f'<p class="gw-quiet">{text(view.say("earlier_version"))}</p>'
    return (
        f'<article class="gw-source" id="gw-source-{at}-{citation.number}" tabindex="-1">'
        f'<h3><span class="gw-number">{citation.number}</span><bdi>{text(citation.title)}</bdi></h3>'
        f'<blockquote dir="auto">{body}</blockquote>{note}'
        f'<p class="gw-links"><a href="{link}" data-do="read">{text(view.say("read_here"))}</a>'
        f'<a href="{link}" target="_blank" rel="noopener">{text(view.say("open_article"))}'
        f"{icon('out')}</a></p></article>"
    )


def _stands(citation: Citation, article: Article) -> bool:
    """Whether the article is still the version that was quoted."""
    same = article.sha256 == citation.sha256
    return same and article.text[citation.start : citation.end] == citation.quote


def _in_context(citation: Citation, passages: Sequence[Passage], article: Article) -> str:
    """The quote marked in its passage, of which some words on either side are shown."""
    start, end = _around(citation, passages, article)
    if citation.start - start > CONTEXT:
        start = article.text.find(" ", citation.start - CONTEXT, citation.start) + 1 or start
    if end - citation.end > CONTEXT:
        cut = article.text.rfind(" ", citation.end, citation.end + CONTEXT)
        end = cut if cut > 0 else citation.end
    before = "… " if start > 0 else ""
    after = " …" if end < len(article.text.rstrip()) else ""
    return f"{before}{marked(article.text, citation, start, end)}{after}"


def marked(whole: str, citation: Citation, start: int, end: int) -> str:
    """`whole[start:end]` as HTML with the citation's quote, and the answer inside it, marked."""
    left, right = citation.start, citation.end
    quoted = text(whole[left:right])
    if has_answer(citation):
        inner = inner_span(citation)
        cut = whole[left:right]
        quoted = (
            f"{text(cut[: inner[0]])}<strong class='gw-answer'>{text(cut[inner[0] : inner[1]])}</strong>"
            f"{text(cut[inner[1] :])}"
        )
    return f"{text(whole[start:left])}<mark>{quoted}</mark>{text(whole[right:end])}"


def folded(
    summary: str, passages: Sequence[Passage], versions: Mapping[str, str], say: Messages
) -> str:
    """Passages folded away under a summary, each with a link to the version it was found in."""
    if not passages:
        return ""
    items = "".join(
        _passage(passage, versions.get(passage.document, ""), say) for passage in passages
    )
    return f"<details><summary>{text(summary)} ({len(passages)})</summary>{items}</details>"


def _passage(passage: Passage, version: str, say: Messages) -> str:
    link = html.escape(article_link(passage.document, passage.start, passage.end, version))
    return (
        f'<blockquote class="gw-passage" dir="auto">{text(passage.text)}<footer>'
        f'<a href="{link}" target="_blank" rel="noopener"><bdi>{text(passage.title)}</bdi>'
        f'<span class="gw-hidden"> ({text(say("open_article"))})</span></a></footer></blockquote>'
    )


def _around(citation: Citation, passages: Sequence[Passage], article: Article) -> tuple[int, int]:
    """The passage that the quote was found in; in a restored answer, the lines around the quote."""
    for passage in passages:
        overlaps = passage.start < citation.end and citation.start < passage.end
        if passage.document == citation.document and overlaps:
            return min(citation.start, passage.start), max(citation.end, passage.end)
    before = article.text.rfind("\n", 0, citation.start) + 1
    after = article.text.find("\n", citation.end)
    return before, after if after >= 0 else len(article.text)


def is_cited(passage: Passage, citations: Sequence[Citation]) -> bool:
    """Whether some citation quotes from the passage."""
    return any(
        passage.document == citation.document
        and passage.start < citation.end
        and citation.start < passage.end
        for citation in citations
    )


def has_answer(citation: Citation) -> bool:
    """Whether the answer itself stands in the quote."""
    left, right = inner_span(citation)
    return 0 <= left < right <= len(citation.quote)


def inner_span(citation: Citation) -> tuple[int, int]:
    """The answer's place in the quote; an empty span where the quote holds none."""
    if citation.answer_start is None or citation.answer_end is None:
        return 0, 0
    return citation.answer_start - citation.start, citation.answer_end - citation.start
