"""The API server's process: here ``prediction`` is read, and the sources of drafts are found.

That is the better place: merge and tokenizer take nothing from the engine's step, nor are they done
once in each worker, and the engine gets the draft with the request. Where vLLM has other ways in
(its ``LLM`` class), the worker does it by itself.
"""

from __future__ import annotations

import asyncio
import copy
import inspect
import os
from functools import wraps
from typing import TYPE_CHECKING, Any

from fastapply_lsp.engines.asked import (
    DRAFT,
    Asked,
    WrongFieldError,
    asked_of,
    with_prepared,
)
from fastapply_lsp.engines.interface import ChangedError, expect_parameters, found
from fastapply_lsp.engines.sources import Finder
from fastapply_lsp.engines.vllm.environment import default_of
from fastapply_lsp.engines.vllm.interface import is_ours, new_diary

if TYPE_CHECKING:
    from types import ModuleType

    from fastapply_lsp.engines.diary import Diary

_PROTOCOLS = (
    ("vllm.entrypoints.openai.chat_completion.protocol", "ChatCompletionRequest"),
    ("vllm.entrypoints.openai.completion.protocol", "CompletionRequest"),
)
_FRONT = "_fastapply_front"
PATIENCE_S = 2.0
"""A request waits so long for its draft; most need some milliseconds. After that it goes on, and the
worker makes the draft beside it: one huge file must not hold up those who come after it."""


class Front:
    """What one engine client of the API server needs to prepare drafts."""

    def __init__(self, tokenizer: Any, context: int) -> None:  # noqa: ANN401 - vLLM's
        self.default = default_of(os.environ)
        self._finder = Finder(tokenizer, context)

    async def prepared(self, prompt: Any, params: Any) -> Any:  # noqa: ANN401 - vLLM's
        """Return the parameters of a request, the sources of its draft in them.

        A request that is no rendered text is left to the engine.
        """
        ids = prompt.get("prompt_token_ids") if isinstance(prompt, dict) else None
        if not ids or not hasattr(params, "extra_args"):
            return params
        try:
            asked = asked_of(None, params.extra_args, self.default)
        except WrongFieldError:
            asked = Asked("off")  # it came another way than `carry`, which says so
        sources: list[list[int]] = []
        if asked.where != "off":
            search = asyncio.wrap_future(self._finder.begin(asked, ids))
            try:
                sources = await asyncio.wait_for(search, PATIENCE_S)
            except TimeoutError:
                return params
        params = copy.copy(params)
        params.extra_args = with_prepared(params.extra_args, sources)
        return params


def follow(module: ModuleType) -> None:
    """Have every engine client that vLLM makes prepare drafts, where it is configured to."""
    diary = new_diary()
    try:
        engine = found(module.__name__, "AsyncLLM")
        expect_parameters(engine.add_request, ("prompt", "params"), "`AsyncLLM.add_request`")
        _wrap_init(engine, diary)
        _wrap_add_request(engine, diary)
    except ChangedError as error:
        diary.say(error)


def _wrap_init(engine: Any, diary: Diary) -> None:  # noqa: ANN401 - vLLM's class
    original = engine.__init__

    @wraps(original)
    def init(self: Any, *given: Any, **named: Any) -> None:  # noqa: ANN401 - vLLM's
        original(self, *given, **named)
        try:
            if is_ours(self.vllm_config):
                context = self.vllm_config.model_config.max_model_len
                setattr(self, _FRONT, Front(self.get_tokenizer(), context))
                for protocol in _PROTOCOLS:
                    carry(found(*protocol))
        except Exception as error:  # noqa: BLE001 - the server runs without drafts, too
            diary.say(error)

    engine.__init__ = init


def _wrap_add_request(engine: Any, diary: Diary) -> None:  # noqa: ANN401 - vLLM's class
    original = engine.add_request
    signature = inspect.signature(original)

    @wraps(original)
    async def add_request(self: Any, *given: Any, **named: Any) -> Any:  # noqa: ANN401 - vLLM's
        front: Front | None = getattr(self, _FRONT, None)
        if front is None:
            return await original(self, *given, **named)
        bound = signature.bind(self, *given, **named)
        try:
            asked = bound.arguments
            asked["params"] = await front.prepared(asked["prompt"], asked["params"])
        except Exception as error:  # noqa: BLE001 - the answer does not depend on it
            diary.say(error)
        return await original(*bound.args, **bound.kwargs)

    engine.add_request = add_request


def carry(request: Any) -> None:  # noqa: ANN401 - vLLM's class of a request
    """Have a kind of request take its ``prediction`` to the engine, or be refused."""
    original = request.to_sampling_params
    if getattr(original, "__module__", None) == __name__:
        return
    refuse = found("vllm.exceptions", "VLLMValidationError")

    @wraps(original)
    def to_sampling_params(self: Any, *given: Any, **named: Any) -> Any:  # noqa: ANN401 - vLLM's
        prediction = (self.model_extra or {}).get("prediction")
        try:
            asked = asked_of(prediction, self.vllm_xargs, "off")
        except WrongFieldError as error:
            raise refuse(str(error), parameter=error.field) from error
        params = original(self, *given, **named)
        if asked.text:
            params.extra_args = {**(params.extra_args or {}), DRAFT: asked.text}
        return params

    to_sampling_params.__module__ = __name__
    request.to_sampling_params = to_sampling_params
