"""Which hunks did the block ask for, and how are the others told to people?

A hunk is *unrequested* where the guard found it outside what the block asked for, and *refused*
where a check found the rewrite wrong. Both wait for a person; nobody accepts them silently. All
others are *asked*, those included whose place is only a guess.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from fastapply_lsp.session.hunks import Hunk, Mark
from fastapply_lsp.syntax.faults import syntax_errors
from fastapply_lsp.syntax.languages import language_of
from fastapply_lsp.text.edits import Edits
from fastapply_lsp.text.lines import line_starts

if TYPE_CHECKING:
    from collections.abc import Iterable

TITLE_CHARACTERS = 80
MESSAGE_CHARACTERS = 140
"""How much of a reason goes into a title and into a message; the result has all of it."""

_SPACE = re.compile(r"\s+")


def asked(hunks: Iterable[Hunk]) -> tuple[Hunk, ...]:
    """Return the hunks that the block asked for and no check refused."""
    return tuple(hunk for hunk in hunks if hunk.mark not in (Mark.UNREQUESTED, Mark.REFUSED))


def unrequested(hunks: Iterable[Hunk]) -> tuple[Hunk, ...]:
    """Return the hunks that nobody asked for."""
    return tuple(hunk for hunk in hunks if hunk.mark is Mark.UNREQUESTED)


def refused(hunks: Iterable[Hunk]) -> tuple[Hunk, ...]:
    """Return the hunks of a rewrite that a check refused."""
    return tuple(hunk for hunk in hunks if hunk.mark is Mark.REFUSED)


def text_with(original: str, hunks: Iterable[Hunk]) -> str:
    """Return the original with these of its hunks."""
    return Edits.of(edit for hunk in hunks for edit in hunk.edits).apply(original)


def stands_alone(part: str, whole: str, original: str, path: str) -> bool:
    """Whether a rewrite can do without what was left out of it: it parses as the others do.

    A model that changes a statement may have put one half of it where nobody asked.

    Args:
        part: what ``text_with`` made of the hunks that were asked for.
        whole: the rewrite with all of its hunks.
        original: the file.
        path: names its language; where that has no grammar, everything stands alone.
    """
    language = language_of(path, original)
    errors = len(syntax_errors(part, language))
    return not errors or errors <= max(
        len(syntax_errors(whole, language)), len(syntax_errors(original, language))
    )


def reasons_of(hunks: Iterable[Hunk]) -> tuple[str, ...]:
    """Return why the hunks are marked, each reason once; a note may hold several."""
    reasons = (reason for hunk in hunks for reason in hunk.note.split("; "))
    return tuple(dict.fromkeys(reason for reason in reasons if reason))


def counted(hunks: Iterable[Hunk]) -> str:
    """Return how many they are: ``1 change``, ``2 changes``."""
    count = len(tuple(hunks))
    return "1 change" if count == 1 else f"{count} changes"


def lines_told(hunks: Iterable[Hunk], original: str) -> str:
    r"""Say where hunks stand in the original, in lines counted from 1.

    >>> from fastapply_lsp.session.hunks import HunkState
    >>> from fastapply_lsp.text.edits import Edit
    >>> one = Hunk(1, (Edit(2, 6, ""),), ("b\n", "c\n"), (), HunkState.PENDING)
    >>> two = Hunk(2, (Edit(6, 6, "x"),), (), ("x",), HunkState.PENDING)
    >>> lines_told([one, two], "a\nb\nc\nd\n")
    'lines 2 to 3 and 4'
    """
    lines = {start: number for number, start in enumerate(line_starts(original), 1)}
    spans: list[str] = []
    several = False
    for hunk in hunks:
        first = lines.get(hunk.start, len(lines))
        last = first + max(len(hunk.removed) - 1, 0)
        spans.append(str(first) if first == last else f"{first} to {last}")
        several = several or last > first
    spans = list(dict.fromkeys(spans))
    word = "lines" if several or len(spans) > 1 else "line"
    listed = " and ".join(filter(None, (", ".join(spans[:-1]), spans[-1]))) if spans else ""
    return f"{word} {listed}"


def short(reason: str, characters: int = TITLE_CHARACTERS) -> str:
    r"""Return a reason as it fits into a title: on one line, without its full stop, and not long.

    >>> short("nobody asked\nfor this.")
    'nobody asked for this'
    """
    told = _SPACE.sub(" ", reason).strip().rstrip(".")
    if len(told) <= characters:
        return told
    return told[: characters - 1].rsplit(" ", 1)[0].rstrip(",;:") + "…"
