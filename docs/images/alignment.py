"""Draws docs/images/alignment.svg: how the merge lays one snippet over one file.

``make picture`` runs it. File and snippet are those of docs/explanation/merge.md, and everything
that is drawn was noted while the merge ran: its solver is watched, and says which definitions it
paired and which lines it chained.
"""  # noqa: INP001 - a script beside its picture, in no package

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from unittest.mock import patch

from docs.images.figure import (
    AMBER,
    BLUE,
    FAINT,
    GREEN,
    PURPLE,
    RED,
    ROW,
    TEAL,
    Figure,
    Panel,
    legend,
)
from fastapply_lsp.merge import snippet as room
from fastapply_lsp.merge.items import Kind
from fastapply_lsp.merge.merge import merge
from fastapply_lsp.merge.solve import Solver
from fastapply_lsp.request.model import EditFile
from fastapply_lsp.text.align import diff_lines
from fastapply_lsp.text.replacement import Span

if TYPE_CHECKING:
    from fastapply_lsp.merge.extents import Extent
    from fastapply_lsp.merge.model import Merge
    from fastapply_lsp.merge.pairs import Pair

HERE = Path(__file__).parent
PICTURE = HERE / "alignment.svg"
PAGE = HERE.parent / "explanation" / "merge.md"

_BETWEEN = 120


def block(kind: str, page: Path = PAGE) -> str:
    """Return the page's block that is fenced as ``kind``."""
    found = re.search(rf"(?ms)^```\w+ {kind}\n(.*?)^```$", page.read_text(encoding="utf-8"))
    assert found is not None, kind
    return found[1]


class Watched(Solver):
    """The merge's solver, which also notes the definitions that it takes as a whole."""

    __slots__ = ("extents",)

    def __init__(self, *args: object, **named: object) -> None:
        super().__init__(*args, **named)  # type: ignore[arg-type]  # passed on as they come
        self.extents: list[Extent] = []

    def _definition(self, pair: Pair, extent: Extent) -> None:
        self.extents.append(extent)
        super()._definition(pair, extent)


@dataclass(frozen=True)
class Alignment:
    """What the merge found: pairs of (snippet line, file line), and what each marker stands for."""

    file: list[str]
    snippet: list[str]
    merged: Merge
    named: list[tuple[int, int]]
    lines: list[tuple[int, int]]
    markers: dict[int, Span]


def aligned(file: str, snippet: str) -> Alignment:
    """Run the merge, and note what its first solver decided."""
    solvers: list[Watched] = []

    def watched(*args: object, **named: object) -> Watched:
        solvers.append(Watched(*args, **named))
        return solvers[-1]

    with patch.object(room, "Solver", watched):
        merged = merge(file, EditFile("inventory.py", "", snippet))
    solver = solvers[0]
    ours, theirs = file.splitlines(), snippet.splitlines()
    assert [item.text for item in solver.items] == theirs, "each item is a line of the snippet"
    named = [(one.start, one.top) for one in solver.extents]
    lines = {pair for pair in solver.matches if ours[pair[1]].strip()} - set(named)
    for change in solver.changes:
        if change.whole:
            start = next(one.start for one in solver.extents if one.top == change.start)
            lines |= _kept(ours[change.start : change.end], change.texts, start, change.start)
    gaps = [at for at, item in enumerate(solver.items) if item.kind is Kind.GAP]
    whole = [
        (one.start, one.end, one.top, one.bottom)
        for one in solver.extents
        if not any(one.start <= at < one.end for at in gaps)
    ]
    blocks = sorted({*whole, *((i, i + 1, j, j + 1) for i, j in solver.matches)})
    markers = {
        at: Span(
            max(bottom for _, end, _, bottom in blocks if end <= at),
            min(top for start, _, top, _ in blocks if start > at),
        )
        for at in gaps
    }
    return Alignment(ours, theirs, merged, named, sorted(lines - set(named)), markers)


