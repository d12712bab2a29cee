"""Is the finished rewrite what was asked, and nothing else? All checks, one after the other.

Each check is a module with one function ``check(context) -> tuple[Fault, ...]``; this list is the
only place that knows them all.

**Invariant:** a check is precise before it is complete. A rewrite that is right has no fatal fault,
whatever the file is about; what a check cannot know, it leaves to the others and to the review.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapply_lsp.guard import empty, grammar, leaks, prose, repetition, truncation
from fastapply_lsp.guard.model import Context, Verdict

if TYPE_CHECKING:
    from fastapply_lsp.guard.model import Check
    from fastapply_lsp.merge.model import Merge
    from fastapply_lsp.syntax.languages import Language

CHECKS: tuple[Check, ...] = (
    empty.check,
    leaks.check,
    prose.check,
    truncation.check,
    repetition.check,
    grammar.check,
)


def verdict(
    original: str,
    rewrite: str,
    *,
    merge: Merge | None,
    language: Language | None,
    stripped: str = "",
) -> Verdict:
    r"""Return the faults of a rewrite.

    A rewrite that equals the original has none by definition. One that equals a certain prediction
    is what was asked for; should that break the syntax (a diff that was cut off in the middle of a
    line, say), it is told as a doubt and stops nothing.

    >>> verdict("a\nb\n", "a\n# ... existing code ...\n", merge=None, language=None).reasons
    ('line 2 stands for code that is missing: # ... existing code ...',)
    """
    context = Context(original, rewrite, merge, language, stripped)
    if rewrite == original:
        checks: tuple[Check, ...] = ()
    elif context.certain is not None and rewrite == context.certain.predicted:
        checks = (grammar.doubts,)
    else:
        checks = CHECKS
    if checks is not CHECKS and stripped.strip():
        checks = (prose.check, *checks)
    return Verdict(tuple(fault for check in checks for fault in check(context)))
