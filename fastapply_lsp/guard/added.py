"""What has the rewrite that its guide has not, and where does it stand in the rewrite?"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING

from fastapply_lsp.text.replacement import Span
from fastapply_lsp.text.series import written_spans

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from fastapply_lsp.guard.context import Context

MOST_SLIDES = 200
"""Lines that an insertion is slid along equal ones; a longer run is no place that anyone means."""


@dataclass(frozen=True, slots=True)
class Deviation:
    """Lines ``guide`` of the guide are lines ``rewrite`` of the rewrite; either may be empty."""

    guide: Span
    rewrite: Span

    @property
    def is_added(self) -> bool:
        """Whether the guide loses nothing here."""
        return not len(self.guide)


def deviations_of(context: Context) -> tuple[Deviation, ...]:
    """Return the context's deviations with their places in the rewrite, in order.

    Law: the lines between two of them are equal in guide and rewrite.
    """
    series = context.deviations
    return tuple(
        Deviation(each.span, written)
        for each, written in zip(series, written_spans(series), strict=True)
    )


def slides(lines: Sequence[str], added: Span) -> Iterator[Span]:
    """Yield the spans of ``lines`` whose removal leaves the same lines, ``added`` first."""
    yield added
    for step in range(1, MOST_SLIDES):
        at = added.end + step - 1
        if at >= len(lines) or lines[added.start + step - 1] != lines[at]:
            break
        yield Span(added.start + step, added.end + step)
    for step in range(1, MOST_SLIDES):
        at = added.start - step
        if at < 0 or lines[at] != lines[added.end - step]:
            break
        yield Span(at, added.end - step)


def without(lines: Sequence[str], spans: Sequence[Span]) -> list[str]:
    """Return the lines that lie in none of the spans, which are sorted and disjoint."""
    bounds = [0, *(bound for span in spans for bound in (span.start, span.end)), len(lines)]
    return [line for start, end in [*pairwise(bounds)][::2] for line in lines[start:end]]


def keeps_all(context: Context, gone: Sequence[str]) -> bool:
    """Whether the rewrite without the lines ``gone`` still has all that the guide has of them.

    It counts lines without the white space around them; blank ones and mere brackets are left out.
    """
    taken = Counter(line.strip() for line in gone if any(map(str.isalnum, line)))
    known = {line for line in taken if line in context.asked_lines}
    if not known:
        return True
    here = Counter(filter(known.__contains__, map(str.strip, context.rewrite_lines)))
    wanted = Counter(filter(known.__contains__, map(str.strip, context.guide_lines)))
    return all(here[line] - taken[line] >= wanted[line] for line in known)
