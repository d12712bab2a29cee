"""A proposer that fails when it is told to, for a server of the tests."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Future
from typing import Any

from fastapply_lsp.engines.vllm.proposer import Proposer

FAIL = "test_fail"
"""In ``vllm_xargs``: ``begin`` fails for this request, ``step`` for every step that it is in."""


class Faulty(Proposer):
    """vLLM's API server does not know it for ours, so each draft is made where it is used."""

    def _begin(self, request: Any) -> Future[list[list[int]]]:
        if (request.sampling_params.extra_args or {}).get(FAIL) == "begin":
            raise LookupError("told to")
        return super()._begin(request)

    def _propose(
        self,
        sampled_token_ids: Sequence[Sequence[int]],
        num_tokens_no_spec: Sequence[int],
        token_ids_cpu: Sequence[Sequence[int]],
        slot_mappings: object = None,
    ) -> list[list[int]]:
        for name in self._runner.input_batch.req_ids:
            extra = self._runner.requests[name].sampling_params.extra_args
            if (extra or {}).get(FAIL) == "step":
                raise ArithmeticError("told to")
        return super()._propose(sampled_token_ids, num_tokens_no_spec, token_ids_cpu, slot_mappings)
