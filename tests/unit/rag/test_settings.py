from __future__ import annotations

from pathlib import Path

import pytest

from rag.errors import ConfigError
from rag.settings import Settings, load_settings, origins, unknown_variables


@pytest.fixture(autouse=True)
def _in_a_folder_of_its_own(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)


def test_option_beats_environment_beats_file_beats_default(monkeypatch: pytest.MonkeyPatch) -> None:
    assert load_settings().top_k == Settings.model_fields["top_k"].default
    Path("groundwire.toml").write_text("top_k = 3\nport = 1234\n")
    assert load_settings().top_k == 3
    monkeypatch.setenv("GROUNDWIRE_TOP_K", "4")
    assert load_settings().top_k == 4
    settings = load_settings(top_k=5)
    assert settings.top_k == 5
    found = origins(settings, {"top_k": 5})
    assert (found["top_k"], found["port"], found["host"]) == (
        "option",
        "groundwire.toml",
        "default",
    )


def test_a_wrong_value_names_the_setting_and_its_origin(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GROUNDWIRE_TOP_K", "many")
    with pytest.raises(ConfigError, match=r"top_k \(environment GROUNDWIRE_TOP_K\)"):
        load_settings()


def test_an_unknown_name_in_the_file_is_refused() -> None:
    Path("groundwire.toml").write_text("topk = 3\n")
    with pytest.raises(ConfigError, match=r"topk \(groundwire\.toml\)"):
        load_settings()


def test_broken_toml_is_one_line() -> None:
    Path("groundwire.toml").write_text("top_k = ")
    with pytest.raises(ConfigError, match=r"groundwire\.toml: not valid TOML"):
        load_settings()


def test_misspelt_variables_are_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GROUNDWIRE_TOPK", "3")
    assert unknown_variables() == ["GROUNDWIRE_TOPK"]


def test_every_setting_is_described() -> None:
    assert all(field.description for field in Settings.model_fields.values())
