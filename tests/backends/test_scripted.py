"""The scripted and the embedded backend say what they were told to say."""

import dataclasses
import json
from contextlib import aclosing
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fastapply_lsp.backends import scripted
from fastapply_lsp.backends.embedded import EmbeddedBackend
from fastapply_lsp.backends.model import Backend, End, Request, Text, Usage
from fastapply_lsp.backends.script_file import FAULTS, read_scripts
from fastapply_lsp.backends.scripted import (
    Fail,
    Pause,
    Predicted,
    Report,
    Say,
    Script,
    ScriptedBackend,
    Stop,
)
from fastapply_lsp.errors import NotPlaced, SettingsError, StreamBroken
from fastapply_lsp.merge.model import Candidate, Form, Merge
from fastapply_lsp.request.model import EditFile


def request_for(predicted: str, reasons: tuple[str, ...] = ()) -> Request:
    candidates = () if reasons == ("no place",) else (Candidate((), predicted, "the only place"),)
    merge = Merge(Form.LAZY, predicted, (), (), reasons, candidates)
    return Request(EditFile("a.py", "", "edit"), "a.py", "original", merge)


async def everything(backend: Backend, request: Request) -> list[Text | Usage | End]:
    async with aclosing(backend.stream(request)) as stream:
        return [piece async for piece in stream]


async def test_embedded_says_the_prediction() -> None:
    backend = EmbeddedBackend()
    for reasons in ((), ("two places fit",)):
        pieces = await everything(backend, request_for("new\n", reasons))
        assert pieces == [Text("new\n"), End("stop")]
    await backend.aclose()


async def test_embedded_without_a_place_says_why() -> None:
    with pytest.raises(NotPlaced) as caught:
        await everything(EmbeddedBackend(), request_for("old\n", ("no place",)))
    assert caught.value.reasons == ("no place",)


async def test_a_script_is_played_in_order_without_waiting() -> None:
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        slept.append(seconds)

    steps = (Say("a"), Pause(2.0), Report(Usage(accepted=3)), Predicted(2, 0.5), Stop("length"))
    backend = ScriptedBackend(Script((*steps, Say("never"))), sleep=sleep)
    pieces = await everything(backend, request_for("xyz"))
    assert pieces == [Text("a"), Usage(accepted=3), Text("xy"), Text("z"), End("length")]
    assert slept == [2.0, 0.5, 0.5]


async def test_a_fault_comes_after_what_was_said() -> None:
    backend = ScriptedBackend(scripted.broken_after("half"))
    stream = backend.stream(request_for(""))
    assert await anext(stream) == Text("half")
    with pytest.raises(StreamBroken, match="4 characters"):
        await anext(stream)


async def test_one_script_per_stream_and_the_last_serves_the_rest() -> None:
    backend = ScriptedBackend(scripted.whole("first"), scripted.whole("rest"))
    said = [(await everything(backend, request_for("")))[0] for _ in range(3)]
    assert said == [Text("first"), Text("rest"), Text("rest")]
    assert len(backend.requests) == 3
    await backend.aclose()
    assert backend.closed


async def test_asked_again_a_script_file_goes_on_with_its_next_stream(tmp_path: Path) -> None:
    text = (
        "[[stream]]\n[[stream.step]]\nsay = 'wrong'\n[[stream]]\n[[stream.step]]\nsay = 'right'\n"
    )
    (tmp_path / "s.toml").write_text(text)
    backend = ScriptedBackend(*read_scripts(tmp_path / "s.toml"))
    again = dataclasses.replace(request_for(""), refused=("it was wrong",))
    asked = (request_for(""), again, again)
    said = [(await everything(backend, request))[0] for request in asked]
    assert said == [Text("wrong"), Text("right"), Text("right")]
    assert [request.refused for request in backend.requests] == [(), *2 * [("it was wrong",)]]


def test_a_backend_without_a_script_is_refused() -> None:
    with pytest.raises(ValueError, match="script"):
        ScriptedBackend()


@given(st.text(max_size=200), st.integers(0, 99), st.integers(1, 9), st.sampled_from([0.0, 0.1]))
def test_chunks_join_to_the_text_and_depend_on_the_seed_alone(
    text: str, seed: int, longest: int, pause_s: float
) -> None:
    script = scripted.chunked(text, seed, longest=longest, pause_s=pause_s)
    said = [step.text for step in script.steps if isinstance(step, Say)]
    assert "".join(said) == text
    assert all(1 <= len(one) <= longest for one in said)
    assert script == scripted.chunked(text, seed, longest=longest, pause_s=pause_s)


TOML = """
[[step]]
say = "def f():\\n"
[[step]]
pause_s = 0.2
[[step]]
predicted = 24
[[step]]
predicted = 24
pause_s = 1
[[step]]
fail = "broken"
[[step]]
stop = "length"
"""
STEPS = (
    Say("def f():\n"),
    Pause(0.2),
    Predicted(24),
    Predicted(24, 1.0),
    Fail(FAULTS["broken"]),
    Stop("length"),
)


def test_a_script_comes_from_a_file(tmp_path: Path) -> None:
    (tmp_path / "s.toml").write_text(TOML)
    assert read_scripts(tmp_path / "s.toml") == (Script(STEPS),)
    streams = {"stream": [{"step": [{"say": "a"}]}, {"step": [{"say": "b"}]}]}
    (tmp_path / "s.json").write_text(json.dumps(streams))
    assert read_scripts(tmp_path / "s.json") == (scripted.whole("a"), scripted.whole("b"))


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("step = ", "cannot be read"),
        ("steps = []", "must hold"),
        ("[[step]]\nsay = 3", "step 1 is no step"),
        ("[[step]]\nsay = 'a'\n[[step]]\nfail = 'gone'", "step 2 is no step"),
        ("[[step]]\npredicted = 0", "step 1 is no step"),
        ("[[step]]\nsay = 'a'\nstop = 'length'", "step 1 is no step"),
    ],
)
def test_a_wrong_script_says_where(tmp_path: Path, content: str, words: str) -> None:
    path = tmp_path / "s.toml"
    path.write_text(content)
    with pytest.raises(SettingsError, match=words) as caught:
        read_scripts(path)
    assert caught.value.source == str(path)


def test_a_missing_script_is_an_error_of_the_settings(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="cannot be read"):
        read_scripts(tmp_path / "absent.toml")
