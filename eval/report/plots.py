"""Plots as inline SVG: text in, text out. Colours are the page's custom properties."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from eval.metrics.risk_coverage import Point
from eval.summary import Group

WIDTH, HEIGHT, LEFT, BOTTOM, TOP, RIGHT = 460, 240, 44, 34, 10, 12


def curve_plot(points: Sequence[Point], threshold: float) -> str:
    """Risk over coverage as a step line; the dot is the threshold in use."""
    top = max(0.1, max(point.risk for point in points)) if points else 1.0
    path = " ".join(
        f"{'M' if at == 0 else 'L'}{_x(point.coverage):.1f},{_y(point.risk / top):.1f}"
        for at, point in enumerate(points)
    )
    shown = [point for point in points if point.confidence >= threshold]
    dot = ""
    if shown:
        at = shown[-1]
        dot = (
            f'<circle cx="{_x(at.coverage):.1f}" cy="{_y(at.risk / top):.1f}" r="5" class="dot">'
            f"<title>threshold {threshold:g}: coverage {at.coverage:.2f}, risk {at.risk:.2f}</title>"
            "</circle>"
        )
    axes = _axes("coverage: share of questions answered", [0, 0.25, 0.5, 0.75, 1], top)
    return _svg(f'{axes}<path d="{path}" class="curve"/>{dot}', "Risk over coverage")


def histogram(values: Sequence[float], label: str) -> str:
    """How many values fall into each of 20 equal bins."""
    if not values:
        return "<p>Not measured.</p>"
    highest = max(values)
    width = highest / 20 or 1.0
    counts = [0] * 20
    for value in values:
        counts[min(19, int(value / width))] += 1
    most = max(counts)
    bars = "".join(
        f'<rect x="{_x(at / 20) + 1:.1f}" y="{_y(count / most):.1f}" '
        f'width="{(_x(1) - _x(0)) / 20 - 2:.1f}" height="{_y(0) - _y(count / most):.1f}" class="bar">'
        f"<title>{at * width:.0f}–{(at + 1) * width:.0f} ms: {count}</title></rect>"
        for at, count in enumerate(counts)
    )
    ticks = "".join(
        f'<text x="{_x(share):.1f}" y="{HEIGHT - 16}" class="tick">{share * highest:.0f}</text>'
        for share in (0, 0.25, 0.5, 0.75, 1)
    )
    base = f'<path d="M{_x(0)},{_y(0)} H{_x(1)}" class="axis"/>'
    name = f'<text x="{_x(0.5):.1f}" y="{HEIGHT - 2}" class="tick">{escape(label)}</text>'
    return _svg(bars + base + ticks + name, label)


def tag_bars(groups: Sequence[Group]) -> str:
    """A bar for each tag: the share of its facts that pass."""
    row = 24
    height = row * len(groups) + 4
    parts: list[str] = []
    for at, group in enumerate(groups):
        y = at * row + 4
        share = group.passed / group.total
        parts.append(
            f'<text x="0" y="{y + 13}" class="name">{escape(group.tag)}</text>'
            f'<rect x="130" y="{y}" width="240" height="16" class="ground"/>'
            f'<rect x="130" y="{y}" width="{240 * share:.1f}" height="16" class="bar"/>'
            f'<text x="378" y="{y + 13}" class="name">{group.passed} of {group.total}</text>'
        )
    return (
        f'<svg viewBox="0 0 {WIDTH} {height}" role="img" aria-label="Facts passed by tag">'
        f"{''.join(parts)}</svg>"
    )


def _axes(label: str, ticks: Sequence[float], top: float) -> str:
    parts = [f'<path d="M{_x(0)},{_y(1)} V{_y(0)} H{_x(1)}" class="axis"/>']
    for tick in ticks:
        parts.append(
            f'<text x="{_x(tick):.1f}" y="{HEIGHT - 18}" class="tick">{tick:g}</text>'
            f'<text x="{LEFT - 6}" y="{_y(tick) + 4:.1f}" class="tick end">{tick * top:.2f}</text>'
        )
    parts.append(f'<text x="{_x(0.5):.1f}" y="{HEIGHT - 2}" class="tick">{escape(label)}</text>')
    parts.append(f'<text x="{LEFT + 6}" y="{TOP + 10}" class="tick start">risk</text>')
    return "".join(parts)


def _svg(inner: str, label: str) -> str:
    return (
        f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{escape(label)}">{inner}</svg>'
    )


def _x(share: float) -> float:
    return LEFT + share * (WIDTH - LEFT - RIGHT)


def _y(share: float) -> float:
    return HEIGHT - BOTTOM - share * (HEIGHT - BOTTOM - TOP)
