"""The decoding loop for transformers' ``generate``, with a draft of any length.

::

    model.generate(ids, custom_generate=speculate, drafter=drafter, course=course, ...)

``custom_generate`` is the public hook that hands the whole loop to a function. A long prompt is read
in parts, all but the last one. One pass then reads what the model has not seen yet, then the draft,
and asks for the logits of the draft's rows alone. What was not written leaves the cache again.

transformers 5.23 drops ``streamer`` and ``synced_gpus`` where ``custom_generate`` is a function, so
a streamer is given as `Streamed`.
"""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol, cast

import torch
from transformers.generation.utils import GenerateDecoderOnlyOutput

from fastapply_lsp.draft.depth import Depth
from fastapply_lsp.engines.kv_cache import new_cache
from fastapply_lsp.engines.verification import Verifier

if TYPE_CHECKING:
    from collections.abc import Sequence

    from transformers import (
        GenerationConfig,
        LogitsProcessorList,
        PreTrainedModel,
        StoppingCriteriaList,
    )
    from transformers.cache_utils import Cache
    from transformers.generation.streamers import BaseStreamer

UNLIMITED = 1 << 30
READ_AT_ONCE = 2048
"""Tokens of a prompt that one pass reads: more take more memory, and are hardly read faster."""


class Drafts(Protocol):
    """What the loop needs of a `draft.drafter.Drafter`."""

    @property
    def lost(self) -> bool:
        """Whether it does not know where it is."""
        ...

    def propose(self, most: int) -> list[int]:
        """Return up to ``most`` tokens."""
        ...

    def observe(self, tokens: Sequence[int]) -> None:
        """Take in what was written."""
        ...


class Course:
    """How one rewrite goes: what it costs, and whoever looks on. Base for those who do."""

    def __init__(self) -> None:
        self.passes = 0
        """Forward passes of the model."""
        self.drafted = 0
        """Draft tokens that were verified."""
        self.accepted = 0
        """Draft tokens that were written."""
        self.written: list[int] = []
        """The tokens, the stop token included."""

    @property
    def cancelled(self) -> bool:
        """Whether to stop; asked before each pass."""
        return False

    @property
    def draft_most(self) -> int | None:
        """The longest draft of the next pass, in tokens, beside all other limits; asked in its turn."""
        return None

    def turn(self) -> AbstractContextManager[object]:
        """Return what one pass happens in; where several rewrites share a device, they wait."""
        return nullcontext()

    def wrote(self, tokens: Sequence[int], logits: torch.Tensor) -> int | None:
        """Take in tokens, and the logits from which each was chosen (``[tokens, vocabulary]``).

        Returns:
            After how many of them the rewrite ends; ``None`` if it goes on.
        """


class Streamed(Course):
    """Feeds one of transformers' streamers."""

    def __init__(self, streamer: BaseStreamer) -> None:
        super().__init__()
        self._streamer = streamer

    def wrote(self, tokens: Sequence[int], logits: torch.Tensor) -> None:  # noqa: ARG002 - as above
        """Put each token, as transformers' own loops do."""
        for token in tokens:
            self._streamer.put(torch.tensor([token]))


@dataclass(slots=True)
class _Stops:
    """When a rewrite ends, apart from its length: by a token, or by any other criterion."""

    tokens: frozenset[int]
    others: StoppingCriteriaList

    @classmethod
    def of(cls, criteria: StoppingCriteriaList) -> _Stops:
        tokens: set[int] = set()
        others = type(criteria)()
        for each in criteria:
            ends = getattr(each, "eos_token_id", None)
            if ends is not None:
                tokens.update(torch.as_tensor(ends).flatten().tolist())
            elif not hasattr(each, "max_length"):
                others.append(each)
        return cls(frozenset(tokens), others)

    def cut(self, before: torch.Tensor, tokens: list[int]) -> int | None:
        """Return how many of ``tokens`` are written before it ends; ``None`` if it goes on."""
        for count, token in enumerate(tokens, start=1):
            if token in self.tokens:
                return count
            if self.others:
                ids = torch.cat([before, before.new_tensor([tokens[:count]])], dim=1)
                if bool(self.others(cast("torch.LongTensor", ids), None).all()):
                    return count
        return None


@dataclass(slots=True)
class _State:
    """Where the rewrite is: all tokens so far, of which the cache knows the first ones."""

    ids: list[int]
    cache: Cache
    device: torch.device
    stops: _Stops
    needs_ids: bool
    ended: bool = False
    unread: list[int] = field(init=False)

    def __post_init__(self) -> None:
        self.unread = self.ids[self.cache.get_seq_length() :]

    def tensor(self) -> torch.Tensor:
        """Return the ids, ``[1, tokens]``; empty where nobody looks at them."""
        return torch.tensor([self.ids if self.needs_ids else []], device=self.device).long()

    def add(self, tokens: list[int]) -> None:
        """Take in what was written; what the cache knows beyond the last token is dropped."""
        self.ids += tokens
        self.cache.crop(min(0, len(self.ids) - 1 - self.cache.get_seq_length()))
        self.unread = self.ids[self.cache.get_seq_length() :]


