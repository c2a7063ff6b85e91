"""`/articles/<id>`: a whole article with one span marked. Plain HTML; needs no JavaScript."""

from __future__ import annotations

from importlib.resources import files

from rag.sentences import sentence_spans
from rag.types import Article
from ui.markup import text
from ui.messages import Language, Messages

MAX_HEADING = 90
_SENTENCE_ENDS = ".!?:;,…”\"'’)"

_PAGE = """<!doctype html>
<html lang="{language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>{title} · Groundwire</title>
<style>{style}</style>
<script src="../articles.js"></script>
</head>
<body class="gw-article-page">
<header><a href="../">Groundwire</a>
<span aria-hidden="true"><bdi>{title}</bdi></span>
<a href="../">{to_chat}</a></header>
<main>
<h1><bdi>{title}</bdi></h1>
{notice}
<div class="gw-text" dir="auto">{body}</div>
</main>
</body>
</html>
"""

Span = tuple[int, int]


def article_page(
    article: Article,
    start: int | None,
    end: int | None,
    version: str | None,
    *,
    earlier: str | None = None,
    language: Language = "en",
) -> str:
    """The page of an article with `[start, end)` marked, if that belongs to this version of it.

    `version` is the beginning of the SHA-256 of the text that the link was made for. Where the
    article was replaced since, `earlier` is that version's text, if it is still kept: its quote is
    shown as it was, and marked where the same words stand in the current version.
    """
    say = Messages(language)
    mark = _within(article.text, start, end)
    notice = ""
    if version and not article.sha256.startswith(version):
        quote = _within(earlier or "", start, end)
        words = (earlier or "")[slice(*quote)] if quote else ""
        mark = _only_place(article.text, words)
        notice = _replaced(words, mark is not None, say)
    return _PAGE.format(
        language=language,
        title=text(article.title),
        style=stylesheet(),
        to_chat=text(say("to_chat")),
        notice=notice,
        body=_body(article.text, mark),
    )


def missing_page(document: str, language: Language = "en") -> str:
    """The page for an id that is not in the index."""
    say = Messages(language)
    before, _, after = say("no_such_article_why", id="\x01").partition("\x01")
    return _PAGE.format(
        language=language,
        title=text(say("no_such_article")),
        style=stylesheet(),
        to_chat=text(say("to_chat")),
        notice="",
        body=f"<p>{text(before)}<bdi>{text(document)}</bdi>{text(after)}</p>",
    )


def stylesheet() -> str:
    """The one style sheet of chat and article pages."""
    return (files("ui") / "static" / "groundwire.css").read_text("utf-8")


def script() -> str:
    """What `/articles.js` serves: it lets the page follow the colours chosen in the chat."""
    return (files("ui") / "static" / "articles.js").read_text("utf-8")


def paragraphs(whole: str) -> list[Span]:
    """The paragraphs of a text: its lines, where a line end inside a sentence does not count.

    >>> whole = "A heading\\nOne sentence on\\ntwo lines.\\n\\nThe end."
    >>> [whole[start:end] for start, end in paragraphs(whole)]
    ['A heading', 'One sentence on', 'two lines.', 'The end.']
    """
    breaks = {at for at, character in enumerate(whole) if character in "\r\n"}
    for start, end in sentence_spans(whole):
        if "\n" in whole[start:end] or "\r" in whole[start:end]:
            breaks -= set(range(start, end))
    found: list[Span] = []
    start = 0
    for at in [*sorted(breaks), len(whole)]:
        if whole[start:at].strip():
            found.append((start, at))
        start = at + 1
    return found


def _body(whole: str, mark: Span | None) -> str:
    spans = paragraphs(whole)
    parts: list[str] = []
    first = True
    for row, (start, end) in enumerate(spans):
        line = whole[start:end].strip()
        follows = spans[row + 1] if row + 1 < len(spans) else None
        is_heading = (
            follows is not None
            and len(line) <= MAX_HEADING
            and line[-1] not in _SENTENCE_ENDS
            and follows[1] - follows[0] > len(line)
        )
        inside, used = _marked(whole, (start, end), mark, first)
        first = first and not used
        parts.append(f"<h2>{inside}</h2>" if is_heading else f"<p>{inside}</p>")
    return "".join(parts)


def _marked(whole: str, span: Span, mark: Span | None, first: bool) -> tuple[str, bool]:
    """A paragraph as HTML, and whether some of it is marked; the first mark is the link's target."""
    start, end = span
    if mark is None or mark[1] <= start or end <= mark[0]:
        return text(whole[start:end]), False
    left, right = max(start, mark[0]), min(end, mark[1])
    name = ' id="span" tabindex="-1"' if first else ""
    return (
        f"{text(whole[start:left])}<mark{name}>{text(whole[left:right])}</mark>{text(whole[right:end])}",
        True,
    )


def _within(whole: str, start: int | None, end: int | None) -> Span | None:
    if start is None or end is None or not 0 <= start < end <= len(whole):
        return None
    return start, end


def _only_place(whole: str, words: str) -> Span | None:
    """Where the words stand, if they stand in exactly one place."""
    at = whole.find(words) if words else -1
    if at < 0 or whole.find(words, at + 1) >= 0:
        return None
    return at, at + len(words)


def _replaced(words: str, stands: bool, say: Messages) -> str:
    if not words:
        return f'<div class="gw-notice" role="status"><p>{text(say("replaced"))}</p></div>'
    after = say("still_stands" if stands else "stands_no_more")
    return (
        f'<div class="gw-notice" role="status"><p>{text(say("replaced_quote"))}</p>'
        f'<blockquote dir="auto"><mark>{text(words)}</mark></blockquote><p>{text(after)}</p></div>'
    )
