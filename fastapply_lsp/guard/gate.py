"""May this replacement leave while the rewrite still streams? If in doubt it waits.

What the gate holds is not refused: the verdict on the whole rewrite decides. So the gate may be
strict where an early edit would be hard to look at: outside the licensed regions, with a marker in
it, or with much code gone that a later line may yet bring back.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from fastapply_lsp.guard.leaks import marker_text, markers_by_text
from fastapply_lsp.guard.licence import licence_of, spans_of
from fastapply_lsp.syntax.markers import Certainty, MarkerKind, markers_in

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fastapply_lsp.merge.model import Region
    from fastapply_lsp.syntax.languages import Language
    from fastapply_lsp.text.replacement import Replacement

MOST_LINES_REMOVED = 40
"""Net lines that one replacement may remove before the verdict, where the region that licenses it
is much wider: about a screenful, so that no reader sees more vanish than fits before their eyes."""
_MUCH_WIDER = 2


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
        self._licence = licence_of(original, spans_of(regions, len(original)))

    def admit(self, replacement: Replacement) -> Admitted | Held:
        """Decide on one replacement; the decision depends on nothing that came before."""
        licensed = self._licence.covering(replacement)
        if licensed is None:
            lines = f"lines {replacement.start + 1} to {replacement.end}"
            return Held(f"it changes what was not asked: {lines}")
        if (marker := self._leaked(replacement)) is not None:
            return Held(f"it holds a marker: {marker}")
        removed = len(replacement.span) - len(replacement.lines)
        if removed > MOST_LINES_REMOVED and len(licensed) > _MUCH_WIDER * len(replacement.span):
            return Held(f"it removes {removed:,} lines")
        return Admitted()

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
