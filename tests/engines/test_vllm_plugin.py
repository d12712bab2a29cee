"""The entry point, and what it does to the API server's process."""

from __future__ import annotations

import importlib
import logging
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from fastapply_lsp.engines.asked import DRAFT, PREPARED
from fastapply_lsp.engines.vllm import front, plugin
from fastapply_lsp.engines.vllm.environment import DEFAULT_VARIABLE
from fastapply_lsp.engines.vllm.front import _PROTOCOLS, follow
from fastapply_lsp.engines.vllm.interface import ENGINE
from tests.engines.vllm_fakes import Sampling, Tokenizer, config, module

PREDICTION = {"type": "content", "content": "ab"}


class Refused(Exception):
    def __init__(self, message: str, *, parameter: str) -> None:
        super().__init__(message)
        self.parameter = parameter


def new_protocol() -> type:
    class ARequest:
        def __init__(self, xargs: dict[str, Any] | None = None, **extra: Any) -> None:
            self.vllm_xargs = xargs
            self.model_extra = extra

        def to_sampling_params(self, max_tokens: int) -> Sampling:
            return Sampling(self.vllm_xargs, max_tokens)

    return ARequest


def new_engine() -> type:
    class AsyncLLM:
        def __init__(self, vllm_config: Any) -> None:
            self.vllm_config = vllm_config
            self.added: list[tuple[Any, Any]] = []

        def get_tokenizer(self) -> Tokenizer:
            return Tokenizer()

        async def add_request(self, request_id: str, prompt: Any, params: Any) -> str:
            self.added.append((prompt, params))
            return request_id

    return AsyncLLM


