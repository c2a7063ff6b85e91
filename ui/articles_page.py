"""`/articles/<id>`: a whole article with one span marked. Plain HTML; needs no JavaScript."""

from __future__ import annotations

from importlib.resources import files

from rag.types import Article
from ui.render import text

_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>{style}</style>
</head>
<body class="gw-article-page">
<header><a href="../">Groundwire</a></header>
<main>
<h1><bdi>{title}</bdi></h1>
{notice}
<div class="gw-text">{body}</div>
</main>
</body>
</html>
"""


def article_page(article: Article, start: int | None, end: int | None, version: str | None) -> str:
    """The page of an article; `start` and `end` are marked if they belong to this version of it.

    `version` is the beginning of the text's SHA-256 that the link was made for.
    """
    replaced = bool(version) and not article.sha256.startswith(version or "")
    spanned = start is not None and end is not None and 0 <= start < end <= len(article.text)
    notice = ""
    if replaced:
        notice = (
            '<p class="gw-notice" role="status">The link was made for an earlier version of this '
            "article, which was replaced. This is the current one; the marked place is not shown.</p>"
        )
    if spanned and not replaced and start is not None and end is not None:
        body = (
            f"{text(article.text[:start])}"
            f'<mark id="span" tabindex="-1">{text(article.text[start:end])}</mark>'
            f"{text(article.text[end:])}"
        )
    else:
        body = text(article.text)
    return _PAGE.format(
        title=text(article.title), style=stylesheet(), notice=notice, body=body
    )


def missing_page(document: str) -> str:
    """The page for an id that is not in the index."""
    return _PAGE.format(
        title="No such article",
        style=stylesheet(),
        notice="",
        body=f"The index holds no article <bdi>{text(document)}</bdi>. It may have been removed.",
    )


def stylesheet() -> str:
    """The one style sheet of chat and article pages."""
    return (files("ui") / "static" / "groundwire.css").read_text("utf-8")
