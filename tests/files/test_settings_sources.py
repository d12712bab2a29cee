"""Which source wins, what is refused, and that a key stays with its host."""

import dataclasses
import json
import logging
from collections.abc import Mapping
from pathlib import Path

import pytest
import tomli_w
from hypothesis import given
from hypothesis import strategies as st

from fastapply_lsp.errors import SettingsError
from fastapply_lsp.files.settings_loaded import Kind, Loaded
from fastapply_lsp.files.settings_sources import config_file, load
from fastapply_lsp.settings import Header, Secret, Settings, describe

HOME = "https://models.example/v1"
EVIL = "https://evil.example/v1"
OTHER_PORT = "https://models.example:8443/v1"
PLAIN = "http://models.example/v1"

Values = Mapping[str, object]


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "config.toml"
    path.write_text("")
    return path


def loaded(  # noqa: PLR0913 - one argument per source
    config: Path,
    toml: Values | None = None,
    env: Mapping[str, str] | None = None,
    workspace: Values | None = None,
    *,
    initialization: Values | None = None,
    call: Values | None = None,
) -> Loaded:
    config.write_text(tomli_w.dumps(dict(toml or {})))
    environment = {"FASTAPPLY_CONFIG": str(config), **(env or {})}
    return load(environment, call=call, workspace=workspace, initialization=initialization)


def openai(**values: object) -> dict[str, object]:
    return {"openai": values}


def test_without_any_source_all_is_default(config: Path) -> None:
    found = loaded(config)
    assert found.settings == Settings()
    assert {origin.kind for origin in found.origins.values()} == {Kind.DEFAULT}
    assert set(found.origins) == {row.name for row in describe()}


def test_the_highest_source_wins_and_is_remembered(config: Path) -> None:
    sources = [
        ("toml", {"log_level": "error"}, Kind.FILE),
        ("initialization", {"log_level": "warning"}, Kind.INITIALIZATION),
        ("workspace", {"log_level": "info"}, Kind.WORKSPACE),
        ("env", {"FASTAPPLY_LOG_LEVEL": "debug"}, Kind.ENVIRONMENT),
        ("call", {"log_level": "error"}, Kind.CALL),
    ]
    for count in range(1, len(sources) + 1):
        given_sources = {name: values for name, values, _ in sources[:count]}
        found = loaded(config, **given_sources)
        _, values, kind = sources[count - 1]
        assert found.settings.log_level == next(iter(values.values()))
        assert found.origins["log_level"].kind is kind


def test_every_setting_can_come_from_the_file_and_from_the_environment(config: Path) -> None:
    sample: dict[str, tuple[object, str]] = {}
    for row in describe():
        if row.form.startswith("`"):
            choice = row.form.split("`")[-2]
            sample[row.name] = (choice, choice)
        elif row.kind is bool:
            sample[row.name] = (not row.default, str(not row.default))
        elif row.kind is int:
            sample[row.name] = (77, "77")
        elif row.kind is float:
            sample[row.name] = (7.5, "7.5")
        elif "table" in row.form or row.name.endswith("headers"):
            sample[row.name] = ({"X-Team": "t"}, '{"X-Team": "t"}')
        elif row.name.endswith("base_url"):
            sample[row.name] = (HOME, HOME)
        else:
            sample[row.name] = ("text", "text")
    nested: dict[str, object] = {}
    for name, (value, _) in sample.items():
        *table, last = name.split(".")
        place = nested.setdefault(table[0], {}) if table else nested
        assert isinstance(place, dict)
        place[last] = value
    from_file = loaded(config, toml=nested)
    variables = {row.environment: sample[row.name][1] for row in describe()}
    from_environment = loaded(config, env=variables)
    assert from_file.settings == from_environment.settings
    for found in (from_file, from_environment):
        assert Kind.DEFAULT not in {origin.kind for origin in found.origins.values()}
    assert from_file.settings.openai.headers == (Header("X-Team", Secret("t")),)


@pytest.mark.parametrize("unset", ["", None])
def test_an_empty_value_is_unset(config: Path, unset: str | None) -> None:
    found = loaded(
        config,
        toml={"backend": "embedded"},
        env={"FASTAPPLY_BACKEND": ""},
        workspace={"backend": unset, "openai": {"base_url": unset}},
        initialization={"openai": unset} if unset is None else {},
    )
    assert found.settings.backend == "embedded"


def test_editor_settings_may_be_wrapped_in_the_programs_name(config: Path) -> None:
    found = loaded(config, workspace={"fastapply": {"lenses": {"chat": False}}})
    assert found.settings.lenses.chat is False


