"""Search/replace blocks in the spellings of Aider, Cline and Roo."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from fastapply_lsp.errors import MalformedEdit
from fastapply_lsp.request.code_edit_model import Block, Reading, SearchReplace

FORM = "search/replace blocks"

_OPEN = re.compile(
    r"[ \t]*(?:<{5,9}|-{5,9})[ ]?(?:SEARCH|ORIGINAL|HEAD|OLD|CURRENT)>?[ \t]*$", re.IGNORECASE
)
_DIVIDER = re.compile(r"[ \t]*={5,9}[ \t]*$")
_CLOSE = re.compile(
    r"[ \t]*(?:>{5,9}|\+{5,9})[ ]?(?:REPLACE(?:MENT)?|UPDATED?|NEW|MODIFIED|INCOMING)[ \t]*$",
    re.IGNORECASE,
)
_NUMBER = re.compile(r"[ \t]*:(start_line|end_line):[ \t]*(\d+)[ \t]*$")
_RULE = re.compile(r"[ \t]*-{5,9}[ \t]*$")
_ESCAPED = re.compile(r"([ \t]*)\\(?=(?:<{5,9}|={5,9}|>{5,9}|-{5,9}))")
_PATH = re.compile(r"[`*#\s]*([\w@.+-]*(?:[/\\][\w@.+()\[\]-]+)*\.?[\w+-]+)[`*:\s]*$")
_FENCE = re.compile(r"[ \t]*(?:`{3,}|~{3,})")


def has_blocks(lines: list[str]) -> bool:
    """Whether a line opens a search/replace block and a later one divides or closes it."""
    opened = False
    for line in lines:
        if not opened:
            opened = _OPEN.match(line) is not None
        elif _DIVIDER.match(line) or _CLOSE.match(line):
            return True
    return False


def ends_open(lines: list[str]) -> bool:
    """Whether the last search/replace block has neither its last line nor a fence after it."""
    if not has_blocks(lines):
        return False
    opened = False
    for line in lines:
        if _OPEN.match(line):
            opened = True
        elif _CLOSE.match(line):
            opened = False
    last = next(line for line in reversed(lines) if line.strip())
    return opened and not _FENCE.match(last)


@dataclass(slots=True)
class _Open:
    """A block whose end was not yet seen."""

    at: int
    path: str | None
    start: int | None = None
    body: list[str] = field(default_factory=list)
    dividers: list[int] = field(default_factory=list)

    def close(self) -> Block:
        """Return the block, with one reading for each divider."""
        if not self.dividers:
            raise MalformedEdit(FORM, "a block has no ======= line", self.at + 1)
        readings = tuple(
            Reading(_unescape(self.body[:cut]), _unescape(self.body[cut + 1 :]))
            for cut in self.dividers
        )
        return Block(readings, self.path, self.start, self.at)


def parse_blocks(lines: list[str]) -> SearchReplace:
    """Read every block; what stands between them is prose, fences and file names.

    A block that lacks its last line ends where the next one begins, or with the text.

    Raises:
        MalformedEdit: a block has no divider, so that nobody can tell what replaces what.
    """
    blocks: list[Block] = []
    current: _Open | None = None
    path: str | None = None
    for at, line in enumerate(lines):
        if _OPEN.match(line):
            if current is not None:
                blocks.append(current.close())
            path = _path_before(lines, at) or path
            current = _Open(at, path)
        elif current is None:
            continue
        elif _CLOSE.match(line):
            blocks.append(current.close())
            current = None
        else:
            _add(current, line)
    if current is not None:
        blocks.append(_without_fence(current).close())
    return SearchReplace(tuple(blocks))


def _add(block: _Open, line: str) -> None:
    """Take one line into an open block; Roo's header lines are no code."""
    number = None if block.body else _NUMBER.match(line)
    if number is not None:
        if number[1] == "start_line":
            block.start = max(int(number[2][:9]) - 1, 0)
        return
    if not block.body and block.start is not None and _RULE.match(line):
        return
    if _DIVIDER.match(line):
        block.dividers.append(len(block.body))
    block.body.append(line)


def _without_fence(block: _Open) -> _Open:
    """Drop the fence that closes a block which lacks its own last line."""
    while block.body and (not block.body[-1].strip() or _FENCE.match(block.body[-1])):
        block.body.pop()
    return block


def _unescape(lines: list[str]) -> tuple[str, ...]:
    return tuple(_ESCAPED.sub(r"\1", line) for line in lines)


def _path_before(lines: list[str], at: int) -> str | None:
    """Find the file name on the lines just before a block, a fence in between allowed."""
    for back in range(at - 1, max(at - 4, -1), -1):
        line = lines[back].strip()
        if not line or _FENCE.match(line):
            continue
        found = _PATH.match(line)
        name = found[1] if found else ""
        return name if "." in name or "/" in name else None
    return None
