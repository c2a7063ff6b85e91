"""The server's own settings: `[access]`, `[embed]`, `[limits]`, `[logging]` and `[telemetry]`.

They stand in the same `groundwire.toml` as the others and in the same environment, where a name in a
table is written with two underscores: `GROUNDWIRE_ACCESS__MODE`.
"""

from __future__ import annotations

import ipaddress
import os
import re
from collections.abc import Iterable
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator
from pydantic_settings import (
    BaseSettings,
    InitSettingsSource,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
)

from rag.errors import ConfigError
from rag.settings import FILE_NAME, PREFIX, file_values

DELIMITER = "__"
FEWEST_CONNECTIONS = 8
Mode = Literal["open", "keys", "proxy"]
Words = Annotated[tuple[str, ...], NoDecode]


class Table(BaseModel):
    """A table of the file. Unknown names are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Access(Table):
    """Who may ask."""

    mode: Mode | None = Field(
        None,
        description="`open`: everyone who reaches the server; `keys`: API keys and widget tokens; "
        "`proxy`: people whom a reverse proxy has signed in, and keys. "
        "Default: `open` on a loopback address, `keys` on any other.",
    )
    hosts: Words = Field(
        (),
        description="Host names that requests may be addressed to, against DNS rebinding. "
        "Default: the loopback names on a loopback address, else any.",
    )
    proxies: Words = Field(
        (),
        description="Addresses or networks of reverse proxies whose headers are believed, "
        "such as `10.0.0.5` or `10.0.0.0/24`.",
    )
    user_header: str = Field(
        "x-forwarded-user", description="Header in which the proxy names the signed-in person."
    )
    audience: str = Field("groundwire", description="Audience that widget tokens are made for.")

    @field_validator("hosts", "proxies", mode="before")
    @classmethod
    def _words(cls, value: object) -> object:
        return words(value)

    @field_validator("hosts")
    @classmethod
    def _lower(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(host.lower() for host in value)

    @field_validator("user_header")
    @classmethod
    def _header(cls, value: str) -> str:
        if not re.fullmatch(r"[A-Za-z0-9-]+", value):
            raise ValueError(f"'{value}' is no header name")
        return value.lower()

    @field_validator("proxies")
    @classmethod
    def _networks(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for item in value:
            try:
                ipaddress.ip_network(item, strict=False)
            except ValueError as error:
                raise ValueError(f"'{item}' is no address or network") from error
        return value


class Embed(Table):
    """Where the widget may stand."""

    origins: Words = Field(
        (),
        description="Exact origins of pages that may embed the widget, such as "
        "`https://intranet.example.org`. Default: none.",
    )

    @field_validator("origins", mode="before")
    @classmethod
    def _words(cls, value: object) -> object:
        return words(value)

    @field_validator("origins")
    @classmethod
    def _exact(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(exact_origin(item) for item in value)


class Limits(Table):
    """How much one caller, and all together, may ask for."""

    body_kib: int = Field(64, ge=4, le=1024, description="Largest request body, in KiB.")
    questions_per_minute: float = Field(
        30, gt=0, description="Questions a minute from one address, or one signed-in person."
    )
    questions_burst: int = Field(
        15, ge=1, description="Questions at once from one address, or one signed-in person."
    )
    key_questions_per_minute: float = Field(
        600, gt=0, description="Questions a minute with one API key, its tokens included."
    )
    key_questions_burst: int = Field(100, ge=1, description="Questions at once with one API key.")
    events_per_minute: float = Field(
        240,
        gt=0,
        description="Events of the chat page (a click, a question) a minute from one address.",
    )
    events_burst: int = Field(
        120, ge=1, description="Events of the chat page at once from one address."
    )
    requests_per_minute: float = Field(
        1200, gt=0, description="Other requests a minute from one address."
    )
    requests_burst: int = Field(600, ge=1, description="Other requests at once from one address.")
    workers: int | None = Field(
        None, ge=1, le=64, description="Questions answered at the same time. Default: two."
    )
    waiting: int = Field(32, ge=0, description="Questions that may wait for a worker.")
    wait_s: float = Field(10, gt=0, description="Longest wait for a worker, in seconds.")
    answer_s: float = Field(30, gt=0, description="Longest time of one answer, in seconds.")
    head_s: float = Field(10, gt=0, description="Time to receive a request's head, in seconds.")
    body_s: float = Field(10, gt=0, description="Time to receive a request's body, in seconds.")
    send_s: float = Field(
        30,
        gt=0,
        description="Time in which a client must take 16 KiB of what is sent, in seconds.",
    )
    connections: int = Field(
        4096,
        ge=FEWEST_CONNECTIONS,
        description="Open connections; further ones are closed at once.",
    )


class Logging(Table):
    """What is written down."""

    format: Literal["json", "text"] = Field(
        "json", description="One JSON object a line, or a line for people."
    )
    level: Literal["debug", "info", "warning", "error"] = Field(
        "info", description="Least serious line that is written."
    )
    questions: bool = Field(False, description="Write the text of questions, too.")


class Telemetry(Table):
    """Where traces go."""

    endpoint: str | None = Field(
        None,
        description="OpenTelemetry collector that traces are sent to over HTTP, such as "
        "`http://127.0.0.1:4318`; needs the extra `otel`. "
        "Default: `OTEL_EXPORTER_OTLP_ENDPOINT`, else none.",
    )

    @field_validator("endpoint")
    @classmethod
    def _address(cls, value: str | None) -> str | None:
        parts = urlsplit(value or "http://none")
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError(f"'{value}' is no address such as http://127.0.0.1:4318")
        return value


class GuardSettings(BaseSettings):
    """The server's settings. Unknown names are refused."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_nested_delimiter=DELIMITER, extra="forbid", frozen=True
    )

    access: Access = Access()
    embed: Embed = Embed()
    limits: Limits = Limits()
    logging: Logging = Logging()
    telemetry: Telemetry = Telemetry()

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Options, then environment, then our tables of the TOML file."""
        tables = {name: value for name, value in file_values().items() if name in cls.model_fields}
        return init_settings, env_settings, InitSettingsSource(settings_cls, init_kwargs=tables)

    def mode(self, host: str) -> Mode:
        """The access mode of a server that listens on `host`."""
        return self.access.mode or ("open" if is_loopback(host) else "keys")


def load_guard_settings(**tables: Any) -> GuardSettings:
    """The effective settings of the server.

    Raises: ConfigError, naming the setting that is wrong.
    """
    unknown = [
        name
        for name, value in file_values().items()
        if isinstance(value, dict) and name not in GuardSettings.model_fields
    ]
    if unknown:
        raise ConfigError(
            f"{FILE_NAME}: no table [{unknown[0]}] is known. There are: "
            + ", ".join(f"[{name}]" for name in GuardSettings.model_fields)
        )
    try:
        settings = GuardSettings(**tables)
    except ValidationError as error:
        first = error.errors()[0]
        name = ".".join(str(part) for part in first["loc"] if not isinstance(part, int))
        raise ConfigError(
            f"{name}: {first['msg']}. See the settings with: groundwire config"
        ) from error
    if settings.access.mode == "proxy" and not settings.access.proxies:
        raise ConfigError(
            "access.mode is proxy, but access.proxies names no address to believe. "
            'Set it to the address of the reverse proxy, such as ["127.0.0.1"].'
        )
    return settings


def known_variables() -> frozenset[str]:
    """The names of all environment variables that set something here."""
    return frozenset(_variable(table, name) for table, name in _names())


def origins_of_server() -> dict[str, str]:
    """For each setting, as `table.name`, where its value comes from: environment, file or default."""
    file, set_here = file_values(), {key.upper() for key in os.environ}
    return {
        f"{table}.{name}": f"environment {_variable(table, name)}"
        if _variable(table, name) in set_here
        else (FILE_NAME if name in file.get(table, {}) else "default")
        for table, name in _names()
    }


def tables() -> dict[str, type[Table]]:
    """The tables of the file and what each holds."""
    return {
        name: field.annotation
        for name, field in GuardSettings.model_fields.items()
        if isinstance(field.annotation, type) and issubclass(field.annotation, Table)
    }


def _names() -> list[tuple[str, str]]:
    return [(name, setting) for name, table in tables().items() for setting in table.model_fields]


def _variable(table: str, name: str) -> str:
    return f"{PREFIX}{table}{DELIMITER}{name}".upper()


def exact_origin(value: str) -> str:
    """`value` as browsers write an origin. Raises: ValueError, if it is none or not exact."""
    parts = urlsplit(value)
    extra = parts.path not in ("", "/") or parts.query or parts.fragment or parts.username
    if parts.scheme not in ("http", "https") or not parts.hostname or extra or "*" in value:
        raise ValueError(
            f"'{value}' is no exact origin; write scheme, host and port: https://intranet.example.org"
        )
    standard = {"http": 80, "https": 443}[parts.scheme]
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    host = host.encode("idna").decode("ascii") if not host.isascii() else host
    port = f":{parts.port}" if parts.port not in (None, standard) else ""
    return f"{parts.scheme}://{host}{port}"


def words(value: object) -> object:
    """A text as its words between commas; anything else as it is."""
    if isinstance(value, str):
        return tuple(word for word in re.split(r"[\s,]+", value.strip()) if word)
    return value


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach a server that listens on `host`."""
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def in_networks(address: str, networks: Iterable[str]) -> bool:
    """Whether an address is in one of the networks."""
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return False
    mapped = getattr(ip, "ipv4_mapped", None)
    return any((mapped or ip) in ipaddress.ip_network(item, strict=False) for item in networks)
