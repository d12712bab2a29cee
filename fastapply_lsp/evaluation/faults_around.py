"""Faults around the file: what a model says before, after and in the midst of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapply_lsp.evaluation.model_words import AFTER, BEFORE, BETWEEN, THOUGHTS
from fastapply_lsp.text.lines import line_end

if TYPE_CHECKING:
    from collections.abc import Callable
    from random import Random

    from fastapply_lsp.evaluation.ground import Ground

_LEAST_RUN = 3
"""Lines; shorter ones have no middle."""


def say_before(ground: Ground, dice: Random) -> str | None:
    """A sentence stands above the file, which may be in a fence."""
    said = dice.choice(BEFORE)
    return said + (_fenced(ground, dice) if dice.random() < 1 / 2 else ground.text)


def say_after(ground: Ground, dice: Random) -> str | None:
    """Sentences stand below the file, which may be in a fence."""
    said = dice.choice(AFTER)
    return (_fenced(ground, dice) if dice.random() < 1 / 2 else _ended(ground.text)) + said


def fence_around(ground: Ground, dice: Random) -> str | None:
    """The file stands in a fence."""
    return _fenced(ground, dice)


def fence_inside(ground: Ground, dice: Random) -> str | None:
    """The fence is closed and opened again in the middle, or only closed at the end."""
    if dice.random() < 1 / 4:
        return _ended(ground.text) + "```\n"
    runs = [run for run in ground.runs if len(run) >= _LEAST_RUN]
    if not runs:
        return None
    run = dice.choice(runs)
    at = dice.randrange(run.start + 1, run.end)
    between = f"```\n{dice.choice(BETWEEN)}```{_info(ground, dice)}\n"
    halves = ("".join(ground.lines[:at]), "".join(ground.lines[at:]))
    text = f"{halves[0]}{between}{halves[1]}"
    return f"```{_info(ground, dice)}\n{_ended(text)}```\n" if dice.random() < 3 / 4 else text


def think_first(ground: Ground, dice: Random) -> str | None:
    """The model thinks aloud before it begins."""
    thought = dice.choice(THOUGHTS)
    return thought + (_fenced(ground, dice) if dice.random() < 1 / 3 else ground.text)


def _fenced(ground: Ground, dice: Random) -> str:
    ticks = "````" if "```" in ground.text else "```"
    return f"{ticks}{_info(ground, dice)}\n{_ended(ground.text)}{ticks}\n"


def _info(ground: Ground, dice: Random) -> str:
    known = ground.language
    return "" if known is None or dice.random() < 1 / 5 else known.names[0]


def _ended(text: str) -> str:
    """Return the text with a line end, which a model writes before it goes on."""
    return text if line_end(text[-2:]) else f"{text}\n"


AROUND: dict[str, Callable[[Ground, Random], str | None]] = {
    "fence inside": fence_inside,
    "fence around": fence_around,
    "words before": say_before,
    "words after": say_after,
    "thoughts before": think_first,
}
"""These faults by name."""
