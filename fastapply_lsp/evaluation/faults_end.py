"""Faults at the end: a stream that ends too early, and one that does not end."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapply_lsp.text.lines import line_end, without_line_end

if TYPE_CHECKING:
    from collections.abc import Callable
    from random import Random

    from fastapply_lsp.evaluation.ground import Ground

_SHORTEST = 8
"""Lines; nothing shorter meets a limit of tokens."""


def cut_off(ground: Ground, dice: Random) -> str | None:
    """The limit of tokens comes in the middle of a line, somewhere in the file's second half."""
    if len(ground.lines) < _SHORTEST:
        return None
    at = int(len(ground.text) * dice.uniform(0.4, 0.98))
    return ground.text[:at]


def end_early(ground: Ground, dice: Random) -> str | None:
    """The model takes the file for finished below its last change, or at the end of a block."""
    last = ground.changed[-1].end if ground.changed else 0
    ends = [block.end for block in ground.blocks if last <= block.end < len(ground.lines)]
    if last < len(ground.lines):
        ends.append(max(last, 1))
    rest = [end for end in ends if any(line.strip() for line in ground.lines[end:])]
    return "".join(ground.lines[: dice.choice(rest)]) if rest else None


def loop(ground: Ground, dice: Random) -> str | None:
    """The last lines come again and again, until the limit cuts one of them in two."""
    whole = [line for line in ground.lines if line.strip()]
    if len(whole) < _SHORTEST:
        return None
    end = line_end(ground.lines[0])
    period = dice.choice((1, 2, 3, 5, 8, 12))
    again = [without_line_end(line) + end for line in ground.lines[-period:]]
    times = max(dice.randint(6, 30), 12 // period)
    text = "".join((*ground.lines[:-1], without_line_end(ground.lines[-1]) + end, *again * times))
    return text[: len(text) - dice.randrange(len(again[-1]) + 1)]


END: dict[str, Callable[[Ground, Random], str | None]] = {
    "cut off in a line": cut_off,
    "ended early": end_early,
    "repeated at the end": loop,
}
"""These faults by name."""
