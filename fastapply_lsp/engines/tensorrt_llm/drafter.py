"""The hook: a drafter that TensorRT-LLM's PyTorch backend asks before each step. Not run.

::

    from fastapply_lsp.engines.tensorrt_llm.drafter import FastApplyDrafter
    from tensorrt_llm import LLM
    from tensorrt_llm.llmapi import UserProvidedDecodingConfig

    drafter = FastApplyDrafter("MODEL", max_draft_len=64)
    config = UserProvidedDecodingConfig(max_draft_len=64, drafter=drafter)
    llm = LLM("MODEL", speculative_config=config, disable_overlap_scheduler=True)

Requests of TensorRT-LLM carry nothing for a drafter, so the draft is made from the file and the
edit in the prompt. Every draft is padded to one length before it is verified: as with SGLang,
nothing is saved by short ones, and the requests of a batch need not share. ``max_concurrency``
says at how many requests TensorRT-LLM stops drafting.

Law: what is drafted depends on the request and on what was written, never on a clock, for each rank
drafts for itself. So the sources of a draft are found in the first step of its request.

What has changed in TensorRT-LLM since is told in its log.
"""

from __future__ import annotations

import inspect
from typing import TYPE_CHECKING, Any

from fastapply_lsp.engines.diary import Diary
from fastapply_lsp.engines.interface import ChangedError, expect, expect_parameters, found
from fastapply_lsp.engines.tensorrt_llm.drafting import Drafting

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

_BASE_PATH = ("tensorrt_llm._torch.speculative.drafter", "Drafter")
_HOOK = "prepare_draft_tokens"
_REQUEST = ("request_id", "get_tokens", "py_orig_prompt_len", "py_max_new_tokens")

_diary = Diary("TensorRT-LLM", "tensorrt_llm")


def _base() -> Any:  # noqa: ANN401 - TensorRT-LLM's class
    try:
        return found(*_BASE_PATH)
    except ChangedError:
        return object  # to make a drafter is an error then


_BASE = _base()


class FastApplyDrafter(_BASE):  # type: ignore[misc, valid-type] # known at run time only
    """Drafts for the requests of a TensorRT-LLM engine.

    It goes to the engine's processes before its first use, and takes only the folder's name along.

    Args:
        folder: of the model, with its tokenizer.
        max_draft_len: as in ``UserProvidedDecodingConfig``.
        max_concurrency: requests at once, above which TensorRT-LLM drafts nothing.

    Raises:
        ChangedError: there is no TensorRT-LLM, or none with such drafters.
    """

    # The sampler counts padded drafts, so the cache must have room for the padding, too: newer
    # versions want to be told.
    _needs_padding_kv_extension = True

    def __init__(
        self, folder: str | Path, *, max_draft_len: int, max_concurrency: int | None = None
    ) -> None:
        self._failed = False
        hook: Any = getattr(found(*_BASE_PATH), _HOOK, None)
        try:
            expect_parameters(hook, ("scheduled_requests",), f"`Drafter.{_HOOK}`")
        except ChangedError as error:
            self._failed = True
            _diary.say(error)
        known = inspect.signature(_BASE.__init__).parameters
        given = {
            "max_draft_len": max_draft_len,
            "max_total_draft_tokens": max_draft_len,
            "max_draft_tokens": max_draft_len,  # its name between these two
            "max_concurrency": max_concurrency,
        }
        super().__init__(**{name: value for name, value in given.items() if name in known})
        self._folder = str(folder)
        self._width = max_draft_len
        self._drafting: Drafting | None = None

    def prepare_draft_tokens(
        self,
        scheduled_requests: Any = None,  # noqa: ANN401 - TensorRT-LLM's
        *_: object,
        **__: object,
    ) -> None:
        """Set ``py_draft_tokens`` of each request that writes; an empty draft where there is none.

        TensorRT-LLM calls it as ``prepare_draft_tokens(scheduled_requests, resource_manager)``;
        another call drafts nothing.
        """
        requests: Sequence[Any] = ()
        drafts: list[list[int]] = []
        try:
            expect(scheduled_requests, ("generation_requests",), "a scheduled batch")
            requests = scheduled_requests.generation_requests
            if not self._failed:
                drafts = self._drafts(requests)
        except Exception as error:  # noqa: BLE001 - an error here would end the engine
            self._failed = True
            _diary.say(error)
        # Drafts of the step before must not stay.
        for at, request in enumerate(requests):
            request.py_draft_tokens = drafts[at] if drafts else []

    def _drafts(self, requests: Sequence[Any]) -> list[list[int]]:
        if self._drafting is None:
            self._drafting = Drafting(self._folder, self._width, _diary)
            _diary.note_not_run()
        for request in requests:
            expect(request, _REQUEST, "a request")
        # A schedule of draft lengths, where one is configured, makes this smaller.
        most = getattr(self, "max_total_draft_tokens", None)
        return self._drafting.propose(requests, self._width if most is None else most)
