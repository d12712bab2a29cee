"""Did a marker get into the file? ``... existing code ...`` stands for code, it is none."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from fastapply_lsp.guard.model import Fault, FaultKind
from fastapply_lsp.guard.wording import quoted
from fastapply_lsp.syntax.markers import (
    Certainty,
    Marker,
    MarkerKind,
    inline_markers,
    is_marker,
    markers_in,
)
from fastapply_lsp.text.lines import split_lines
from fastapply_lsp.text.replacement import Span

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fastapply_lsp.guard.context import Context
    from fastapply_lsp.syntax.languages import Language


def check(context: Context) -> tuple[Fault, ...]:
    """No more markers of a wording than the original, or a certain prediction, had.

    Fatal are elision markers that are explicit, or that stand in a comment; a bare ``...`` in prose
    or data and a comment on what was removed may be meant, and are only told.
    """
    return tuple(_fault(context.rewrite_lines, marker) for marker in leaked_markers(context))


def leaked_markers(context: Context, among: Sequence[Span] | None = None) -> tuple[Marker, ...]:
    """Return the markers that the rewrite has, beyond those that are allowed, in order.

    Of several that say the same, those count as allowed that come first; but those outside of
    the lines ``among`` before all others.
    """
    if not _may_leak(context):
        return ()
    allowed = markers_by_text(context.original_lines, context.language)
    if context.certain is not None:
        predicted = split_lines(context.certain.predicted)
        for text, count in markers_by_text(predicted, context.language).items():
            allowed[text] = max(allowed.get(text, 0), count)
    lines = context.rewrite_lines
    found = [
        marker
        for marker in markers_in(lines, context.language)
        if marker.certainty >= Certainty.LIKELY
    ]
    if among is not None:
        inside = {line for span in among for line in range(span.start, span.end)}
        found.sort(key=lambda marker: marker.line in inside)
    leaked: list[Marker] = []
    for marker in found:
        text = marker_text(lines[marker.line], marker)
        allowed[text] = allowed.get(text, 0) - 1
        if allowed[text] < 0:
            leaked.append(marker)
    return tuple(sorted(leaked, key=lambda marker: (marker.line, marker.start)))


def markers_by_text(lines: Sequence[str], language: Language | None) -> dict[str, int]:
    """Count the markers of a text, however sure, by what they say."""
    counts: dict[str, int] = {}
    for marker in markers_in(lines, language):
        text = marker_text(lines[marker.line], marker)
        counts[text] = counts.get(text, 0) + 1
    return counts


def marker_text(line: str, marker: Marker) -> str:
    """Return the marker as it is written."""
    return line[marker.start : marker.end]


def _may_leak(context: Context) -> bool:
    """Whether a line that the original has not, or not so often, holds a marker by itself."""
    counts = Counter(line.strip() for line in context.rewrite_lines)
    own = context.original_counts
    language = context.language
    return any(
        count > own[line] and (is_marker(line, language) or inline_markers(line, language))
        for line, count in counts.items()
    )


def _fault(lines: Sequence[str], marker: Marker) -> Fault:
    text = marker_text(lines[marker.line], marker)
    shown = quoted([text])
    span = Span(marker.line, marker.line + 1)
    if marker.kind is MarkerKind.REMOVAL:
        message = f"line {marker.line + 1} only says what was removed: {shown}"
        return Fault(FaultKind.MARKER, message, span, fatal=False)
    message = f"line {marker.line + 1} stands for code that is missing: {shown}"
    fatal = marker.certainty is Certainty.EXPLICIT or marker.commented
    return Fault(FaultKind.MARKER, message, span, fatal=fatal)
