"""The page's parts: the bar, the conversation, the sources panel. HTML only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rag.types import Article
from ui.conversations import Conversation, Session
from ui.icons import icon
from ui.markup import text
from ui.messages import LANGUAGES, Messages
from ui.render import turn
from ui.sources import View

MAX_LISTED = 100


def bar(session: Session, articles: Mapping[str, Article], say: Messages) -> str:
    """Name, what is searched, history, language, theme."""
    chosen = [document for document in session.articles if document in articles]
    searched = (
        say("some_articles", count=len(chosen), total=f"{len(articles):,}")
        if chosen
        else say("all_articles")
    )
    return (
        '<header class="gw-bar"><h1>Groundwire</h1><div class="gw-tools">'
        f"{_opener('gw-filter', 'filter', searched, active=bool(chosen))}"
        f"{_opener('gw-history', 'history', say('history'))}"
        f'<button type="button" class="gw-tool" data-do="new">{icon("new")}'
        f"<span>{text(say('new'))}</span></button>"
        f'<label class="gw-tool gw-language"><span class="gw-hidden">{text(say("language"))}</span>'
        f'<span class="gw-code" aria-hidden="true">{say.language.upper()}</span>'
        f'<select data-do="language">{_languages(say)}</select></label>'
        f'<button type="button" class="gw-tool" data-do="theme" aria-label="{text(say("theme"))}" '
        f'title="{text(say("theme"))}">{icon("theme")}</button></div></header>'
        f"{_filter(session, articles, chosen, say)}{_history(session, say)}"
    )


def conversation(
    current: Conversation, suggestions: Sequence[str], view: View, progress: str
) -> str:
    """The conversation's turns; where there are none, what to begin with."""
    say, exchanges = view.say, current.exchanges
    last = len(exchanges) - 1
    inside = "".join(
        turn(at, exchange, view, last=at == last, progress=progress)
        for at, exchange in enumerate(exchanges)
    )
    if not exchanges:
        inside = _empty_state(view.articles, suggestions, say)
    if current.cut:
        inside = f'<p class="gw-quiet gw-cut">{text(say("cut"))}</p>{inside}'
    return (
        f'<div class="gw-talk" role="region" aria-label="{text(say("conversation"))}" '
        f'lang="{say.language}" data-conversation="{current.id}">{inside}</div>'
    )


def panel(say: Messages) -> str:
    """The place where sources appear, the quote that a chip shows, and what is read out."""
    return (
        f'<aside class="gw-panel" aria-label="{text(say("sources"))}" '
        f'data-empty="{text(say("no_sources"))}" data-back="{text(say("back_to_sources"))}" '
        f'data-out="{text(say("open_article"))}" data-copied="{text(say("copied"))}" '
        f'data-thanks="{text(say("thanks"))}" data-save="{text(say("save"))}" '
        f'data-cancel="{text(say("cancel"))}" data-question="{text(say("question"))}">'
        f'<div class="gw-panel-head"><h2>{text(say("sources"))}</h2>'
        f'<button type="button" class="gw-icon" data-do="close-panel" aria-label="{text(say("close"))}" '
        f'title="{text(say("close"))}">{icon("close")}</button></div>'
        '<div class="gw-panel-body" tabindex="0"></div></aside>'
        '<div id="gw-tip" role="tooltip" hidden></div>'
        '<p id="gw-live" class="gw-hidden" aria-live="polite"></p>'
    )


def _empty_state(articles: Mapping[str, Article], suggestions: Sequence[str], say: Messages) -> str:
    offered = ""
    if suggestions:
        buttons = "".join(
            f'<li><button type="button" data-do="ask" data-ask="{text(question)}"><bdi>'
            f"{text(question)}</bdi></button></li>"
            for question in suggestions
        )
        offered = f'<h3>{text(say("try"))}</h3><ul class="gw-suggestions">{buttons}</ul>'
    return (
        f'<div class="gw-empty"><h2>{text(say("invitation"))}</h2>'
        f"<p>{text(say.articles(len(articles)))}</p><p>{text(say('promise'))}</p>{offered}</div>"
    )


def _opener(target: str, name: str, label: str, *, active: bool = False) -> str:
    on = " gw-on" if active else ""
    return (
        f'<button type="button" class="gw-tool{on}" popovertarget="{target}">{icon(name)}'
        f"<span>{text(label)}</span></button>"
    )


def _languages(say: Messages) -> str:
    return "".join(
        f'<option value="{code}" lang="{code}"{" selected" if code == say.language else ""}>{name}</option>'
        for code, name in LANGUAGES.items()
    )


def _filter(
    session: Session, articles: Mapping[str, Article], chosen: Sequence[str], say: Messages
) -> str:
    sought = session.sought.lower()
    found = [article for article in articles.values() if sought in article.title.lower()]
    found.sort(key=lambda article: article.title.lower())
    if len(found) > MAX_LISTED:  # where all are listed, none moves away under the pointer
        found.sort(key=lambda article: article.id not in chosen)
    items = "".join(
        f'<li><label><input type="checkbox" data-do="filter" value="{text(article.id)}"'
        f"{' checked' if article.id in chosen else ''}> <bdi>{text(article.title)}</bdi></label></li>"
        for article in found[:MAX_LISTED]
    )
    more = "" if found else say("no_title")
    if len(found) > MAX_LISTED:
        more = say("shown_of", shown=MAX_LISTED, total=f"{len(found):,}")
    return (
        f'<div class="gw-popover" id="gw-filter" popover role="dialog" aria-label="{text(say("filter"))}">'
        f'<input type="search" data-do="find" placeholder="{text(say("find_article"))}" '
        f'aria-label="{text(say("find_article"))}" maxlength="100">'
        f"<ul>{items}</ul><p class='gw-quiet'>{text(more)}</p>"
        f'<button type="button" class="gw-button" data-do="filter-all">{text(say("all_articles"))}'
        "</button></div>"
    )


def _history(session: Session, say: Messages) -> str:
    conversations = session.all()
    items = "".join(_past(item, session.current.id, say) for item in conversations)
    body = f"<ul>{items}</ul>" if items else f'<p class="gw-quiet">{text(say("no_history"))}</p>'
    foot = (
        f'<p class="gw-row"><span class="gw-quiet">{text(say("kept_here"))}</span>'
        f'<button type="button" class="gw-button" data-do="forget" value="all">'
        f"{text(say('forget_all'))}</button></p>"
        if items
        else ""
    )
    return (
        f'<div class="gw-popover" id="gw-history" popover role="dialog" aria-label="{text(say("history"))}">'
        f"{body}{foot}</div>"
    )


def _past(conversation: Conversation, current: str, say: Messages) -> str:
    before, _, after = say("forget", title="\x01").partition("\x01")
    title = text(conversation.title)
    here = ' aria-current="true"' if conversation.id == current else ""
    return (
        f'<li><button type="button" data-do="open" value="{conversation.id}"{here}>'
        f"<bdi>{title}</bdi></button>"
        f'<button type="button" class="gw-icon" data-do="forget" value="{conversation.id}" '
        f'aria-label="{text(before)}{title}{text(after)}">{icon("bin")}</button></li>'
    )
