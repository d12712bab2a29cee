"""May this replacement leave while the rewrite still streams? If in doubt it waits.

What the gate holds is not refused: the verdict on the whole rewrite decides. So the gate may be
strict where an early edit would be hard to look at: outside the licensed regions, with a marker in
it, or with much code gone that a later line may yet bring back.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from fastapply_lsp.guard.leaks import marker_text, markers_by_text
from fastapply_lsp.syntax.markers import Certainty, MarkerKind, markers_in
from fastapply_lsp.text.replacement import Span

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from fastapply_lsp.merge.model import Region
    from fastapply_lsp.syntax.languages import Language
    from fastapply_lsp.text.replacement import Replacement

MOST_LINES_REMOVED = 40
"""Net lines that one replacement may remove before the verdict, where the region that licenses it
is much wider: about a screenful, so that no reader sees more vanish than fits before their eyes."""
_MUCH_WIDER = 2
_MOST_SLIDES = 200
"""Lines that a replacement is slid along equal ones; a longer run is no place that anyone means."""


@dataclass(frozen=True, slots=True)
class Admitted:
    """The replacement may leave now."""


@dataclass(frozen=True, slots=True)
class Held:
    """The replacement waits for the verdict, and why."""

    reason: str


class Gate:
    r"""The gate of one apply: what the original holds, and what the merge licenses to change.

    ``regions`` are the union over all candidates of an unsure merge; ``None`` licenses every line
    (no merge was made), an empty sequence none.

    >>> from fastapply_lsp.text.replacement import Replacement
    >>> gate = Gate(["a\n", "b\n"], None, None)
    >>> gate.admit(Replacement(0, 1, ("x\n",))), gate.admit(Replacement(0, 1, ("# ...\n",)))
    (Admitted(), Held(reason='it holds a marker: # ...'))
    """

    def __init__(
        self,
        original: Sequence[str],
        regions: Sequence[Region] | None,
        language: Language | None,
    ) -> None:
        self._original = original
        self._language = language
        self._own_markers = markers_by_text(original, language)
        self._licensed = (
            [Span(0, len(original))]
            if regions is None
            else _union([region.span for region in regions])
        )

    def admit(self, replacement: Replacement) -> Admitted | Held:
        """Decide on one replacement; the decision depends on nothing that came before."""
        covering = self._covering(replacement)
        if not covering:
            lines = f"lines {replacement.start + 1} to {replacement.end}"
            return Held(f"it changes what was not asked: {lines}")
        if (marker := self._leaked(replacement)) is not None:
            return Held(f"it holds a marker: {marker}")
        removed = len(replacement.span) - len(replacement.lines)
        widest = max(len(span) for span in covering)
        if removed > MOST_LINES_REMOVED and widest > _MUCH_WIDER * len(replacement.span):
            return Held(f"it removes {removed:,} lines")
        return Admitted()

    def _covering(self, replacement: Replacement) -> list[Span]:
        """Return the licensed spans that hold the replacement, or an equal one.

        Lines put in or taken out next to equal lines can be said to be at several places: an added
        ``}`` and blank line, before or after the one that is there. Each of them makes the same
        file, so one that is licensed is enough.
        """
        for span in _slides(self._original, replacement):
            if covering := [licensed for licensed in self._licensed if licensed.covers(span)]:
                return covering
        return []

    def _leaked(self, replacement: Replacement) -> str | None:
        for marker in markers_in(replacement.lines, self._language):
            text = marker_text(replacement.lines[marker.line], marker)
            if (
                marker.kind is MarkerKind.ELISION
                and marker.certainty >= Certainty.LIKELY
                and text not in self._own_markers
            ):
                return text
        return None


def _slides(original: Sequence[str], replacement: Replacement) -> Iterator[Span]:
    """Yield the spans of all replacements that make the same file, its own first."""
    span, lines = replacement.span, replacement.lines
    yield span
    if len(span) and lines:
        return
    moved = lines or tuple(original[span.start : span.end])
    if not moved:
        return
    for steps in range(1, _MOST_SLIDES + 1):
        at = span.end + steps - 1
        if at >= len(original) or original[at] != moved[(steps - 1) % len(moved)]:
            break
        yield Span(span.start + steps, span.end + steps)
    for steps in range(1, _MOST_SLIDES + 1):
        at = span.start - steps
        if at < 0 or original[at] != moved[-((steps - 1) % len(moved)) - 1]:
            break
        yield Span(span.start - steps, span.end - steps)


def _union(spans: Sequence[Span]) -> list[Span]:
    """Join spans that overlap or share a boundary: what lies across them is licensed, too."""
    joined: list[Span] = []
    for span in sorted(spans):
        if joined and joined[-1].touches(span):
            joined[-1] = Span(joined[-1].start, max(joined[-1].end, span.end))
        else:
            joined.append(span)
    return joined
