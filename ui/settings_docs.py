"""Documentation of the settings, written from the settings themselves."""

from __future__ import annotations

from rag.settings import FILE_NAME, PREFIX, Settings

_HEAD = f"""# Configuration

An option of a command wins over an environment variable, that over `{FILE_NAME}` in the folder where the
command runs, that over the default. `groundwire config` shows the effective values and where each comes
from. Unknown names are refused in the file and warned of in the environment.

This page is the output of `groundwire config --markdown`.

| setting | environment | default | meaning |
|---|---|---|---|
"""


def settings_page() -> str:
    """`docs/configuration.md`: every setting with its variable, default and description."""
    rows = [
        f"| `{name}` | `{PREFIX}{name.upper()}` | {_default(name)} | {field.description} |"
        for name, field in Settings.model_fields.items()
    ]
    return _HEAD + "\n".join(rows) + "\n"


def _default(name: str) -> str:
    field = Settings.model_fields[name]
    if field.default_factory is not None or field.default is None:
        return "–"
    return f"`{field.default}`"
