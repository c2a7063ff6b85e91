"""The page's icons: strokes on a 24-unit grid, drawn in the colour of the text."""

from __future__ import annotations

_PATHS = {
    "copy": "M9 9h10v11H9zM5 15V4h10",
    "up": "M7 11v9H4v-9zM7 11l4-8c1.6 0 2.5 1 2.5 2.6V9H19a1.8 1.8 0 0 1 1.8 2.1l-1.2 7"
    "A2 2 0 0 1 17.6 20H7",
    "down": "M17 13V4h3v9zM17 13l-4 8c-1.600 0-2.500-1-2.500-2.600V15H5a1.800 1.800 0 0 1-1.800-2.100l1.200-7"
    "A2 2 0 0 1 6.400 4H17",
    "retry": "M20 12a8 8 0 1 1-2.400-5.700M20 3v5h-5",
    "edit": "M4 20l1-4L16 5l3 3L8 19zM14 7l3 3",
    "out": "M9 6h9v9M18 6L7 17",
    "new": "M12 5v14M5 12h14",
    "history": "M4 12a8 8 0 1 0 2.400-5.700M4 4v4h4M12 8v4l3 2",
    "theme": "M12 3a9 9 0 1 0 0 18zM12 3a9 9 0 0 1 0 18",
    "close": "M6 6l12 12M18 6L6 18",
    "bin": "M5 7h14M10 7V4h4v3M7 7l1 13h8l1-13",
    "back": "M11 6l-6 6 6 6M5 12h14",
    "filter": "M4 6h16M7 12h10M10 18h4",
}


def icon(name: str) -> str:
    """An icon as inline SVG, hidden from screen readers: what it stands on carries the name."""
    return (
        '<svg viewBox="0 0 24 24" width="16" height="16" fill="none" stroke="currentColor" '
        'stroke-width="1.8" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true">'
        f'<path d="{_PATHS[name]}"/></svg>'
    )
