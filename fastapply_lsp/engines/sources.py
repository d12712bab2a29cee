"""Which token sequences may the answer follow? From what a request asks, and from its prompt.

It takes as long as a merge and a tokenizer do, so it happens in a thread of its own.
"""

from __future__ import annotations

import copy
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

from fastapply_lsp.engines.drafts import drafts_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from fastapply_lsp.engines.asked import Asked

_CHARACTERS_PER_TOKEN = 16
"""More than any text has on average: what is beyond so many per token cannot be written anyway."""


class Finder:
    """Finds the sources of drafts.

    Args:
        tokenizer: the model's. It is copied, for tokenizers don't bear two threads.
        context: the tokens of the longest sequence; no source is longer.
    """

    def __init__(self, tokenizer: Any, context: int) -> None:  # noqa: ANN401 - any that vLLM has
        self._tokenizer = copy.deepcopy(tokenizer)
        self._backend = getattr(self._tokenizer, "backend_tokenizer", None)
        self._control = _control_tokens(self._tokenizer)
        self._context = context
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="fastapply-drafts")

    def begin(self, asked: Asked, prompt: Sequence[int]) -> Future[list[list[int]]]:
        """Have the sources found in a thread; see `find`."""
        return self._thread.submit(self.find, asked, prompt)

    def find(self, asked: Asked, prompt: Sequence[int]) -> list[list[int]]:
        """Return the sources, the likeliest first, none of them empty.

        Args:
            asked: what the request asks for.
            prompt: its tokens.
        """
        if asked.where == "off" or (asked.where == "request" and not (asked.text or asked.tokens)):
            return []
        own = [list(asked.tokens[: self._context])] if asked.tokens else []
        # Where the request has brought tokens, the prompt's blocks stand behind them, unmerged.
        text = "" if own and asked.text is None else asked.text
        texts = drafts_of(text, list(self._texts(prompt)))
        sources = [*own, *(self._encoded(text) for text in texts)]
        return [source for source in sources if source]

    def close(self) -> None:
        """End the thread with what it is at."""
        self._thread.shutdown(wait=False, cancel_futures=True)

    def _texts(self, prompt: Sequence[int]) -> Iterator[str]:
        """Yield the texts between the control tokens, so that each begins a line."""
        part: list[int] = []
        for token in prompt:
            if token not in self._control:
                part.append(token)
            elif part:
                yield self._decoded(part)
                part = []
        if part:
            yield self._decoded(part)

    def _decoded(self, tokens: list[int]) -> str:
        if self._backend is not None:
            text: str = self._backend.decode(tokens, skip_special_tokens=False)
            return text
        return str(self._tokenizer.decode(tokens))

    def _encoded(self, text: str) -> list[int]:
        # Half surrogate pairs, which JSON may carry, are nothing that a tokenizer takes.
        text = text[: self._context * _CHARACTERS_PER_TOKEN]
        text = text.encode("utf-8", "replace").decode("utf-8")
        if self._backend is not None:
            ids: list[int] = self._backend.encode(text, add_special_tokens=False).ids
        else:
            ids = list(self._tokenizer.encode(text, add_special_tokens=False))
        return ids[: self._context]


def _control_tokens(tokenizer: Any) -> frozenset[int]:  # noqa: ANN401 - as above
    """Return the tokens of which no text is made: those that the tokenizer names, and the rest."""
    added: dict[int, Any] = getattr(tokenizer, "added_tokens_decoder", {})
    rest = (number for number, token in added.items() if getattr(token, "special", False))
    return frozenset((*tokenizer.all_special_ids, *rest))


def ready(sources: list[list[int]]) -> Future[list[list[int]]]:
    """Return sources that nobody has to wait for."""
    future: Future[list[list[int]]] = Future()
    future.set_result(sources)
    return future
