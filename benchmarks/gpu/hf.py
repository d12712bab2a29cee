"""The engine as it is shipped: transformers, its attention and caches, and this project's loop."""

from __future__ import annotations

import time
from contextlib import AbstractContextManager, contextmanager
from typing import TYPE_CHECKING, Any

import torch
from transformers import (
    GenerationConfig,
    LlamaConfig,
    LlamaForCausalLM,
    LogitsProcessorList,
    Qwen2Config,
    Qwen2ForCausalLM,
    StoppingCriteriaList,
)
from transformers.generation.stopping_criteria import EosTokenCriteria

from benchmarks.gpu.writing import Course
from fastapply_lsp.draft.drafter import Drafter
from fastapply_lsp.engines.kv_cache import new_cache
from fastapply_lsp.engines.speculation import Course as Watched
from fastapply_lsp.engines.speculation import speculate
from fastapply_lsp.engines.verification import Verifier
from fastapply_lsp.text.align import common_prefix

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from benchmarks.gpu.shapes import Shape
    from benchmarks.gpu.traces import Trace
    from benchmarks.gpu.writing import Policy
    from fastapply_lsp.draft.vocabulary import Vocabulary

READ_AT_ONCE = 2048


def model_of(shape: Shape, device: torch.device, dtype: torch.dtype, room: int) -> Any:  # noqa: ANN401 - a model of transformers
    """Return a model with random weights, made on the device."""
    config: dict[str, Any] = {
        "vocab_size": shape.vocabulary,
        "hidden_size": shape.hidden,
        "intermediate_size": shape.inner,
        "num_hidden_layers": shape.layers,
        "num_attention_heads": shape.heads,
        "num_key_value_heads": shape.kv_heads,
        "max_position_embeddings": room,
        "rms_norm_eps": shape.epsilon,
        "rope_parameters": {"rope_type": "default", "rope_theta": shape.theta},
        "tie_word_embeddings": False,
    }
    default = torch.get_default_dtype()
    torch.set_default_dtype(dtype)
    try:
        with device:
            if shape.bias:
                return Qwen2ForCausalLM(Qwen2Config(**config)).eval()
            return LlamaForCausalLM(LlamaConfig(**config)).eval()
    finally:
        torch.set_default_dtype(default)


class _Oracle(Verifier):
    """Does what a verifier does, then says what the expected file says."""

    def __init__(self, target: Sequence[int]) -> None:
        super().__init__(LogitsProcessorList(), None)
        self._target, self._at = target, 0

    def written(
        self, logits: torch.Tensor, draft: Sequence[int], before: torch.Tensor
    ) -> list[int]:
        super().written(logits, draft, before)
        target = self._target[self._at : self._at + len(draft) + 1]
        new = list(target[: common_prefix(draft, target) + 1])
        self._at += len(new)
        return new


class _Timed(Watched):
    """Times each pass, and stops after some of them."""

    def __init__(self, most: int | None) -> None:
        super().__init__()
        self.pass_s: list[float] = []
        self.rows: list[int] = []
        self._most = most

    @property
    def cancelled(self) -> bool:
        return self.passes == self._most

    def turn(self) -> AbstractContextManager[object]:
        return self._turn()

    @contextmanager
    def _turn(self) -> Iterator[None]:
        began, drafted = time.perf_counter(), self.drafted
        yield
        self.pass_s.append(time.perf_counter() - began)
        self.rows.append(self.drafted - drafted + 1)


class _Always:
    """A drafter whose drafts are as long as the policy says, whatever the loop asks."""

    def __init__(self, drafter: Drafter, policy: Policy) -> None:
        self._drafter, self._policy = drafter, policy

    @property
    def lost(self) -> bool:
        return self._drafter.lost and self._policy.adaptive

    def propose(self, most: int) -> list[int]:
        return self._drafter.propose(most if self._policy.adaptive else self._policy.most)

    def observe(self, tokens: Sequence[int]) -> None:
        self._drafter.observe(tokens)


class TransformersWriter:
    """Writes cases; see `writing.write`."""

    def __init__(self, model: Any, vocabulary: Vocabulary) -> None:  # noqa: ANN401 - as above
        self._model, self._vocabulary = model, vocabulary

    @torch.inference_mode()
    def __call__(self, trace: Trace, policy: Policy, passes: int | None) -> Course:
        """Write one."""
        model, course, timed = self._model, Course(), _Timed(passes)
        stop = len(self._vocabulary)
        began = time.perf_counter()
        cache = new_cache(model)
        ids = torch.tensor([trace.prompt], device=model.device)
        for first in range(0, len(trace.prompt) - 1, READ_AT_ONCE):
            part = ids[:, first : min(first + READ_AT_ONCE, len(trace.prompt) - 1)]
            model(input_ids=part, past_key_values=cache, use_cache=True, logits_to_keep=1)
        _wait(model.device)
        course.read_s = time.perf_counter() - began
        began = time.perf_counter()
        drafter = Drafter([trace.predicted, trace.code_edit, trace.original], self._vocabulary)
        speculate(
            model,
            ids,
            LogitsProcessorList(),
            StoppingCriteriaList([EosTokenCriteria(stop)]),
            GenerationConfig(max_length=len(trace.prompt) + len(trace.target) + 1),
            drafter=_Always(drafter, policy),
            course=timed,
            draft_limit=policy.most,
            verifier=_Oracle([*trace.target, stop]),
            past_key_values=cache,
        )
        course.written_s = time.perf_counter() - began
        course.tokens, course.passes = len(timed.written), timed.passes
        course.accepted, course.rejected = timed.accepted, timed.drafted - timed.accepted
        course.pass_s, course.rows = timed.pass_s, timed.rows
        course.drafting_s = course.written_s - sum(timed.pass_s)
        course.whole = course.tokens > len(trace.target)
        return course


def _wait(device: torch.device) -> None:
    if device.type == "cuda":
        torch.cuda.synchronize()
