"""SGLang as its sources have it (0.5.23), in small: what the adapter touches, by the same names."""

from __future__ import annotations

import sys
from array import array
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import Enum, auto
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np
import pytest

WIDTH = 16


class CustomSpecAlgo:
    """SGLang's class for algorithms of others: it answers no, and knows not every question."""

    def __init__(
        self,
        name: str,
        factory: Any,
        *,
        supports_overlap: bool = False,
        validate_server_args: Any = None,
    ) -> None:
        self.name, self.factory, self.supports_overlap = name, factory, supports_overlap

    def is_ngram(self) -> bool:
        return False

    def has_draft_kv(self) -> bool:
        return True

    def handle_server_args(self, server_args: Any) -> None:
        pass

    def create_worker(self, server_args: Any) -> Any:
        return self.factory(server_args)


REGISTERED: dict[str, CustomSpecAlgo] = {}


class SpeculativeAlgorithm(Enum):
    EAGLE = auto()
    NGRAM = auto()
    NONE = auto()

    @classmethod
    def register(
        cls,
        name: str,
        *,
        supports_overlap: bool = False,
        validate_server_args: Any = None,
        spec_class: Any = CustomSpecAlgo,
    ) -> Callable[[Any], Any]:
        def decorator(factory: Any) -> Any:
            REGISTERED[name] = spec_class(name, factory, supports_overlap=supports_overlap)
            return factory

        return decorator

    def is_eagle(self) -> bool:
        return self == SpeculativeAlgorithm.EAGLE

    def is_ngram(self) -> bool:
        return self == SpeculativeAlgorithm.NGRAM

    def has_draft_kv(self) -> bool:
        return not self.is_ngram()

    def need_topk(self) -> bool:
        return self.is_eagle()

    def create_future_map(self, device: str, req_to_token_pool: Any) -> tuple[Any, ...]:
        return (self, device, req_to_token_pool)

    def handle_server_args(self, server_args: Any) -> None:
        raise AssertionError

    def create_worker(self, server_args: Any) -> Any:
        return NGRAMWorker


class NGRAMWorker:
    """Its n-grams find nothing: as SGLang does, it pads with token 0, beside each other."""

    def __init__(self, server_args: Any, gpu_id: int, nccl_port: int, target_worker: Any) -> None:
        self.enable_overlap: bool = server_args.overlap
        self.draft_token_num: int = server_args.width
        self.model_runner = target_worker.model_runner
        self.target_worker = target_worker

    def _prepare_draft_tokens(self, batch: Batch) -> tuple[Any, Any]:
        self.prev_token_ids: list[int] = []
        self.prev_accept_lens = [0] * len(batch.reqs)
        if self.enable_overlap and not batch.grammar_needs_sync():
            self.prev_token_ids = list(batch.accept_tokens)
            self.prev_accept_lens = list(batch.accept_lens)
        width = self.draft_token_num
        tokens = np.zeros((len(batch.reqs), width), dtype=np.int64)
        tokens[:, 0] = [batch.last(at) for at in range(len(batch.reqs))]
        mask = np.zeros((len(batch.reqs), width, width), dtype=np.int64)
        mask[:, :, 0] = 1
        mask[:] |= np.eye(width, dtype=np.int64)
        return tokens.reshape(-1), mask.reshape(-1)


@dataclass
class Request:
    """``answer`` is what the model writes, whatever is drafted."""

    rid: str
    prompt: Sequence[int]
    answer: Sequence[int]
    custom_params: Any = None
    output_ids: array[int] = field(default_factory=lambda: array("q"))
    steps: int = 0

    def __post_init__(self) -> None:
        self.origin_input_ids_unpadded = array("q", self.prompt)
        self.sampling_params = SimpleNamespace(
            custom_params=self.custom_params, max_new_tokens=len(self.answer)
        )


