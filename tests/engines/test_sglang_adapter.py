"""The adapter for SGLang, against what SGLang's sources say: it was never run in an SGLang."""

from __future__ import annotations

import inspect
import logging
from types import SimpleNamespace
from typing import Any

import pytest

from fastapply_lsp.engines.diary import Diary
from fastapply_lsp.engines.sglang import interface, plugin
from fastapply_lsp.engines.transformers import Engine
from tests.engines import sglang_fakes as sglang
from tests.engines import tiny
from tests.engines.sglang_fakes import WIDTH, Batch, Request
from tests.engines.tiny_examples import DEVIATING, EXAMPLES, Example


@pytest.fixture
def fakes(monkeypatch: pytest.MonkeyPatch) -> None:
    sglang.install(monkeypatch)
    monkeypatch.setattr(plugin, "_diary", Diary("SGLang", "sglang"))


def started(engine: Engine, *, overlap: bool, width: int = WIDTH) -> Any:
    """Return a worker that SGLang has made of the registered algorithm."""
    plugin.register()
    args = SimpleNamespace(overlap=overlap, width=width)
    worker = sglang.REGISTERED[interface.NAME].create_worker(args)
    return worker(
        server_args=args,
        gpu_id=0,
        nccl_port=1,
        target_worker=sglang.target(engine.tokenizer, len(engine.texts)),
    )


def request(engine: Engine, example: Example, name: str, params: Any = None) -> Request:
    answer = engine.tokenizer(f"{example.written}{tiny.END}")["input_ids"]
    return Request(name, tiny.prompt_ids(engine.tokenizer, example), answer, params)


def write(worker: Any, requests: list[Request], *, overlap: bool) -> None:
    batch = Batch(requests, worker.draft_token_num, overlap=overlap)
    while batch.reqs:
        batch.step(worker)
    for one in requests:
        assert list(one.output_ids) == one.answer


@pytest.mark.usefixtures("fakes")
@pytest.mark.parametrize("overlap", [False, True])
def test_files_are_written_in_few_steps_side_by_side(loaded: Engine, overlap: bool) -> None:  # noqa: FBT001 - a parameter
    worker = started(loaded, overlap=overlap)
    requests = [request(loaded, one, one.path) for one in EXAMPLES]
    write(worker, requests, overlap=overlap)
    for one, example in zip(requests, EXAMPLES, strict=True):
        limit = len(one.answer) // WIDTH + 2
        assert one.steps <= limit if example is not DEVIATING else one.steps <= 2 * limit


@pytest.mark.usefixtures("fakes")
def test_a_draft_in_the_request_is_used_and_off_is_off(loaded: Engine) -> None:
    example = EXAMPLES[0]
    given = {"fastapply_source": "request", "fastapply_draft": example.written}
    whole = request(loaded, example, "whole", given)
    drafted = Request("drafted", whole.prompt[:5], whole.answer, given)  # no file in it
    off = request(loaded, example, "off", {"fastapply_source": "off"})
    wrong = request(loaded, example, "wrong", {"fastapply_source": 3})
    other = request(loaded, example, "other", ["not", "a", "dictionary"])
    write(started(loaded, overlap=True), [drafted, off, wrong, other], overlap=True)
    assert drafted.steps <= len(drafted.answer) // WIDTH + 2
    assert other.steps <= len(other.answer) // WIDTH + 2
    assert off.steps == wrong.steps == len(off.answer) - 1


@pytest.mark.usefixtures("fakes")
@pytest.mark.parametrize("ids", [[-1, 1 << 40], [0] * 5000, []])
def test_hostile_drafts_change_nothing(loaded: Engine, ids: list[int]) -> None:
    one = request(loaded, EXAMPLES[0], "one", {"fastapply_draft_tokens": ids})
    write(started(loaded, overlap=False), [one], overlap=False)


@pytest.mark.usefixtures("fakes")
def test_only_rows_with_a_draft_are_changed_and_they_are_chains(loaded: Engine) -> None:
    worker = started(loaded, overlap=False, width=8)
    rows = [
        request(loaded, EXAMPLES[0], "off", {"fastapply_source": "off"}),
        request(loaded, EXAMPLES[0], "drafted"),
    ]
    batch = Batch(rows, 8, overlap=False)
    plain = sglang.NGRAMWorker._prepare_draft_tokens(worker, batch)
    nodes, ancestors = worker._prepare_draft_tokens(batch)
    assert (nodes[:8] == plain[0][:8]).all()
    assert (ancestors[:64] == plain[1][:64]).all()
    assert nodes[8:].tolist() == list(rows[1].answer[:8])
    assert [int(row.sum()) for row in ancestors[64:].reshape(8, 8)] == list(range(1, 9))


