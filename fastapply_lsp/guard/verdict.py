"""Is the finished rewrite what was asked, and nothing else? First the repairs, then the checks.

Each check is a module with one function ``check(context) -> tuple[Fault, ...]``, each repair one
with ``mend(context) -> Mended | None``; the two lists here are the only place that knows them all.

**Invariant:** a check is precise before it is complete. A rewrite that is right has no fatal fault,
whatever the file is about; what a check cannot know, it leaves to the others and to the review.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapply_lsp.guard import (
    broken,
    doubles,
    drift,
    empty,
    ends,
    grammar,
    indents,
    leaks,
    loops,
    markers,
    names,
    preserve,
    prose,
    remains,
    repetition,
    truncation,
    undone,
    unmet,
    words,
)
from fastapply_lsp.guard.context import Context
from fastapply_lsp.guard.model import Verdict
from fastapply_lsp.guard.unrequested import changes_of
from fastapply_lsp.text.align import diff_lines
from fastapply_lsp.text.lines import split_lines
from fastapply_lsp.text.series import compose, tightened

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fastapply_lsp.guard.context import Check, Mender
    from fastapply_lsp.guard.model import Repair
    from fastapply_lsp.merge.model import Merge
    from fastapply_lsp.syntax.languages import Language
    from fastapply_lsp.text.replacement import Replacement

MENDERS: tuple[Mender, ...] = (
    ends.mend_lines,
    words.mend,
    loops.mend,
    doubles.mend,
    truncation.mend,
    ends.mend,
    markers.mend,
    indents.mend,
    undone.mend,
    preserve.mend,
    broken.mend,
)
"""In the order in which they work, each on what the one before it left."""

_ROUNDS_MAX = 3
"""With one thing repaired, the next may be seen; what no round settles stays a fault."""

CHECKS: tuple[Check, ...] = (
    empty.check,
    leaks.check,
    prose.check,
    truncation.check,
    repetition.check,
    names.check,
    unmet.check,
    drift.check,
    grammar.check,
)


def verdict(  # noqa: PLR0913 - all are named but the two texts
    original: str,
    rewrite: str,
    *,
    merge: Merge | None,
    language: Language | None,
    replacements: Sequence[Replacement] | None = None,
    stripped: str = "",
    edit: str = "",
) -> Verdict:
    r"""Repair a rewrite, and return what it then is and which faults it still has.

    A rewrite that equals the original can only be one that does nothing. One that equals a certain
    prediction is what was asked for; should that break the syntax (a diff that was cut off in the
    middle of a line, say), it is told as a doubt and stops nothing.

    Args:
        original: the file.
        rewrite: what became of it.
        merge: what was asked, as placed; ``None`` where nothing is known of that.
        language: the file's.
        replacements: the series that makes the rewrite of the original, as it was streamed; the
            verdict's changes keep to it wherever nothing was repaired. A diff if not given.
        stripped: what unwrapping took off around the file.
        edit: the code_edit's text, for what it shows itself; empty where it is not known.

    >>> verdict("a\nb\n", "a\n# ... existing code ...\n", merge=None, language=None).reasons
    ('line 2 stands for code that is missing: `# ... existing code ...`',)
    """
    given = Context(original, rewrite, merge, language, stripped, edit)
    context, repairs = _mended(given)
    nothing_remains = remains.is_nothing(given, context)
    if nothing_remains:
        context, repairs = given, ()
    if context.is_asked:
        checks: tuple[Check, ...] = (grammar.doubts,)
    elif context.rewrite == original:
        checks = (undone.check,)
    else:
        checks = CHECKS
    if checks is not CHECKS and stripped.strip():
        checks = (prose.check, *checks)
    faults = tuple(fault for check in checks for fault in check(context))
    if nothing_remains and not any(fault.fatal for fault in faults):
        faults = (*faults, remains.refusal())
    return Verdict(
        text=context.rewrite,
        changes=changes_of(context, _series(context, rewrite, replacements)),
        repairs=repairs,
        faults=faults,
    )


def _mended(context: Context) -> tuple[Context, tuple[Repair, ...]]:
    repairs: list[Repair] = []
    idle = 0  # menders in a row that had nothing to do with this very text
    for mend in MENDERS * _ROUNDS_MAX:
        if idle == len(MENDERS) or context.is_asked:
            break
        idle += 1
        if (mended := mend(context)) is not None:
            context = context.rewritten(mended.lines)
            repairs += mended.repairs
            idle = 0
    return context, tuple(repairs)


def _series(
    context: Context, rewrite: str, streamed: Sequence[Replacement] | None
) -> Sequence[Replacement]:
    """Return what makes the judged text of the original; what was streamed stays as it was."""
    if streamed is None:
        return diff_lines(context.original_lines, context.rewrite_lines)
    if context.rewrite == rewrite:
        return streamed
    repaired = diff_lines(split_lines(rewrite), context.rewrite_lines)
    return tightened(context.original_lines, compose(context.original_lines, streamed, repaired))
