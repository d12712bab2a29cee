"""Faults in the code itself: what a model forgets, moves, renames or writes twice."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from fastapply_lsp.evaluation.model_words import marker
from fastapply_lsp.text.lines import indent_of, line_end, split_lines
from fastapply_lsp.text.replacement import Span

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from random import Random

    from fastapply_lsp.evaluation.ground import Ground

_IDENTIFIER = re.compile(r"(?<![\w$@'\"-])[A-Za-z_][A-Za-z0-9_]{3,}(?![\w'\"-])")
_NO_NAMES = """
abstract assert async await boolean break case catch char class const constexpr continue debug
default defer define delete done double elif elsif else endif enum export extends false final
finally float foreach from func function global goto ifdef ifndef impl implements import
include inline instanceof interface internal lambda local loop match module mutable namespace
nonlocal none null nullptr object operator override package pass pragma private protected
public raise range readonly require rescue return sealed self short signed sizeof static
string struct super switch template then this throw throws trait true type typedef typename
typeof union unless unsafe unsigned until using void volatile when where while with yield
None True False Self
"""
_KEYWORDS = frozenset(_NO_NAMES.split())
_LEAST_BLOCK = 2
_LEAST_RUN = 4
"""Lines; what is shorter is no block that a model takes for one."""
_SEVERAL = 2
_FEWEST_HIDDEN = 3
"""Lines; for fewer no model writes a marker."""


def drop_definition(ground: Ground, dice: Random) -> str | None:
    """A whole function, class, rule or section is gone, and a blank line with it."""
    if not ground.blocks:
        return None
    return _without(ground, _parted(ground, dice.choice(ground.blocks)))


def drop_import(ground: Ground, dice: Random) -> str | None:
    """An import is gone, or two that stand together."""
    lines = [number for number in ground.imports if ground.kept(Span(number, number + 1))]
    if not lines:
        return None
    start = dice.choice(lines)
    return _without(ground, Span(start, start + 1 + (start + 1 in lines and dice.random() < 1 / 3)))


def drop_comment(ground: Ground, dice: Random) -> str | None:
    """A comment is gone, or every comment below the first one that is."""
    if not ground.comments:
        return None
    first = dice.randrange(len(ground.comments))
    gone = ground.comments[first:] if dice.random() < 1 / 4 else ground.comments[first : first + 1]
    text = list(ground.lines)
    for span in reversed(gone):
        del text[span.start : span.end]
    return "".join(text)


def drop_lines(ground: Ground, dice: Random) -> str | None:
    """One to four statements are gone."""
    runs = [run for run in ground.runs if len(run) >= _LEAST_RUN]
    if not runs:
        return None
    run = dice.choice(runs)
    start = dice.randrange(run.start, run.end)
    return _without(ground, Span(start, min(run.end, start + dice.randint(1, 4))))


def leave_marker(ground: Ground, dice: Random) -> str | None:
    """A marker stands for a body, for several definitions, or for the rest of the file."""
    runs = [run for run in ground.runs if len(run) >= _FEWEST_HIDDEN]
    if not runs:
        return None
    run = dice.choice(runs)
    inner = dice.randrange(run.start, run.end - _FEWEST_HIDDEN + 1)
    last = ground.runs[-1]
    places = [Span(inner, min(run.end, inner + dice.randint(_FEWEST_HIDDEN, 60)))]
    places += [dice.choice(some) for some in (ground.blocks, ground.bodies) if some]
    if last.end == len(ground.lines) and len(last) >= _FEWEST_HIDDEN:
        places.append(Span(max(last.start, last.end - dice.randint(3, 80)), last.end))
    span = dice.choice([place for place in places if len(place) >= _FEWEST_HIDDEN] or [run])
    hidden = ground.lines[span.start : span.end]
    first = next((line for line in hidden if line.strip()), hidden[0])
    tail = span.end == len(ground.lines)
    said = marker(ground.language, dice, rest=tail)
    return _with(ground, span, [indent_of(first) + said + line_end(first)])


def reindent_block(ground: Ground, dice: Random) -> str | None:
    """A block stands one step further in or out."""
    span = _block(ground, dice)
    if span is None:
        return None
    inside = ground.lines[span.start : span.end]
    tabs = any(line.startswith("\t") for line in inside)
    step = "\t" if tabs else dice.choice(["  ", "    "])
    if dice.random() < 1 / 2 and all(not x.strip() or x.startswith(step) for x in inside):
        return _with(ground, span, [line.removeprefix(step) for line in inside])
    return _with(ground, span, [step + line if line.strip() else line for line in inside])


def rename(ground: Ground, dice: Random) -> str | None:
    """A name is another one: in a line that nobody mentioned, or in the whole block around it."""
    places = [
        (number, name[0])
        for number in ground.unmentioned
        if not ground.is_comment(ground.lines[number])
        for name in _IDENTIFIER.finditer(ground.lines[number])
        if name[0] not in _KEYWORDS
    ]
    if not places:
        return None
    number, name = dice.choice(places)
    around = [block for block in ground.blocks if block.start <= number < block.end]
    span = around[-1] if around and dice.random() < 1 / 2 else Span(number, number + 1)
    word = re.compile(rf"\b{name}\b")
    new = _renamed(name, dice)
    inside = ground.lines[span.start : span.end]
    return _with(ground, span, [word.sub(new, line) for line in inside])


def duplicate_block(ground: Ground, dice: Random) -> str | None:
    """A block stands there twice, the second time below the first or at the end of the file."""
    span = dice.choice(ground.blocks) if ground.blocks else _block(ground, dice)
    if span is None:
        return None
    span = _parted(ground, span)
    again = list(ground.lines[span.start : span.end])
    at = len(ground.lines) if dice.random() < 1 / 4 else span.end
    if at == len(ground.lines) and not line_end(ground.lines[-1]):
        return None
    return _with(ground, Span(at, at), again)


def undo_change(ground: Ground, dice: Random) -> str | None:
    """One of several changes that were asked for is not made."""
    if len(ground.changes) < _SEVERAL:
        return None
    chosen = dice.randrange(len(ground.changes))
    change = ground.changes[chosen]
    before = split_lines(ground.original)[change.start : change.end]
    return _with(ground, ground.changed[chosen], before)


def undo_all(ground: Ground, dice: Random) -> str | None:  # noqa: ARG001 - nothing to choose
    """The file comes back as it was."""
    return ground.original


def _block(ground: Ground, dice: Random) -> Span | None:
    """Choose a definition's body, or else some kept lines that stand together."""
    bodies = [body for body in ground.bodies if len(body) >= _LEAST_BLOCK]
    if bodies:
        return dice.choice(bodies)
    runs = [run for run in ground.runs if len(run) >= _LEAST_RUN]
    if not runs:
        return None
    run = dice.choice(runs)
    start = dice.randrange(run.start, run.end - 3)
    return Span(start, min(run.end, start + dice.randint(3, 12)))


