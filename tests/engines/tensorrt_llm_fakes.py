"""TensorRT-LLM's drafters as its sources have them, in small: the class has had three forms."""

from __future__ import annotations

import sys
from abc import ABC, abstractmethod
from collections.abc import Sequence
from importlib import import_module, reload
from types import ModuleType, SimpleNamespace
from typing import Any, final

import pytest


class Oldest(ABC):
    """As in 2025; the engine itself says how long drafts are."""

    def __init__(self, max_concurrency: int | None = None) -> None:
        self.max_concurrency = max_concurrency

    @abstractmethod
    def prepare_draft_tokens(self, scheduled_requests: Any, resource_manager: Any = None) -> None:
        raise AssertionError


class Middle(ABC):
    def __init__(
        self,
        max_draft_tokens: int,
        max_concurrency: int | None = None,
        draft_len_schedule: dict[int, int] | None = None,
    ) -> None:
        self.max_draft_tokens = max_draft_tokens
        self._static_max_draft_tokens = max_draft_tokens
        self.max_concurrency = max_concurrency

    @abstractmethod
    def prepare_draft_tokens(self, scheduled_requests: Any, resource_manager: Any = None) -> None:
        raise AssertionError


class Newest(ABC):
    _needs_padding_kv_extension: bool = False

    def __init__(
        self,
        max_draft_len: int | None = None,
        max_total_draft_tokens: int | None = None,
        max_concurrency: int | None = None,
        draft_len_schedule: dict[int, int] | None = None,
    ) -> None:
        self.max_draft_len = max_draft_len
        self.max_total_draft_tokens = max_total_draft_tokens
        self._static_max_total_draft_tokens = max_total_draft_tokens
        self.max_concurrency = max_concurrency

    @abstractmethod
    def prepare_draft_tokens(self, scheduled_requests: Any, resource_manager: Any = None) -> None:
        raise AssertionError

    @final
    def pad_draft_tokens_for_cuda_graph(
        self, scheduled_requests: Any, resource_manager: Any = None
    ) -> None:
        for request in scheduled_requests.generation_requests:
            missing = (self._static_max_total_draft_tokens or 0) - len(request.py_draft_tokens)
            assert missing >= 0
            request.py_draft_tokens.extend([0] * missing)

    def update_max_total_draft_tokens(self, new_max_total_draft_tokens: int) -> None:
        self.max_total_draft_tokens = new_max_total_draft_tokens


class Request:
    """``answer`` is what the model writes, whatever is drafted."""

    def __init__(self, number: int, prompt: Sequence[int], answer: Sequence[int]) -> None:
        self.request_id = number
        self.py_orig_prompt_len = len(prompt)
        self.py_max_new_tokens = len(answer)
        self.py_draft_tokens: list[int] = [3, 3, 3]  # of a step before
        self.answer, self.steps = answer, 0
        self._tokens = [*prompt, answer[0]]

    @property
    def written(self) -> list[int]:
        return self._tokens[self.py_orig_prompt_len :]

    def get_tokens(self, beam: int) -> list[int]:
        assert beam == 0
        return list(self._tokens)

    def verify(self) -> None:
        rest = self.answer[len(self.written) :]
        same = 0
        while same < len(rest) and self.py_draft_tokens[same : same + 1] == [rest[same]]:
            same += 1
        self._tokens += rest[: same + 1]
        self.steps += 1


def batch(requests: Sequence[Any]) -> Any:
    return SimpleNamespace(generation_requests=list(requests), context_requests=[])


def adapter(monkeypatch: pytest.MonkeyPatch, base: Any) -> Any:
    """Return the adapter's module, with this class where TensorRT-LLM has it."""
    name = "tensorrt_llm"
    for part in ("", "_torch", "speculative", "drafter"):
        name = f"{name}.{part}" if part else name
        module = ModuleType(name)
        monkeypatch.setitem(sys.modules, name, module)
    if base is not None:
        vars(module)["Drafter"] = base
    return reload(import_module("fastapply_lsp.engines.tensorrt_llm.drafter"))
