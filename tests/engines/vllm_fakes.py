"""As much of vLLM as the plug-in touches, for where there is none."""

from __future__ import annotations

import sys
from dataclasses import dataclass, field
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from fastapply_lsp.engines.vllm.interface import PROPOSER, RUNNER

SIZE = 300


class Tokenizer:
    """Its tokens are letters."""

    all_special_ids = (0,)

    def get_vocab(self) -> dict[str, int]:
        return {chr(number): number for number in range(1, SIZE)}

    def encode(self, text: str, **_: Any) -> list[int]:
        return [ord(letter) for letter in text]

    def decode(self, ids: list[int], **_: Any) -> str:
        return "".join(map(chr, ids))


@dataclass
class Sampling:
    extra_args: dict[str, Any] | None = None
    max_tokens: int | None = None


@dataclass(eq=False)
class Request:
    prompt_token_ids: list[int] | None
    sampling_params: Sampling | None = field(default_factory=Sampling)


class Runner:
    """One step is one call of the method that vLLM has, in the way vLLM calls it."""

    drafter: Any

    def __init__(self, **requests: Request) -> None:
        self.requests = requests
        self.written: dict[str, list[int]] = {name: [] for name in requests}
        self.effective_drafter_max_model_len = 100
        names = list(requests)
        lengths = [len(request.prompt_token_ids or []) for request in requests.values()]
        self.input_batch = SimpleNamespace(req_ids=names, num_prompt_tokens=lengths)

    def propose_draft_token_ids(self, sampled_token_ids: list[list[int]]) -> list[list[int]]:
        for name, sampled in zip(self.input_batch.req_ids, sampled_token_ids, strict=True):
            self.written[name] += sampled
        ids = [
            [*(self.requests[name].prompt_token_ids or []), *self.written[name]]
            for name in self.input_batch.req_ids
        ]
        drafts: list[list[int]] = self.drafter.propose(
            sampled_token_ids, [len(row) for row in ids], ids, slot_mappings=None
        )
        return drafts


def config(context: int = 100, limit: int = 8) -> Any:
    return SimpleNamespace(
        speculative_config=SimpleNamespace(num_speculative_tokens=limit, model=PROPOSER),
        model_config=SimpleNamespace(max_model_len=context, get_vocab_size=lambda: SIZE),
    )


def module(monkeypatch: pytest.MonkeyPatch, name: str, **content: Any) -> ModuleType:
    """Put a module where vLLM's would be."""
    made = ModuleType(name)
    for key, value in content.items():
        setattr(made, key, value)
    monkeypatch.setitem(sys.modules, name, made)
    return made


def install(monkeypatch: pytest.MonkeyPatch) -> type[Runner]:
    """Pretend that vLLM is there; return a class of runners of its own for this test."""

    class Fresh(Runner):
        propose_draft_token_ids = Runner.propose_draft_token_ids

    for name in ("vllm", "vllm.v1", "vllm.v1.worker"):
        module(monkeypatch, name, __path__=[])
    module(monkeypatch, RUNNER, GPUModelRunner=Fresh)
    module(
        monkeypatch,
        "vllm.tokenizers",
        cached_tokenizer_from_config=lambda _config: Tokenizer(),
    )
    platform = SimpleNamespace(is_cpu=lambda: False)
    module(monkeypatch, "vllm.platforms", current_platform=platform)
    return Fresh
