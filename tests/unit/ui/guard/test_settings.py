"""The server's settings: where they come from and what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from rag.errors import ConfigError
from ui.guard.settings import exact_origin, in_networks, known_variables, load_guard_settings


@pytest.fixture(autouse=True)
def _here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


def test_the_environment_wins_over_the_file_name_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    Path("groundwire.toml").write_text(
        'top_k = 3\n[embed]\norigins = ["https://a.example"]\n[limits]\nwaiting = 5\nbody_kib = 8\n'
    )
    monkeypatch.setenv("GROUNDWIRE_LIMITS__WAITING", "7")
    settings = load_guard_settings()
    assert settings.embed.origins == ("https://a.example",)
    assert (settings.limits.waiting, settings.limits.body_kib) == (7, 8)


def test_lists_in_the_environment_are_words(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GROUNDWIRE_EMBED__ORIGINS", "https://a.example, http://b.example:81")
    assert load_guard_settings().embed.origins == ("https://a.example", "http://b.example:81")


def test_an_unknown_name_in_a_table_is_named() -> None:
    Path("groundwire.toml").write_text("[limits]\nwating = 5\n")
    with pytest.raises(ConfigError, match=r"limits\.wating"):
        load_guard_settings()


@pytest.mark.parametrize(
    "origin",
    [
        "*",
        "https://*.example",
        "intranet.example",
        "https://a.example/path",
        "null",
        "ftp://a.example",
    ],
)
def test_an_origin_that_is_not_exact_is_refused(
    origin: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GROUNDWIRE_EMBED__ORIGINS", origin)
    with pytest.raises(ConfigError, match="no exact origin"):
        load_guard_settings()


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("https://A.Example/", "https://a.example"),
        ("https://a.example:443", "https://a.example"),
        ("http://a.example:80", "http://a.example"),
        ("http://[::1]:8080", "http://[::1]:8080"),
        ("https://bücher.example", "https://xn--bcher-kva.example"),
    ],
)
def test_an_origin_is_kept_as_browsers_write_it(written: str, meant: str) -> None:
    assert exact_origin(written) == meant


def test_a_proxy_mode_without_proxies_is_refused() -> None:
    with pytest.raises(ConfigError, match=r"access\.proxies"):
        load_guard_settings(access={"mode": "proxy"})


def test_a_network_that_is_none_is_refused() -> None:
    with pytest.raises(ConfigError, match="no address or network"):
        load_guard_settings(access={"proxies": ["10.0.0.300"]})


@pytest.mark.parametrize(
    ("host", "mode"),
    [("127.0.0.1", "open"), ("localhost", "open"), ("::1", "open"), ("0.0.0.0", "keys")],
)
def test_only_this_machine_needs_no_key_by_default(host: str, mode: str) -> None:
    assert load_guard_settings().mode(host) == mode


def test_addresses_belong_to_networks() -> None:
    assert in_networks("10.1.2.3", ["10.0.0.0/8"])
    assert in_networks("::ffff:10.1.2.3", ["10.0.0.0/8"])
    assert not in_networks("11.1.2.3", ["10.0.0.0/8", "::/0"])
    assert not in_networks("unknown", ["0.0.0.0/0"])


def test_every_variable_is_known() -> None:
    assert {"GROUNDWIRE_ACCESS__MODE", "GROUNDWIRE_LIMITS__BODY_KIB"} <= known_variables()
