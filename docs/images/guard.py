"""Draws docs/images/guard.svg: what the guard makes of one rewrite.

``make picture`` runs it. File and edit are those of docs/explanation/merge.md, the rewrite is that
of docs/explanation/guard.md, and the verdict is the one that the guard gives on them.
"""  # noqa: INP001 - a script beside its picture, in no package

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from docs.images.alignment import block
from docs.images.figure import AMBER, GREEN, ORANGE, RED, TEXT, Figure, Panel
from fastapply_lsp.guard.verdict import verdict
from fastapply_lsp.merge.merge import merge
from fastapply_lsp.request.model import EditFile
from fastapply_lsp.syntax.languages import language_of
from fastapply_lsp.text.align import diff_lines
from fastapply_lsp.text.series import written_spans

if TYPE_CHECKING:
    from fastapply_lsp.guard.model import Verdict
    from fastapply_lsp.merge.model import Merge
    from fastapply_lsp.text.replacement import Span

HERE = Path(__file__).parent
PICTURE = HERE / "guard.svg"
PAGE = HERE.parent / "explanation" / "guard.md"

NAME = "inventory.py"
_BETWEEN = 64


@dataclass(frozen=True)
class Departure:
    """Lines ``old`` of the file are lines ``new`` of the rewrite; what becomes of that."""

    old: Span
    new: Span
    colour: str
    fate: str


@dataclass(frozen=True)
class Judged:
    """A rewrite of a file, and the guard's verdict."""

    file: list[str]
    rewrite: list[str]
    merged: Merge
    verdict: Verdict
    departures: list[Departure]


def judged() -> Judged:
    """Run merge and guard on the texts of the pages."""
    file, rewrite = block("file"), block("rewrite", PAGE)
    merged = merge(file, EditFile(NAME, "", block("edit")))
    found = verdict(file, rewrite, merge=merged, language=language_of(NAME, file))
    fates = {change.replacement: change for change in found.changes}
    old, new = file.splitlines(keepends=True), rewrite.splitlines(keepends=True)
    series = diff_lines(old, new)
    departures = []
    for each, written in zip(series, written_spans(series), strict=True):
        change = fates.get(each)
        if change is None:
            colour, fate = RED, "put back"
        elif change.unrequested:
            colour, fate = ORANGE, "waits for you"
        else:
            colour, fate = GREEN, "asked for"
        departures.append(Departure(each.span, written, colour, fate))
    return Judged(file.splitlines(), rewrite.splitlines(), merged, found, departures)


def drawn() -> str:
    """Return the drawing."""
    found = judged()
    figure = Figure(0, 0, "What the guard makes of a rewrite that does more than was asked")
    left = Panel(44, 62, found.file, 43)
    right = Panel(left.right + _BETWEEN, 62, found.rewrite, 43)
    left.draw(figure, "the file, and what may change")
    right.draw(figure, "a model's rewrite")
    ours: dict[int, str] = {}
    theirs: dict[int, str] = {}
    for each in found.departures:
        _departure(figure, left, right, each)
        ours |= dict.fromkeys(range(each.old.start, each.old.end), each.colour)
        theirs |= dict.fromkeys(range(each.new.start, each.new.end), each.colour)
    left.write(figure, ours)
    right.write(figure, theirs)
    for number, region in enumerate(found.merged.regions, 1):
        left.frame(figure, region.span.start, region.span.end, AMBER)
        y = (left.edge(region.span.start) + left.edge(region.span.end)) / 2
        figure.badge(left.x - 16, y, str(number), AMBER)
    bottom = max(left.bottom, right.bottom)
    told = [(RED, repair.message) for repair in found.verdict.repairs]
    told += [(ORANGE, one.unrequested) for one in found.verdict.changes if one.unrequested]
    for at, (colour, sentence) in enumerate(told):
        figure.dot(left.x + 8, bottom + 30 + 24 * at, colour, 5)
        figure.words(left.x + 24, bottom + 30 + 24 * at, sentence, TEXT)
    figure.width = right.right + 134
    figure.height = bottom + 28 + 24 * len(told)
    return figure.svg()


def _departure(figure: Figure, left: Panel, right: Panel, one: Departure) -> None:
    left.tint(figure, range(one.old.start, one.old.end), one.colour)
    right.tint(figure, range(one.new.start, one.new.end), one.colour)
    top, bottom = right.edge(one.new.start), right.edge(one.new.end)
    figure.ribbon(
        (left.right, left.edge(one.old.start), left.edge(one.old.end)),
        (right.x, top, bottom),
        one.colour,
        opacity=0.2,
    )
    x = right.right
    if top == bottom:
        figure.path(f"M{right.x:g},{top:g} H{x + 8:g}", stroke=one.colour, line=2)
    else:
        figure.path(f"M{x + 3:g},{top + 2:g} h5 V{bottom - 2:g} h-5", stroke=one.colour, line=2)
    figure.words(x + 18, (top + bottom) / 2, one.fate, one.colour, look="strong")


if __name__ == "__main__":
    PICTURE.write_text(drawn(), encoding="utf-8")
