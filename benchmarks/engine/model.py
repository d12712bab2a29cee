"""What is written, what it took, and how that compares. Free of any engine's own types."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from benchmarks.model import Grid
from fastapply_lsp.prompt.build import build_messages
from fastapply_lsp.prompt.dialects import DIALECTS
from fastapply_lsp.request.model import EditFile

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from fastapply_lsp.request.model import Message

COLUMNS = (
    "method",
    "tokens",
    "passes",
    "tokens per pass",
    "seconds",
    "tokens/s",
    "characters/s",
    "factor",
)
PLAIN_MOST, SHORT_MOST = 1_000, 2_000
"""Tokens that are written of a long file without a draft, and with drafts of a few tokens: all of
it would take minutes."""
_EXACT_MOST = 10
_SHORT = 10


class Differs(Exception):
    """A method wrote something else than what is written without a draft; no figure is of use."""

    def __init__(self, method: str, what: str, at: int) -> None:
        super().__init__(f"{method}, {what}: token {at} is not the one written without a draft")


@dataclass(frozen=True, slots=True)
class Rewrite:
    """One edit of one file; ``written`` is what the model writes, to the byte."""

    name: str
    path: str
    original: str
    code_edit: str
    written: str

    @property
    def call(self) -> EditFile:
        """The edit as the language server gets it."""
        return EditFile(self.path, "", self.code_edit)

    @property
    def messages(self) -> tuple[Message, ...]:
        """What the language server asks a model."""
        dialect = DIALECTS["fastapply"]
        return build_messages(dialect, self.call, self.path, self.original, dialogue_tokens=0)


@dataclass(frozen=True, slots=True)
class Run:
    """One method's work on one file.

    ``tokens`` of ``of`` were written (all of them, but by slow methods on long files), which are
    ``characters``; ``drafted`` says whether there were drafts at all. What runs on the same
    ``engine`` can be compared.
    """

    engine: str
    method: str
    drafted: bool
    tokens: int
    of: int
    characters: int
    passes: int
    seconds: float

    @property
    def speed(self) -> float:
        """Tokens in a second."""
        return self.tokens / self.seconds


@dataclass(frozen=True, slots=True)
class Missing:
    """A method that could not be measured, and why."""

    method: str
    why: str


def most_of(answer: int, draft: int) -> int:
    """Return how many of an answer's tokens are written with drafts of so many."""
    limit = PLAIN_MOST if not draft else SHORT_MOST if draft <= _SHORT else answer
    return min(answer, limit)


def expect_equal(method: str, what: str, tokens: Sequence[int], wanted: Sequence[int]) -> None:
    """Compare what was written with the beginning of what is to be written.

    Raises:
        Differs: it is something else.
    """
    for at, (one, other) in enumerate(zip(tokens, wanted, strict=False)):
        if one != other:
            raise Differs(method, what, at)
    if not tokens or len(tokens) > len(wanted):
        raise Differs(method, what, len(wanted))


def grid(title: str, how: str, runs: Sequence[Run | Missing]) -> Grid:
    """Return a table; the factor is over the fastest run without drafts on the same engine."""
    measured = [run for run in runs if isinstance(run, Run)]
    plain = {
        engine: max(
            (run.speed for run in measured if run.engine == engine and not run.drafted), default=0.0
        )
        for engine in {run.engine for run in measured}
    }
    return Grid(title, how, COLUMNS, tuple(_row(run, plain) for run in runs))


def _row(run: Run | Missing, plain: Mapping[str, float]) -> tuple[str, ...]:
    if isinstance(run, Missing):
        return (f"{run.method}: {run.why}", *[""] * (len(COLUMNS) - 1))
    tokens = f"{run.tokens:,}" if run.tokens == run.of else f"{run.tokens:,} of {run.of:,}"
    return (
        run.method,
        tokens,
        f"{run.passes:,}",
        f"{run.tokens / run.passes:,.1f}",
        f"{run.seconds:,.2f}",
        f"{run.speed:,.0f}",
        f"{run.characters / run.seconds:,.0f}",
        _factor(run.speed, plain[run.engine]),
    )


def _factor(speed: float, plain: float) -> str:
    if not plain:
        return ""
    return f"{speed / plain:.2f}" if speed < _EXACT_MOST * plain else f"{speed / plain:.1f}"
