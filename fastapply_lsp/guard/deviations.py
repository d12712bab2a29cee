"""Where the rewrite is not the guide, what is it: a loss, an addition, white space, a change?

A diff says which lines differ; a *part* says what happened to them. One hunk of a diff often holds
several things, a renamed line beside ten lost ones, and only some of them are faults.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from fastapply_lsp.guard.hunks import hunks_of
from fastapply_lsp.guard.one_hunk import parts_in
from fastapply_lsp.guard.parts import Part, PartKind
from fastapply_lsp.guard.similar import Budget, bare, words
from fastapply_lsp.text.align import diff_lines
from fastapply_lsp.text.lines import has_line_end, without_line_end
from fastapply_lsp.text.replacement import Span

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from fastapply_lsp.guard.licence import Licence
    from fastapply_lsp.text.replacement import Replacement

__all__ = ["Part", "PartKind", "parts_of"]

_SAME_LINES = 0.5
"""Lines of which so many stand elsewhere were moved."""


def parts_of(
    guide: Sequence[str],
    rewrite: Sequence[str],
    series: Sequence[Replacement],
    licence: Licence,
    brought: Iterable[str] = (),
) -> tuple[Part, ...]:
    """Take every deviation apart.

    Laws: sorted and disjoint on both sides; replacing each part's guide lines by its lines of the
    rewrite makes the rewrite of the guide, but for the end of a line that only one of them ends
    with, and so without (``Context.rewritten`` sees to it); no part lies across a boundary of the licence, except
    one that is ``CHANGED``, which is licensed if all of it is.

    Args:
        guide: The guide's lines.
        rewrite: The rewrite's lines.
        series: The replacements that make the rewrite of the guide.
        licence: What may change, in the guide's lines.
        brought: Lines that the edit may bring from another place of the file, where it is not
            sure: lost there, they are moved.
    """
    by_line = _placed(guide, rewrite, series, licence, brought)
    if any(part.kind is PartKind.SPACE for part in by_line) and _meet(guide, rewrite, by_line):
        # A drifted line may by chance be equal to another one, and is taken for that.
        bare_series = diff_lines([bare(line) for line in guide], [bare(line) for line in rewrite])
        by_content = _placed(guide, rewrite, bare_series, licence, brought)
        if _strangers(by_content) < _strangers(by_line):
            return by_content
    return by_line


def _meet(guide: Sequence[str], rewrite: Sequence[str], parts: Sequence[Part]) -> bool:
    """Whether a line that is only in the guide says what one says that is only in the rewrite."""
    apart = [part for part in parts if part.kind is not PartKind.SPACE]
    gone = {bare(line) for part in apart for line in guide[part.guide.start : part.guide.end]}
    return any(
        bare(line) in gone
        for part in apart
        for line in rewrite[part.rewrite.start : part.rewrite.end]
    )


def _strangers(parts: Iterable[Part]) -> int:
    """Return how many lines are on one side only, whatever their white space."""
    return sum(
        len(part.guide) + len(part.rewrite) for part in parts if part.kind is not PartKind.SPACE
    )


def _placed(
    guide: Sequence[str],
    rewrite: Sequence[str],
    series: Sequence[Replacement],
    licence: Licence,
    brought: Iterable[str],
) -> tuple[Part, ...]:
    """Return the parts as one diff sees them; what it keeps may differ in white space."""
    parts: list[Part] = []
    budget = Budget()
    at_old = at_new = 0
    for hunk in hunks_of(guide, rewrite, series, licence):
        old, new = range(at_old, hunk.old.start), range(at_new, hunk.new.start)
        parts += _drifted(guide, rewrite, old, new, licence)
        at_old, at_new = hunk.old.end, hunk.new.end
        found = parts_in(hunk, budget)
        if hunk.licensed:
            parts += (replace(part, licensed=True) for part in found)
        else:
            parts += (piece for part in found for piece in _split(part, licence))
    old, new = range(at_old, len(guide)), range(at_new, len(rewrite))
    parts += _drifted(guide, rewrite, old, new, licence)
    parts = [part for part in parts if not _only_follows(guide, rewrite, part)]
    return tuple(_indented(guide, rewrite, _moved(guide, rewrite, parts, brought)))


def _only_follows(guide: Sequence[str], rewrite: Sequence[str], part: Part) -> bool:
    """Whether the part is a line end that is there, or not, since lines follow, or do not."""
    if len(part.guide) != 1 or len(part.rewrite) != 1:
        return False
    one, two = guide[part.guide.start], rewrite[part.rewrite.start]
    is_last = part.guide.end == len(guide)
    if is_last is (part.rewrite.end == len(rewrite)) or has_line_end(one if is_last else two):
        return False
    return without_line_end(one) == without_line_end(two)


def _drifted(
    guide: Sequence[str], rewrite: Sequence[str], old: range, new: range, licence: Licence
) -> Iterator[Part]:
    """Yield the lines that a diff keeps and that yet differ in white space."""
    for one, two in zip(old, new, strict=True):
        if guide[one] != rewrite[two]:
            span = Span(one, one + 1)
            yield Part(PartKind.SPACE, span, Span(two, two + 1), licence.holds(span))


def _split(part: Part, licence: Licence) -> Iterator[Part]:
    """Yield the part, cut where the licence begins and ends."""
    if part.kind is PartKind.CHANGED or len(part.guide) < 2:  # noqa: PLR2004 - nothing to cut
        yield replace(part, licensed=licence.holds(part.guide))
        return
    start = part.guide.start
    held = licence.holds(Span(start, start + 1))
    rewrite = part.rewrite
    for at in range(start + 1, part.guide.end + 1):
        if at == part.guide.end or licence.holds(Span(at, at + 1)) is not held:
            yield Part(part.kind, Span(start, at), rewrite, held)
            start, held, rewrite = at, not held, Span(rewrite.end, rewrite.end)


def _moved(
    guide: Sequence[str], rewrite: Sequence[str], parts: Sequence[Part], brought: Iterable[str]
) -> Iterator[Part]:
    """Tell lost lines from those that the rewrite has in another place."""
    new = {bare(line) for line in brought}
    for part in parts:
        if part.kind in {PartKind.ADDED, PartKind.CHANGED}:
            new.update(bare(line) for line in rewrite[part.rewrite.start : part.rewrite.end])
    for part in parts:
        if part.kind is PartKind.LOST and new:
            lines = [line for line in guide[part.guide.start : part.guide.end] if line.strip()]
            # Where a line has words, a bracket says nothing.
            telling = [line for line in lines if any(words(line))] or lines
            found = sum(bare(line) in new for line in telling)
            yield replace(
                part, kind=PartKind.MOVED if found >= _SAME_LINES * len(telling) else part.kind
            )
        else:
            yield part


def _indented(guide: Sequence[str], rewrite: Sequence[str], parts: Iterable[Part]) -> list[Part]:
    """Tell drifted lines from those that stand deeper since a new line was put above them.

    A model that wraps lines in a new ``with`` or ``if`` indents them. Undoing only that would break
    what it wrote.
    """
    parts = list(parts)
    kinds = {part.kind for part in parts}
    if PartKind.SPACE not in kinds or not kinds & {PartKind.ADDED, PartKind.CHANGED}:
        return parts
    by_line = {line: at for at, part in enumerate(parts) for line in _numbers(part.rewrite)}
    openers: list[int] = []
    for number in range(min(by_line, default=0), max(by_line, default=-1) + 1):
        depth = _depth(rewrite[number])
        if depth is None:
            continue
        while openers and depth <= openers[-1]:
            openers.pop()
        part = parts[by_line[number]] if number in by_line else None
        if part is None:
            continue
        if part.kind is PartKind.ADDED or (part.kind is PartKind.CHANGED and len(part.guide) != 1):
            openers.append(depth)
        elif part.kind is PartKind.SPACE and openers and len(part.guide):
            before = _depth(guide[part.guide.start])
            if before is not None and before < depth:
                parts[by_line[number]] = replace(part, kind=PartKind.CHANGED)
    return parts


def _numbers(span: Span) -> range:
    return range(span.start, span.end)


def _depth(line: str) -> int | None:
    """Return the width of the indentation; ``None`` for a blank line."""
    content = line.lstrip()
    return len(line) - len(content) if content else None
