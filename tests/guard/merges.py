"""Merges for the guard's tests, made of replacements and not of a code block."""

from __future__ import annotations

from fastapply_lsp.merge.model import Candidate, Form, Merge, Region
from fastapply_lsp.text.lines import split_lines
from fastapply_lsp.text.replacement import Replacement, Span, apply_replacements


def placed(
    original: str,
    *series: tuple[Replacement, ...],
    unsure: bool = False,
    also: tuple[Span, ...] = (),
) -> Merge:
    """Return a merge with one candidate for each series, and with more regions than they need."""
    lines = split_lines(original)
    candidates = tuple(
        Candidate(each, "".join(apply_replacements(lines, each)), "asked") for each in series
    )
    spans = {one.span for each in series for one in each} | set(also)
    return Merge(
        form=Form.LAZY,
        predicted=candidates[0].predicted,
        replacements=series[0],
        regions=tuple(Region(span, "asked") for span in sorted(spans)),
        reasons=("two places",) if unsure else (),
        candidates=candidates,
    )
