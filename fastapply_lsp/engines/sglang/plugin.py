"""The entry point ``sglang.srt.plugins``: SGLang calls `register` in each of its processes. Not run.

::

    python -m sglang.launch_server --model-path MODEL --speculative-algorithm FASTAPPLY

To SGLang the algorithm is its n-gram decoding in all but its worker and its defaults.
"""

from __future__ import annotations

from types import FunctionType
from typing import Any

from fastapply_lsp.engines.diary import Diary
from fastapply_lsp.engines.interface import expect_parameters, found
from fastapply_lsp.engines.sglang.interface import (
    ALGORITHMS,
    CUSTOM,
    MADE,
    NAME,
    PREPARE,
    REGISTER,
    WORKER,
)

DRAFT_TOKENS = 64
"""Tokens that a step verifies for each request, the last one written among them: where the flags
name no number, and as many as a GPU verifies at the price of one."""
_REQUESTS = 48
"""SGLang's own limit of requests at once for decoding with n-grams."""
_OURS = frozenset({"create_worker", "handle_server_args"})

_diary = Diary("SGLang", "sglang")


def register() -> None:
    """Make the algorithm known to SGLang under its name; say so where that cannot be."""
    try:
        algorithms = found(*ALGORITHMS)
        expect_parameters(algorithms.register, REGISTER, "`SpeculativeAlgorithm.register`")
        kind = algorithm_class(found(*CUSTOM), algorithms.NGRAM)
        algorithms.register(NAME, supports_overlap=True, spec_class=kind)(worker_for)
    except Exception as error:  # noqa: BLE001 - SGLang's servers without it must start
        _diary.say(error)


def worker_for(server_args: object) -> Any:  # noqa: ANN401, ARG001 - SGLang's factory
    """Return the class of the worker: ours, or SGLang's own where it has become another."""
    base = found(*WORKER)
    try:
        hook = base._prepare_draft_tokens  # noqa: SLF001 - as `worker` says
        expect_parameters(hook, PREPARE, "`NGRAMWorker._prepare_draft_tokens`")
        expect_parameters(base, MADE, "`NGRAMWorker`")
        from fastapply_lsp.engines.sglang.worker import worker_class  # noqa: PLC0415 - it imports merge and all

        return worker_class(base, _diary)
    except Exception as error:  # noqa: BLE001 - it works without our drafts, too
        _diary.say(error)
        return base


def algorithm_class(base: Any, ngram: Any) -> Any:  # noqa: ANN401 - SGLang's classes
    """Return a kind of algorithm that answers every question as ``ngram`` does.

    SGLang asks an algorithm what it is (``is_ngram``) and can do. Its class for algorithms of
    others answers no to nearly all of that, and in 0.5.23 does not know all the questions.
    """
    answers = {
        name: _as(ngram, name)
        for name, value in vars(type(ngram)).items()
        if isinstance(value, FunctionType) and not name.startswith("_") and name not in _OURS
    }
    return type("FastApplyAlgorithm", (base,), {**answers, "handle_server_args": _set_defaults})


def _as(other: Any, name: str) -> Any:  # noqa: ANN401 - a method of SGLang's
    def answer(self: object, *given: Any, **named: Any) -> Any:  # noqa: ANN401, ARG001 - as there
        return getattr(other, name)(*given, **named)

    return answer


def _set_defaults(self: object, server_args: Any) -> None:  # noqa: ANN401, ARG001 - SGLang's
    """Set what SGLang sets for its n-grams, which may draft one chain here and no tree."""
    if getattr(server_args, "enable_dp_attention", False):
        raise ValueError(f"{NAME} does not go with data-parallel attention, as NGRAM does not.")
    if server_args.device == "cpu":
        server_args.disable_overlap_schedule = True
    if server_args.max_running_requests is None:
        server_args.max_running_requests = _REQUESTS
    if server_args.speculative_num_draft_tokens is None:
        server_args.speculative_num_draft_tokens = DRAFT_TOKENS
    if server_args.speculative_num_steps is None:
        server_args.speculative_num_steps = server_args.speculative_num_draft_tokens
    server_args.enable_mixed_chunk = False
    server_args.speculative_ngram_min_bfs_breadth = 1
    server_args.speculative_ngram_max_bfs_breadth = 1
    server_args.speculative_eagle_topk = 1
