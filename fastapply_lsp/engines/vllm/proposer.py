"""The hook: vLLM makes one `Proposer` in each worker, and asks it after every step.

::

    --speculative-config '{"method": "custom_class",
        "model": "fastapply_lsp.engines.vllm.proposer.Proposer", "num_speculative_tokens": 64}'

vLLM hands it token ids without the requests that they belong to. So the model runner is bound to it,
from the runner's own method that calls it. Whatever happens here, the engine goes on.
"""

from __future__ import annotations

import inspect
import os
from functools import wraps
from typing import TYPE_CHECKING, Any

from fastapply_lsp.draft.vocabulary import Vocabulary
from fastapply_lsp.engines.asked import (
    WrongFieldError,
    asked_of,
    prepared_of,
)
from fastapply_lsp.engines.interface import ChangedError, expect, expect_parameters, found
from fastapply_lsp.engines.ledger import Ledger, Row
from fastapply_lsp.engines.sources import Finder, ready
from fastapply_lsp.engines.tokens import texts_of
from fastapply_lsp.engines.vllm import cpu_faults
from fastapply_lsp.engines.vllm.environment import default_of, sharing_of
from fastapply_lsp.engines.vllm.interface import (
    BATCH,
    CONFIG,
    REQUEST,
    RUNNER,
    new_diary,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from concurrent.futures import Future

_METHOD = "propose_draft_token_ids"


class Proposer:
    """vLLM's view of this project's drafts.

    Args:
        vllm_config: vLLM's ``VllmConfig``.
    """

    def __init__(self, vllm_config: Any) -> None:  # noqa: ANN401 - as above
        self.diary = new_diary()
        self._config = vllm_config
        self._runner: Any = None
        self._finder: Finder | None = None
        self._ledger: Ledger | None = None
        try:
            self._ledger = self._new_ledger()
            _bind_to(found(RUNNER, "GPUModelRunner"))
            for fault in cpu_faults.mend():
                self.diary.note("fastapply mends vLLM's build for CPUs: %s", fault)
        except Exception as error:  # noqa: BLE001 - the server runs without drafts, too
            self._ledger = None
            self.diary.say(error)

    def load_model(self, *_: object, **__: object) -> None:
        """Load nothing: drafts come from texts, not from a model."""

    def propose(self, *given: Any, **named: Any) -> list[list[int]]:  # noqa: ANN401 - see below
        """Return a draft for each request of the batch, which may be empty.

        vLLM calls it as ``propose(sampled_token_ids, num_tokens_no_spec, token_ids_cpu,
        slot_mappings=None)``; another call drafts nothing.
        """
        try:
            call = _bound(self._propose, given, named)
            return self._propose(*call.args, **call.kwargs)
        except Exception as error:  # noqa: BLE001 - an error here would end the engine
            self.diary.say(error)
        return [[] for _ in (given[0] if given else self._runner.input_batch.req_ids)]

    def bind(self, runner: Any) -> None:  # noqa: ANN401 - vLLM's
        """Learn whose tokens come next; the first time it is looked at closely."""
        if runner is self._runner:
            return
        self._runner = runner
        try:
            expect(runner, BATCH, "the model runner")
            # This drafter has no context of its own: without this, one sequence near the model's
            # limit would take the drafts from the whole batch.
            if hasattr(runner, "effective_drafter_max_model_len"):
                runner.effective_drafter_max_model_len = (
                    self._config.model_config.max_model_len
                    + self._config.speculative_config.num_speculative_tokens
                )
        except Exception as error:  # noqa: BLE001 - as in `propose`
            self._ledger = None
            self.diary.say(error)

    def _new_ledger(self) -> Ledger:
        expect(self._config, CONFIG, "the configuration")
        model = self._config.model_config
        tokenizer = found("vllm.tokenizers", "cached_tokenizer_from_config")(model)
        if tokenizer is None:
            raise ChangedError("tokenizer, which `--skip-tokenizer-init` leaves out")
        self._tokenizer = tokenizer
        self._default = default_of(os.environ)
        return Ledger(
            Vocabulary.of(texts_of(tokenizer, model.get_vocab_size())),
            limit=self._config.speculative_config.num_speculative_tokens,
            context=model.max_model_len,
            begin=self._begin,
            tell=self.diary.say,
            sharing=sharing_of(os.environ),
        )

    def _propose(
        self,
        sampled_token_ids: Sequence[Sequence[int]],
        num_tokens_no_spec: Sequence[int],
        token_ids_cpu: Sequence[Sequence[int]],
        slot_mappings: object = None,  # noqa: ARG002 - where the cache lies is no matter here
    ) -> list[list[int]]:
        ledger = self._ledger
        if ledger is None:
            return [[] for _ in sampled_token_ids]
        if self._runner is None:
            raise ChangedError(f"`{_METHOD}` that calls the proposer")
        batch = self._runner.input_batch
        rows = []
        for at, sampled in enumerate(sampled_token_ids):
            name = batch.req_ids[at]
            request = self._runner.requests[name]
            row = Row(
                name,
                request,
                token_ids_cpu[at],
                int(batch.num_prompt_tokens[at]),
                int(num_tokens_no_spec[at]),
                writes=len(sampled) > 0,
                most=getattr(request.sampling_params, "max_tokens", None),
            )
            rows.append(row)
        drafts = ledger.propose(rows)
        ledger.forget_all_but(self._runner.requests)
        return drafts

    def _begin(self, request: Any) -> Future[list[list[int]]]:  # noqa: ANN401 - vLLM's
        """Take the sources that the API server has prepared, or have them found here."""
        if request.sampling_params is None or request.prompt_token_ids is None:
            return ready([])  # nothing is written, or the prompt has no text
        expect(request, REQUEST, "a request")
        xargs = request.sampling_params.extra_args
        sources = prepared_of(xargs)
        if sources is not None:
            return ready(sources)
        try:
            asked = asked_of(None, xargs, self._default)
        except WrongFieldError:
            return ready([])  # nobody is there to be told
        if asked.where == "off":
            return ready([])
        if self._finder is None:
            self._finder = Finder(self._tokenizer, self._config.model_config.max_model_len)
        return self._finder.begin(asked, list(request.prompt_token_ids))


def _bound(
    function: Callable[..., object], given: tuple[object, ...], named: dict[str, object]
) -> inspect.BoundArguments:
    try:
        return inspect.signature(function).bind(*given, **named)
    except TypeError as error:
        raise ChangedError(f"call of `propose` as it is known ({error})") from error


def _bind_to(runner: type) -> None:
    """Have every model runner tell its proposer who it is."""
    original = getattr(runner, _METHOD, None)
    if original is None:
        raise ChangedError(f"`{RUNNER}.{runner.__name__}.{_METHOD}`")
    if hasattr(original, "__wrapped__") and original.__module__ == __name__:
        return
    expect_parameters(original, ("sampled_token_ids",), f"`{_METHOD}`")

    @wraps(original)
    def binding(self: Any, *given: Any, **named: Any) -> Any:  # noqa: ANN401 - vLLM's own
        if isinstance(getattr(self, "drafter", None), Proposer):
            self.drafter.bind(self)
        return original(self, *given, **named)

    binding.__module__ = __name__
    setattr(runner, _METHOD, binding)
