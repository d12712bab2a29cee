"""How fast are transformers' own methods, and this project's engine on transformers?

What reads the prompt is left out of the clock, the same for all: its keys and values are there, but
for those of its last token. What makes a draft is in the clock: merge, tokens, index.
"""

from __future__ import annotations

import copy
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

import torch
from transformers import DynamicCache, GenerationConfig

from benchmarks.engine.model import Run, expect_equal, most_of
from benchmarks.engine.oracle import Oracle
from benchmarks.engine.vocabulary import encoded, prompt_ids, tokenizer
from fastapply_lsp.engines.drafts import drafts_of
from fastapply_lsp.engines.model import Task, Watcher
from fastapply_lsp.engines.transformers import DRAFT_LIMIT, Engine
from fastapply_lsp.merge import merge

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from benchmarks.engine.model import Rewrite
    from benchmarks.engine.oracle import Shape

LOOKUPS = ((10, 2), (128, 16))
"""Draft tokens and n-grams of prompt lookup: the usual ones, and the best that were tried (the
longest of 2, 4, 8 and 16 tokens, with as many as vLLM drafts at most)."""
ENGINE = "transformers"
_READ_AT_ONCE = 1024


class _Collected(Watcher):
    """What was written."""

    def __init__(self) -> None:
        self.tokens: list[int] = []

    def wrote(self, tokens: Sequence[int], scores: Sequence[Any]) -> None:  # noqa: ARG002 - the base's
        self.tokens += tokens


@dataclass(frozen=True, slots=True)
class _Method:
    name: str
    draft: int
    """The longest draft, in tokens; 0 for none."""
    write: Callable[[int], list[int]]
    """Writes so many tokens at most, and returns them without the stop token."""


class Bench:
    """One model, and all methods on it."""

    def __init__(self, shape: Shape) -> None:
        tokens = tokenizer()
        self._stop = cast("int", tokens.eos_token_id)
        self._oracle = Oracle(shape, len(tokens), self._stop)
        self._engine = Engine(self._oracle.model, tokens)

    def runs(self, rewrite: Rewrite) -> Iterator[Run]:
        """Rewrite a file with one method after the other.

        Raises:
            Differs: one wrote something else.
        """
        prompt, answer = prompt_ids(rewrite.messages), encoded(rewrite.written)
        self._oracle.will_write(answer, prompt)
        self._engine.forget()
        self._engine.write(Task(tuple(prompt), most=1), _Collected())  # reads the prompt
        for method in (*self._theirs(prompt), *self._ours(rewrite, tuple(prompt))):
            most = most_of(len(answer) + 1, method.draft)
            self._oracle.passes = 0
            began = time.perf_counter()
            tokens = method.write(most)
            seconds = time.perf_counter() - began
            expect_equal(method.name, rewrite.name, tokens, answer[:most])
            yield Run(
                engine=ENGINE,
                method=method.name,
                drafted=method.draft > 0,
                tokens=len(tokens),
                of=len(answer),
                characters=len(cast("str", tokenizer().decode(tokens))),
                passes=self._oracle.passes,
                seconds=seconds,
            )

    def _theirs(self, prompt: list[int]) -> Iterator[_Method]:
        """Transformers' own methods, with its own kind of cache."""
        read = self._read(prompt)
        ids = torch.tensor([prompt])
        for tokens, longest in ((None, None), *LOOKUPS):
            config = GenerationConfig(
                do_sample=False,
                eos_token_id=self._stop,
                pad_token_id=self._stop,
                prompt_lookup_num_tokens=tokens,
                max_matching_ngram_size=longest,
            )
            known = copy.deepcopy(read)

            def write(
                most: int, config: GenerationConfig = config, known: DynamicCache = known
            ) -> list[int]:
                config.max_new_tokens = most
                model = cast("Any", self._oracle.model)
                out = model.generate(ids, generation_config=config, past_key_values=known)
                new: list[int] = out[0, len(prompt) :].tolist()
                return [token for token in new if token != self._stop]

            name = f"prompt lookup, {tokens} tokens, n ≤ {longest}" if tokens else "no draft"
            yield _Method(f"transformers: {name}", tokens or 0, write)

    def _ours(self, rewrite: Rewrite, prompt: tuple[int, ...]) -> Iterator[_Method]:
        """This project's engine: without a draft, as published, and with the predicted merge."""

        def write(drafts: Callable[[], Sequence[str]], limit: int, most: int) -> list[int]:
            texts = (tuple(encoded(text)) for text in drafts())
            task = Task(prompt, most, tuple(texts), draft_limit=limit)
            written = _Collected()
            self._engine.write(task, written)
            return written.tokens

        def merged() -> Sequence[str]:
            predicted = merge(rewrite.original, rewrite.call, path=rewrite.path).predicted
            return drafts_of(predicted, [message.content for message in rewrite.messages])

        def method(
            name: str, drafts: Callable[[], Sequence[str]], limit: int = DRAFT_LIMIT
        ) -> _Method:
            return _Method(f"this engine: {name}", limit, lambda n: write(drafts, limit, n))

        yield method("no draft", tuple, 0)
        yield method("the original file", lambda: [rewrite.original])
        yield method("merge, edit, original, 128 tokens", merged, 128)
        yield method("merge, edit, original", merged)

    @torch.inference_mode()
    def _read(self, prompt: Sequence[int]) -> DynamicCache:
        """Return keys and values of a prompt, its last token left out."""
        model = self._oracle.model
        cache = DynamicCache(config=model.config)
        for first in range(0, len(prompt) - 1, _READ_AT_ONCE):
            part = prompt[first : min(first + _READ_AT_ONCE, len(prompt) - 1)]
            cast("Any", model)(
                input_ids=torch.tensor([part]), past_key_values=cache, logits_to_keep=1
            )
        return cache
