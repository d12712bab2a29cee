"""What does the guard's verdict on a rewrite have to say to the user?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from fastapply_lsp.session.events import Refusal

if TYPE_CHECKING:
    from fastapply_lsp.guard.model import Verdict


@dataclass(frozen=True, slots=True)
class Findings:
    """The verdict in sentences; all empty where nothing was found, or nothing was judged.

    ``doubts`` say why the rewrite may not be what was meant, ``remarks`` what else was found that is
    not fatal. ``refused`` says why it must not be taken as it is, where its hunks are left for the
    user to decide on all the same, and ``repairs`` what was put right in it.
    """

    doubts: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()
    refused: tuple[str, ...] = ()
    repairs: tuple[str, ...] = ()

    @classmethod
    def of(cls, verdict: Verdict, refusal: Refusal) -> Findings:
        """Read a verdict. A rewrite that is put back leaves no repairs to tell of."""
        doubts = verdict.doubts
        harmless = (fault.message for fault in verdict.faults if not fault.fatal)
        remarks = tuple(message for message in harmless if message not in doubts)
        if not verdict.accepted and refusal is Refusal.RESTORE:
            return cls(doubts, remarks)
        repairs = dict.fromkeys(repair.message for repair in verdict.repairs)
        return cls(doubts, remarks, verdict.reasons, tuple(repairs))
