"""Are lines that an edit puts in, and that the file has elsewhere, moved or copied?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapply_lsp.merge.lines import block_ends, trim_end, trim_start, weak, with_blanks
from fastapply_lsp.merge.page import Change, Page
from fastapply_lsp.text.align import diff_lines
from fastapply_lsp.text.replacement import Span

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from fastapply_lsp.syntax.definitions import Definition

_WHY = "it stands elsewhere now"


def moves(
    page: Page, keys: Sequence[str], changes: Sequence[Change], ours: Sequence[Definition]
) -> tuple[Change, ...]:
    """Return the deletions that make moves of copies: of a block that is put in, or of definitions.

    The old place is one that the changes leave alone; with it go the blank lines on one side.
    """
    gone = sorted((change.start, change.end) for change in changes)
    found: dict[Span, Change] = {}
    for added in _added(page, changes):
        filled = [text.strip() for text in added]
        whole = _only(keys, filled)
        if whole is not None and not _closed(page.texts[whole.start : whole.end]):
            whole = None
        runs = [whole] if whole else list(_definitions(keys, filled, ours))
        for run in runs:
            free = all(end <= run.start or run.end <= start for start, end in gone)
            if free and sum(not weak(keys[at]) for at in range(run.start, run.end)) > 1:
                wide = with_blanks(keys, run)
                found[wide] = Change(wide.start, wide.end, (), _WHY, whole=True)
    return _disjoint(found.values())


def _added(page: Page, changes: Sequence[Change]) -> Iterator[list[str]]:
    """Yield each stretch of lines that is put in, without blank lines around it."""
    for change in changes:
        for part in diff_lines(page.texts[change.start : change.end], change.texts):
            if lines := trim_start(trim_end(part.lines)):
                yield lines


def _only(keys: Sequence[str], wanted: Sequence[str]) -> Span | None:
    """Return where the lines stand, if they stand once."""
    first = next((at for at, key in enumerate(wanted) if not weak(key)), None)
    if first is None:
        return None
    places = [
        at - first
        for at, key in enumerate(keys)
        if key == wanted[first] and list(keys[at - first : at - first + len(wanted)]) == wanted
    ]
    return Span(places[0], places[0] + len(wanted)) if len(places) == 1 else None


def _closed(texts: Sequence[str]) -> bool:
    """Whether the lines are one block that its last line closes, as an element or a rule is."""
    return block_ends(texts).get(0) == len(texts) - 1


def _definitions(
    keys: Sequence[str], added: Sequence[str], ours: Sequence[Definition]
) -> Iterator[Span]:
    """Yield the definitions that are put in as they stand in the file."""
    text = "\n".join(added)
    for outer in ours:
        for one in outer.walk():
            body = list(keys[one.span.start : one.span.end])
            while body and not body[-1]:
                body.pop()
            if len(body) > 1 and body[0] in added and "\n".join(body) in text:
                yield Span(one.leading, one.span.start + len(body))
                break


def _disjoint(found: Iterable[Change]) -> tuple[Change, ...]:
    kept: list[Change] = []
    for change in sorted(found, key=lambda change: (change.start, -change.end)):
        if not kept or change.start >= kept[-1].end:
            kept.append(change)
    return tuple(kept)
