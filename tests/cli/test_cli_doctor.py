"""`fastapply doctor`: everything that helps, and no secret."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import Fastapply

KEY = "sk-very-secret"


def test_without_a_model_all_is_well(fastapply: Fastapply, home: Path) -> None:
    ran = fastapply("doctor", "--json")
    assert ran.exit == 0
    told = ran.json
    assert told["versions"]["Python"]
    assert told["versions"]["tree-sitter"] != "not installed"
    assert told["folders"]["journal"] == str(home / "state" / "journal")
    assert told["settings"]["backend"] == {"value": "auto", "source": "the default"}
    assert told["grammars"]["python"] is True
    assert [one["name"] for one in told["backends"]] == ["embedded"]
    assert told["backends"][0]["answers"] is True


def test_the_words_say_the_same(fastapply: Fastapply) -> None:
    ran = fastapply("doctor")
    text = ran.out.decode()
    assert ran.exit == 0
    for part in ("Versions", "Folders", "Settings", "Grammars", "Backends", "(the default)"):
        assert part in text


def test_each_setting_names_its_source(
    fastapply: Fastapply, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = home / ".config" / "fastapply-lsp" / "config.toml"
    config.parent.mkdir(parents=True)
    config.write_text('review = "accept"\n', encoding="utf-8")
    monkeypatch.setenv("FASTAPPLY_LOG_LEVEL", "debug")
    settings = fastapply("doctor", "--backend", "embedded", "--json").json["settings"]
    assert settings["review"] == {"value": "accept", "source": str(config)}
    assert settings["log_level"]["source"] == "the environment variable FASTAPPLY_LOG_LEVEL"
    assert settings["backend"] == {"value": "embedded", "source": "the call"}


def test_a_server_that_does_not_answer_is_3_and_no_key_is_printed(
    fastapply: Fastapply, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Port 9 of this machine: nobody listens there.
    monkeypatch.setenv("FASTAPPLY_OPENAI_BASE_URL", "http://127.0.0.1:9/v1")
    monkeypatch.setenv("FASTAPPLY_OPENAI_API_KEY", KEY)
    monkeypatch.setenv("FASTAPPLY_OPENAI_HEADERS", f'{{"X-Key": "{KEY}"}}')
    for arguments in (("doctor",), ("doctor", "--json")):
        ran = fastapply(*arguments)
        assert ran.exit == 3
        assert KEY not in ran.out.decode() + ran.err
    openai = ran.json["backends"][1]
    assert openai["answers"] is False
    assert openai["takes_prediction"] is None
    assert openai["error"]["code"] == "backend-unreachable"
    assert ran.json["settings"]["openai.api_key"]["value"] == "set, not shown"


def test_a_setting_that_cannot_be_used_is_2_and_the_rest_is_shown(
    fastapply: Fastapply, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FASTAPPLY_BACKEND", "nobody")
    ran = fastapply("doctor", "--json")
    assert ran.exit == 2
    assert ran.json["error"]["code"] == "settings"
    assert ran.json["versions"]["fastapply-lsp"]
    assert "FASTAPPLY_BACKEND" in fastapply("doctor").out.decode()


def test_the_variable_for_the_tests_cases_is_no_setting(
    fastapply: Fastapply, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FASTAPPLY_CASES", "/somewhere")
    assert fastapply("doctor").exit == 0
