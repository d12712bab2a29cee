"""The adapter for TensorRT-LLM, against what its sources say: it was never run in one."""

from __future__ import annotations

import pickle
from collections.abc import Iterator
from importlib import import_module, reload
from typing import Any

import pytest

from fastapply_lsp.engines.interface import ChangedError
from fastapply_lsp.engines.transformers import Engine
from tests.engines import tensorrt_llm_fakes as trt
from tests.engines import tiny
from tests.engines.tensorrt_llm_fakes import Request
from tests.engines.tiny_examples import DEVIATING, EXAMPLES

WIDTH = 16


@pytest.fixture(autouse=True)
def restored(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Leave the module as it is without TensorRT-LLM."""
    yield
    monkeypatch.undo()
    reload(import_module("fastapply_lsp.engines.tensorrt_llm.drafter"))


@pytest.fixture
def adapted(monkeypatch: pytest.MonkeyPatch) -> Any:
    return trt.adapter(monkeypatch, trt.Newest)


def made(module: Any, **given: Any) -> Any:
    return module.FastApplyDrafter(tiny.folder(), max_draft_len=WIDTH, **given)


def requests(engine: Engine) -> list[Request]:
    found = []
    for number, example in enumerate(EXAMPLES):
        answer = engine.tokenizer(f"{example.written}{tiny.END}")["input_ids"]
        found.append(Request(number, tiny.prompt_ids(engine.tokenizer, example), answer))
    return found


def write(drafter: Any, asked: list[Request]) -> None:
    going = asked
    while going:
        drafter.prepare_draft_tokens(trt.batch(going), None)
        if hasattr(drafter, "pad_draft_tokens_for_cuda_graph"):
            drafter.pad_draft_tokens_for_cuda_graph(trt.batch(going))
        for one in going:
            one.verify()
        going = [one for one in going if len(one.written) < len(one.answer)]
    for one in asked:
        assert one.written == list(one.answer)


def test_files_are_written_in_few_steps_side_by_side(adapted: Any, loaded: Engine) -> None:
    asked = requests(loaded)
    write(made(adapted), asked)
    for one, example in zip(asked, EXAMPLES, strict=True):
        limit = len(one.answer) // (WIDTH + 1) + 2
        assert one.steps <= limit if example is not DEVIATING else one.steps <= 2 * limit


@pytest.mark.parametrize("base", [trt.Oldest, trt.Middle, trt.Newest])
def test_it_is_made_for_every_form_of_the_class(
    base: Any, loaded: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    drafter = made(trt.adapter(monkeypatch, base), max_concurrency=3)
    assert drafter.max_concurrency == 3
    one = requests(loaded)[0]
    write(drafter, [one])
    assert one.steps <= len(one.answer) // (WIDTH + 1) + 2


def test_it_goes_to_another_process_before_its_first_use(adapted: Any, loaded: Engine) -> None:
    drafter = pickle.loads(pickle.dumps(made(adapted)))
    one = requests(loaded)[0]
    write(drafter, [one])
    assert one.steps <= len(one.answer) // (WIDTH + 1) + 2


def test_newer_versions_are_told_that_the_padding_needs_room(adapted: Any) -> None:
    assert made(adapted)._needs_padding_kv_extension is True


def test_a_schedule_makes_drafts_shorter(adapted: Any, loaded: Engine) -> None:
    drafter, [one, *_] = made(adapted), requests(loaded)
    drafter.update_max_total_draft_tokens(5)
    drafter.prepare_draft_tokens(trt.batch([one]), None)
    assert one.py_draft_tokens == list(one.answer[1:6])
    drafter.update_max_total_draft_tokens(0)
    drafter.prepare_draft_tokens(trt.batch([one]), None)
    assert one.py_draft_tokens == []


def test_a_request_that_is_put_aside_goes_on_where_it_was(adapted: Any, loaded: Engine) -> None:
    drafter, [one, two, *_] = made(adapted), requests(loaded)
    for asked in ([one, two], [two], [one, two]):
        drafter.prepare_draft_tokens(trt.batch(asked), None)
        for each in asked:
            each.verify()
    assert len(one.written) == 1 + 2 * (WIDTH + 1)
    assert one.written == list(one.answer[: len(one.written)])


def test_an_unknown_batch_or_request_ends_the_drafts_and_that_is_said(
    adapted: Any, loaded: Engine, caplog: pytest.LogCaptureFixture
) -> None:
    drafter, [one, two, *_] = made(adapted), requests(loaded)
    del two.py_orig_prompt_len
    drafter.prepare_draft_tokens(trt.batch([one, two]), None)
    assert one.py_draft_tokens == two.py_draft_tokens == []
    assert "no `py_orig_prompt_len` in a request" in caplog.text
    drafter.prepare_draft_tokens(trt.batch([one]), None)
    assert one.py_draft_tokens == []
    made(adapted).prepare_draft_tokens(requests=[one])
    assert "`generation_requests` in a scheduled batch" in caplog.text


def test_a_folder_without_a_model_ends_the_drafts_and_not_the_engine(
    adapted: Any, loaded: Engine, tmp_path: Any, caplog: pytest.LogCaptureFixture
) -> None:
    drafter = adapted.FastApplyDrafter(tmp_path, max_draft_len=WIDTH)
    one = requests(loaded)[0]
    drafter.prepare_draft_tokens(trt.batch([one]), None)
    assert one.py_draft_tokens == []
    assert "drafts nothing more" in caplog.text


def test_another_hook_is_said_when_the_drafter_is_made(
    loaded: Engine, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    class Changed:
        def prepare_draft_tokens(self, requests: Any) -> None:
            raise AssertionError

    drafter = made(trt.adapter(monkeypatch, Changed))
    assert "parameter `scheduled_requests` of `Drafter.prepare_draft_tokens`" in caplog.text
    one = requests(loaded)[0]
    drafter.prepare_draft_tokens(trt.batch([one]))
    assert one.py_draft_tokens == []


def test_without_tensorrt_llm_no_drafter_is_made(monkeypatch: pytest.MonkeyPatch) -> None:
    module = trt.adapter(monkeypatch, None)
    with pytest.raises(ChangedError, match="drafter"):
        made(module)


def test_whoever_starts_it_reads_that_it_was_never_run(
    adapted: Any, loaded: Engine, caplog: pytest.LogCaptureFixture
) -> None:
    made(adapted).prepare_draft_tokens(trt.batch(requests(loaded)), None)
    assert "TensorRT-LLM of an unknown version" in caplog.text
    assert "written from the sources and never run" in caplog.text
