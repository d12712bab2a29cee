"""One file written: its prompt read, then drafts verified until the oracle has no more to say.

Every pass does the whole work: the forward pass over the draft's rows with the cache, the head over
all of them, the likeliest token of each, the comparison with the draft. Then the oracle's tokens
take the place of the model's, for the model's weights are random and agree with nobody.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

import numpy as np

from fastapply_lsp.draft.depth import Depth
from fastapply_lsp.draft.drafter import Drafter
from fastapply_lsp.text.align import common_prefix

if TYPE_CHECKING:
    from collections.abc import Sequence

    import torch
    from numpy.typing import NDArray

    from benchmarks.gpu.traces import Trace
    from fastapply_lsp.draft.vocabulary import Vocabulary


class Model(Protocol):
    """What writes: see `passes.Passes`."""

    @property
    def most(self) -> int:
        """The most rows of one pass."""
        ...

    def read(self, tokens: Sequence[int], position: int) -> None:
        """Read a prompt."""
        ...

    def likeliest(self, tokens: Sequence[int], position: int) -> torch.Tensor:
        """Return the likeliest token after each."""
        ...


@dataclass(frozen=True, slots=True)
class Policy:
    """How long drafts are: always ``most`` tokens, or as `draft.depth.Depth` says, up to it."""

    name: str
    most: int
    adaptive: bool = False


POLICIES = (
    *(Policy(f"{most}", most) for most in (0, 32, 64, 128, 512, 2048)),
    # With the row before it, a multiple of what GPUs compute at once.
    Policy("adaptive", 2047, adaptive=True),
)


@dataclass(slots=True)
class Course:
    """How one file went. Times in seconds; ``whole`` says whether all of it was written."""

    tokens: int = 0
    passes: int = 0
    accepted: int = 0
    rejected: int = 0
    read_s: float = 0.0
    written_s: float = 0.0
    drafting_s: float = 0.0
    pass_s: list[float] = field(default_factory=list)
    rows: list[int] = field(default_factory=list)
    whole: bool = True
    agreed: int = 0
    """Draft tokens that the random model itself would have written: nothing to read from."""


def write(
    model: Model, trace: Trace, vocabulary: Vocabulary, policy: Policy, *, passes: int | None = None
) -> Course:
    """Write one case.

    Args:
        model: with an empty cache, or one that may be overwritten.
        trace: the case.
        vocabulary: of the traces.
        policy: how long drafts are.
        passes: stop after so many: enough for a rate where nothing is drafted.
    """
    course = Course()
    clock = time.perf_counter
    began = clock()
    model.read(trace.prompt[:-1], 0)
    course.read_s = clock() - began
    stop = len(vocabulary)  # no token of the traces
    target, at, last = [*trace.target, stop], 0, trace.prompt[-1]
    position = len(trace.prompt) - 1
    began = clock()
    drafter = Drafter([trace.predicted, trace.code_edit, trace.original], vocabulary)
    depth = Depth(min(policy.most, model.most - 1))
    course.drafting_s = clock() - began
    while at < len(target):
        if passes is not None and course.passes == passes:
            course.whole = False
            break
        drafting = clock()
        longest = depth.next(lost=drafter.lost) if policy.adaptive else policy.most
        draft = drafter.propose(longest)
        passing = clock()
        likeliest = model.likeliest([last, *draft], position)
        course.agreed += agreeing(likeliest.numpy(), draft)
        passed = clock()
        right = common_prefix(draft, target[at : at + len(draft)])
        new = target[at : at + right + 1]
        depth.learned(drafted=len(draft), accepted=right)
        drafter.observe(new)
        at, position, last = at + len(new), position + len(new), new[-1]
        course.drafting_s += passing - drafting + clock() - passed
        course.pass_s.append(passed - passing)
        course.rows.append(len(draft) + 1)
        course.accepted += right
        course.rejected += len(draft) - right
        course.passes += 1
    course.written_s = clock() - began
    course.tokens = at
    return course


def agreeing(likeliest: NDArray[np.integer], draft: Sequence[int]) -> int:
    """Return how many tokens of the draft are the likeliest, from the first one on."""
    differs = likeliest[: len(draft)] != np.asarray(draft, dtype=likeliest.dtype)
    return int(differs.argmax()) if differs.any() else len(draft)


def greedy(model: Model, prompt: Sequence[int], count: int) -> list[int]:
    """Write ``count`` tokens as the model itself would, one by one."""
    model.read(prompt[:-1], 0)
    tokens, last = [], prompt[-1]
    for at in range(count):
        last = int(model.likeliest([last], len(prompt) - 1 + at)[0])
        tokens.append(last)
    return tokens


def speculated(
    model: Model, prompt: Sequence[int], draft: Sequence[int], count: int, most: int
) -> list[int]:
    """Write ``count`` tokens as the model itself would, verifying ``draft`` at its own places.

    Law: what `greedy` writes, as far as the arithmetic does not depend on the number of rows.
    """
    model.read(prompt[:-1], 0)
    tokens: list[int] = []
    last = prompt[-1]
    while len(tokens) < count:
        part = list(draft[len(tokens) : min(count - 1, len(tokens) + most)])
        likeliest = model.likeliest([last, *part], len(prompt) - 1 + len(tokens))
        right = agreeing(likeliest.numpy(), part)
        tokens += likeliest[: right + 1].tolist()
        last = tokens[-1]
    return tokens
