"""What do placed changes make of the file? From changes to the merge's answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from fastapply_lsp.merge.model import Candidate, Form, Merge, Region
from fastapply_lsp.merge.page import Change, Page, render
from fastapply_lsp.text.replacement import Span, apply_replacements

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


_CANDIDATES_MAX = 8
"""A reader chooses among a handful; more are noise."""


_NEAR = 3
"""Lines between two places that an unsure edit may be about: it may be about them, too."""


@dataclass(frozen=True, slots=True)
class Placement:
    """One way to put the whole edit into the file."""

    changes: tuple[Change, ...]
    why: str


def answer(
    page: Page,
    form: Form,
    placements: Sequence[Placement],
    reasons: Iterable[str],
    licences: Sequence[Region] = (),
) -> Merge:
    """Return the first placement as the prediction, the others beside it.

    ``licences`` are lines that may change, too, though no placement changes them.

    Laws: see ``Merge``.
    """
    original = "".join(page.lines)
    candidates: list[Candidate] = []
    changes: list[Change] = []
    for placement in placements[:_CANDIDATES_MAX]:
        replacements = render(page, placement.changes)
        predicted = "".join(apply_replacements(page.lines, replacements))
        changes += placement.changes
        if all(predicted != other.predicted for other in candidates):
            candidates.append(Candidate(replacements, predicted, placement.why))
    told = tuple(dict.fromkeys(reasons))
    if not candidates:
        return Merge(form, original, (), (), told or ("nothing of it was found",), ())
    best = candidates[0]
    regions = _regions(candidates, changes, licences, _NEAR if told and licences else 0)
    return Merge(form, best.predicted, best.replacements, regions, told, tuple(candidates))


def _regions(
    candidates: Iterable[Candidate],
    changes: Sequence[Change],
    licences: Sequence[Region],
    near: int,
) -> tuple[Region, ...]:
    """Join what all candidates replace, and what else may change, into disjoint regions.

    Those that hold lines and stand no more than ``near`` lines apart become one.
    """
    spans = {part.span for one in candidates for part in one.replacements}
    spans |= {one.span for one in licences}
    joined: list[Span] = []
    for span in sorted(spans):
        slack = near if joined and len(span) and len(joined[-1]) else 0
        if joined and span.start <= joined[-1].end + slack:
            last = joined.pop()
            joined.append(Span(last.start, max(last.end, span.end)))
        else:
            joined.append(span)
    return tuple(Region(span, _why(span, changes, licences)) for span in joined)


def _why(span: Span, changes: Sequence[Change], licences: Sequence[Region]) -> str:
    found = [one.why for one in licences if one.span.touches(span)]
    found += [change.why for change in changes if change.why and change.span.touches(span)]
    return next(iter(found), "the edit changes it")
