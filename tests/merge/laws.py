"""The laws of a merge, as a check that any test can ask."""

from __future__ import annotations

from itertools import pairwise

from fastapply_lsp.merge.model import Merge
from fastapply_lsp.text.align import diff_lines
from fastapply_lsp.text.lines import split_lines
from fastapply_lsp.text.replacement import Span, apply_replacements


def check(merged: Merge, original: str) -> None:
    """Candidates are series of replacements within the regions; the first one is the prediction."""
    lines = split_lines(original)
    assert "".join(apply_replacements(lines, merged.replacements)) == merged.predicted
    assert merged.placed or (merged.predicted == original and merged.reasons)
    for one, two in pairwise(merged.regions):
        assert one.span.end < two.span.start
    assert all(0 <= one.span.start <= one.span.end <= len(lines) for one in merged.regions)
    for candidate in merged.candidates:
        end = -1
        for part in candidate.replacements:
            assert end < part.start <= part.end <= len(lines)
            assert tuple(lines[part.start : part.end]) != part.lines
            assert licensed(merged, part.span)
            end = part.end
        assert "".join(apply_replacements(lines, candidate.replacements)) == candidate.predicted
    if merged.candidates:
        assert merged.candidates[0].predicted == merged.predicted
        assert merged.candidates[0].replacements == merged.replacements


def licensed(merged: Merge, span: Span) -> bool:
    return any(region.span.covers(span) for region in merged.regions)


def licensed_diff(merged: Merge, original: str, expected: str) -> bool:
    """Whether every difference lies in a region, or slides into one along equal lines."""
    lines = split_lines(original)
    return all(
        any(region.span.touches(part.span) for region in merged.regions)
        for part in diff_lines(lines, split_lines(expected))
    )
