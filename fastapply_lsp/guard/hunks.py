"""Which lines of the guide and the rewrite are looked at together? The hunks of a diff, or some."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from fastapply_lsp.guard.similar import words
from fastapply_lsp.text.replacement import Replacement, Span
from fastapply_lsp.text.series import written_spans

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fastapply_lsp.guard.licence import Licence

_KEPT_MAX = 4
"""Lines that say little between two hunks that may be one; more of them are a place of their own."""


@dataclass(frozen=True, slots=True)
class Hunk:
    """Lines ``old`` of ``guide`` became lines ``new`` of ``rewrite``."""

    guide: Sequence[str]
    rewrite: Sequence[str]
    old: Span
    new: Span
    licensed: bool

    def with_next(self, other: Hunk) -> Hunk:
        """Return both as one, with the kept lines between them."""
        old, new = Span(self.old.start, other.old.end), Span(self.new.start, other.new.end)
        licensed = self.licensed and other.licensed
        return replace(self, old=old, new=new, licensed=licensed)


def hunks_of(
    guide: Sequence[str], rewrite: Sequence[str], series: Sequence[Replacement], licence: Licence
) -> list[Hunk]:
    """Return the hunks of the diff, joined where what it keeps between them says little.

    A blank line, a bracket or a line that the file has twice, between a loss and an addition, is as
    well one that was put in anew. Hunks that only lose lines stay as they are: what is put back is
    the same.
    """
    hunks: list[Hunk] = []
    once = _once(guide) & _once(rewrite) if len(series) > 1 else frozenset()
    for each, written in zip(series, written_spans(series), strict=True):
        hunk = Hunk(guide, rewrite, each.span, written, licence.covering(each) is not None)
        last = hunks[-1] if hunks else None
        alike = last is not None and (
            # One that is licensed at another of its places would lose that.
            last.licensed is hunk.licensed or licence.holds((last if last.licensed else hunk).old)
        )
        if last is not None and alike and _near(guide, last, hunk, once):
            hunks[-1] = last.with_next(hunk)
        else:
            hunks.append(hunk)
    return hunks


def _once(lines: Sequence[str]) -> frozenset[str]:
    return frozenset(line for line, count in Counter(lines).items() if count == 1)


def _near(guide: Sequence[str], one: Hunk, two: Hunk, once: frozenset[str]) -> bool:
    kept = guide[one.old.end : two.old.start]
    if len(kept) > _KEPT_MAX or any(line in once and words(line) for line in kept):
        return False
    lost, added = len(one.old) + len(two.old), len(one.new) + len(two.new)
    return bool(lost and added)
