"""Take the model's own words out: what it said around the file or in it, and is not the file.

``chatter.py`` finds them; here the blank lines that came with them go, too, so that the file is
what it would be if nothing had been said.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapply_lsp.guard.added import deviations_of
from fastapply_lsp.guard.chatter import chatter_in
from fastapply_lsp.guard.context import Mended
from fastapply_lsp.guard.model import FaultKind, Repair
from fastapply_lsp.guard.wording import quoted

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from fastapply_lsp.guard.context import Context


def mend(context: Context) -> Mended | None:
    """Take out the lines, and pieces of lines, that are surely the model's."""
    found = chatter_in(context)
    if found is None:
        return None
    lines = context.rewrite_lines
    gone = set(found.lines)
    gone |= _blank_with(context, gone)
    kept = [number for number in range(len(lines)) if number not in gone]
    mended = tuple(found.rests.get(number, lines[number]) for number in kept)
    if not "".join(mended).strip():
        return None
    first = next((number for number in kept if lines[number].strip()), 0)
    last = next((number for number in reversed(kept) if lines[number].strip()), len(lines))
    repairs = [_repair(lines, run, first, last) for run in _runs(lines, found.lines)]
    repairs += [
        Repair(FaultKind.PROSE, f"took the model's own marks out of line {number + 1}")
        for number in sorted(found.rests)
    ]
    return Mended(mended, tuple(repairs))


def _blank_with(context: Context, gone: set[int]) -> set[int]:
    """Return the blank lines that are there only for the sake of the lines that are gone."""
    lines = context.rewrite_lines
    blank: set[int] = set()
    exact: set[int] = set()
    for each in deviations_of(context):
        numbers = range(each.rewrite.start, each.rewrite.end)
        empty = {number for number in numbers if not lines[number].strip()}
        said = gone.intersection(numbers)
        if each.is_added and said and len(said) + len(empty - gone) == len(numbers):
            blank |= empty
            exact |= said
    done = gone | blank
    blank |= _beyond(lines, context.guide_lines, done, range(len(lines)))
    blank |= _beyond(lines, context.guide_lines[::-1], done, range(len(lines) - 1, -1, -1))
    return blank | _between(lines, gone | blank, exact)


def _beyond(
    lines: Sequence[str], guide: Sequence[str], gone: set[int], order: Iterable[int]
) -> set[int]:
    """Return the blank lines at an end of the file where lines went, that the guide has not."""
    own = next((at for at, line in enumerate(guide) if line.strip()), 0)
    blank: list[int] = []
    said = False
    for number in order:
        if number in gone:
            said = True
        elif lines[number].strip():
            break
        else:
            blank.append(number)
    return set(blank[: len(blank) - own] if own else blank) if said else set()


def _between(lines: Sequence[str], gone: set[int], exact: set[int]) -> set[int]:
    """Return the blank lines behind what went inside the file, if there are some before it.

    Where it took ``exact`` lines, the guide says which ones went.
    """
    blank: set[int] = set()
    for start in sorted(number for number in gone if number - 1 not in gone):
        end = start
        while end in gone:
            end += 1
        if not exact.isdisjoint(range(start, end)):
            continue
        above = start - 1
        while end < len(lines) and above >= 0 and not (lines[end] + lines[above]).strip():
            blank.add(end)
            end, above = end + 1, above - 1
    return blank


def _runs(lines: Sequence[str], gone: Iterable[int]) -> list[list[int]]:
    """Group lines that only blank ones part."""
    runs: list[list[int]] = []
    for number in sorted(gone):
        if runs and not "".join(lines[runs[-1][-1] + 1 : number]).strip():
            runs[-1].append(number)
        else:
            runs.append([number])
    return runs


def _repair(lines: Sequence[str], run: Sequence[int], first: int, last: int) -> Repair:
    where = "before the file" if run[-1] < first else "after the file" if run[0] > last else ""
    where = where or f"at line {run[0] + 1}"
    shown = quoted([lines[number] for number in run])
    count = "1 line" if len(run) == 1 else f"{len(run):,} lines"
    return Repair(FaultKind.PROSE, f"took out {count} of the model's own words {where}: {shown}")
