"""What does a backend make of each case? One apply per case, through the one conductor."""

from __future__ import annotations

import logging
import time
from typing import TYPE_CHECKING

from fastapply_lsp.apply.conductor import Apply, Ports
from fastapply_lsp.apply.model import Order
from fastapply_lsp.apply.model_editor import ModelEditor
from fastapply_lsp.apply.ports import Unwatched, WallClock
from fastapply_lsp.errors import BackendUnreachable, InternalFault, SettingsError
from fastapply_lsp.evaluation.model import Score
from fastapply_lsp.request.dialogue import dialogue_for
from fastapply_lsp.request.model import EditFile
from fastapply_lsp.session.events import Outcome

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from fastapply_lsp.apply.model import Result
    from fastapply_lsp.apply.ports import Chooser
    from fastapply_lsp.evaluation.cases import Case
    from fastapply_lsp.files.journal_records import Record

_log = logging.getLogger(__name__)


_ANY = "auto"
"""The backend's name that leaves the choice to each edit."""


class Forgetful:
    """A journal for buffers that nobody will miss."""

    async def append(self, record: Record) -> None:
        """Forget the record."""


async def run_cases(
    cases: Iterable[Case],
    choose: Chooser,
    *,
    backend: str | None = None,
    done: Callable[[Score], None] = lambda _: None,
) -> tuple[Score, ...]:
    """Run the cases one after the other, so that their times are their own.

    ``backend`` names one of the chooser's; ``done`` is told each score as it comes.

    Raises:
        SettingsError: the settings do not know the backend, or cannot make it.
        BackendUnreachable: the very first case found nobody at the backend's address.
    """
    scores: list[Score] = []
    for case in cases:
        began = time.perf_counter()
        try:
            ran = await run_case(case, choose, backend=backend)
        except Exception as fault:  # noqa: BLE001 - see the next line
            # One case that finds a fault of ours must not cost the figures of all others.
            _log.exception("the case %s found a fault", case.id)
            score = _crashed(case, fault, 1000 * (time.perf_counter() - began))
        else:
            hopeless = SettingsError if scores else (SettingsError, BackendUnreachable)
            if isinstance(ran.error, hopeless):
                raise ran.error
            score = score_of(case, ran, asked=backend)
        scores.append(score)
        done(score)
    return tuple(scores)


async def run_case(case: Case, choose: Chooser, *, backend: str | None = None) -> Result:
    """Apply one case to a buffer of its own."""
    messages = dialogue_for(case.chat, case.code_edit) if case.chat else ()
    editor = ModelEditor(case.original)
    call = EditFile(case.path, case.instruction, case.code_edit, messages, backend)
    order = Order(case.id, call, f"case:{case.id}", case.path, case.original, version=0)
    apply = Apply(order, Ports(editor, Forgetful(), choose, WallClock()), Unwatched())
    editor.follow(apply)
    result = await apply.run()
    await apply.aclose()
    return result


def score_of(case: Case, result: Result, *, asked: str | None = None) -> Score:
    """Compare what became of a case with what should; ``asked`` is the backend that was named."""
    named = asked not in (None, _ANY)
    return Score(
        id=case.id,
        style=case.style,
        language=case.language,
        exact=result.outcome is Outcome.APPLIED and result.text == case.expected,
        certain=result.certain,
        reasons=result.reasons,
        ms=result.figures.wall_ms,
        error=None if result.error is None else str(result.error),
        left_out=case.left_out,
        passes=result.figures.passes,
        fell_back=named and result.backend not in ("", asked),
    )


def _crashed(case: Case, fault: Exception, ms: float) -> Score:
    return Score(
        id=case.id,
        style=case.style,
        language=case.language,
        exact=False,
        certain=False,
        reasons=(),
        ms=ms,
        error=str(InternalFault(type(fault).__name__)),
        left_out=case.left_out,
    )
