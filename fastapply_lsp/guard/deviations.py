"""Where the rewrite is not the guide, what is it: a loss, an addition, white space, a change?

A diff says which lines differ; a *part* says what happened to them. One hunk of a diff often holds
several things, a renamed line beside ten lost ones, and only some of them are faults.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import TYPE_CHECKING

from fastapply_lsp.guard.hunks import Hunk, hunks_of
from fastapply_lsp.guard.similar import Budget, bare, likeness, similar_pairs, words
from fastapply_lsp.text.lines import has_line_end
from fastapply_lsp.text.replacement import Replacement, Span

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from fastapply_lsp.guard.licence import Licence

_SAME_WORDS = 0.5
"""Lines of which so many words stand in new lines beside them were rewritten, not lost; and those
of which so many lines stand elsewhere were moved."""

_CLOSE = 0.6
"""A line so like another is that one with a word changed."""
_FEW_EACH = 2
"""So many lines may well have become one."""


class PartKind(StrEnum):
    """What happened to some lines of the guide."""

    LOST = "lost"  # the rewrite lacks them, and has nothing in their place
    ADDED = "added"  # the guide has nothing in their place
    SPACE = "white space"  # they differ in white space or blank lines, and nothing else
    CHANGED = "changed"  # they became others
    MOVED = "moved"  # they stand elsewhere


@dataclass(frozen=True, slots=True)
class Part:
    """Lines ``guide`` of the guide became lines ``rewrite`` of the rewrite."""

    kind: PartKind
    guide: Span
    rewrite: Span
    licensed: bool


def parts_of(
    guide: Sequence[str],
    rewrite: Sequence[str],
    series: Sequence[Replacement],
    licence: Licence,
    brought: Iterable[str] = (),
) -> tuple[Part, ...]:
    """Take every deviation apart.

    Laws: sorted and disjoint on both sides; replacing each part's guide lines by its lines of the
    rewrite makes the rewrite of the guide; no part lies across a boundary of the licence, except
    one that is ``CHANGED``, which is licensed if all of it is.

    Args:
        guide: The guide's lines.
        rewrite: The rewrite's lines.
        series: The replacements that make the rewrite of the guide.
        licence: What may change, in the guide's lines.
        brought: Lines that the edit may bring from another place of the file, where it is not
            sure: lost there, they are moved.
    """
    parts: list[Part] = []
    budget = Budget()
    for hunk in hunks_of(guide, rewrite, series, licence):
        found = _rewritten(hunk, _raw(hunk, budget))
        if hunk.licensed:
            parts += (replace(part, licensed=True) for part in found)
        else:
            parts += (piece for part in found for piece in _split(part, licence))
    return tuple(_indented(guide, rewrite, _moved(guide, rewrite, parts, brought)))


def _raw(hunk: Hunk, budget: Budget) -> list[Part]:
    """Return the parts of a hunk by its own lines alone."""
    guide, rewrite, old, new = hunk.guide, hunk.rewrite, hunk.old, hunk.new
    whole = _between(hunk, old, new)
    if not len(old) or not len(new) or whole[0].kind is PartKind.SPACE:
        return _by_line(whole[0])
    torn = _torn(hunk)
    parts: list[Part] = []
    at_old, at_new, end = old.start, new.start, new.end - torn
    for pair in similar_pairs(guide[old.start : old.end], rewrite[new.start : end], budget):
        one, two = old.start + pair.old, new.start + pair.new
        parts += _between(hunk, Span(at_old, one), Span(at_new, two))
        same = bare(guide[one]) == bare(rewrite[two])
        if guide[one] != rewrite[two]:
            kind = PartKind.SPACE if same else PartKind.CHANGED
            parts.append(Part(kind, Span(one, one + 1), Span(two, two + 1), licensed=False))
        at_old, at_new = one + 1, two + 1
    rest = _between(hunk, Span(at_old, old.end), Span(at_new, end))
    if torn and [part.kind for part in rest] == [PartKind.LOST]:
        rest = [replace(rest[0], rewrite=Span(at_new, new.end))]
    elif torn:
        rest = _between(hunk, Span(at_old, old.end), Span(at_new, new.end))
    return parts + rest


def _by_line(part: Part) -> list[Part]:
    """Return the part line by line where both sides have as many: each may be licensed or not."""
    old, new = part.guide, part.rewrite
    if len(old) != len(new):
        return [part]
    return [
        replace(part, guide=Span(one, one + 1), rewrite=Span(two, two + 1))
        for one, two in zip(_numbers(old), _numbers(new), strict=True)
    ]


def _torn(hunk: Hunk) -> int:
    """Return 1 where the rewrite's last line is the start of one that is lost, else 0."""
    if hunk.new.end < len(hunk.rewrite) or not len(hunk.new) or hunk.old.end < len(hunk.guide):
        return 0
    last = hunk.rewrite[-1]
    lost = hunk.guide[hunk.old.start : hunk.old.end]
    starts = any(len(line) > len(last) and line.startswith(last) for line in lost)
    return int(starts and not has_line_end(last) and last not in lost)


def _between(hunk: Hunk, old: Span, new: Span) -> list[Part]:
    """Return what happened between two pairs: one part, or none."""
    lost = "".join(bare(line) for line in hunk.guide[old.start : old.end])
    added = "".join(bare(line) for line in hunk.rewrite[new.start : new.end])
    if not len(old) and not len(new):
        return []
    if lost == added:
        kind = PartKind.SPACE
    elif not added:
        kind = PartKind.LOST
    else:
        kind = PartKind.CHANGED if len(old) else PartKind.ADDED
    return [Part(kind, old, new, licensed=False)]


def _rewritten(hunk: Hunk, parts: list[Part]) -> list[Part]:
    """Tell lost lines from those that became the new lines of the same hunk.

    Their words stand in those; or a few lines went beside one that is hardly the same any more.
    """
    kinds = {part.kind for part in parts}
    if PartKind.LOST not in kinds or not kinds & {PartKind.ADDED, PartKind.CHANGED}:
        return parts
    fresh: Counter[str] = Counter()
    for part in parts:
        if part.kind is not PartKind.LOST:
            fresh.update(_words(hunk.rewrite, part.rewrite))
            fresh.subtract(_words(hunk.guide, part.guide))
    fresh = +fresh
    remote = [part for part in parts if _is_remote(hunk, part)]
    result: list[Part] = []
    for part in parts:
        if part.kind is PartKind.LOST:
            old = Counter(_words(hunk.guide, part.guide))
            reused = old and (old & fresh).total() >= _SAME_WORDS * old.total()
            beside = sum(len(one.rewrite) for one in remote if one.guide.touches(part.guide))
            if reused or len(part.guide) <= _FEW_EACH * beside:
                part = replace(part, kind=PartKind.CHANGED)  # noqa: PLW2901 - the same part
        result.append(part)
    return result


def _is_remote(hunk: Hunk, part: Part) -> bool:
    """Whether the part is a line that is hardly the same any more, or lines for lines."""
    if part.kind is not PartKind.CHANGED:
        return False
    if len(part.guide) != 1 or len(part.rewrite) != 1:
        return True
    old, new = hunk.guide[part.guide.start], hunk.rewrite[part.rewrite.start]
    return likeness(old, new) < _CLOSE


def _words(lines: Sequence[str], span: Span) -> Iterator[str]:
    for line in lines[span.start : span.end]:
        yield from words(line)


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
                part, kind=PartKind.MOVED if found >= _SAME_WORDS * len(telling) else part.kind
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
