"""Faults that no reader sees: indentation, line ends, blank lines, the marks of a file's ends."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from fastapply_lsp.text.contract import BOM
from fastapply_lsp.text.lines import indent_of, line_end, without_line_end

if TYPE_CHECKING:
    from collections.abc import Callable
    from random import Random

    from fastapply_lsp.evaluation.ground import Ground

_SHORTEST = 3
"""Lines; a shorter file has no stretch of them."""


def swap_indentation(ground: Ground, dice: Random) -> str | None:
    """The whole file is indented with tabs instead of spaces, or with spaces instead of tabs."""
    indents = [indent_of(line) for line in ground.lines]
    tabbed = sum(indent.startswith("\t") for indent in indents)
    spaced = [len(indent) for indent in indents if indent.startswith("  ")]
    if not tabbed and not spaced:
        return None
    if tabbed >= len(spaced):
        width = dice.choice((2, 4))
        return _indented(ground, lambda indent: indent.replace("\t", " " * width))
    width = next(w for w in (8, 4, 2, 1) if sum(n % w == 0 for n in spaced) * 10 > 9 * len(spaced))
    return _indented(ground, lambda indent: indent.replace(" " * width, "\t"))


def change_line_ends(ground: Ground, dice: Random) -> str | None:  # noqa: ARG001 - no choice
    r"""Every line ends with ``\n`` instead of ``\r\n``, or the other way round."""
    other = "\n" if "\r\n" in ground.text else "\r\n"
    return "".join(_ended(line, other) for line in ground.lines)


def mix_line_ends(ground: Ground, dice: Random) -> str | None:
    """A stretch of lines ends otherwise than the rest."""
    if len(ground.lines) < _SHORTEST:
        return None
    start = dice.randrange(len(ground.lines) - 1)
    end = min(len(ground.lines), start + dice.randint(1, 40))
    other = "\n" if "\r\n" in ground.text else "\r\n"
    inside = [_ended(line, other) for line in ground.lines[start:end]]
    return "".join((*ground.lines[:start], *inside, *ground.lines[end:]))


def lose_mark(ground: Ground, dice: Random) -> str | None:  # noqa: ARG001 - no choice
    """The byte order mark is gone."""
    return ground.text.removeprefix(BOM) if ground.text.startswith(BOM) else None


def change_final_newline(ground: Ground, dice: Random) -> str | None:
    """The newline at the end is gone; or there is one that was none, or there are several."""
    last = line_end(ground.text[-2:])
    if not last:
        return ground.text + "\n"
    return ground.text[: -len(last)] if dice.random() < 2 / 3 else ground.text + last * 2


def change_blank_lines(ground: Ground, dice: Random) -> str | None:
    """Some blank lines between what nobody mentioned are gone, or there are more."""
    blank = [
        number
        for run in ground.runs
        for number in range(run.start + 1, run.end - 1)
        if not ground.lines[number].strip()
    ]
    if not blank:
        return None
    chosen = set(dice.sample(blank, min(len(blank), dice.randint(1, 4))))
    times = dice.choice((0, 2))
    return "".join(
        line * times if number in chosen else line for number, line in enumerate(ground.lines)
    )


def strip_line_ends(ground: Ground, dice: Random) -> str | None:  # noqa: ARG001 - no choice
    """White space before the line ends is gone, in the whole file."""
    return re.sub(r"[ \t]+(?=\r?\n|$)", "", ground.text)


def _indented(ground: Ground, made: Callable[[str], str]) -> str:
    pieces: list[str] = []
    for line in ground.lines:
        indent = indent_of(line)
        pieces += (made(indent), line[len(indent) :])
    return "".join(pieces)


def _ended(line: str, end: str) -> str:
    return without_line_end(line) + end if line_end(line) else line


BYTES: dict[str, Callable[[Ground, Random], str | None]] = {
    "blank lines changed": change_blank_lines,
    "trailing white space stripped": strip_line_ends,
    "tabs for spaces": swap_indentation,
    "final newline changed": change_final_newline,
    "byte order mark lost": lose_mark,
    "line ends changed": change_line_ends,
    "line ends mixed": mix_line_ends,
}
"""These faults by name."""
