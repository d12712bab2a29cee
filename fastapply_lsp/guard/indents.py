"""Is a new line indented as the file is? Tabs become the file's spaces, and spaces its tabs.

That is sure where the file indents in one way alone, and neither the edit nor any prediction in the
other. How wide a tab was meant to be, the lines tell that stand in both; else the file's own step.
"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from fastapply_lsp.guard.chatter import in_string
from fastapply_lsp.guard.context import Mended
from fastapply_lsp.guard.model import FaultKind, Repair
from fastapply_lsp.guard.similar import bare
from fastapply_lsp.guard.wording import numbers
from fastapply_lsp.text.lines import indent_of, split_lines
from fastapply_lsp.text.replacement import Span

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from fastapply_lsp.guard.context import Context

_FEWEST = 3
"""Indented lines; fewer are no habit."""
_FOREIGN_SHARE = 0.5
"""Where no place was found, more foreign lines than this may be what the edit is about."""
_WIDTHS = (8, 4, 3, 2)
_STEP_SHARE = 0.9
"""So many of the indentations are a multiple of the file's step; the others are aligned."""


def mend(context: Context) -> Mended | None:
    """Write the indentation of new lines as the file does."""
    if not context.rewrite.strip() or "\t" not in context.original + context.rewrite:
        return None
    own = _habit(context.original_lines)
    if own is None:
        return None
    foreign = [at for at, line in enumerate(context.rewrite_lines) if _is_foreign(line, own)]
    if not foreign or _is_asked(context, own) or not _are_few(context, foreign):
        return None
    width = _width(context, own)
    if width is None:
        return None
    lines = list(context.rewrite_lines)
    known = {line for line in (*context.guide_lines, *context.original_lines) if line.strip()}
    for at in foreign:
        line = _written(lines[at], own, width)
        if line in known or not in_string(context, at):
            lines[at] = line
    done = [
        Span(at, at + 1)
        for at, (new, old) in enumerate(zip(lines, context.rewrite_lines, strict=True))
        if new != old
    ]
    if not done:
        return None
    message = f"gave lines the indentation of the file: {numbers(done)}"
    return Mended(tuple(lines), (Repair(FaultKind.WHITESPACE, message),))


def _habit(lines: Iterable[str]) -> str | None:
    """Return what all indented lines begin with: a tab, or a space and nothing with a tab."""
    indents = [indent for line in lines if (indent := indent_of(line))]
    if sum(indent != " " for indent in indents) < _FEWEST:
        return None
    if not any("\t" in indent for indent in indents):
        return " "
    # One space before a comment's star is no indentation.
    tabbed = all(indent == " " or indent.startswith("\t") for indent in indents)
    return "\t" if tabbed else None


def _is_foreign(line: str, own: str) -> bool:
    indent = indent_of(line)
    return "\t" in indent if own == " " else indent.startswith("  ")


def _is_asked(context: Context, own: str) -> bool:
    """Whether the edit shows such lines, or a prediction has them."""
    texts = [context.edit]
    if context.placed is not None:
        texts += (one.predicted for one in context.placed.candidates)
    return any(_is_foreign(line, own) for text in texts for line in split_lines(text))


def _are_few(context: Context, foreign: Sequence[int]) -> bool:
    if context.placed is not None:
        return True
    indented = sum(1 for line in context.rewrite_lines if indent_of(line))
    return len(foreign) <= _FOREIGN_SHARE * indented


def _width(context: Context, own: str) -> int | None:
    """Return how many spaces a tab stands for; ``None`` where nothing tells."""
    spaces = {bare(line): indent_of(line) for line in context.guide_lines}
    widths: Counter[int] = Counter()
    for line in context.rewrite_lines:
        if _is_foreign(line, own) and (known := spaces.get(bare(line))) is not None:
            tabs, blank = (indent_of(line), known) if own == " " else (known, indent_of(line))
            if tabs and blank and not tabs.strip("\t") and len(blank) % len(tabs) == 0:
                widths[len(blank) // len(tabs)] += 1
    if widths:
        return widths.most_common(1)[0][0]
    indents = [indent_of(line) for line in context.original_lines]
    if own == "\t":
        indents = [indent_of(line) for line in context.rewrite_lines if _is_foreign(line, own)]
    depths = [len(indent) for indent in indents if len(indent) > 1]
    return next(
        (
            width
            for width in _WIDTHS
            if sum(depth % width == 0 for depth in depths) >= _STEP_SHARE * len(depths)
        ),
        None,
    )


def _written(line: str, own: str, width: int) -> str:
    indent = indent_of(line)
    blank = " " * width
    new = indent.replace("\t", blank) if own == " " else indent.replace(blank, "\t")
    return new + line[len(indent) :]
