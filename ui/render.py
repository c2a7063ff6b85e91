"""Answers and articles → HTML. The one place that escapes: every text from outside goes through here."""

from __future__ import annotations

import html
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import quote, urlencode

from rag.confidence import in_words
from rag.types import Answer, Article, Citation, Passage
from ui.conversations import Exchange
from ui.icons import icon
from ui.messages import Messages

CLOSEST = 3
CONTEXT = 180
# Direction overrides, zero-width and tag characters can make a text read other than it is.
_INVISIBLE = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200f\u2028-\u202e"
    r"\u2060-\u206f\u3164\ufeff\uffa0\ufff0-\ufffb\U000e0000-\U000e0fff]"
)
_GAP = "\x01"
_STACKED = re.compile(r"([\u0300-\u036f]{3})[\u0300-\u036f]+")
_LONE_SURROGATE = re.compile(r"[\ud800-\udfff]")


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """What rendering needs besides an exchange. `searched` names where was searched; without
    `feedback` no votes are offered."""

    articles: Mapping[str, Article]
    say: Messages
    searched: str = ""
    feedback: bool = False


def text(value: str) -> str:
    """A text as HTML: escaped, without characters that hide or reorder others.

    >>> text("<b>\\u202eevil</b>")
    '&lt;b&gt;evil&lt;/b&gt;'
    """
    shown = _LONE_SURROGATE.sub("\ufffd", _INVISIBLE.sub("", value))
    return html.escape(_STACKED.sub(r"\1", shown))


def article_link(document: str, start: int, end: int, sha256: str) -> str:
    """The address of a span: the article's page, the span's offsets, the version they belong to."""
    query = urlencode({"start": start, "end": end, "version": sha256[:16]})
    return f"articles/{quote(document, safe='')}?{query}#span"


def turn(at: int, exchange: Exchange, view: View, *, last: bool, progress: str = "") -> str:
    """One question with its card and, out of sight, the sources that the panel shows.

    `progress` is what is being done while it works.
    """
    card = (
        working_card(progress) if exchange.state == "working" else _card(at, exchange, view, last)
    )
    return (
        f'<section class="gw-turn" id="gw-turn-{at}" data-turn="{at}">'
        f"{_question(exchange.question, view.say)}{card}</section>"
    )


def _question(question: str, say: Messages) -> str:
    return (
        f'<div class="gw-asked">{_button("edit", say("edit"), "edit")}'
        f'<h2 class="gw-question"><span class="gw-hidden">{say("your_question")}: </span>'
        f'<bdi data-question="">{text(question)}</bdi></h2></div>'
    )


def _card(at: int, exchange: Exchange, view: View, last: bool) -> str:
    say, answer = view.say, exchange.answer
    again = _button("retry", say("retry"), "retry") if last else ""
    if answer is None:
        return _unanswered(exchange, say, again)
    body = _abstention(answer, view) if answer.abstained else _answered(at, answer, view)
    copied = f'data-copy="{html.escape(as_text(answer, say))}"'
    votes = _votes(exchange, say) if view.feedback else ""
    understood = ""
    if exchange.standalone != exchange.question:
        line = _filled(say("understood", question=_GAP), exchange.standalone)
        understood = f'<p class="gw-understood">{line}</p>'
    kind = "gw-card gw-neutral" if answer.abstained else "gw-card"
    return (
        f'<article class="{kind}" aria-label="{text(say("answer"))}" tabindex="-1">{understood}{body}'
        f'<footer class="gw-foot">{_quiet_line(answer, say)}<span class="gw-actions">'
        f"{_button('copy', say('copy'), 'copy', copied)}{votes}{again}</span></footer>"
        f"{_note_form(say) if view.feedback else ''}</article>"
        f'<div class="gw-turn-sources" hidden>{sources(at, answer, view)}</div>'
    )


def _unanswered(exchange: Exchange, say: Messages, again: str) -> str:
    stopped = exchange.state == "stopped"
    role = "" if stopped else ' role="alert"'
    why = f"<p>{text(exchange.fault)}</p>" if exchange.fault else ""
    return (
        f'<article class="gw-card gw-neutral"{role}>'
        f'<p class="gw-said">{text(say("stopped" if stopped else "failed"))}</p>{why}'
        f'<footer class="gw-foot"><span class="gw-quiet"></span>'
        f'<span class="gw-actions">{again}</span></footer></article>'
    )


def working_card(step: str) -> str:
    """A card that says what is being done."""
    return (
        '<div class="gw-card gw-working"><div class="gw-line"></div>'
        f'<p role="status">{text(step)}</p></div>'
    )


def _answered(at: int, answer: Answer, view: View) -> str:
    parts: list[str] = []
    if answer.short_answer:
        parts.append(f'<p class="gw-short"><bdi>{text(answer.short_answer)}</bdi></p>')
    cited = {citation.number: citation for citation in answer.citations}
    sentences = "".join(
        f"<span><bdi>{_sentence(sentence.text, cited[sentence.citations[0]])}</bdi>"
        f"{''.join(_chip(at, cited[number], view.say) for number in sentence.citations)}</span> "
        for sentence in answer.sentences
        if sentence.citations
    )
    kind = "gw-sentences" if answer.short_answer else "gw-sentences gw-lead"
    parts.append(f'<p class="{kind}">{sentences}</p>')
    others = [passage for passage in answer.passages if not _is_cited(passage, answer.citations)]
    parts.append(_folded(view.say("also_looked_at"), others[:CLOSEST], view))
    return "".join(parts)