def _kept(old: list[str], new: tuple[str, ...], start: int, top: int) -> set[tuple[int, int]]:
    """Return the pairs of equal lines in a definition that is taken as a whole."""
    pairs: set[tuple[int, int]] = set()
    at = shift = 0
    for part in [*diff_lines(old, new), None]:
        end = len(old) if part is None else part.start
        pairs |= {(start + line + shift, top + line) for line in range(at, end)}
        if part is not None:
            at, shift = part.end, shift + len(part.lines) - (part.end - part.start)
    return pairs


def drawn() -> str:
    """Return the drawing."""
    found = aligned(block("file"), block("edit"))
    figure = Figure(1060, 760, "How the merge lays a snippet with markers over a file")
    left = Panel(44, 62, found.file, 43)
    rows = (len(found.file) - len(found.snippet)) / 2
    right = Panel(left.right + _BETWEEN, 62 + ROW * rows, found.snippet, 43, numbered=False)
    left.draw(figure, "the file")
    right.draw(figure, "the snippet")
    shown = {i for i, _ in [*found.named, *found.lines]} | set(found.markers)
    new = {i for i, text in enumerate(found.snippet) if text.strip() and i not in shown}
    gone = {line for part in found.merged.replacements for line in range(part.start, part.end)}
    left.tint(figure, gone, RED)
    right.tint(figure, new, GREEN)
    for at, hidden in found.markers.items():
        _marker(figure, left, right, at, hidden)
    for part, rows_of in zip(found.merged.replacements, _runs(new), strict=True):
        figure.ribbon(
            (left.right, left.edge(part.start), left.edge(part.end)),
            (right.x, right.edge(rows_of[0]), right.edge(rows_of[1])),
            GREEN,
            opacity=0.2,
        )
    for i, j in found.lines:
        figure.thread((left.right, left.middle(j)), (right.x, right.middle(i)), BLUE)
    for i, j in found.named:
        figure.thread((left.right, left.middle(j)), (right.x, right.middle(i)), TEAL, 2.6)
    anchors = {j for _, j in [*found.named, *found.lines]}
    unshown = set(range(len(found.file))) - anchors
    left.write(figure, dict.fromkeys(unshown, FAINT) | dict.fromkeys(gone, RED))
    right.write(figure, dict.fromkeys(found.markers, PURPLE) | dict.fromkeys(new, GREEN))
    for number, region in enumerate(found.merged.regions, 1):
        left.frame(figure, region.span.start, region.span.end, AMBER)
        y = (left.edge(region.span.start) + left.edge(region.span.end)) / 2
        figure.badge(left.x - 16, y, str(number), AMBER)
    legend(
        figure,
        left.x,
        left.bottom + 30,
        292,
        [
            (TEAL, "definitions paired by their names"),
            (BLUE, "equal lines, chained in order"),
            (PURPLE, "a marker, and the lines it stands for"),
            (RED, "lines that are replaced"),
            (GREEN, "new lines, and where they go"),
            (f"[{AMBER}", "regions: all that may change"),
        ],
    )
    figure.height = left.bottom + 76
    figure.width = right.right + 24
    return figure.svg()


def _marker(figure: Figure, left: Panel, right: Panel, at: int, hidden: Span) -> None:
    top, bottom, x = left.edge(hidden.start) + 2, left.edge(hidden.end) - 2, left.right
    figure.path(f"M{x + 2:g},{top:g} h5 v{bottom - top:g} h-5", stroke=PURPLE, line=2)
    figure.ribbon((x + 7, top, bottom), (right.x, right.edge(at), right.edge(at + 1)), PURPLE)
    right.tint(figure, [at], PURPLE)


def _runs(lines: set[int]) -> list[tuple[int, int]]:
    """Join neighbours: each run as its first line and the line after its last."""
    runs: list[tuple[int, int]] = []
    for line in sorted(lines):
        if runs and runs[-1][1] == line:
            runs[-1] = (runs[-1][0], line + 1)
        else:
            runs.append((line, line + 1))
    return runs


if __name__ == "__main__":
    PICTURE.write_text(drawn(), encoding="utf-8")
