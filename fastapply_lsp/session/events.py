"""What goes into a session and what comes out of it.

The driver turns each input into `Session.handle` and carries out each output. A session never
waits: what it waits for comes back as an input.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, StrEnum, auto
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fastapply_lsp.errors import FastApplyError
    from fastapply_lsp.guard.model import Verdict
    from fastapply_lsp.session.hunks import Hunk
    from fastapply_lsp.text.edits import Edits
    from fastapply_lsp.text.replacement import Replacement


class Decision(StrEnum):
    """What the user says to a hunk."""

    ACCEPT = "accept"
    REJECT = "reject"


class Outcome(StrEnum):
    """How the stream of an apply ended; every apply has exactly one."""

    APPLIED = "applied"
    CANCELLED = "cancelled"
    FAILED = "failed"
    SUPERSEDED = "superseded"


class Refusal(Enum):
    """What follows where the guard's verdict is that a rewrite must not be taken as it is."""

    RESTORE = auto()  # the buffer is put back, since something better may be had
    LEAVE = auto()  # nothing better is: the hunks wait for the user, marked as refused


# Inputs


@dataclass(frozen=True, slots=True)
class Chunk:
    """The backend wrote this; cut anywhere."""

    text: str


@dataclass(frozen=True, slots=True)
class StreamEnded:
    """The backend wrote its last character and says that the rewrite is whole."""


@dataclass(frozen=True, slots=True)
class StreamStopped:
    """Nobody reads on, since the rewrite can only be bad; what it says of the end is no promise."""


@dataclass(frozen=True, slots=True)
class Failed:
    """The backend, the editor's connection or the journal failed."""

    error: FastApplyError


@dataclass(frozen=True, slots=True)
class Judged:
    """The guard's verdict on the finished rewrite, and what follows should it refuse."""

    verdict: Verdict
    refusal: Refusal


@dataclass(frozen=True, slots=True)
class JournalAcknowledged:
    """The original is safe; edits may leave."""


@dataclass(frozen=True, slots=True)
class EditAnswered:
    """The editor's answer to the edit with this token. It may be a lie."""

    token: int
    applied: bool
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class BufferChanged:
    """The buffer holds ``text`` now; the truth, whatever the answers said."""

    text: str
    version: int | None


@dataclass(frozen=True, slots=True)
class BufferClosed:
    """The document is no longer open."""


@dataclass(frozen=True, slots=True)
class PauseOver:
    """The pause ``token`` that the session asked for has passed."""

    token: int


@dataclass(frozen=True, slots=True)
class CancelRequested:
    """The user, or a newer apply of the same block, wants this one undone."""

    outcome: Outcome = Outcome.CANCELLED


@dataclass(frozen=True, slots=True)
class Decided:
    """The user's decision on some hunks."""

    hunks: frozenset[int]
    decision: Decision


Input = (
    Chunk
    | StreamEnded
    | StreamStopped
    | Failed
    | Judged
    | JournalAcknowledged
    | EditAnswered
    | BufferChanged
    | BufferClosed
    | PauseOver
    | CancelRequested
    | Decided
)

# Outputs


@dataclass(frozen=True, slots=True)
class KeepOriginal:
    """Write the original to the journal; answer `JournalAcknowledged`, or `Failed`."""

    text: str


@dataclass(frozen=True, slots=True)
class SendEdit:
    """Send these edits of the buffer, as one versioned edit; answer `EditAnswered` with ``token``.

    ``edits`` are code-point offsets of the buffer's text at ``version``.
    """

    token: int
    edits: Edits
    version: int | None


@dataclass(frozen=True, slots=True)
class Pause:
    """Wait so long, then answer `PauseOver` with the same token."""

    token: int
    seconds: float


@dataclass(frozen=True, slots=True)
class AskVerdict:
    """Have the guard judge ``rewrite``; answer `Judged`.

    ``replacements`` are the series that makes it of the base, as it was streamed.
    """

    rewrite: str
    replacements: tuple[Replacement, ...]


@dataclass(frozen=True, slots=True)
class HunksChanged:
    """The hunks are now these, in the order of the file."""

    hunks: tuple[Hunk, ...]


@dataclass(frozen=True, slots=True)
class StreamDone:
    """The stream's one end. With ``APPLIED``, a review of pending hunks may go on."""

    outcome: Outcome
    error: FastApplyError | None = None


@dataclass(frozen=True, slots=True)
class ReviewDone:
    """No hunk waits any more; the session takes no further part."""


@dataclass(frozen=True, slots=True)
class ReviewTrouble:
    """A decision could not be carried out; its hunks wait again."""

    error: FastApplyError


Output = (
    KeepOriginal
    | SendEdit
    | Pause
    | AskVerdict
    | HunksChanged
    | StreamDone
    | ReviewDone
    | ReviewTrouble
)