class Batch:
    """Requests that are written; ``accept_tokens`` of them no request knows yet."""

    def __init__(self, reqs: list[Request], width: int, *, overlap: bool) -> None:
        self.reqs, self.width, self.overlap = reqs, width, overlap
        self.accept_lens: list[int] = []
        self.accept_tokens: list[int] = []
        self._write([request.answer[:1] for request in reqs])  # as a prompt's step does

    def grammar_needs_sync(self) -> bool:
        return False

    def written(self, at: int) -> list[int]:
        unseen = self.accept_tokens[at * self.width :][: self.accept_lens[at]]
        return [*self.reqs[at].output_ids, *(unseen if self.overlap else [])]

    def last(self, at: int) -> int:
        return self.written(at)[-1]

    def step(self, worker: Any) -> None:
        """Draft, verify and write; requests that are done leave."""
        nodes, ancestors = worker._prepare_draft_tokens(self)
        nodes = nodes.reshape(-1, self.width)
        ancestors = ancestors.reshape(-1, self.width, self.width)
        came = []
        for at, request in enumerate(self.reqs):
            written = len(self.written(at))
            assert nodes[at, 0] == request.answer[written - 1]
            rest = request.answer[written:]
            came.append(rest[: accepted(nodes[at], ancestors[at], rest) + 1])
            request.steps += 1
        if self.overlap:
            for at, request in enumerate(self.reqs):
                request.output_ids = array("q", self.written(at))
        self._write(came)
        self._leave()

    def _write(self, came: list[Sequence[int]]) -> None:
        self.accept_lens = [len(tokens) for tokens in came]
        self.accept_tokens = []
        for request, tokens in zip(self.reqs, came, strict=True):
            self.accept_tokens += [*tokens, *[0] * (self.width - len(tokens))]
            if not self.overlap:
                request.output_ids.extend(tokens)

    def _leave(self) -> None:
        stay = [
            at
            for at, request in enumerate(self.reqs)
            if len(self.written(at)) < len(request.answer)
        ]
        for at in set(range(len(self.reqs))) - set(stay):
            self.reqs[at].output_ids = array("q", self.written(at))
        rows = [self.accept_tokens[at * self.width : (at + 1) * self.width] for at in stay]
        self.accept_tokens = [token for row in rows for token in row]
        self.accept_lens = [self.accept_lens[at] for at in stay]
        self.reqs = [self.reqs[at] for at in stay]


def accepted(nodes: Any, ancestors: Any, rest: Sequence[int]) -> int:
    """Return how many tokens of a tree of drafts are what the model writes."""
    at = count = 0
    while count < len(rest):
        children = [
            node
            for node in range(at + 1, len(nodes))
            if max(np.flatnonzero(ancestors[node, :node])) == at and nodes[node] == rest[count]
        ]
        if not children:
            return count
        at, count = children[0], count + 1
    return count


def target(tokenizer: Any, vocabulary: int) -> Any:
    config = SimpleNamespace(vocab_size=vocabulary, context_len=4096)
    return SimpleNamespace(tokenizer=tokenizer, model_runner=SimpleNamespace(model_config=config))


def install(monkeypatch: pytest.MonkeyPatch, worker: Any = NGRAMWorker) -> None:
    """Have these be found where SGLang has them."""
    parts: dict[str, dict[str, Any]] = {
        "spec_info": {"SpeculativeAlgorithm": SpeculativeAlgorithm},
        "spec_registry": {"CustomSpecAlgo": CustomSpecAlgo},
        "ngram_worker": {"NGRAMWorker": worker},
    }
    for name in ("sglang", "sglang.srt", "sglang.srt.speculative"):
        monkeypatch.setitem(sys.modules, name, ModuleType(name))
    for name, members in parts.items():
        module = ModuleType(name)
        vars(module).update(members)
        monkeypatch.setitem(sys.modules, f"sglang.srt.speculative.{name}", module)
    REGISTERED.clear()
