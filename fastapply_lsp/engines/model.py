"""What an engine is asked, and what it tells of its work. Free of any engine's own types."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence


class ContextExceeded(Exception):
    """Prompt and answer do not fit into the model's context; nothing was computed."""

    def __init__(self, prompt: int, answer: int, limit: int) -> None:
        self.prompt, self.answer, self.limit = prompt, answer, limit
        super().__init__(
            f"The model's context holds {limit:,} tokens; this needs {prompt + answer:,}:"
            f" {prompt:,} for the prompt and {answer:,} for the answer."
        )


@dataclass(frozen=True, slots=True)
class Sampling:
    """How a token is chosen. ``temperature`` 0 is the likeliest; ``top_k`` 0 is all."""

    temperature: float = 0.0
    top_p: float = 1.0
    top_k: int = 0
    repetition_penalty: float = 1.0
    seed: int | None = None


GREEDY = Sampling()


@dataclass(frozen=True, slots=True)
class Task:
    """One text to write.

    Args:
        prompt: token ids; never empty.
        most: tokens to write at most; ``None`` for what the context leaves.
        drafts: texts that the answer may follow, as token ids, the likeliest first. Ids that the
            model does not know are dropped.
        sampling: how tokens are chosen.
        top: how many of the likeliest tokens to report beside each that is written.
        draft_limit: the longest draft of one pass, in tokens; the engine's own limit otherwise.
    """

    prompt: tuple[int, ...]
    most: int | None = None
    drafts: tuple[tuple[int, ...], ...] = ()
    sampling: Sampling = GREEDY
    top: int | None = None
    draft_limit: int | None = None


@dataclass(frozen=True, slots=True)
class Likely:
    """A token and the natural logarithm of its probability."""

    token: int
    logprob: float


@dataclass(frozen=True, slots=True)
class Scored:
    """A token as the model sees it, and the likeliest ones at its place, the likeliest first."""

    token: int
    logprob: float
    top: tuple[Likely, ...]


@dataclass(frozen=True, slots=True)
class Counts:
    """What one text took, in tokens; ``passes`` are forward passes of the model that wrote.

    Passes that only read a part of a long prompt are not among them.
    ``reused`` of the ``prompt`` tokens were known from before. ``written`` includes the stop token,
    ``stopped`` says that one came, or that the watcher ended the text.
    """

    prompt: int
    reused: int
    written: int
    accepted: int
    rejected: int
    passes: int
    stopped: bool


class Watcher:
    """Looks on while a text is written. Base for those who do; called in the engine's thread."""

    @property
    def cancelled(self) -> bool:
        """Whether to stop; asked before each pass."""
        return False

    @property
    def draft_most(self) -> int | None:
        """The longest draft of the next pass, in tokens, for others' sake; asked within `turn`."""
        return None

    def turn(self) -> AbstractContextManager[object]:
        """Return what one pass happens in."""
        return nullcontext()

    def wrote(self, tokens: Sequence[int], scores: Sequence[Scored]) -> int | None:
        """Take in tokens that came, the stop token left out; ``scores`` where the task asks.

        Returns:
            After how many of them the text ends, those behind being none of it; ``None`` if it goes
            on.
        """
