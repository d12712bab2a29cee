"""What may a snippet have left out by habit, and how is the file with it?

Chats show the functions that they change and nothing between them, or of a table the one key that
changes. Where much would vanish so, and a reason says that it may not be meant, it is kept.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from fastapply_lsp.merge.pairs import BLOCKS
from fastapply_lsp.text.align import diff_lines

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from fastapply_lsp.merge.page import Change, Page
    from fastapply_lsp.merge.removal import Removal
    from fastapply_lsp.syntax.definitions import Definition
    from fastapply_lsp.text.replacement import Replacement

_SEVERAL = 2
"""Definitions that nobody takes away at once without a word."""
_MANY_TIMES, _BULK = 3, 8
"""Lines that nobody takes away without a word: so many times the new ones, and some more."""
_NAME = re.compile(r"\w+")
_ENTRIES = frozenset({"table", "key"})


def keeping(
    page: Page, changes: Sequence[Change], ours: Sequence[Definition], asked: Removal
) -> tuple[Change, ...]:
    """Return the changes without those deletions that are likely to be left out by habit.

    The same changes where there are none.
    """
    text = "\n".join(line for change in changes for line in change.texts)
    known = frozenset(_NAME.findall(text))
    return tuple(_kept(page, change, ours, asked, known) for change in changes)


def _kept(
    page: Page,
    change: Change,
    ours: Sequence[Definition],
    asked: Removal,
    known: frozenset[str],
) -> Change:
    if change.kept is not None:
        return replace(change, texts=change.kept, kept=None)
    if change.whole or change.start == change.end:
        return change
    texts: list[str] = []
    at = change.start
    old = page.texts[change.start : change.end]
    for part in diff_lines(old, change.texts):
        start, end = change.start + part.start, change.start + part.end
        texts += page.texts[at:start]
        fewer = end - start > len(part.lines)
        within = _within(ours, start, end) if fewer else ()
        gone = [one for one in within if not _meant(one, asked, known)]
        if _by_habit(page.texts[start:end], part, gone):
            texts += _with(page.texts, start, part, gone)
        else:
            texts += part.lines
        at = end
    texts += page.texts[at : change.end]
    return replace(change, texts=tuple(texts))


def _within(ones: Sequence[Definition], start: int, end: int) -> Iterator[Definition]:
    """Yield the definitions that lie between two lines, outermost ones only."""
    for one in ones:
        if start <= one.span.start and one.span.end <= end:
            if one.kind in BLOCKS or one.kind in _ENTRIES:
                yield one
        elif one.span.start < end and start < one.span.end:
            yield from _within(one.children, start, end)


def _meant(one: Definition, asked: Removal, known: frozenset[str]) -> bool:
    """Whether a definition is to go, or stands in the new lines."""
    words = _NAME.findall(one.name)
    return asked.names(one.name) or (bool(words) and words[-1] in known)


def _by_habit(old: Sequence[str], part: Replacement, gone: Sequence[Definition]) -> bool:
    lost = sum(bool(text.strip()) for text in old)
    new = sum(bool(text.strip()) for text in part.lines)
    if not gone or lost <= new:
        return False
    return (
        len(gone) >= _SEVERAL
        or lost > _MANY_TIMES * new + _BULK
        or any(one.kind in _ENTRIES for one in gone)
    )


def _with(
    texts: Sequence[str], start: int, part: Replacement, gone: Sequence[Definition]
) -> Sequence[str]:
    """Return a stretch with the definitions that would go, and with the new lines.

    Those take the place of the lines that they resemble: above the definitions, else below them.
    """
    end = start + part.end - part.start
    first, last = min(one.leading for one in gone), max(one.span.end for one in gone)
    above, held, below = texts[start:first], texts[first:last], texts[last:end]
    new = {text.strip() for text in part.lines if text.strip()}
    if new <= {text.strip() for text in (*above, *below)}:
        return texts[start:end]
    if any(text.strip() for text in below):
        return (*above, *held, *_blanks(below), *part.lines)
    if any(text.strip() for text in above):
        return (*part.lines, *held, *below)
    return (*part.lines, *above, *held, *below)


def _blanks(texts: Sequence[str]) -> list[str]:
    """Return the blank lines at the start."""
    end = next((at for at, text in enumerate(texts) if text.strip()), len(texts))
    return list(texts[:end])
