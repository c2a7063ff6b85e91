"""Text → HTML. The one place that escapes: every text from outside goes through here."""

from __future__ import annotations

import html
import re
from urllib.parse import quote, urlencode

from ui.icons import icon

# Direction overrides, zero-width and tag characters can make a text read other than it is.
_INVISIBLE = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b-\u200f\u2028-\u202e"
    r"\u2060-\u206f\u3164\ufeff\uffa0\ufff0-\ufffb\U000e0000-\U000e0fff]"
)
GAP = "\x01"
_STACKED = re.compile(r"([\u0300-\u036f]{3})[\u0300-\u036f]+")
_LONE_SURROGATE = re.compile(r"[\ud800-\udfff]")


def visible(value: str) -> str:
    """A text without the characters that hide or reorder others; not escaped."""
    return _INVISIBLE.sub("", value)


def text(value: str) -> str:
    """A text as HTML: escaped, without characters that hide or reorder others.

    >>> text("<b>\\u202eevil</b>")
    '&lt;b&gt;evil&lt;/b&gt;'
    """
    shown = _LONE_SURROGATE.sub("\ufffd", visible(value))
    return html.escape(_STACKED.sub(r"\1", shown))


def article_link(document: str, start: int, end: int, sha256: str) -> str:
    """The address of a span: the article's page, the span's offsets, the version they belong to."""
    query = urlencode({"start": start, "end": end, "version": sha256[:16]})
    return f"articles/{quote(document, safe='')}?{query}#span"


def filled(line: str, value: str, *, bdi: bool = True) -> str:
    """A line of ours with a text from outside put at its one \\x01, each escaped."""
    before, _, after = line.partition(GAP)
    inside = f"<bdi>{text(value)}</bdi>" if bdi else text(value)
    return f"{text(before)}{inside}{text(after)}"


def button(action: str, label: str, name: str, more: str = "") -> str:
    """An icon that does something, named for screen readers; `more` is markup for further attributes."""
    return (
        f'<button type="button" class="gw-icon" data-do="{action}" aria-label="{text(label)}" '
        f'title="{text(label)}" {more}>{icon(name)}</button>'
    )