@pytest.mark.parametrize(
    ("toml", "key", "words"),
    [
        ({"bakend": "auto"}, "bakend", "is backend meant?"),
        ({"openai": {"modle": "m"}}, "openai.modle", "is openai.model meant?"),
        ({"openaii": {"model": "m"}}, "openaii", "is openai meant?"),
        ({"openai": "gpt"}, "openai", "must be a table"),
        ({"backend": "gpu"}, "backend", "`auto` or `embedded`"),
        ({"backend": 3}, "backend", "not 3"),
        ({"limits": {"file_bytes": "many"}}, "limits.file_bytes", "be a whole number, at least 1"),
        ({"limits": {"file_bytes": 0}}, "limits.file_bytes", "at least 1, not 0"),
        ({"limits": {"file_bytes": True}}, "limits.file_bytes", "not True"),
        ({"limits": {"file_bytes": 1.5}}, "limits.file_bytes", "not 1.5"),
        (openai(takes_prediction="yes"), "openai.takes_prediction", "true or false"),
        (openai(silence_timeout_s=float("inf")), "openai.silence_timeout_s", "number"),
        (openai(base_url="models.example/v1"), "openai.base_url", "http:// or https://"),
        (openai(base_url="https://"), "openai.base_url", "name a host"),
        (openai(base_url="https://h:port/v1"), "openai.base_url", "no address"),
        (openai(base_url="https://h/v1?key=hush"), "openai.base_url", "query"),
        (openai(base_url="https://me:hush@h/v1"), "openai.base_url", "password"),
        (openai(base_url="https://evil\\@h/hush"), "openai.base_url", "characters"),
        (openai(headers={"X": 3}), "openai.headers", "table"),
        (openai(api_key=7), "openai.api_key", "text"),
    ],
)
def test_a_wrong_setting_says_where_and_why(
    config: Path, toml: Values, key: str, words: str
) -> None:
    with pytest.raises(SettingsError) as caught:
        loaded(config, toml=toml)
    assert caught.value.key == key
    assert words in caught.value.problem
    assert caught.value.source == str(config)
    assert "hush" not in str(caught.value)


@pytest.mark.parametrize(
    ("variable", "text", "words"),
    [
        ("FASTAPPLY_BAKEND", "auto", "is FASTAPPLY_BACKEND meant?"),
        ("FASTAPPLY_LIMITS_FILE_LINES", "two", "not 'two'"),
        ("FASTAPPLY_LENSES_CHAT", "perhaps", "true or false"),
        ("FASTAPPLY_OPENAI_HEADERS", "[1]", "table"),
        ("FASTAPPLY_OPENAI_HEADERS", "{hush", "table"),
        ("FASTAPPLY_OPENAI_CONNECT_TIMEOUT_S", "nan", "number"),
    ],
)
def test_a_wrong_variable_says_its_name(config: Path, variable: str, text: str, words: str) -> None:
    with pytest.raises(SettingsError) as caught:
        loaded(config, env={variable: text})
    assert variable in caught.value.source
    assert words in caught.value.problem
    assert "hush" not in str(caught.value)


def test_a_file_that_is_no_toml_is_an_error(config: Path) -> None:
    environment = {"FASTAPPLY_CONFIG": str(config)}
    for content in (b"backend = ", b"\xff\xfe"):
        config.write_bytes(content)
        with pytest.raises(SettingsError) as caught:
            load(environment)
        assert caught.value.source == str(config)


