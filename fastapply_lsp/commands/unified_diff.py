r"""How does a change look as a unified diff that `patch` and `git apply` take?

Only ``\n`` ends a line here, because those tools know no other end; a ``\r`` before it stays in the
line. Law: the diff applied to the old text gives the new one, with any line ends.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import click

from fastapply_lsp.text.align import diff_lines

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from fastapply_lsp.text.replacement import Replacement

CONTEXT_LINES = 3

_NO_NEWLINE = "\\ No newline at end of file\n"
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")
_COLOURS = {"+": "green", "-": "red", "@": "cyan", "\\": "bright_black"}


def unified_diff(old: str, new: str, path: str) -> Iterator[str]:
    r"""Yield the lines of the diff; nothing where the texts are equal.

    >>> print("".join(unified_diff("a\nb\n", "a\nc\n", "x.py")), end="")
    --- a/x.py
    +++ b/x.py
    @@ -1,2 +1,2 @@
     a
    -b
    +c
    """
    before, after = _lines(old), _lines(new)
    changes = diff_lines(before, after)
    if not changes:
        return
    name = path.lstrip("/")
    yield f"--- a/{name}\n"
    yield f"+++ b/{name}\n"
    growth = 0
    for group in _groups(changes):
        yield from _hunk(before, group, growth)
        growth += sum(len(change.lines) - (change.end - change.start) for change in group)


def coloured(line: str) -> str:
    """Return a line of a diff for a terminal: in colour, and with nothing that would steer it."""
    head = line[:3] in ("---", "+++")
    body = line.rstrip("\r\n")
    shown = _CONTROL.sub(lambda found: f"\\x{ord(found[0]):02x}", body)
    if head:
        return click.style(shown, bold=True) + "\n"
    return click.style(shown, fg=_COLOURS.get(line[:1])) + "\n"


def _lines(text: str) -> list[str]:
    lines = text.split("\n")
    last = lines.pop()
    return [f"{line}\n" for line in lines] + ([last] if last else [])


def _groups(changes: Sequence[Replacement]) -> Iterator[list[Replacement]]:
    """Yield the changes in groups whose contexts touch."""
    group: list[Replacement] = []
    for change in changes:
        if group and change.start - group[-1].end > 2 * CONTEXT_LINES:
            yield group
            group = []
        group.append(change)
    yield group


def _hunk(before: Sequence[str], group: Sequence[Replacement], growth: int) -> Iterator[str]:
    start = max(0, group[0].start - CONTEXT_LINES)
    end = min(len(before), group[-1].end + CONTEXT_LINES)
    grown = sum(len(change.lines) - (change.end - change.start) for change in group)
    old = _range(start, end - start)
    new = _range(start + growth, end - start + grown)
    yield f"@@ -{old} +{new} @@\n"
    at = start
    for change in group:
        yield from _marked(" ", before[at : change.start])
        yield from _marked("-", before[change.start : change.end])
        yield from _marked("+", change.lines)
        at = change.end
    yield from _marked(" ", before[at:end])


def _range(start: int, length: int) -> str:
    first = start + 1 if length else start  # an empty range names the line before it
    return str(first) if length == 1 else f"{first},{length}"


def _marked(mark: str, lines: Sequence[str]) -> Iterator[str]:
    for line in lines:
        if line.endswith("\n"):
            yield mark + line
        else:
            yield f"{mark}{line}\n"
            yield _NO_NEWLINE
