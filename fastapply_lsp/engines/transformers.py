"""The engine on transformers: a model from a folder, rewrites with drafts, scores of a text.

It is the reference for the other engines, and what `fastapply serve` runs where no other is
installed. For any thread; whoever calls from several says whose turn it is (`model.Watcher.turn`).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import torch
from transformers import GenerationConfig

from fastapply_lsp.draft.drafter import Drafter
from fastapply_lsp.draft.vocabulary import Vocabulary
from fastapply_lsp.engines.kv_cache import Known, PrefixCache
from fastapply_lsp.engines.loading import load_model
from fastapply_lsp.engines.model import ContextExceeded, Counts, Scored, Task, Watcher
from fastapply_lsp.engines.scoring import ScoreCache, scored
from fastapply_lsp.engines.speculation import Course, speculate
from fastapply_lsp.engines.tokens import texts_of

if TYPE_CHECKING:
    from collections.abc import Sequence
    from contextlib import AbstractContextManager
    from pathlib import Path

    from transformers import PreTrainedModel, PreTrainedTokenizerBase

DRAFT_LIMIT = 2047
"""The longest draft of one pass: so many rows of logits take half a gigabyte for 131,072 tokens.
With the row before it, it is a multiple of what GPUs compute at once."""
SCORED_AT_ONCE = 512
_CONTEXT = 1 << 20
"""For a model that names no limit."""
CACHES = 2
"""Prompts whose keys and values are kept: one edit after the other, and one beside it."""


class Engine:
    """A model that writes with a draft.

    Args:
        model: in evaluation mode, on its device.
        tokenizer: its tokenizer.
        caches: how many prompts' keys and values are kept.
        draft_limit: the longest draft of one pass, in tokens.
    """

    def __init__(
        self,
        model: PreTrainedModel,
        tokenizer: PreTrainedTokenizerBase,
        *,
        caches: int = CACHES,
        draft_limit: int = DRAFT_LIMIT,
    ) -> None:
        self.model = model
        self.tokenizer = tokenizer
        self.context: int = getattr(
            model.config.get_text_config(decoder=True), "max_position_embeddings", _CONTEXT
        )
        self.stops = _stop_tokens(model, tokenizer)
        rows: int = model.get_output_embeddings().weight.shape[0]
        self.texts = texts_of(tokenizer, rows)
        """The bytes of each token; none for control tokens."""
        self.vocabulary = Vocabulary.of(self.texts)
        self._caches = PrefixCache(model, caches)
        self._scores = ScoreCache(caches)
        self._draft_limit = draft_limit
        self._fallback = _plain_config(model, tokenizer, self.stops)

    @classmethod
    def load(cls, folder: Path, *, device: str = "auto", dtype: str = "auto") -> Engine:
        """Load a model that lies in a folder; nothing is asked of any hub, nothing of it is run.

        Args:
            folder: as ``save_pretrained`` writes it.
            device: ``auto`` takes a GPU where there is one; of several, all, where accelerate is
                installed: layer after layer, so that a model fits that does not fit on one. That
                makes it no faster; for speed a server divides each layer (vLLM).
            dtype: as transformers names it; ``auto`` is what the folder says.

        Raises:
            LookupError: this machine has no such device, or torch no such type.
            OSError, ValueError: it holds no model that transformers can load, or one that does not
                fit.
        """
        loaded = load_model(folder, device, dtype)
        return cls(loaded.model, loaded.tokenizer)

    @property
    def kept_tokens(self) -> int:
        """How many tokens' keys and values are kept for later prompts."""
        return self._caches.tokens

    def forget(self) -> None:
        """Give back the memory of all that is kept."""
        self._caches.clear()
        self._scores.clear()

    def room(self, task: Task) -> int:
        """Return how many tokens the answer may have.

        Raises:
            ContextExceeded: prompt and answer do not fit into the context.
        """
        left = self.context - len(task.prompt)
        most = max(left, 1) if task.most is None else task.most
        if most > left:
            raise ContextExceeded(len(task.prompt), most, self.context)
        return most

    def write(self, task: Task, watcher: Watcher) -> Counts:
        """Write until a stop token or a limit comes, or the watcher cancels.

        A cancelled text's cache is given back, not kept.

        Raises:
            ContextExceeded: before any work.
        """
        most = self.room(task)
        known = self._caches.take(task.prompt)
        course = _Course(watcher, self.stops, task.top)
        sampling = task.sampling
        config = GenerationConfig(
            max_new_tokens=most,
            do_sample=sampling.temperature > 0,
            repetition_penalty=sampling.repetition_penalty,
            eos_token_id=self._fallback.eos_token_id,
            pad_token_id=self._fallback.pad_token_id,
        )
        if sampling.temperature > 0:
            config.update(
                temperature=sampling.temperature, top_p=sampling.top_p, top_k=sampling.top_k
            )
        generator = torch.Generator(self.model.device)
        generator.manual_seed(torch.seed() if sampling.seed is None else sampling.seed)
        limit = self._draft_limit if task.draft_limit is None else task.draft_limit
        if not task.drafts:
            limit = 0  # plain decoding: what was written so far is no draft to begin with
        try:
            ids = cast("Any", self.model).generate(
                torch.tensor([task.prompt], device=self.model.device),
                generation_config=config,
                custom_generate=speculate,
                drafter=Drafter(task.drafts, self.vocabulary),
                course=course,
                draft_limit=limit,
                generator=generator,
                past_key_values=known.cache,
            )
        except torch.OutOfMemoryError:
            self.forget()  # what others wrote is kept for speed alone
            raise
        if not course.cancelled:
            self._caches.keep(known.cache, ids[0].tolist())
        return Counts(
            prompt=len(task.prompt),
            reused=known.tokens,
            written=len(course.written),
            accepted=course.accepted,
            rejected=course.drafted - course.accepted,
            passes=course.passes,
            stopped=course.enough or (bool(course.written) and course.written[-1] in self.stops),
        )

    @torch.inference_mode()
    def score(self, ids: Sequence[int], top: int, watcher: Watcher) -> list[Scored]:
        """Return what the model makes of each token but the first, given those before it.

        A text that begins as the last ones did is scored from there on.

        Raises:
            ContextExceeded: before any work.
        """
        if len(ids) > self.context:
            raise ContextExceeded(len(ids), 0, self.context)
        scores = self._scores.known(ids, top)
        known = self._caches.take(ids) if scores else Known(self._caches.fresh(), 0)
        # Logits are not kept: where either is missing, the pass is made again.
        read = min(len(scores), known.tokens)
        del scores[read:]
        cache = known.cache
        if read < known.tokens:
            cache.crop(read - known.tokens)
        for first in range(read, len(ids) - 1, SCORED_AT_ONCE):
            if watcher.cancelled:
                return scores
            part = ids[first : first + SCORED_AT_ONCE]
            with watcher.turn():
                logits = cast("Any", self.model)(
                    input_ids=torch.tensor([part], device=self.model.device),
                    past_key_values=cache,
                    use_cache=True,
                ).logits[0]
                following = ids[first + 1 : first + 1 + len(part)]
                scores += scored(logits[: len(following)], following, top)
        self._caches.keep(cache, ids)
        self._scores.keep(ids, top, scores)
        return scores


