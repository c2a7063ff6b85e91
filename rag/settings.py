"""All settings: one frozen value, built once at the edge and passed down.

Precedence: command-line option > environment (`GROUNDWIRE_…`) > `groundwire.toml` > default.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from pydantic import Field, ValidationError
from pydantic_settings import (
    BaseSettings,
    InitSettingsSource,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

from rag.errors import ConfigError

PREFIX = "GROUNDWIRE_"
FILE_NAME = "groundwire.toml"


class Settings(BaseSettings):
    """The settings of one process. Unknown names are refused."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, extra="forbid", frozen=True)

    data_dir: Path = Field(
        Path(".groundwire"), description="Folder of the index, its generations and the caches."
    )
    articles: Path | None = Field(
        None, description="Folder of articles to index. Default: the bundled seed articles."
    )
    max_file_mb: float = Field(
        20, gt=0, description="Larger files are skipped, in MB of 1,000,000 bytes."
    )
    embedding_model: str = Field(
        "all-MiniLM-L6-v2",
        description="Sentence-transformers model: the default comes with an installed package; "
        "else a local folder or a hub name.",
    )
    reader_model: str = Field(
        "bundled",
        description="Extractive reader: `bundled`, or a local folder or hub name of a Hugging Face "
        "question-answering model.",
    )
    chunk_tokens: int = Field(
        120, ge=16, le=256, description="Longest chunk, in tokens of the embedding model."
    )
    chunk_overlap_tokens: int = Field(
        30,
        ge=0,
        le=128,
        description="Whole sentences repeated between chunks, up to this many tokens.",
    )
    top_k: int = Field(8, ge=1, le=50, description="Passages retrieved for a question.")
    min_confidence: float | None = Field(
        None,
        ge=0,
        le=1,
        description="Answers below this probability are abstained from. "
        "Default: the threshold stored with the reader.",
    )
    threads: int = Field(
        default_factory=lambda: os.cpu_count() or 1,
        ge=1,
        le=64,
        description="Threads of a model's computation. Default: all cores.",
    )
    host: str = Field("127.0.0.1", description="Address that `groundwire serve` listens on.")
    port: int = Field(
        7860, ge=0, le=65535, description="Port of `groundwire serve`; 0 takes a free one."
    )

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Options, then environment, then the TOML file without its tables."""
        values = {
            name: value for name, value in file_values().items() if not isinstance(value, dict)
        }
        return init_settings, env_settings, InitSettingsSource(settings_cls, init_kwargs=values)


def load_settings(**options: Any) -> Settings:
    """The effective settings; options that are None count as not given.

    Raises: ConfigError, naming the setting and where the wrong value comes from.
    """
    given = {name: value for name, value in options.items() if value is not None}
    try:
        return Settings(**given)
    except ValidationError as error:
        first = error.errors()[0]
        name = str(first["loc"][0]) if first["loc"] else "settings"
        origin = origin_of(name, given, file_values())
        raise ConfigError(
            f"{name} ({origin}): {first['msg']}. See the settings with: groundwire config"
        ) from error


def origins(settings: Settings, options: Mapping[str, Any] | None = None) -> dict[str, str]:
    """For each setting where its value comes from: option, environment, file or default."""
    in_file = file_values()
    return {name: origin_of(name, options or {}, in_file) for name in type(settings).model_fields}


def origin_of(name: str, options: Mapping[str, Any], file_values: Mapping[str, Any]) -> str:
    """Where the value of one setting comes from."""
    if options.get(name) is not None:
        return "option"
    variable = PREFIX + name.upper()
    if any(key.upper() == variable for key in os.environ):
        return f"environment {variable}"
    return FILE_NAME if name in file_values else "default"


def unknown_variables(others: Iterable[str] = ()) -> list[str]:
    """Environment variables with our prefix that name no setting, nor one of `others`: misspelt."""
    known = {PREFIX + name.upper() for name in Settings.model_fields} | set(others)
    return sorted(
        key for key in os.environ if key.upper().startswith(PREFIX) and key.upper() not in known
    )


def file_values() -> dict[str, Any]:
    """What `groundwire.toml` holds, tables as mappings; nothing where there is none.

    Its tables belong to the server (`ui.guard.settings` checks them). Raises: ConfigError.
    """
    path = Path(FILE_NAME)
    try:
        return tomllib.loads(path.read_text("utf-8")) if path.is_file() else {}
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{FILE_NAME}: not valid TOML: {error}. Mend the file.") from error
