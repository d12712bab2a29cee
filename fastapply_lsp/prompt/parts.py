"""What is asked of the model for one window: the call and the merge, as if it were a file."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import accumulate
from typing import TYPE_CHECKING

from fastapply_lsp.merge.model import Candidate, Region
from fastapply_lsp.prompt.budget import estimated_tokens
from fastapply_lsp.text.replacement import Replacement, Span, apply_replacements

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from fastapply_lsp.merge.model import Merge
    from fastapply_lsp.prompt.windows import Window
    from fastapply_lsp.request.model import EditFile

IN_PART = (
    "These are lines {start} to {end} of a file of {count} lines. Take them for the whole file:"
    " write just these lines, as they are after the edit. What of the edit belongs elsewhere is"
    " done elsewhere; leave it out."
)
"""Said beside the instructions where the model sees a window only."""


def call_in(call: EditFile, window: Window, count: int) -> EditFile:
    """Return the call with a word that only a window of a file of ``count`` lines is shown."""
    note = IN_PART.format(start=window.span.start + 1, end=window.span.end, count=count)
    return replace(call, instructions=f"{call.instructions.strip()} {note}".strip())


def merge_in(merge: Merge, lines: Sequence[str], window: Window) -> Merge:
    """Return the merge of the window's lines: what it says of them, counted from their first.

    Law: the windows' predictions, spliced into the file, are the merge's prediction.
    """
    shown = lines[window.span.start : window.span.end]
    first = window.span.start

    def inside(replacements: Iterable[Replacement]) -> tuple[Replacement, ...]:
        return tuple(
            Replacement(one.start - first, one.end - first, one.lines)
            for one in replacements
            if any(region.span.covers(one.span) for region in window.regions)
        )

    def candidate(one: Candidate) -> Candidate:
        here = inside(one.replacements)
        return Candidate(here, "".join(apply_replacements(shown, here)), one.why)

    replacements = inside(merge.replacements)
    return replace(
        merge,
        predicted="".join(apply_replacements(shown, replacements)),
        replacements=replacements,
        regions=tuple(
            Region(Span(one.span.start - first, one.span.end - first), one.why)
            for one in window.regions
        ),
        candidates=tuple(candidate(one) for one in merge.candidates),
    )


@dataclass(frozen=True, slots=True)
class Scale:
    """How many tokens the lines of a file have, about, before and after the edit.

    ``shown`` counts from the file's first line to each line; ``growth`` is what each replacement
    adds to the lines that it replaces.
    """

    shown: tuple[int, ...]
    growth: tuple[tuple[Span, int], ...]

    @classmethod
    def of(cls, lines: Sequence[str], merge: Merge) -> Scale:
        """Measure a file and what the merge makes of it."""
        each = [estimated_tokens(line) for line in lines]
        growth = [
            (one.span, sum(map(estimated_tokens, one.lines)) - sum(each[one.start : one.end]))
            for one in merge.replacements
        ]
        return cls(tuple(accumulate(each, initial=0)), tuple(growth))

    def before(self, span: Span) -> int:
        """Tokens of these lines as they are; at least as many as their joined text has."""
        return self.shown[span.end] - self.shown[span.start]

    def after(self, span: Span) -> int:
        """Tokens of what becomes of them."""
        return self.before(span) + sum(more for one, more in self.growth if span.covers(one))
