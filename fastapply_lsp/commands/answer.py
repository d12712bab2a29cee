"""What does `fastapply apply` answer? One outcome, one exit code, one JSON object.

==========  ====  ==============================================================
outcome     exit  when
==========  ====  ==============================================================
applied     0     the edit is placed for certain, or a model wrote the whole file
uncertain   1     the merge guessed, found no place, or a hunk lies outside what
                  the block asked for (``--only-asked`` leaves that one out)
rejected    1     a check refused the rewrite
failed      2     the input, a setting or this machine does not allow it
failed      3     the backend failed, or the program did
==========  ====  ==============================================================
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass, replace
from enum import IntEnum, StrEnum
from typing import TYPE_CHECKING, Any

from fastapply_lsp.errors import (
    BackendError,
    CannotApply,
    FastApplyError,
    JournalError,
    NotPlaced,
    RewriteRejected,
    SettingsError,
)
from fastapply_lsp.server.asked_for import (
    asked,
    reasons_of,
    refused,
    stands_alone,
    text_with,
    unrequested,
)
from fastapply_lsp.server.wire import error_json, figures_json
from fastapply_lsp.session.events import Outcome
from fastapply_lsp.session.hunks import Mark
from fastapply_lsp.text.lines import line_starts

if TYPE_CHECKING:
    from collections.abc import Iterable

    from fastapply_lsp.apply.model import Figures, Result
    from fastapply_lsp.session.hunks import Hunk


class Exit(IntEnum):
    """The exit codes that others script on."""

    APPLIED = 0
    NOT_CERTAIN = 1
    BAD_INPUT = 2
    BACKEND_FAILED = 3


class Told(StrEnum):
    """How it went, in one word."""

    APPLIED = "applied"
    UNCERTAIN = "uncertain"
    REJECTED = "rejected"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Answer:
    """What the command says of one apply; ``text`` is the file that it came to, if any.

    ``left_out`` are the hunks that are not in ``text`` because nobody asked for them; ``whole`` is
    the file with them. ``inseparable`` are they where the rest would not parse without them.

    Law: ``text`` may be written if and only if ``outcome`` is ``applied``.
    """

    outcome: Told
    exit: Exit
    certain: bool = False
    reasons: tuple[str, ...] = ()
    hunks: tuple[Hunk, ...] = ()
    figures: Figures | None = None
    backend: str = ""
    repairs: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    text: str | None = None
    left_out: tuple[Hunk, ...] = ()
    whole: str | None = None
    inseparable: bool = False
    error: FastApplyError | None = None


def answer_of(result: Result) -> Answer:
    """Return what the command says to the end of a stream."""
    error = result.error
    if error is None and (bad := refused(result.hunks)):
        error = RewriteRejected(reasons_of(bad) or result.reasons)
    told, code = _told(result, error)
    placed = result.error is None and result.outcome is Outcome.APPLIED
    return Answer(
        outcome=told,
        exit=code,
        certain=result.certain,
        reasons=tuple(dict.fromkeys((*result.reasons, *_doubts(result, error)))),
        hunks=result.hunks if placed else (),
        figures=result.figures,
        backend=result.backend,
        repairs=result.repairs,
        notes=result.notes,
        text=result.text if placed else None,
        error=error,
    )


def only_asked(result: Result, original: str, path: str) -> Answer:
    """Return what the command says where the hunks that nobody asked for are left out.

    A rewrite that a check refused is not made better by leaving parts of it out, and one that does
    not parse without them is not taken apart.
    """
    extra, wanted = unrequested(result.hunks), asked(result.hunks)
    if result.outcome is not Outcome.APPLIED or not extra or refused(result.hunks):
        return answer_of(result)
    text = text_with(original, wanted)
    if not stands_alone(text, result.text, original, path):
        return replace(answer_of(result), inseparable=True)
    reasons = result.reasons if wanted else (*result.reasons, "no change of it was asked for")
    part = replace(result, hunks=wanted, text=text, reasons=reasons)
    return replace(answer_of(part), left_out=extra, whole=result.text)


def failure(error: FastApplyError) -> Answer:
    """Return what the command says when it did not come to an apply."""
    told, code = _failed(error)
    reasons = error.reasons if isinstance(error, NotPlaced) else ()
    return Answer(outcome=told, exit=code, reasons=reasons, error=error)


def _told(result: Result, error: FastApplyError | None) -> tuple[Told, Exit]:
    if error is not None:
        return _failed(error)
    if result.outcome is not Outcome.APPLIED:
        return Told.FAILED, Exit.BACKEND_FAILED
    if not result.hunks and not result.certain:
        return Told.UNCERTAIN, Exit.NOT_CERTAIN
    if any(hunk.mark is not Mark.NONE for hunk in result.hunks):
        return Told.UNCERTAIN, Exit.NOT_CERTAIN
    return Told.APPLIED, Exit.APPLIED


def _failed(error: FastApplyError) -> tuple[Told, Exit]:
    match error:
        case NotPlaced():
            return Told.UNCERTAIN, Exit.NOT_CERTAIN
        case RewriteRejected():
            return Told.REJECTED, Exit.NOT_CERTAIN
        case BackendError():
            return Told.FAILED, Exit.BACKEND_FAILED
        case CannotApply() | SettingsError() | JournalError():
            return Told.FAILED, Exit.BAD_INPUT
        case _:
            return Told.FAILED, Exit.BACKEND_FAILED


def _doubts(result: Result, error: FastApplyError | None) -> Iterable[str]:
    match error:
        case NotPlaced(reasons=reasons):
            yield from reasons
        case RewriteRejected(faults=faults):
            yield from faults
        case _:
            pass
    if result.outcome is Outcome.APPLIED:
        for hunk in unrequested(result.hunks):
            yield hunk.note or "a hunk lies outside what the block asked for"


def as_json(answer: Answer, original: str) -> dict[str, Any]:
    """Return the object that ``--json`` prints; ``original`` gives the hunks' line numbers.

    Hunks, figures and errors have the form that they have in the protocol of the server.
    """
    starts = line_starts(original)
    told: dict[str, Any] = {
        "outcome": answer.outcome.value,
        "certain": answer.certain,
        "reasons": list(answer.reasons),
        "hunks": [_hunk(hunk, starts) for hunk in answer.hunks],
        "figures": None if answer.figures is None else figures_json(answer.figures),
        "backend": answer.backend or None,
        "repairs": list(answer.repairs),
        "notes": list(answer.notes),
    }
    if answer.left_out:
        told["left_out"] = [_hunk(hunk, starts) for hunk in answer.left_out]
    if answer.error is not None:
        told["error"] = error_json(answer.error)
    return told


def _hunk(hunk: Hunk, starts: list[int]) -> dict[str, Any]:
    return {
        "line": bisect_right(starts, hunk.start),
        "removed": list(hunk.removed),
        "added": list(hunk.added),
        "mark": hunk.mark.value or None,
        "note": hunk.note or None,
    }
