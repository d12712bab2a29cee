"""The hook, and what becomes of it where vLLM is not the one that is known."""

from __future__ import annotations

import logging
import sys
from types import SimpleNamespace
from typing import Any

import pytest

from fastapply_lsp.engines import diary
from fastapply_lsp.engines.asked import PREPARED
from fastapply_lsp.engines.vllm import interface
from fastapply_lsp.engines.vllm.interface import RUNNER, is_ours, new_diary
from fastapply_lsp.engines.vllm.proposer import Proposer
from tests.engines.vllm_fakes import Request, Runner, Sampling, config, install, module

ANSWER = [ord(letter) for letter in "total = price * count"]


@pytest.fixture
def runners(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> type[Runner]:
    caplog.set_level(logging.INFO, "vllm.fastapply")
    return install(monkeypatch)


def prepared(*sources: list[int], **more: Any) -> Request:
    return Request([5, 6], Sampling({PREPARED: list(sources)}, **more))


def started(runner: Runner, config: Any) -> Proposer:
    proposer = Proposer(config)
    proposer.load_model(object())
    runner.drafter = proposer
    return proposer


def said(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.getMessage() for record in caplog.records]


def test_a_runner_and_its_proposer_find_each_other(
    runners: type[Runner], caplog: pytest.LogCaptureFixture
) -> None:
    runner = runners(a=prepared(ANSWER), b=prepared())
    started(runner, config())
    assert runner.propose_draft_token_ids([ANSWER[:1], [7]]) == [ANSWER[1:9], []]
    assert runner.propose_draft_token_ids([ANSWER[1:10], [7]]) == [ANSWER[10:18], []]
    assert runner.effective_drafter_max_model_len == 108
    assert said(caplog) == []


def test_each_of_two_runners_in_a_process_has_its_own(runners: type[Runner]) -> None:
    one, two = runners(a=prepared(ANSWER)), runners(a=prepared(ANSWER[::-1]))
    started(one, config())
    started(two, config())
    assert one.propose_draft_token_ids([ANSWER[:1]]) == [ANSWER[1:9]]
    assert two.propose_draft_token_ids([ANSWER[-1:]]) == [ANSWER[-2:-10:-1]]


def test_a_drafter_of_another_kind_is_left_alone(runners: type[Runner]) -> None:
    started(runners(), config())
    runner = runners(a=prepared(ANSWER))
    runner.drafter = SimpleNamespace(propose=lambda *_, **__: [[1]])
    assert runner.propose_draft_token_ids([[7]]) == [[1]]


def test_the_answers_limit_holds(runners: type[Runner]) -> None:
    runner = runners(a=prepared(ANSWER, max_tokens=4))
    started(runner, config())
    assert runner.propose_draft_token_ids([ANSWER[:1]]) == [ANSWER[1:3]]


@pytest.mark.parametrize(
    "request_",
    [
        Request(None),
        Request([1], None),
        Request([1], Sampling({"fastapply_source": "nowhere"})),
        Request([1], Sampling({"fastapply_source": "off"})),
        Request([1], Sampling({"fastapply_draft": 8})),
    ],
)
def test_who_cannot_have_a_draft_has_none(
    runners: type[Runner], caplog: pytest.LogCaptureFixture, request_: Request
) -> None:
    runner = runners(a=request_)
    started(runner, config())
    assert runner.propose_draft_token_ids([[7]]) == [[]]
    assert said(caplog) == []


def test_where_nobody_has_prepared_anything_it_is_done_here(runners: type[Runner]) -> None:
    request = Request([1], Sampling({"fastapply_draft": "total = price * count"}))
    runner = runners(a=request)
    proposer = started(runner, config())
    drafts = runner.propose_draft_token_ids([ANSWER[:1]])
    assert proposer._ledger is not None
    proposer._ledger._rewrites["a"].pending.result(timeout=60)
    if drafts == [[]]:  # the thread was not as fast as the step
        drafts = runner.propose_draft_token_ids([[]])
        assert drafts == [[]]  # nothing was written in this step
        drafts = runner.propose_draft_token_ids([ANSWER[1:2]])
        assert drafts == [ANSWER[2:10]]
    else:
        assert drafts == [ANSWER[1:9]]


def test_a_request_that_leaves_is_forgotten(runners: type[Runner]) -> None:
    runner = runners(a=prepared(ANSWER), b=prepared(ANSWER))
    proposer = started(runner, config())
    runner.propose_draft_token_ids([ANSWER[:1], ANSWER[:1]])
    del runner.requests["a"]
    runner.input_batch.req_ids = ["b"]
    runner.propose_draft_token_ids([ANSWER[1:3]])
    assert proposer._ledger is not None
    assert list(proposer._ledger._rewrites) == ["b"]


def changed_config(name: str) -> Any:
    whole = config()
    part, _, leaf = name.partition(".")
    delattr(getattr(whole, part) if leaf else whole, leaf or part)
    return whole


@pytest.mark.parametrize("missing", interface.CONFIG)
def test_another_configuration(
    runners: type[Runner], caplog: pytest.LogCaptureFixture, missing: str
) -> None:
    runner = runners(a=prepared(ANSWER))
    started(runner, changed_config(missing))
    for _ in range(3):
        assert runner.propose_draft_token_ids([[7]]) == [[]]
    [line] = said(caplog)
    assert line == (
        "fastapply drafts nothing: vLLM of an unknown version has no "
        f"`{missing}` in the configuration. Answers are the same, and slower."
    )


@pytest.mark.parametrize("missing", interface.BATCH)
def test_another_runner(
    runners: type[Runner],
    caplog: pytest.LogCaptureFixture,
    missing: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(diary, "version", lambda _name: "9.1")
    runner = runners(a=prepared(ANSWER))
    proposer = started(runner, config())
    part, _, leaf = missing.partition(".")
    delattr(runner.input_batch if leaf else runner, leaf or part)
    for _ in range(3):
        proposer.bind(runner)
        assert proposer.propose([[7]], [3], [[1, 2, 7]]) == [[]]
    [line] = said(caplog)
    assert f"vLLM 9.1 has no `{missing}` in the model runner" in line


def test_another_request(runners: type[Runner], caplog: pytest.LogCaptureFixture) -> None:
    odd: Any = SimpleNamespace(prompt_token_ids=[1], sampling_params=SimpleNamespace())
    runner = runners(a=odd, b=prepared(ANSWER))
    started(runner, config())
    assert runner.propose_draft_token_ids([[7], ANSWER[:1]]) == [[], ANSWER[1:9]]
    assert ["`sampling_params.extra_args` in a request" in line for line in said(caplog)] == [True]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        (RUNNER, {}),
        (RUNNER, {"GPUModelRunner": type("GPUModelRunner", (), {})}),
        ("vllm.tokenizers", {}),
    ],
)
def test_another_module(
    runners: type[Runner],
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    content: dict[str, Any],
) -> None:
    runner = runners(a=prepared(ANSWER))
    module(monkeypatch, name, **content)
    started(runner, config())
    assert runner.propose_draft_token_ids([[7]]) == [[]]
    assert ["fastapply drafts nothing: vLLM" in line for line in said(caplog)] == [True]


