"""Who is asked next: the whole table."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from fastapply_lsp.apply.tries import Tries, refusal_told, step_told
from fastapply_lsp.backends.embedded import EmbeddedBackend
from fastapply_lsp.backends.model import Backend
from fastapply_lsp.backends.scripted import ScriptedBackend, whole
from fastapply_lsp.errors import (
    EditorRefused,
    FastApplyError,
    NotPlaced,
    RewriteRejected,
    StreamBroken,
)
from fastapply_lsp.guard.model import Change, Fault, FaultKind, Verdict
from fastapply_lsp.session.events import Refusal
from fastapply_lsp.text.replacement import Replacement

MODEL = ScriptedBackend(whole(""), name="model")
OTHER = ScriptedBackend(whole(""), name="other")
MERGE = EmbeddedBackend()

REFUSED = RewriteRejected(("line 5: prose",))
BROKEN = StreamBroken("x", 3)
CHANGE = Change(Replacement(0, 1, ("x\n",)))


def course(
    chain: Sequence[Backend], errors: Sequence[FastApplyError], *, certain: bool
) -> list[str]:
    """Return who is asked in turn, where the tries end with these errors; ``*`` is asked again."""
    tries: Tries | None = Tries(tuple(chain), MERGE if certain else None)
    asked: list[str] = []
    for error in (*errors, None):
        if tries is None:
            break
        asked.append(tries.backend.name + ("*" if tries.refused else ""))
        tries = tries.after(error)
    return asked


@pytest.mark.parametrize("certain", [True, False])
@pytest.mark.parametrize(
    ("chain", "errors", "sure", "unsure"),
    [
        ([MODEL], [], [], []),
        ([MODEL], [REFUSED], ["model*"], ["model*"]),
        ([MODEL], [REFUSED, REFUSED], ["model*", "embedded"], ["model*"]),
        ([MODEL], [REFUSED, REFUSED, REFUSED], ["model*", "embedded"], ["model*"]),
        ([MODEL], [REFUSED, BROKEN], ["model*", "embedded"], ["model*"]),
        ([MODEL], [BROKEN], [], []),
        ([MODEL, OTHER], [BROKEN, REFUSED], ["other", "other*"], ["other", "other*"]),
        ([MODEL, OTHER], [REFUSED, BROKEN, BROKEN], ["model*", "other"], ["model*", "other"]),
        ([MODEL, MERGE], [BROKEN, REFUSED], ["embedded"], ["embedded"]),
        ([MODEL, MERGE], [REFUSED, BROKEN], ["model*", "embedded"], ["model*", "embedded"]),
        ([MODEL, MERGE], [REFUSED, REFUSED], ["model*", "embedded"], ["model*"]),
        ([MERGE], [REFUSED], [], []),
        ([MODEL], [NotPlaced(("nowhere",))], [], []),
        ([MODEL, OTHER], [EditorRefused(3, None)], [], []),
    ],
    ids=lambda value: str(value)[:40],
)
def test_the_order_of_the_tries(
    chain: list[Backend],
    errors: list[FastApplyError],
    sure: list[str],
    unsure: list[str],
    certain: bool,  # noqa: FBT001  a column of the table
) -> None:
    expected = sure if certain else unsure
    assert course(chain, errors, certain=certain) == [chain[0].name, *expected]


def refused(kind: FaultKind = FaultKind.TRUNCATED, *changes: Change) -> Verdict:
    return Verdict("", changes, (), (Fault(kind, "it is wrong", None, fatal=True),))


@pytest.mark.parametrize(
    ("tries", "verdict", "follows"),
    [
        (Tries((MODEL,)), refused(FaultKind.PROSE, CHANGE), Refusal.RESTORE),
        (Tries((MODEL,), None, ("prose",)), refused(FaultKind.PROSE, CHANGE), Refusal.LEAVE),
        (Tries((MODEL,), MERGE, ("prose",)), refused(FaultKind.PROSE, CHANGE), Refusal.RESTORE),
        (Tries((MERGE,)), refused(FaultKind.SYNTAX, CHANGE), Refusal.LEAVE),
        (Tries((MERGE,)), refused(FaultKind.UNDONE), Refusal.RESTORE),
        (Tries((MODEL,), None, ("prose",)), refused(FaultKind.EMPTY, CHANGE), Refusal.RESTORE),
    ],
)
def test_what_a_refusal_leads_to(tries: Tries, verdict: Verdict, follows: Refusal) -> None:
    assert tries.leads_to(verdict) is follows


def test_the_second_try_hears_what_was_wrong_with_the_first() -> None:
    again = Tries((MODEL,)).after(REFUSED)
    assert again is not None
    assert again.refused == ("line 5: prose",)


def test_each_step_is_told_in_a_sentence() -> None:
    first = Tries((MODEL,), MERGE)
    second = first.after(REFUSED)
    assert second is not None
    last = second.after(REFUSED)
    assert last is not None
    assert step_told(first, REFUSED, second) == (
        "The rewrite by model was refused (line 5: prose); it was asked again."
    )
    assert step_told(second, REFUSED, last) == (
        "The second rewrite by model was refused (line 5: prose);"
        " the merge, which is certain, was taken instead."
    )
    assert step_told(second, BROKEN, last).endswith("embedded was asked instead.")
    assert refusal_told(last, ("a", "b")) == "The rewrite by embedded was refused (a; b)"
