"""One self-contained HTML page: no script, nothing loaded, all text escaped.

Each fact shows its evidence in the article: what the fact quotes and what the answer cites.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from importlib.resources import files
from itertools import pairwise

from eval.gates import Check
from eval.metrics.latency import latencies
from eval.outcome import Outcome, Run
from eval.report.plots import curve_plot, histogram, tag_bars
from eval.report.words import SHOWN, expected, figure, got, verdict
from eval.summary import Summary
from rag.types import Article

AROUND = 200
_LEGEND = (
    '<p class="quiet"><mark class="evidence">the fact’s evidence</mark> '
    '<mark class="cited">what the answer cites</mark> '
    '<mark class="cited evidence">both</mark></p>'
)
Mark = tuple[int, int, str]


def html(run: Run, summary: Summary, checks: tuple[Check, ...]) -> str:
    """The report as a page."""
    failed = [check for check in checks if not check.passed]
    style = files("eval").joinpath("report", "report.css").read_text("utf-8")
    title = f"{verdict(len(failed))}: {summary.passed} of {summary.total} facts pass"
    failures = [outcome for outcome in run.outcomes if not outcome.passed]
    passed = [outcome for outcome in run.outcomes if outcome.passed]
    body = "\n".join(
        (
            f"<h1>{escape(title)}</h1>",
            f'<ul class="gates">{"".join(map(_check, checks))}</ul>',
            _subject(run),
            _plots(run, summary),
            _measures(summary),
            f"<h2>Failed ({len(failures)})</h2>",
            _causes(summary),
            _LEGEND,
            *(_fact(outcome, run, open_=True) for outcome in failures),
            f"<h2>Passed ({len(passed)})</h2>",
            *(_fact(outcome, run, open_=False) for outcome in passed),
        )
    )
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta http-equiv="Content-Security-Policy" '
        "content=\"default-src 'none'; style-src 'unsafe-inline'\">"
        f"<title>{escape(title)}</title><style>{style}</style></head>\n"
        f"<body><main>\n{body}\n</main></body></html>\n"
    )


def _check(check: Check) -> str:
    mark = "✓" if check.passed else "✗"
    facts = ", ".join(f'<a href="#{_anchor(n)}">{escape(n)}</a>' for n in check.facts)
    return (
        f'<li class="{"good" if check.passed else "bad"}">{mark} <strong>{escape(check.name)}</strong>: '
        f"{escape(check.message)}"
        + (f"<br>{facts}" if facts and not check.passed else "")
        + "</li>"
    )


def _subject(run: Run) -> str:
    subject = run.subject
    return (
        f'<p class="quiet">Groundwire {escape(subject.version)} · generation '
        f"{escape(subject.generation)} of {len(subject.articles)} articles · {escape(subject.reader)} "
        f"{escape(subject.reader_digest[:12])} · {escape(subject.embedder)} · top {subject.top_k} · "
        f"threshold {subject.threshold:g}</p>"
    )


def _plots(run: Run, summary: Summary) -> str:
    totals = [o.timings_ms["total"] for o in run.outcomes if "total" in o.timings_ms]
    steps = latencies([o.timings_ms for o in run.outcomes])
    rows = "".join(
        f"<tr><td>{escape(step)}</td><td>{found.p50_ms:.1f}</td><td>{found.p95_ms:.1f}</td></tr>"
        for step, found in steps.items()
    )
    return (
        '<div class="plots">'
        "<figure><figcaption>Risk and coverage</figcaption>"
        f"{curve_plot(summary.curve, run.subject.threshold)}</figure>"
        f"<figure><figcaption>Latency</figcaption>{histogram(totals, 'milliseconds a question')}"
        f"<table><tr><th>step</th><th>p50 ms</th><th>p95 ms</th></tr>{rows}</table></figure>"
        f"<figure><figcaption>Passed by tag</figcaption>{tag_bars(summary.tags)}</figure></div>"
    )


def _measures(summary: Summary) -> str:
    rows = "".join(
        f"<tr><td>{escape(words)}</td><td>{figure(summary.measures[name])}</td>"
        f"<td>{summary.measures[name].n}</td><td>{summary.measures[name].not_measured}</td></tr>"
        for name, words in SHOWN
        if name in summary.measures
    )
    return (
        "<details><summary>All figures</summary><table><tr><th>measure</th><th>value</th>"
        f"<th>facts</th><th>not measured</th></tr>{rows}</table></details>"
    )


def _causes(summary: Summary) -> str:
    if not summary.causes:
        return ""
    items = " · ".join(f"{count} {escape(cause)}" for cause, count in summary.causes.items())
    return f'<p class="quiet">{items}</p>'


def _fact(outcome: Outcome, run: Run, *, open_: bool) -> str:
    fact = outcome.fact
    cause = (
        f'<p class="bad"><strong>{escape(str(outcome.cause))}</strong>: {escape(outcome.detail)}</p>'
        if outcome.cause
        else ""
    )
    asked = f" <em>({escape(outcome.understood)})</em>" if fact.conversation else ""
    must = ' <span class="must">must pass</span>' if fact.must_pass else ""
    quotes = "".join(
        _excerpt(run.articles[document], marks)
        for document, marks in _marks(outcome).items()
        if document in run.articles
    )
    return (
        f'<details class="fact" id="{_anchor(fact.id)}"{" open" if open_ else ""}>'
        f"<summary><code>{escape(fact.id)}</code> {escape(fact.question)}{asked}{must}</summary>"
        f"{cause}<dl><dt>expected</dt><dd>{escape(expected(outcome))}</dd>"
        f"<dt>got</dt><dd>{escape(got(outcome))}</dd></dl>{quotes}"
        f'<p class="quiet">{escape(fact.file)}:{fact.line} · evidence at rank '
        f"{outcome.rank or '–'} of {outcome.passages_read} read</p></details>"
    )


def _marks(outcome: Outcome) -> dict[str, list[Mark]]:
    """Per document: the fact's evidence and the answer's citations."""
    marks: dict[str, list[Mark]] = {}
    for item in outcome.fact.evidence:
        for start, end in item.places:
            marks.setdefault(item.document, []).append((start, end, "evidence"))
    for cited in outcome.citations:
        marks.setdefault(cited.document, []).append((cited.start, cited.end, "cited"))
    return marks


def _excerpt(article: Article, marks: Sequence[Mark]) -> str:
    """The parts of an article around the marks, marked."""
    size = len(article.text)
    windows: list[list[int]] = []
    for start, end, _ in sorted(marks):
        low, high = max(0, start - AROUND), min(size, end + AROUND)
        if windows and low <= windows[-1][1]:
            windows[-1][1] = max(windows[-1][1], high)
        else:
            windows.append([low, high])
    parts = [
        ("… " if low else "")
        + _marked(article.text, low, high, marks)
        + (" …" if high < size else "")
        for low, high in windows
    ]
    return f"<blockquote><cite>{escape(article.title)}</cite> {'<br>'.join(parts)}</blockquote>"


def _marked(text: str, low: int, high: int, marks: Sequence[Mark]) -> str:
    edges = sorted({low, high, *(e for s, t, _ in marks for e in (s, t) if low < e < high)})
    found: list[str] = []
    for start, end in pairwise(edges):
        kinds = sorted({kind for s, t, kind in marks if s <= start and end <= t})
        piece = escape(text[start:end]).replace("\n", "<br>")
        found.append(f'<mark class="{" ".join(kinds)}">{piece}</mark>' if kinds else piece)
    return "".join(found)


def _anchor(name: str) -> str:
    return "fact-" + "".join(c if c.isalnum() or c in "-_" else "-" for c in name)
