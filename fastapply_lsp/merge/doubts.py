"""Which signs are there that a placement, though found, is not what was meant?"""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

from fastapply_lsp.merge.lines import block_ends, open_brackets
from fastapply_lsp.merge.pairs import BLOCKS
from fastapply_lsp.merge.telling import run_of_lines
from fastapply_lsp.syntax.markers import inline_markers

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from fastapply_lsp.merge.model import Merge
    from fastapply_lsp.merge.page import Change, Page
    from fastapply_lsp.merge.removal import Removal
    from fastapply_lsp.syntax.definitions import Definition
    from fastapply_lsp.syntax.languages import Language

_LONG = 6
"""Characters from which a line is unlikely to stand twice by chance."""


_BLOCK = 3
"""Lines from which any definition is missed when it goes."""
_MANY_TIMES, _BULK = 3, 8
"""Lines that go together, of which a model may have lost sight."""
_NAME = re.compile(r"\w+")
_ENDS = frozenset({"end", "fi", "done", "esac"})
_DIRECTIVE = re.compile(r"\s*#\s*(if|ifdef|ifndef|endif)\b")


def doubts(
    page: Page, changes: Sequence[Change], language: Language | None, *, to_end: bool
) -> Iterator[str]:
    """Yield the reasons for which the changes are not certain.

    ``to_end`` says that the snippet has no marker at its end.
    """
    if moved(page, changes):
        yield "lines that are added stand elsewhere in the file and stay there"
    if any(inline_markers(text) for change in changes for text in change.texts if "..." in text):
        yield "a marker inside a line stands for code"
    comments = language.line_comments if language else ()
    if "#" not in comments and any(_unbalanced(change) for change in changes):
        yield "the new lines close a preprocessor branch that they do not open"
    if _bracketed(page, changes) or _ended(page, changes):
        yield "the file's brackets would not close as they did"
    if to_end and _trailing_blank(page, changes):
        yield "the snippet ends the file without its last blank lines"


def bulk_lost(page: Page, merged: Merge, asked: Removal) -> Iterator[str]:
    """Yield a reason for each long stretch that a whole file lacks, and has next to nothing for."""
    for part in merged.replacements:
        lost = [text for text in page.texts[part.start : part.end] if text.strip()]
        new = sum(bool(line.strip()) for line in part.lines)
        if len(lost) > _MANY_TIMES * new + _BULK and not asked.speaks_of(lost):
            yield f"the new file lacks lines {run_of_lines(part.start, part.end)}"


def vanished(
    changes: Sequence[Change],
    ours: Sequence[Definition],
    asked: Removal,
) -> Iterator[str]:
    """Yield a reason for each definition whose name is gone from the lines that replace it."""
    for change in changes:
        if change.whole or change.start == change.end:
            continue
        text = "\n".join(change.texts)
        yield from _gone(ours, change, text, asked)


def _gone(ones: Sequence[Definition], change: Change, text: str, asked: Removal) -> Iterator[str]:
    for one in ones:
        if one.span.end <= change.start or one.span.start >= change.end:
            continue
        words = _NAME.findall(one.name)
        missed = one.kind in BLOCKS or len(one.span) >= _BLOCK
        if missed and change.start <= one.span.start and words and words[-1] not in text:
            if not asked.names(one.name):
                yield f"{one.name} vanishes"
            if one.span.end <= change.end:
                continue  # what it holds goes with it
        yield from _gone(one.children, change, text, asked)


def moved(page: Page, changes: Sequence[Change]) -> frozenset[str]:
    """Return the lines that a change adds though they stand once in the file, and stay there.

    Only where most long lines of the change are such.
    """
    gone = Counter(
        text.strip() for change in changes for text in page.texts[change.start : change.end]
    )
    added: list[set[str]] = []
    for change in changes:
        old = {text.strip() for text in page.texts[change.start : change.end]}
        added.append({key for text in change.texts if len(key := text.strip()) >= _LONG} - old)
    wanted = set().union(*added)
    if not wanted:
        return frozenset()
    counts = Counter(key for text in page.texts if (key := text.strip()) in wanted)
    found: set[str] = set()
    for new in added:
        here = {key for key in new if counts[key] == 1 and not gone[key]}
        if len(here) * 2 >= len(new):
            found |= here
    return frozenset(found)


def _unbalanced(change: Change) -> bool:
    depth = 0
    for text in change.texts:
        if found := _DIRECTIVE.match(text):
            depth += -1 if found[1] == "endif" else 1
            if depth < 0:
                return True
    return depth != 0


def _bracketed(page: Page, changes: Sequence[Change]) -> bool:
    """Whether the changes together open more brackets than before, or close more.

    That code is left whole is what most edits have in common: a bracket too many was taken for
    another one.
    """
    opened = 0
    for change in changes:
        opened += open_brackets("".join(change.texts))
        opened -= open_brackets("".join(page.texts[change.start : change.end]))
    return opened != 0


def _ended(page: Page, changes: Sequence[Change]) -> bool:
    """Whether the changes together put in more lines that only end a block than they open."""
    ended = 0
    for change in changes:
        ended += _unopened(change.texts) - _unopened(page.texts[change.start : change.end])
    return ended != 0


def _unopened(texts: Sequence[str]) -> int:
    """Count lines like ``end`` that close no block of these lines."""
    if not any(text.strip() in _ENDS for text in texts):
        return 0
    closed = set(block_ends(texts).values())
    return sum(text.strip() in _ENDS and at not in closed for at, text in enumerate(texts))


def _trailing_blank(page: Page, changes: Sequence[Change]) -> bool:
    return (
        bool(page.texts)
        and not page.texts[-1].strip()
        and all(change.end < len(page) for change in changes)
    )
