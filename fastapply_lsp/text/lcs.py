"""What is the longest common subsequence of two sequences of lines?

Bit-parallel (Hyyrö 2004, "Bit-parallel LCS-length computation revisited"): one row of the dynamic
programme is one big integer, so a row costs some machine words and not one Python step per line.
Lines that only one side has are left out first. Above ``_CELLS_MAX`` cells a window walks down
the two sides, which is exact inside each window and keeps the cost linear.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

Match = tuple[int, int]
"""An index of the old lines and the index of the equal new line."""

# 4,096 x 4,096 cells: 2 MiB of rows, some 5 ms.
_WINDOW = 4096
_CELLS_MAX = _WINDOW * _WINDOW


def longest_common(old: Sequence[str], new: Sequence[str]) -> list[Match]:
    """Return the matches of one longest common subsequence, in order.

    Exact up to 16.8 million cells (after what only one side has is left out); beyond that, the
    best within a walking window.

    >>> longest_common(["a", "b", "c", "d"], ["b", "x", "d", "a"])
    [(1, 0), (3, 2)]
    """
    in_old, in_new = set(old), set(new)
    rows = [index for index, line in enumerate(old) if line in in_new]
    columns = [index for index, line in enumerate(new) if line in in_old]
    if not rows:
        return []
    old_left, new_left = [old[index] for index in rows], [new[index] for index in columns]
    matches = _windowed(old_left, new_left)
    return [(rows[one], columns[two]) for one, two in matches]


def _windowed(old: Sequence[str], new: Sequence[str]) -> list[Match]:
    result: list[Match] = []
    at_old = at_new = 0
    while at_old < len(old) and at_new < len(new):
        if (len(old) - at_old) * (len(new) - at_new) <= _CELLS_MAX:
            height, width = len(old) - at_old, len(new) - at_new
            trusted_old, trusted_new = height, width
        else:
            # The last quarter of a window does not know what follows, so it is done again.
            height = width = _WINDOW
            trusted_old = trusted_new = _WINDOW * 3 // 4
        found = _exact(old[at_old : at_old + height], new[at_new : at_new + width])
        trusted = [pair for pair in found if pair[0] < trusted_old and pair[1] < trusted_new]
        result += [(at_old + one, at_new + two) for one, two in trusted]
        if trusted:
            at_old, at_new = at_old + trusted[-1][0] + 1, at_new + trusted[-1][1] + 1
        else:
            at_old, at_new = at_old + trusted_old, at_new + trusted_new
    return result


def _exact(old: Sequence[str], new: Sequence[str]) -> list[Match]:
    """Return a longest common subsequence by bit vectors, one integer per new line."""
    where: dict[str, int] = {}
    for index, line in enumerate(old):
        where[line] = where.get(line, 0) | (1 << index)
    every = (1 << len(old)) - 1
    # Bit i of a row is 0 where the length grows from the first i to the first i + 1 old lines.
    row = every
    rows = [row]
    for line in new:
        hit = row & where.get(line, 0)
        row = ((row + hit) | (row - hit)) & every
        rows.append(row)
    matches: list[Match] = []
    one, two = len(old) - 1, len(new)
    while one >= 0 and two > 0:
        if rows[two] >> one & 1:
            one -= 1
        elif not rows[two - 1] >> one & 1:
            two -= 1
        else:
            two -= 1
            matches.append((one, two))
            one -= 1
    matches.reverse()
    return matches
