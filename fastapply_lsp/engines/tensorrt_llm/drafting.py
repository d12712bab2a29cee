"""Which draft does each request of a TensorRT-LLM batch get? Not run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from transformers import AutoConfig, AutoTokenizer

from fastapply_lsp.draft.vocabulary import Vocabulary
from fastapply_lsp.engines.asked import Asked
from fastapply_lsp.engines.ledger import Ledger, Row
from fastapply_lsp.engines.sources import Finder, ready
from fastapply_lsp.engines.tokens import texts_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from concurrent.futures import Future

    from fastapply_lsp.engines.diary import Diary

_CONTEXT = 1 << 20
"""TensorRT-LLM has cut every request's ``py_max_new_tokens`` to its own context already."""


class Drafting:
    """Drafts for the requests of one rank.

    Args:
        folder: of the model; nothing is asked of any hub.
        width: the longest draft, in tokens.
        diary: is told of requests that fail.

    Raises:
        OSError, ValueError: there is no tokenizer and no configuration.
    """

    def __init__(self, folder: str, width: int, diary: Diary) -> None:
        tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True)
        config: Any = AutoConfig.from_pretrained(
            folder, local_files_only=True, trust_remote_code=False
        )
        rows: int = config.get_text_config(decoder=True).vocab_size
        self._finder = Finder(tokenizer, _CONTEXT)
        self._ledger = Ledger(
            Vocabulary.of(texts_of(tokenizer, rows)),
            limit=width,
            context=_CONTEXT,
            begin=self._begin,
            tell=diary.say,
        )

    def propose(self, requests: Sequence[Any], most: int) -> list[list[int]]:
        """Return a draft for each request, of up to ``most`` tokens."""
        rows = [_row(request) for request in requests]
        # One by one, for they need not share: `drafter` says why.
        drafts = [self._ledger.propose([row])[0][:most] for row in rows]
        self._ledger.forget_all_but({row.name for row in rows})
        return drafts

    def _begin(self, request: Any) -> Future[list[list[int]]]:  # noqa: ANN401 - TensorRT-LLM's
        prompt = request.get_tokens(0)[: request.py_orig_prompt_len]
        return ready(self._finder.find(Asked("prompt"), prompt))


def _row(request: Any) -> Row:  # noqa: ANN401 - TensorRT-LLM's
    ids: Sequence[int] = request.get_tokens(0)  # of the first beam; there is but one
    return Row(
        name=str(request.request_id),
        request=request,
        ids=ids,
        prompt=request.py_orig_prompt_len,
        length=len(ids),
        writes=True,
        most=request.py_max_new_tokens,
    )
