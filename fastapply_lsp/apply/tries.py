"""Who is asked next, where a backend failed or its rewrite was refused?

============================  =============================================================
what happened                 what follows
============================  =============================================================
a backend failed              the next one that the chooser named
a model's rewrite is refused  the model is asked once more, and told what was wrong
and its second one, too       the merge's own prediction where it is certain; else the last
                              rewrite stays, refused, for the user to decide on
the merge's is refused        it stays in the same way: it would say the same once more
============================  =============================================================

A model that fails at its second try counts as one that was refused twice, if nobody else is left.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from fastapply_lsp.backends.embedded import EmbeddedBackend
from fastapply_lsp.errors import BackendError, RewriteRejected
from fastapply_lsp.guard.model import FaultKind
from fastapply_lsp.session.events import Refusal
from fastapply_lsp.text.lines import split_lines

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fastapply_lsp.backends.model import Backend
    from fastapply_lsp.errors import FastApplyError
    from fastapply_lsp.guard.model import Verdict
    from fastapply_lsp.merge.model import Merge


@dataclass(frozen=True, slots=True)
class Tries:
    """Where an apply stands.

    ``backends`` are those to ask, the one whose turn it is first. ``fallback`` says the merge's
    prediction, where that is certain. ``refused`` is what was wrong with the last rewrite of the
    backend whose turn it is; empty at its first try.
    """

    backends: tuple[Backend, ...]
    fallback: Backend | None = None
    refused: tuple[str, ...] = ()

    @classmethod
    def of(cls, chain: Sequence[Backend], merge: Merge) -> Tries:
        """Return the first try. ``chain`` is what a chooser names: never empty."""
        return cls(tuple(chain), EmbeddedBackend() if merge.certain else None)

    @property
    def backend(self) -> Backend:
        """Whose turn it is."""
        return self.backends[0]

    def after(self, error: FastApplyError | None) -> Tries | None:
        """Return the next try after one that ended so, or ``None`` where that is the end."""
        match error:
            case BackendError():
                return self._after_failure()
            case RewriteRejected(faults=faults):
                return self._after_refusal(faults)
            case _:
                return None

    def leads_to(self, verdict: Verdict) -> Refusal:
        """Say what follows should the verdict on the rewrite of this try be a refusal.

        A rewrite without a line, without a change, or without a line of the file (an apology, say)
        leaves nothing to decide on.
        """
        empty = any(fault.kind is FaultKind.EMPTY for fault in verdict.faults)
        nothing = empty or not verdict.changes or _keeps_nothing(verdict)
        if nothing or self._after_refusal(verdict.reasons) is not None:
            return Refusal.RESTORE
        return Refusal.LEAVE

    def _after_failure(self) -> Tries | None:
        if len(self.backends) > 1:
            return Tries(self.backends[1:], self.fallback)
        return self._last() if self.refused else None

    def _after_refusal(self, reasons: tuple[str, ...]) -> Tries | None:
        if not self.backend.abilities.is_model:
            return None
        if not self.refused:
            return Tries(self.backends, self.fallback, reasons)
        return self._last()

    def _last(self) -> Tries | None:
        return None if self.fallback is None else Tries((self.fallback,))


def _keeps_nothing(verdict: Verdict) -> bool:
    """Whether every line of the judged text is new, blank ones aside."""
    new = [line for change in verdict.changes for line in change.replacement.lines]
    return sum(map(_filled, new)) == sum(map(_filled, split_lines(verdict.text)))


def _filled(line: str) -> bool:
    return bool(line.strip())


def step_told(now: Tries, error: FastApplyError, then: Tries) -> str:
    """Say why there is another try, in a sentence or two."""
    if not isinstance(error, RewriteRejected):
        return f"{error} {then.backend.name} was asked instead."
    what = refusal_told(now, error.faults)
    if then.refused:
        return f"{what}; it was asked again."
    return f"{what}; the merge, which is certain, was taken instead."


def refusal_told(now: Tries, reasons: Sequence[str]) -> str:
    """Say that the rewrite of a try was refused, and why; the sentence goes on."""
    which = "second rewrite" if now.refused else "rewrite"
    return f"The {which} by {now.backend.name} was refused ({'; '.join(reasons)})"