@pytest.fixture
def parts(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> SimpleNamespace:
    """An engine and two kinds of request, as vLLM has them, before the plug-in came."""
    caplog.set_level(logging.INFO, "vllm.fastapply")
    monkeypatch.delenv(DEFAULT_VARIABLE, raising=False)
    for name, _ in [*_PROTOCOLS, (ENGINE, "")]:
        parent = name
        while "." in parent:
            parent = parent.rpartition(".")[0]
            module(monkeypatch, parent, __path__=[])
    module(monkeypatch, "vllm.exceptions", VLLMValidationError=Refused)
    requests = [new_protocol() for _ in _PROTOCOLS]
    for (name, kind), request in zip(_PROTOCOLS, requests, strict=True):
        module(monkeypatch, name, **{kind: request})
    engine = new_engine()
    return SimpleNamespace(
        chat=requests[0],
        completion=requests[1],
        engine=engine,
        module=module(monkeypatch, ENGINE, AsyncLLM=engine),
    )


async def added(engine: Any, prompt: Any, params: Any) -> Any:
    assert await engine.add_request("r", prompt, params=params) == "r"
    kept, changed = engine.added[-1]
    assert kept is prompt
    return changed


def text(letters: str) -> dict[str, Any]:
    return {"type": "token", "prompt_token_ids": [ord(letter) for letter in letters]}


async def test_a_prediction_arrives_as_tokens(parts: SimpleNamespace) -> None:
    follow(parts.module)
    engine = parts.engine(config())
    for kind in (parts.chat, parts.completion):
        params = kind({"other": 1}, prediction=PREDICTION).to_sampling_params(9)
        assert params == Sampling({"other": 1, DRAFT: "ab"}, 9)
        changed = await added(engine, text("hello"), params)
        assert changed == Sampling({"other": 1, PREPARED: [[97, 98]]}, 9)
        assert params.extra_args == {"other": 1, DRAFT: "ab"}  # others may hold it, too


async def test_file_and_edit_in_the_prompt_are_merged(parts: SimpleNamespace) -> None:
    follow(parts.module)
    engine = parts.engine(config(context=1000))
    file, edit = (
        "a = 1\nb = 2\nc = 3\n",
        "# ... existing code ...\nb = 4\n# ... existing code ...\n",
    )
    prompt = text(f"a.py:\n```python\n{file}```\nthe edit:\n```python\n{edit}```\n")
    changed = await added(engine, prompt, Sampling())
    first = changed.extra_args[PREPARED][0]
    assert "".join(map(chr, first)) == file.replace("b = 2", "b = 4")
    changed = await added(engine, prompt, Sampling({"fastapply_source": "off"}))
    assert changed.extra_args == {PREPARED: []}


async def test_a_server_may_draft_only_when_asked(
    parts: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(DEFAULT_VARIABLE, "off")
    follow(parts.module)
    engine = parts.engine(config())
    prompt = text("```\na\nb\n```\n```\nc\nd\n```\n")
    assert (await added(engine, prompt, Sampling())).extra_args == {PREPARED: []}
    asking = Sampling({"fastapply_source": "prompt"})
    assert (await added(engine, prompt, asking)).extra_args[PREPARED]
    asking = parts.chat(prediction=PREDICTION).to_sampling_params(9)
    assert (await added(engine, prompt, asking)).extra_args[PREPARED][0] == [97, 98]


async def test_what_makes_no_sense_is_refused_before_any_work(parts: SimpleNamespace) -> None:
    follow(parts.module)
    parts.engine(config())
    with pytest.raises(Refused, match=r"`prediction` must be .*, not 7\.$") as raised:
        parts.chat(prediction=7).to_sampling_params(9)
    assert raised.value.parameter == "prediction"
    with pytest.raises(Refused, match="fastapply_source"):
        parts.completion({"fastapply_source": 1}).to_sampling_params(9)
    assert parts.chat().to_sampling_params(9) == Sampling(None, 9)


async def test_a_server_of_another_kind_is_left_alone(parts: SimpleNamespace) -> None:
    follow(parts.module)
    other = config()
    other.speculative_config.model = "ngram"
    engine = parts.engine(other)
    params = parts.chat(prediction=7).to_sampling_params(9)
    assert await added(engine, text("hello"), params) is params
    assert params == Sampling(None, 9)


@pytest.mark.parametrize("prompt", ["text", {"type": "embeds"}, {"prompt_token_ids": []}, None])
async def test_what_is_no_rendered_text_is_left_to_the_engine(
    parts: SimpleNamespace, prompt: Any
) -> None:
    follow(parts.module)
    params = Sampling({DRAFT: "a"})
    assert await added(parts.engine(config()), prompt, params) is params
    assert await added(parts.engine(config()), text("a"), object()) is not None


async def test_a_request_that_came_past_the_door_is_not_drafted(parts: SimpleNamespace) -> None:
    follow(parts.module)
    params = Sampling({"fastapply_source": 1, "more": 2})
    changed = await added(parts.engine(config()), text("a"), params)
    assert changed.extra_args == {"more": 2, PREPARED: []}


async def test_an_error_costs_the_draft_and_no_answer(
    parts: SimpleNamespace, caplog: pytest.LogCaptureFixture
) -> None:
    follow(parts.module)
    engine = parts.engine(config())
    bad = {"prompt_token_ids": [1, 2, None]}
    params = Sampling({DRAFT: "a"})
    for _ in range(2):
        assert await added(engine, bad, params) is params
    assert [record.exc_info is not None for record in caplog.records] == [True]


async def test_a_search_that_takes_long_is_left_to_the_worker(
    parts: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    follow(parts.module)
    engine = parts.engine(config())
    until = threading.Event()
    front_of = vars(engine)[front._FRONT]
    holding = front_of._finder._thread.submit(until.wait)
    params = Sampling({DRAFT: "a"})
    with monkeypatch.context() as patch:
        patch.setattr(front, "PATIENCE_S", 0.0)
        assert await added(engine, text("hello"), params) is params
    until.set()
    assert holding.result(timeout=60)
    assert (await added(engine, text("hello"), params)).extra_args == {PREPARED: [[97]]}


def test_two_engines_wrap_a_request_once(parts: SimpleNamespace) -> None:
    follow(parts.module)
    parts.engine(config())
    once = parts.chat.to_sampling_params
    parts.engine(config())
    assert parts.chat.to_sampling_params is once


def test_an_engine_that_has_changed_is_left_alone(
    parts: SimpleNamespace, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def add_request(_self: object, request: object) -> None:
        await added(None, request, None)

    monkeypatch.setattr(parts.engine, "add_request", add_request)
    before = parts.engine.__init__
    follow(parts.module)
    assert parts.engine.__init__ is before
    follow(module(monkeypatch, ENGINE))
    lines = [record.getMessage() for record in caplog.records]
    assert ["parameter `prompt` of" in lines[0], "AsyncLLM" in lines[1]] == [True, True]
    assert len(lines) == 2


def test_a_tokenizer_that_has_none_of_it_starts_all_the_same(
    parts: SimpleNamespace, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parts.engine, "get_tokenizer", lambda _self: None)
    follow(parts.module)
    parts.engine(config())
    assert len(caplog.records) == 1


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A package ``latecomer`` with a module, not yet imported."""
    package = tmp_path / "latecomer"
    package.mkdir()
    (package / "__init__.py").write_text("")
    (package / "part.py").write_text("value = 1\n")
    monkeypatch.syspath_prepend(tmp_path)
    finders = list(sys.meta_path)
    yield package
    sys.meta_path[:] = finders
    for name in ("latecomer", "latecomer.part"):
        sys.modules.pop(name, None)


@pytest.mark.usefixtures("folder")
def test_a_module_is_waited_for() -> None:
    seen: list[ModuleType] = []
    before = len(sys.meta_path)
    plugin.when_imported("latecomer.part", seen.append)
    importlib.import_module("latecomer")
    assert seen == []
    part = importlib.import_module("latecomer.part")
    assert seen == [part]
    assert part.value == 1
    assert len(sys.meta_path) == before
    plugin.when_imported("latecomer.part", seen.append)
    assert seen == [part, part]


@pytest.mark.usefixtures("folder")
def test_a_module_that_never_was_stays_unknown() -> None:
    plugin.when_imported("latecomer.nothing", lambda _module: pytest.fail("there is none"))
    with pytest.raises(ModuleNotFoundError):
        importlib.import_module("latecomer.nothing")


def test_vllm_calls_the_entry_point_and_it_acts_once(
    parts: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(plugin, "_registered", set())
    before = parts.engine.add_request
    plugin.register()
    once = parts.engine.add_request
    plugin.register()
    assert before is not once
    assert parts.engine.add_request is once
