"""What an apply is asked, what it reports, and how it ended."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fastapply_lsp.errors import FastApplyError
    from fastapply_lsp.request.model import EditFile
    from fastapply_lsp.session.events import Outcome
    from fastapply_lsp.session.hunks import Cut, Hunk

CHARACTERS_PER_TOKEN = 4
"""Tokens are counted as characters ÷ 4, so that backends with other tokenizers compare."""


@dataclass(frozen=True, slots=True)
class Order:
    """One apply to one buffer.

    ``text`` is the buffer at ``version``; ``path`` is for prompts and the grammar; ``cut`` is the
    pasted snippet that leaves the buffer; ``block`` names the code block, so that the same one
    applied again takes the place of the first. ``raw`` are the exact bytes of a file on disk.
    """

    id: str
    call: EditFile
    uri: str
    path: str
    text: str
    version: int | None = None
    cut: Cut | None = None
    block: str | None = None
    raw: bytes | None = None

    @property
    def base(self) -> str:
        """What is rewritten: the buffer less the pasted snippet."""
        return self.text if self.cut is None else self.cut.base(self.text)


class Step(StrEnum):
    """What an apply is doing, in words for a progress bar."""

    PLACING = "placing the edit"
    WAITING = "waiting for the backend"
    STREAMING = "rewriting"
    CHECKING = "checking"
    RESTORING = "putting the file back"
    RETRYING = "asking again"  # a check refused the first rewrite; the backend is told why


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the stream is.

    ``lines_expected`` counts the predicted file's lines, ``characters`` those of the stream.
    """

    step: Step
    backend: str
    lines: int
    lines_expected: int
    characters: int
    seconds: float

    @property
    def characters_per_s(self) -> float:
        """The rate so far, the time to the first token counted in."""
        return self.characters / self.seconds if self.seconds else 0.0


@dataclass(frozen=True, slots=True)
class Figures:
    """The figures of one apply. Times in milliseconds since the call, counts in characters.

    ``first_change_ms`` is when the buffer first showed a changed line; ``None`` if none did. This
    and ``characters`` are of the last try; ``wall_ms`` counts the ones before it, too. So do
    ``accepted``, ``rejected`` and ``passes``: the backends' word on their drafts, if they give any;
    passes are the model's forward passes, or the calls of a backend that sees calls only. A try
    that is stopped or breaks off does not give its last word.
    """

    first_change_ms: float | None
    wall_ms: float
    characters: int
    accepted: int | None = None
    rejected: int | None = None
    passes: int | None = None

    @property
    def characters_per_s(self) -> float:
        """Characters of the rewritten file per second of wall-clock."""
        return 1000 * self.characters / self.wall_ms if self.wall_ms else 0.0

    @property
    def tokens_per_s(self) -> float:
        """The same in tokens of four characters."""
        return self.characters_per_s / CHARACTERS_PER_TOKEN

    @property
    def acceptance(self) -> float | None:
        """The share of draft tokens that the model took, where the backend reports it."""
        if self.accepted is None or self.rejected is None:
            return None
        total = self.accepted + self.rejected
        return self.accepted / total if total else None


@dataclass(frozen=True, slots=True)
class Result:
    """How the stream of an apply ended.

    ``certain`` says that the merge was sure of the code block's place and the guard of the rewrite,
    ``reasons`` why not. ``text`` is the buffer at the end; ``notes`` tell what was tried on the way
    and what the guard remarked, ``repairs`` what it put right in the rewrite.
    """

    apply: str
    outcome: Outcome
    backend: str
    certain: bool
    reasons: tuple[str, ...]
    hunks: tuple[Hunk, ...]
    figures: Figures
    text: str
    notes: tuple[str, ...] = ()
    repairs: tuple[str, ...] = ()
    error: FastApplyError | None = None