def test_only_a_named_file_must_exist(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    monkeypatch.setenv("HOME", str(tmp_path))
    assert config_file({}).name == "config.toml"
    assert load({}).settings == Settings()
    with pytest.raises(SettingsError, match="no such file"):
        load({"FASTAPPLY_CONFIG": str(tmp_path / "absent.toml")})


# A key and where it may go. Each row: file, environment, editor; the host it reaches or None.
@pytest.mark.parametrize(
    ("toml", "env", "workspace", "reaches"),
    [
        (openai(api_key="k", base_url=HOME), {}, {}, HOME),
        (openai(api_key="k", base_url=HOME), {}, openai(base_url=EVIL), None),
        (openai(api_key="k", base_url=HOME), {}, openai(base_url=OTHER_PORT), None),
        (openai(api_key="k", base_url=HOME), {}, openai(base_url=PLAIN), None),
        (openai(api_key="k", base_url=HOME), {}, openai(base_url=HOME + "/b"), HOME + "/b"),
        (openai(api_key="k", base_url=HOME), {}, openai(base_url=HOME + "/"), HOME),
        (openai(api_key="k"), {}, openai(base_url=EVIL), None),
        (openai(headers={"A": "k"}), {}, openai(base_url=EVIL), None),
        (openai(headers={"A": "k"}, base_url=HOME), {}, openai(base_url=EVIL), None),
        (openai(base_url=HOME), {"API_KEY": "k"}, openai(base_url=EVIL), None),
        (openai(base_url=HOME), {"API_KEY": "k"}, {}, HOME),
        (openai(api_key="k", base_url=HOME), {"BASE_URL": EVIL}, {}, None),
        (openai(api_key="k", base_url=HOME), {"BASE_URL": EVIL, "API_KEY": "e"}, {}, EVIL),
        (openai(api_key="k"), {"BASE_URL": HOME}, {}, HOME),
        (openai(base_url=HOME), {}, openai(base_url=EVIL), EVIL),  # no key: nothing leaks
        ({}, {}, openai(base_url=EVIL, api_key="k"), EVIL),  # the editor's key, the editor's host
        (openai(base_url=HOME), {}, openai(api_key="k"), HOME),
        (openai(api_key_env="VAR", base_url=HOME), {}, openai(base_url=EVIL), None),
        (openai(api_key_env="VAR", base_url=HOME), {}, {}, HOME),
    ],
)
def test_a_key_goes_to_its_host_and_nowhere_else(
    config: Path, toml: Values, env: Mapping[str, str], workspace: Values, reaches: str | None
) -> None:
    variables = {f"FASTAPPLY_OPENAI_{name}": value for name, value in env.items()}
    variables["VAR"] = "k"
    if reaches is None:
        with pytest.raises(SettingsError) as caught:
            loaded(config, toml, variables, workspace)
        assert caught.value.key == "openai.base_url"
        return
    assert loaded(config, toml, variables, workspace).settings.openai.base_url == reaches


def test_the_call_may_not_redirect_a_key_either(config: Path) -> None:
    with pytest.raises(SettingsError, match="evil"):
        loaded(config, openai(api_key="k", base_url=HOME), call=openai(base_url=EVIL))


def test_the_editor_may_not_name_a_variable_to_read(config: Path) -> None:
    values = openai(api_key_env="AWS_SECRET_ACCESS_KEY", base_url=EVIL)
    for source in ("workspace", "initialization", "call"):
        with pytest.raises(SettingsError, match="only your own"):
            loaded(config, env={"AWS_SECRET_ACCESS_KEY": "k"}, **{source: values})


def test_a_variable_that_is_named_but_not_set_leaves_no_key(config: Path) -> None:
    found = loaded(config, openai(api_key_env="ABSENT", base_url=HOME))
    assert found.settings.openai.api_key is None


def test_a_key_from_a_named_variable_remembers_both_places(config: Path) -> None:
    found = loaded(config, openai(api_key_env="VAR", base_url=HOME), {"VAR": "k"})
    assert found.settings.openai.api_key == Secret("k")
    place = found.origins["openai.api_key"].place
    assert "VAR" in place
    assert str(config) in place


def test_what_doctor_prints_has_every_setting_and_no_secret(config: Path) -> None:
    toml = openai(api_key="hush-1", headers={"X-A": "hush-2"}, base_url=HOME, takes_prediction=True)
    shown = {one.name: one for one in loaded(config, toml).shown()}
    assert set(shown) == {row.name for row in describe()}
    assert shown["openai.api_key"].value == "***"
    assert shown["openai.headers"].value == "X-A: ***"
    assert shown["openai.takes_prediction"].value == "true"
    assert shown["openai.base_url"].origin.place == str(config)
    assert shown["scripted.script"].value == "not set"
    assert "hush" not in repr(shown)


@given(st.text(min_size=4))
def test_a_secret_shows_itself_nowhere(text: str) -> None:
    secret = Secret(f"sk-{text}")
    settings = dataclasses.replace(
        Settings(), openai=dataclasses.replace(Settings().openai, api_key=secret)
    )
    record = logging.LogRecord("x", logging.INFO, "", 0, "%s %r", (secret, settings), None)
    shown = [str(secret), repr(secret), f"{secret:>9}", repr(settings), record.getMessage()]
    shown.append(str(dataclasses.asdict(settings)))
    assert all(f"sk-{text}" not in one for one in shown)
    with pytest.raises(TypeError):
        json.dumps(secret)


def test_the_reference_has_a_sentence_for_every_setting() -> None:
    rows = describe()
    assert len({row.environment for row in rows}) == len(rows)
    for row in rows:
        assert row.what.endswith(".")
        assert row.form