@torch.inference_mode()
def speculate(  # noqa: PLR0913 - the hook's signature
    model: PreTrainedModel,
    input_ids: torch.Tensor,
    logits_processor: LogitsProcessorList,
    stopping_criteria: StoppingCriteriaList,
    generation_config: GenerationConfig,
    *,
    drafter: Drafts,
    course: Course | None = None,
    draft_limit: int = UNLIMITED,
    read_at_once: int = READ_AT_ONCE,
    generator: torch.Generator | None = None,
    verifier: Verifier | None = None,
    **model_kwargs: Any,  # noqa: ANN401 - whatever `generate` prepared
) -> torch.Tensor | GenerateDecoderOnlyOutput:
    """Decode as ``generate`` would without a draft; see ``custom_generate`` there.

    Laws: greedy output equals plain greedy output as far as the arithmetic does not depend on how
    many rows it takes at once (it does in the last bits: exact ties and, in 16 bit, near ties may
    fall otherwise); sampled output has the same distribution.

    Args:
        model: a decoder.
        input_ids: ``[1, tokens]``; ``past_key_values`` may know the first of them.
        logits_processor: as transformers made it.
        stopping_criteria: as above; ``eos_token_id``, lengths and any other.
        generation_config: ``max_length`` and ``do_sample`` count here.
        drafter: says what probably comes next; ids outside the vocabulary are its affair.
        course: looks on, and may cancel.
        draft_limit: the longest draft, in tokens: the memory for that many rows of logits. The
            verifier may want shorter ones.
        read_at_once: the longest part of a prompt, in tokens. A part is no pass of ``course``: it
            writes nothing; but it has its turn, and a cancelled rewrite ends before the next one.
        generator: draws where ``do_sample`` is set; the device's own one otherwise.
        verifier: says what is written, in place of the one that the config asks for.
        model_kwargs: the cache, as ``past_key_values``; a new one otherwise.

    Returns:
        The ids, prompt included; a ``GenerateDecoderOnlyOutput`` where the config asks for it.
    """
    course = course or Course()
    if generation_config.do_sample and generator is None:
        generator = torch.Generator(model.device).manual_seed(torch.seed())
    if verifier is None:
        verifier = Verifier(logits_processor, generator if generation_config.do_sample else None)
    cache = model_kwargs.get("past_key_values")
    cache = new_cache(model) if cache is None else cache
    cache.activate_past_recording()  # else a window of attention could not be cropped
    stops = _Stops.of(stopping_criteria)
    # Some processors look at the tokens; where none does, they need no copy on the device.
    needs_ids = bool(len(logits_processor) or stops.others)
    state = _State(input_ids[0].tolist(), cache, model.device, stops, needs_ids)
    slow = verifier.draft_most
    depth = Depth(draft_limit if slow is None else min(draft_limit, slow))
    room = generation_config.max_length - len(state.ids)
    forward = _Forward(model)
    if room > 0:
        _read(forward, state, course, read_at_once)
    while room > 0 and not state.ended and not course.cancelled:
        draft = drafter.propose(min(depth.next(lost=drafter.lost), room - 1))
        with course.turn():
            # Others may have come while it waited.
            step = _step(forward, state, draft[: course.draft_most], verifier, course)
        depth.learned(drafted=step.drafted, accepted=step.accepted)
        drafter.observe(step.tokens)
        room -= len(step.tokens)
    sequences = cast("torch.LongTensor", torch.tensor([state.ids], device=model.device))
    if generation_config.return_dict_in_generate:
        return GenerateDecoderOnlyOutput(sequences=sequences, past_key_values=state.cache)
    return sequences


def _read(forward: _Forward, state: _State, course: Course, at_once: int) -> None:
    """Read the prompt in parts, but for the last one, which the first pass reads."""
    while len(state.unread) > at_once and not course.cancelled:
        with course.turn():
            forward(state, state.unread[:at_once], 1)
        del state.unread[:at_once]


@dataclass(frozen=True, slots=True)
class _Step:
    """What one pass gave: the tokens that are written, and how much of the draft came true."""

    tokens: list[int]
    drafted: int
    accepted: int


def _step(
    forward: _Forward, state: _State, draft: list[int], verifier: Verifier, course: Course
) -> _Step:
    """Make one pass and take in what it gives."""
    logits = forward(state, [*state.unread, *draft], len(draft) + 1)
    before = state.tensor()
    tokens = verifier.written(logits, draft, before)
    accepted = len(tokens) - 1
    end = state.stops.cut(before, tokens)
    tokens = tokens[:end]
    enough = course.wrote(tokens, logits[: len(tokens)])
    tokens = tokens[:enough]
    state.ended = end is not None or enough is not None
    state.add(tokens)
    course.passes += 1
    course.drafted += len(draft)
    course.accepted += min(accepted, len(tokens))
    course.written += tokens
    return _Step(tokens, len(draft), accepted)


class _Forward:
    """The model, and what it can do, which is asked once."""

    def __init__(self, model: PreTrainedModel) -> None:
        self._model = cast("Any", model)
        self._limits = self._model._supports_logits_to_keep()  # noqa: SLF001 - transformers has no public way to ask

    def __call__(self, state: _State, tokens: Sequence[int], rows: int) -> torch.Tensor:
        """Read tokens after those that the cache knows; return the logits of the last rows."""
        known = state.cache.get_seq_length()
        ids = torch.tensor([tokens], device=state.device)
        positions = torch.arange(known, known + len(tokens), device=state.device)[None]
        output = self._model(
            input_ids=ids,
            position_ids=positions,
            past_key_values=state.cache,
            use_cache=True,
            return_dict=True,
            **({"logits_to_keep": rows} if self._limits else {}),
        )
        logits: torch.Tensor = output.logits[0, -rows:]
        return logits