def _abstention(answer: Answer, view: View) -> str:
    say = view.say
    understood = answer.standalone_question or say("nothing_to_search")
    lines = [_filled(say("searched_for", question=_GAP), understood)]
    if view.searched:
        lines.append(_filled(say("searched_in", where=_GAP), view.searched))
    looked = "".join(f"<p>{line}</p>" for line in lines)
    return (
        f'<p class="gw-said">{text(say("not_said"))}</p><div class="gw-looked">{looked}</div>'
        f"{_folded(say('closest'), answer.passages[:CLOSEST], view)}"
    )


def _sentence(sentence: str, citation: Citation) -> str:
    """The sentence with the answer inside it set apart, where it is the quote itself."""
    if sentence != citation.quote or not _has_answer(citation):
        return text(sentence)
    left, right = _inner(citation)
    return (
        f'{text(sentence[:left])}<strong class="gw-inner">{text(sentence[left:right])}</strong>'
        f"{text(sentence[right:])}"
    )


def _chip(at: int, citation: Citation, say: Messages) -> str:
    label = say("source", number=citation.number, title=_GAP)
    link = article_link(citation.document, citation.start, citation.end, citation.sha256)
    return (
        f'<a class="gw-chip" href="{html.escape(link)}" target="_blank" rel="noopener" '
        f'data-source="gw-source-{at}-{citation.number}" '
        f'aria-label="{_filled(label, citation.title, bdi=False)}">{citation.number}</a>'
    )


def _quiet_line(answer: Answer, say: Messages) -> str:
    if answer.abstained:
        return '<span class="gw-quiet"></span>'
    words = in_words(answer.confidence)
    count = len({citation.document for citation in answer.citations})
    return (
        f'<span class="gw-quiet"><button type="button" class="gw-plain" data-do="sources">'
        f"{say.articles(count)}</button> · "
        f'<span class="gw-confidence gw-{words.split()[0]}" title="{text(say(words))}">'
        f"{say.confidence(words)}</span></span>"
    )


def _votes(exchange: Exchange, say: Messages) -> str:
    buttons = (("up", "helpful"), ("down", "not_helpful"))
    return "".join(
        _button(
            "vote",
            say(key),
            vote,
            f'data-vote="{vote}" aria-pressed="{str(exchange.vote == vote).lower()}"',
        )
        for vote, key in buttons
    )


def _note_form(say: Messages) -> str:
    return (
        f'<form class="gw-note" hidden><label><span class="gw-note-up">{text(say("note_good"))}</span>'
        f'<span class="gw-note-down">{text(say("note"))}</span><textarea rows="2" maxlength="1000">'
        f'</textarea></label><span class="gw-row"><button class="gw-button gw-main" type="submit">'
        f'{say("send")}</button><button class="gw-button" type="button" data-do="note-close">'
        f"{say('cancel')}</button></span></form>"
    )


def _button(action: str, label: str, name: str, more: str = "") -> str:
    return (
        f'<button type="button" class="gw-icon" data-do="{action}" aria-label="{text(label)}" '
        f'title="{text(label)}" {more}>{icon(name)}</button>'
    )


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
    if _has_answer(citation):
        inner = _inner(citation)
        cut = whole[left:right]
        quoted = (
            f"{text(cut[: inner[0]])}<strong class='gw-answer'>{text(cut[inner[0] : inner[1]])}</strong>"
            f"{text(cut[inner[1] :])}"
        )
    return f"{text(whole[start:left])}<mark>{quoted}</mark>{text(whole[right:end])}"


def as_text(answer: Answer, say: Messages) -> str:
    """An answer as plain text with its citations, for the clipboard."""
    if answer.abstained:
        return f"{answer.question}\n\n{say('not_said')}"
    lines = [answer.question, ""]
    if answer.short_answer:
        lines += [answer.short_answer, ""]
    lines += [
        f"{sentence.text} {''.join(f'[{number}]' for number in sentence.citations)}"
        for sentence in answer.sentences
    ]
    lines += ["", *(f"[{c.number}] {c.title}: “{c.quote}”" for c in answer.citations)]
    return _INVISIBLE.sub("", "\n".join(lines))


def _folded(summary: str, passages: Sequence[Passage], view: View) -> str:
    if not passages:
        return ""
    items = "".join(_passage(passage, view) for passage in passages)
    return f"<details><summary>{text(summary)} ({len(passages)})</summary>{items}</details>"


def _passage(passage: Passage, view: View) -> str:
    article = view.articles.get(passage.document)
    version = article.sha256 if article else ""
    link = html.escape(article_link(passage.document, passage.start, passage.end, version))
    return (
        f'<blockquote class="gw-passage" dir="auto">{text(passage.text)}<footer>'
        f'<a href="{link}" target="_blank" rel="noopener"><bdi>{text(passage.title)}</bdi>'
        f'<span class="gw-hidden"> ({text(view.say("open_article"))})</span></a></footer></blockquote>'
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


def _is_cited(passage: Passage, citations: Sequence[Citation]) -> bool:
    return any(
        passage.document == citation.document
        and passage.start < citation.end
        and citation.start < passage.end
        for citation in citations
    )


def _has_answer(citation: Citation) -> bool:
    left, right = _inner(citation)
    return 0 <= left < right <= len(citation.quote)


def _inner(citation: Citation) -> tuple[int, int]:
    """The answer's place in the quote; an empty span where the quote holds none."""
    if citation.answer_start is None or citation.answer_end is None:
        return 0, 0
    return citation.answer_start - citation.start, citation.answer_end - citation.start


def _filled(line: str, value: str, *, bdi: bool = True) -> str:
    """A line of ours with a text from outside put at its one \\x01, each escaped."""
    before, _, after = line.partition(_GAP)
    inside = f"<bdi>{text(value)}</bdi>" if bdi else text(value)
    return f"{text(before)}{inside}{text(after)}"