def test_another_method(
    runners: type[Runner], caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(runners, "propose_draft_token_ids", lambda _self, _tokens: None)
    started(runners(), config())
    assert "parameter `sampled_token_ids` of `propose_draft_token_ids`" in said(caplog)[0]


@pytest.mark.parametrize(
    ("given", "named"),
    [
        (([[7], [8]],), {}),
        (([[7], [8]], [3, 3], [[1], [1]], None, "more"), {}),
        (([[7], [8]], [3, 3], [[1], [1]]), {"more": 1}),
        ((), {"batch": 1}),
    ],
)
def test_another_call(
    runners: type[Runner],
    caplog: pytest.LogCaptureFixture,
    given: tuple[Any, ...],
    named: dict[str, Any],
) -> None:
    runner = runners(a=prepared(ANSWER), b=prepared(ANSWER))
    proposer = started(runner, config())
    proposer.bind(runner)
    for _ in range(3):
        assert proposer.propose(*given, **named) == [[], []]
    assert ["call of `propose` as it is known" in line for line in said(caplog)] == [True]


def test_a_proposer_without_its_runner_drafts_nothing(
    runners: type[Runner], caplog: pytest.LogCaptureFixture
) -> None:
    proposer = started(runners(), config())
    assert proposer.propose([[7]], [3], [[1, 2, 7]]) == [[]]
    assert ["`propose_draft_token_ids` that calls" in line for line in said(caplog)] == [True]


def test_no_error_leaves_the_proposer_and_each_kind_is_told_once(
    runners: type[Runner], caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    runner = runners(a=prepared(ANSWER), b=prepared(ANSWER))
    proposer = started(runner, config())
    errors = iter([ValueError("one"), ValueError("two"), OSError("three")])

    def fail(_rows: object) -> None:
        raise next(errors)

    assert proposer._ledger is not None
    monkeypatch.setattr(proposer._ledger, "propose", fail, raising=False)
    for _ in range(3):
        assert runner.propose_draft_token_ids([[7], [7]]) == [[], []]
    assert [record.exc_info[0] for record in caplog.records if record.exc_info] == [
        ValueError,
        OSError,
    ]


def test_a_server_without_vllm_is_no_error(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "vllm", None)
    assert Proposer(config()).propose([[1], [2]], [1, 1], [[1], [1]]) == [[], []]
    assert len(said(caplog)) == 1


def test_only_a_server_that_names_the_class_is_ours() -> None:
    assert is_ours(config())
    assert not is_ours(SimpleNamespace(speculative_config=None))
    assert not is_ours(SimpleNamespace(speculative_config=SimpleNamespace(model="ngram")))
    assert not is_ours(None)


def test_notes_are_notes(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "vllm.fastapply")
    new_diary().note("%d of %s", 3, "x")
    assert said(caplog) == ["3 of x"]