class _Course(Course):
    """Hands on what comes to the watcher, without stop tokens."""

    def __init__(self, watcher: Watcher, stops: frozenset[int], top: int | None) -> None:
        super().__init__()
        self._watcher, self._stops, self._top = watcher, stops, top
        self.enough = False

    @property
    def cancelled(self) -> bool:
        return self._watcher.cancelled

    @property
    def draft_most(self) -> int | None:
        return self._watcher.draft_most

    def turn(self) -> AbstractContextManager[object]:
        return self._watcher.turn()

    def wrote(self, tokens: Sequence[int], logits: torch.Tensor) -> int | None:
        shown = [token for token in tokens if token not in self._stops]
        scores = [] if self._top is None else scored(logits[: len(shown)], shown, self._top)
        count = self._watcher.wrote(shown, scores)
        self.enough = count is not None
        return count


def _stop_tokens(model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase) -> frozenset[int]:
    """Return the tokens that end an answer, as the model's folder names them."""
    named = (getattr(model.generation_config, "eos_token_id", None), tokenizer.eos_token_id)
    tokens: set[int] = set()
    for each in named:
        tokens.update([each] if isinstance(each, int) else each or [])
    return frozenset(tokens)


def _plain_config(
    model: PreTrainedModel,
    tokenizer: PreTrainedTokenizerBase,
    stops: frozenset[int],
) -> GenerationConfig:
    """Return, and give the model, a config in which nothing changes what the model writes.

    A folder may ask for a repetition penalty or for sampling; an edit wants neither unasked.
    """
    pad = tokenizer.pad_token_id
    config = GenerationConfig(
        eos_token_id=sorted(stops) or None,
        pad_token_id=min(stops, default=0) if pad is None else pad,
    )
    model.generation_config = config
    return config
