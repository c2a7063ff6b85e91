"""Questions and answers → HTML. Every text from outside goes through `ui.markup`."""

from __future__ import annotations

import html

from rag.confidence import in_words
from rag.types import Answer, Citation
from ui.conversations import Exchange
from ui.markup import GAP, article_link, button, filled, text, visible
from ui.messages import Messages
from ui.sources import View, folded, has_answer, inner_span, is_cited, sources

CLOSEST = 3


def turn(at: int, exchange: Exchange, view: View, *, last: bool, progress: str = "") -> str:
    """One question with its card and, out of sight, the sources that the panel shows.

    `progress` is what is being done while it works.
    """
    card = (
        working_card(progress) if exchange.state == "working" else _card(at, exchange, view, last)
    )
    return (
        f'<section class="gw-turn" id="gw-turn-{at}" data-turn="{exchange.id}" '
        f'data-state="{exchange.state}">'
        f"{_question(exchange.question, view.say)}{card}</section>"
    )


def _question(question: str, say: Messages) -> str:
    return (
        f'<div class="gw-asked">{button("edit", say("edit"), "edit")}'
        f'<h2 class="gw-question"><span class="gw-hidden">{say("your_question")}: </span>'
        f'<bdi data-question="">{text(question)}</bdi></h2></div>'
    )


def _card(at: int, exchange: Exchange, view: View, last: bool) -> str:
    say, answer = view.say, exchange.answer
    again = button("retry", say("retry"), "retry") if last else ""
    if answer is None:
        return _unanswered(exchange, say, again)
    body = (
        _abstention(exchange, answer, view)
        if answer.abstained
        else _answered(at, exchange, answer, view)
    )
    copied = f'data-copy="{html.escape(as_text(answer, say))}"'
    votes = _votes(exchange, say) if view.feedback else ""
    understood = ""
    if exchange.standalone != exchange.question and not answer.abstained:
        line = filled(say("understood", question=GAP), exchange.standalone)
        understood = f'<p class="gw-understood">{line}</p>'
    kind = "gw-card gw-neutral" if answer.abstained else "gw-card"
    return (
        f'<article class="{kind}" aria-label="{text(say("answer"))}" tabindex="-1">{understood}{body}'
        f'<footer class="gw-foot">{_quiet_line(answer, say)}<span class="gw-actions">'
        f"{button('copy', say('copy'), 'copy', copied)}{votes}{again}</span></footer>"
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


def _answered(at: int, exchange: Exchange, answer: Answer, view: View) -> str:
    parts: list[str] = []
    lead = lead_of(answer, view.say)
    if lead:
        parts.append(f'<p class="gw-short"><bdi>{text(lead)}</bdi></p>')
    cited = {citation.number: citation for citation in answer.citations}
    sentences = "".join(
        f"<span><bdi>{_sentence(sentence.text, cited[sentence.citations[0]])}</bdi>"
        f"{''.join(_chip(at, cited[number], view.say) for number in sentence.citations)}</span> "
        for sentence in answer.sentences
        if sentence.citations
    )
    kind = "gw-sentences" if lead else "gw-sentences gw-lead"
    parts.append(f'<p class="{kind}">{sentences}</p>')
    others = [passage for passage in answer.passages if not is_cited(passage, answer.citations)]
    parts.append(folded(view.say("also_looked_at"), others[:CLOSEST], exchange.versions, view.say))
    return "".join(parts)


def lead_of(answer: Answer, say: Messages) -> str:
    """What stands before the sentences, in the visitor's language where it is a yes or no."""
    return say(answer.verdict) if answer.verdict else answer.lead


def _abstention(exchange: Exchange, answer: Answer, view: View) -> str:
    say = view.say
    understood = answer.standalone_question or say("nothing_to_search")
    lines = [filled(say("searched_for", question=GAP), understood)]
    if exchange.searched:
        where = ", ".join(exchange.titles) or say.articles(exchange.searched)
        lines.append(filled(say("searched_in", where=GAP), where))
    looked = "".join(f"<p>{line}</p>" for line in lines)
    return (
        f'<p class="gw-said">{text(say("not_said"))}</p><div class="gw-looked">{looked}</div>'
        f"{folded(say('closest'), answer.passages[:CLOSEST], exchange.versions, say)}"
    )


def _sentence(sentence: str, citation: Citation) -> str:
    """The sentence with the answer inside it set apart, where it is the quote itself."""
    if sentence != citation.quote or not has_answer(citation):
        return text(sentence)
    left, right = inner_span(citation)
    return (
        f'{text(sentence[:left])}<strong class="gw-inner">{text(sentence[left:right])}</strong>'
        f"{text(sentence[right:])}"
    )


def _chip(at: int, citation: Citation, say: Messages) -> str:
    label = say("source", number=citation.number, title=GAP)
    link = article_link(citation.document, citation.start, citation.end, citation.sha256)
    return (
        f'<a class="gw-chip" href="{html.escape(link)}" target="_blank" rel="noopener" '
        f'data-source="gw-source-{at}-{citation.number}" '
        f'aria-label="{filled(label, citation.title, bdi=False)}">{citation.number}</a>'
    )


def _quiet_line(answer: Answer, say: Messages) -> str:
    if answer.abstained:
        return '<span class="gw-quiet"></span>'
    words = in_words(answer.confidence)
    count = len({citation.document for citation in answer.citations})
    return (
        f'<span class="gw-quiet"><button type="button" class="gw-plain" data-do="sources">'
        f"{say.articles(count)}</button> · "
        f'<button type="button" class="gw-plain gw-confidence gw-{words.split()[0]}" '
        f'data-do="meaning" data-meaning="{text(say(words))}">{say.confidence(words)}</button></span>'
    )


def _votes(exchange: Exchange, say: Messages) -> str:
    buttons = (("up", "helpful"), ("down", "not_helpful"))
    return "".join(
        button(
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


def as_text(answer: Answer, say: Messages) -> str:
    """An answer as plain text with its citations, for the clipboard."""
    if answer.abstained:
        return f"{answer.question}\n\n{say('not_said')}"
    lines = [answer.question, ""]
    lead = lead_of(answer, say)
    if lead:
        lines += [lead, ""]
    lines += [
        f"{sentence.text} {''.join(f'[{number}]' for number in sentence.citations)}"
        for sentence in answer.sentences
    ]
    lines += ["", *(f"[{c.number}] {c.title}: “{c.quote}”" for c in answer.citations)]
    return visible("\n".join(lines))