def test_the_algorithm_answers_as_ngram_does_also_what_the_base_does_not_know() -> None:
    ngram = sglang.SpeculativeAlgorithm.NGRAM
    made = plugin.algorithm_class(sglang.CustomSpecAlgo, ngram)("FASTAPPLY", None)
    assert made.is_ngram()
    assert not made.is_eagle()
    assert not made.has_draft_kv()
    assert not made.need_topk()
    assert made.create_future_map("cpu", req_to_token_pool=3) == (ngram, "cpu", 3)


def arguments(**given: Any) -> Any:
    fields = dict.fromkeys(
        ("max_running_requests", "speculative_num_draft_tokens", "speculative_num_steps")
    )
    return SimpleNamespace(**{"device": "cuda", **fields, **given})


def test_defaults_leave_what_the_flags_say() -> None:
    kind = plugin.algorithm_class(sglang.CustomSpecAlgo, sglang.SpeculativeAlgorithm.NGRAM)
    algorithm = kind("FASTAPPLY", None)
    args = arguments()
    algorithm.handle_server_args(args)
    assert args.speculative_num_draft_tokens == args.speculative_num_steps == 64
    assert args.speculative_eagle_topk == args.speculative_ngram_max_bfs_breadth == 1
    assert not hasattr(args, "disable_overlap_schedule")
    args = arguments(device="cpu", speculative_num_draft_tokens=128, max_running_requests=4)
    algorithm.handle_server_args(args)
    assert (args.speculative_num_draft_tokens, args.max_running_requests) == (128, 4)
    assert args.disable_overlap_schedule
    with pytest.raises(ValueError, match="data-parallel attention"):
        algorithm.handle_server_args(arguments(enable_dp_attention=True))


class Renamed(sglang.NGRAMWorker):
    def _prepare_draft_tokens(self, requests: Any) -> Any:
        raise AssertionError


class Nameless(sglang.NGRAMWorker):
    _prepare_draft_tokens = None  # type: ignore[assignment]


@pytest.mark.parametrize("worker", [Renamed, Nameless])
def test_another_worker_is_left_alone_and_that_is_said(
    worker: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    sglang.install(monkeypatch, worker)
    monkeypatch.setattr(plugin, "_diary", Diary("SGLang", "sglang"))
    assert plugin.worker_for(None) is worker
    assert "drafts nothing: SGLang of an unknown version has no" in caplog.text
    assert "_prepare_draft_tokens" in caplog.text


@pytest.mark.usefixtures("fakes")
def test_another_register_is_said(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(sglang.SpeculativeAlgorithm, "register", lambda name: None)
    plugin.register()
    assert "parameter `supports_overlap` of `SpeculativeAlgorithm.register`" in caplog.text
    assert not sglang.REGISTERED


def test_without_sglang_that_is_said(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(plugin, "_diary", Diary("SGLang", "sglang"))
    plugin.register()
    assert "`sglang.srt.speculative.spec_info.SpeculativeAlgorithm`" in caplog.text


@pytest.mark.usefixtures("fakes")
@pytest.mark.parametrize("missing", ["tokenizer", "model_runner"])
def test_a_worker_without_what_is_needed_drafts_as_sglang_does(
    loaded: Engine, missing: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    whole = sglang.target

    def lacking(*given: Any) -> Any:
        made = whole(*given)
        setattr(made, missing, None)
        return made

    monkeypatch.setattr(sglang, "target", lacking)
    one = request(loaded, EXAMPLES[0], "one")
    write(started(loaded, overlap=False), [one], overlap=False)
    assert one.steps == len(one.answer) - 1
    assert "drafts nothing" in caplog.text


@pytest.mark.usefixtures("fakes")
@pytest.mark.parametrize("missing", ["sampling_params", "origin_input_ids_unpadded"])
def test_a_batch_that_is_not_as_expected_changes_nothing_and_ends_the_drafts(
    loaded: Engine, missing: str, caplog: pytest.LogCaptureFixture
) -> None:
    worker = started(loaded, overlap=True)
    one, two = (request(loaded, EXAMPLES[0], name) for name in ("one", "two"))
    delattr(two, missing)
    write(worker, [one, two], overlap=True)
    assert one.steps == two.steps == len(one.answer) - 1
    assert "in a request" in caplog.text


@pytest.mark.usefixtures("fakes")
def test_whoever_starts_it_reads_that_it_was_never_run(
    loaded: Engine, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        started(loaded, overlap=True)
    assert "written from the sources and never run" in caplog.text


def test_the_fakes_have_the_signatures_of_the_sources() -> None:
    prepare = inspect.signature(sglang.NGRAMWorker._prepare_draft_tokens)
    assert tuple(prepare.parameters) == interface.PREPARE
    assert tuple(inspect.signature(sglang.NGRAMWorker).parameters) == interface.MADE
