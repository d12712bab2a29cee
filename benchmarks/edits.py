"""How many lines do the edits touch, beside the fewest that a line diff can touch?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from benchmarks.model import Figure, Section, percentile
from benchmarks.samples import cases
from fastapply_lsp.rewrite.pipeline import Rewriter
from fastapply_lsp.text.lines import split_lines
from fastapply_lsp.text.replacement import apply_replacements

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fastapply_lsp.text.replacement import Replacement

CHUNK_CHARACTERS = 24


def minimal(old: Sequence[str], new: Sequence[str]) -> int:
    """Return how many lines the smallest diff removes and adds.

    E. W. Myers, An O(ND) Difference Algorithm and Its Variations (1986), the greedy algorithm of
    section 4, for its length only.

    >>> minimal(["a", "b", "c"], ["a", "x", "c", "d"])
    3
    """
    size = len(old) + len(new)
    furthest = {1: 0}
    for cost in range(size + 1):
        for k in range(-cost, cost + 1, 2):
            down = k == -cost or (k != cost and furthest[k - 1] < furthest[k + 1])
            x = furthest[k + 1] if down else furthest[k - 1] + 1
            while x < len(old) and x - k < len(new) and old[x] == new[x - k]:
                x += 1
            furthest[k] = x
            if x >= len(old) and x - k >= len(new):
                return cost
    return size


def touched(replacements: Sequence[Replacement]) -> int:
    """Return how many lines the replacements remove and add."""
    return sum(one.end - one.start + len(one.lines) for one in replacements)


def edited_lines() -> Section | None:
    """Stream each case's expected file over its original; ``None`` without cases."""
    ratios: list[float] = []
    exact = 0
    for case in cases():
        old, new = split_lines(case.original), split_lines(case.expected)
        rewriter = Rewriter(case.original)
        found: list[Replacement] = []
        for at in range(0, len(case.expected), CHUNK_CHARACTERS):
            found += rewriter.push(case.expected[at : at + CHUNK_CHARACTERS])
        found += rewriter.finish()
        exact += apply_replacements(old, found) == new
        if least := minimal(old, new):
            ratios.append(touched(found) / least)
    if not ratios:
        return None
    figures = (
        Figure("edited lines, median", percentile(ratios, 50), "times minimal", 1.05),
        Figure("edited lines, p95", percentile(ratios, 95), "times minimal", 1.3),
        Figure("edited lines, most", max(ratios), "times minimal"),
        Figure("final text exact", 100 * exact / len(cases()), "%", 100.0, "at least"),
    )
    how = (
        f"The expected file of each of {len(cases())} cases, streamed over the original in chunks"
        f" of {CHUNK_CHARACTERS} characters; lines removed and added, beside the smallest line"
        " diff (Myers)."
    )
    return Section("Edits against the smallest diff", how, figures)
