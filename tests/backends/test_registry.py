"""Who is asked, in which order, and that each backend is built once."""

import dataclasses
from pathlib import Path

import pytest

from fastapply_lsp.backends.registry import Backends, choose
from fastapply_lsp.errors import SettingsError
from fastapply_lsp.merge.model import Candidate, Form, Merge
from fastapply_lsp.settings import BackendName, OpenAISettings, ScriptedSettings, Settings

GUESS = (Candidate((), "x\n", "it fits"),)
CERTAIN = Merge(Form.LAZY, "x\n", (), (), (), GUESS)
UNSURE = Merge(Form.LAZY, "x\n", (), (), ("two places fit",), GUESS)
NOWHERE = Merge(Form.LAZY, "x\n", (), (), ("no place fits",), ())
MODEL = OpenAISettings(base_url="http://fake/v1")


def using(backend: BackendName = "auto", openai: OpenAISettings | None = None) -> Settings:
    return dataclasses.replace(Settings(), backend=backend, openai=openai or OpenAISettings())


@pytest.mark.parametrize(
    ("merge", "without_model", "with_model"),
    [
        (CERTAIN, ("embedded",), ("embedded",)),
        (UNSURE, ("embedded",), ("openai", "embedded")),
        (NOWHERE, ("embedded",), ("openai",)),
    ],
)
def test_auto(merge: Merge, without_model: tuple[str, ...], with_model: tuple[str, ...]) -> None:
    assert choose(using(), merge) == without_model
    assert choose(using(openai=MODEL), merge) == with_model
    assert choose(using("embedded", MODEL), merge, "auto") == with_model


@pytest.mark.parametrize("merge", [CERTAIN, UNSURE, NOWHERE])
def test_a_named_backend_is_asked_alone(merge: Merge) -> None:
    assert choose(using("openai", MODEL), merge) == ("openai",)
    assert choose(using("completions", MODEL), merge) == ("completions",)
    assert choose(using("openai", MODEL), merge, "embedded") == ("embedded",)
    scripted = dataclasses.replace(using(), scripted=ScriptedSettings("s.toml"))
    assert choose(scripted, merge, "scripted") == ("scripted",)


@pytest.mark.parametrize("name", ["openai", "completions", "scripted", "gpu", ""])
def test_an_unknown_or_unconfigured_backend_is_an_error(name: str) -> None:
    with pytest.raises(SettingsError) as caught:
        choose(using(), CERTAIN, name)
    assert caught.value.source == "the call"


async def test_each_backend_is_built_once_and_closed(tmp_path: Path) -> None:
    script = tmp_path / "s.toml"
    script.write_text('[[step]]\nsay = "x"\n')
    settings = dataclasses.replace(using(openai=MODEL), scripted=ScriptedSettings(str(script)))
    backends = Backends(settings)
    assert [one.name for one in backends(UNSURE)] == ["openai", "embedded"]
    (scripted,) = backends(UNSURE, "scripted")
    assert backends.named("scripted") is scripted
    assert backends.named("openai") is backends(UNSURE)[0]
    assert backends.named("completions").name == "completions"
    await backends.aclose()
    assert scripted.closed  # type: ignore[attr-defined]  # the scripted one remembers
    assert backends.named("scripted") is not scripted


async def test_a_script_that_is_not_named_is_an_error() -> None:
    with pytest.raises(SettingsError, match="no script"):
        Backends(using()).named("scripted")