def _parted(ground: Ground, block: Span) -> Span:
    """Return a block with the blank line that parts it from the next, or from the one before."""
    after = Span(block.start, block.end + 1)
    if block.end < len(ground.lines) and not ground.lines[block.end].strip() and ground.kept(after):
        return after
    before = Span(block.start - 1, block.end)
    if block.start and not ground.lines[block.start - 1].strip() and ground.kept(before):
        return before
    return block


def _renamed(name: str, dice: Random) -> str:
    """Return what a model might call it."""
    if "_" in name or name.islower():
        others = [f"{name}_value", f"new_{name}", f"{name}_", f"_{name}"]
    else:
        others = [f"{name}Value", f"new{name[0].upper()}{name[1:]}", f"{name}2"]
    fewer = name[:-1] if name.endswith("s") else f"{name}s"
    return dice.choice([*others, fewer])


def _without(ground: Ground, span: Span) -> str:
    return _with(ground, span, ())


def _with(ground: Ground, span: Span, lines: Sequence[str]) -> str:
    return "".join((*ground.lines[: span.start], *lines, *ground.lines[span.end :]))


CODE: dict[str, Callable[[Ground, Random], str | None]] = {
    "definition dropped": drop_definition,
    "import dropped": drop_import,
    "comment dropped": drop_comment,
    "lines dropped": drop_lines,
    "marker left": leave_marker,
    "block re-indented": reindent_block,
    "name changed": rename,
    "block written twice": duplicate_block,
    "one change not made": undo_change,
    "no change made": undo_all,
}
"""These faults by name."""
