"""Of the lines that differ in one place: which were lost, which added, which are others now?"""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

from fastapply_lsp.guard.parts import Part, PartKind
from fastapply_lsp.guard.similar import Budget, bare, likeness, similar_pairs, words
from fastapply_lsp.text.lines import has_line_end
from fastapply_lsp.text.replacement import Span

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from fastapply_lsp.guard.hunks import Hunk

_SAME_WORDS = 0.5
"""Lines of which so many words stand in new lines beside them were rewritten, not lost."""

_CLOSE = 0.6
"""A line so like another is that one with a word changed."""
_FEW_EACH = 2
"""So many lines may well have become one."""


def parts_in(hunk: Hunk, budget: Budget) -> list[Part]:
    """Return the parts of a hunk, by its own lines alone; of the licence they say nothing yet."""
    return _rewritten(hunk, _raw(hunk, budget))


def _raw(hunk: Hunk, budget: Budget) -> list[Part]:
    guide, rewrite, old, new = hunk.guide, hunk.rewrite, hunk.old, hunk.new
    whole = _between(hunk, old, new)
    if not len(old) or not len(new) or whole[0].kind is PartKind.SPACE:
        return _by_line(hunk, whole[0])
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


def _by_line(hunk: Hunk, part: Part) -> list[Part]:
    """Return the part line by line where it can be: each of them may be licensed or not."""
    pairs = list(zip(_numbers(part.guide), _numbers(part.rewrite), strict=False))
    same = all(bare(hunk.guide[one]) == bare(hunk.rewrite[two]) for one, two in pairs)
    if len(part.guide) != len(part.rewrite) or not same:
        return [part]
    return [
        replace(part, guide=Span(one, one + 1), rewrite=Span(two, two + 1))
        for one, two in pairs
        if hunk.guide[one] != hunk.rewrite[two]
    ]


def _numbers(span: Span) -> range:
    return range(span.start, span.end)


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
