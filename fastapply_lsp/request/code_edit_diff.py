"""Unified diffs as models write them: numbers right, wrong or missing, blank lines bare."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from fastapply_lsp.errors import MalformedEdit
from fastapply_lsp.request.code_edit_model import FileDiff, Hunk, HunkLine, UnifiedDiff

if TYPE_CHECKING:
    from collections.abc import Iterator

FORM = "a unified diff"

_NUMBERS = re.compile(
    r"@@+ +-(\d{1,9})(?:,(\d{1,9}))? +\+(\d{1,9})(?:,(\d{1,9}))? *(?:@@+ ?(.*))?$"
)
_HEADER = re.compile(r"@@+(?: (.*?))?(?: ?@@+ ?(.*))?$")
_DOTS = re.compile(r"[\s.…·+,-]*$")
_NOISE = re.compile(
    r"(?:diff --|index [0-9a-f]|new file mode|deleted file mode|old mode|new mode"
    r"|similarity index|rename (?:from|to) |copy (?:from|to) |Binary files )"
)


def has_hunks(lines: list[str]) -> bool:
    """Whether the lines are a unified diff: a header, and changed lines under it."""
    head: int | None = None
    for at, line in enumerate(lines):
        if _is_hunk_header(line) or _is_file_header(lines, at):
            head = at
            break
        if line.strip() and not _NOISE.match(line) and at > 20:  # noqa: PLR2004 - prose before a diff is short
            return False
    if head is None:
        return False
    body = [line for line in lines[head:] if line.strip() and not _is_hunk_header(line)]
    signed = sum(line[0] in "+-" for line in body)
    other = sum(line[0] not in "+- \\\t" and not _NOISE.match(line) for line in body)
    return signed > 0 and other <= len(body) // 2


def is_bare_hunk(lines: list[str], *, fenced: bool) -> bool:
    """Whether the lines are the body of a hunk without any header: each line has a sign.

    ``fenced`` says that a fence calls it a diff; else it must both add and remove.
    """
    signs = {line[:1] for line in lines if line.strip()}
    if fenced:
        return bool(signs & {"+", "-"})
    pairs = [line[:2] for line in lines if line.strip()]
    lists = any(pair in {"- ", "-", "+ "} for pair in pairs)
    return signs <= {"+", "-", " "} and {"+", "-"} <= signs and not lists


def parse_diff(lines: list[str]) -> UnifiedDiff:
    """Read the files and hunks of a diff.

    Declared counts are believed only where a hunk keeps to them; without them a hunk ends at the
    next header, and blank lines before that header belong to nothing.

    Raises:
        MalformedEdit: there is no changed line in it.
    """
    files: list[_File] = []
    at = 0
    while at < len(lines):
        line = lines[at]
        if _is_file_header(lines, at):
            files.append(_File(_path(line[4:]), _path(lines[at + 1][4:])))
            at += 2
        elif _is_hunk_header(line):
            if not files:
                files.append(_File(None, None))
            end = _hunk_end(lines, at)
            files[-1].hunks.append(_hunk(lines, at, end))
            at = end
        elif files and not files[-1].hunks and not _NOISE.match(line) and line[:1] in tuple("+- "):
            # A file header with no hunk header under it: the lines are one hunk.
            end = _hunk_end(lines, at - 1)
            files[-1].hunks.append(Hunk(_body(lines[at:end]), at=at))
            at = end
        else:
            at += 1
    read = tuple(file.done() for file in files if file.hunks)
    if not any(line.sign != " " for file in read for hunk in file.hunks for line in hunk.lines):
        raise MalformedEdit(FORM, "no line of it is added or removed")
    return UnifiedDiff(read)


@dataclass(slots=True)
class _File:
    old_path: str | None
    new_path: str | None
    hunks: list[Hunk] = field(default_factory=list)

    def done(self) -> FileDiff:
        return FileDiff(self.old_path, self.new_path, tuple(self.hunks))


def _is_hunk_header(line: str) -> bool:
    # Not `@@name`, which is a class variable in Ruby.
    return line.startswith("@@") and (len(line.rstrip()) == 2 or line[2] in " @-")  # noqa: PLR2004 - the two @


def _is_file_header(lines: list[str], at: int) -> bool:
    return (
        lines[at].startswith("--- ")
        and at + 1 < len(lines)
        and lines[at + 1].startswith("+++ ")
        and _path(lines[at][4:]) != ""
    )


def _path(text: str) -> str | None:
    """Read a header's path: no time stamp, no a/ or b/, no /dev/null."""
    path = text.partition("\t")[0].strip().strip('"')
    if path == "/dev/null":
        return None
    return path[2:] if path[:2] in {"a/", "b/"} else path


def _hunk_end(lines: list[str], at: int) -> int:
    """Find the line after a hunk: by its counts where they hold, else by the next header."""
    numbers = _NUMBERS.match(lines[at]) if at >= 0 else None
    if numbers is not None:
        counted = _counted_end(lines, at + 1, int(numbers[2] or 1), int(numbers[4] or 1))
        if counted is not None:
            return counted
    end = at + 1
    while end < len(lines) and not _ends_hunk(lines, end):
        end += 1
    return end


def _ends_hunk(lines: list[str], at: int) -> bool:
    line = lines[at]
    return _is_hunk_header(line) or _is_file_header(lines, at) or line.startswith("diff --git ")


def _counted_end(lines: list[str], at: int, old: int, new: int) -> int | None:
    """Consume exactly the declared counts; ``None`` where the lines do not keep to them."""
    while old > 0 or new > 0:
        if at >= len(lines):
            return None
        sign = lines[at][:1] or " "
        if sign == "\\":
            at += 1
            continue
        if sign not in " +-":
            return None
        old -= sign != "+"
        new -= sign != "-"
        at += 1
    if old < 0 or new < 0:
        return None
    while at < len(lines) and lines[at].startswith("\\"):
        at += 1
    rest = next((i for i in range(at, len(lines)) if lines[i].strip()), len(lines))
    at_boundary = rest == len(lines) or _ends_hunk(lines, rest) or _NOISE.match(lines[rest])
    return at if at_boundary else None


def _hunk(lines: list[str], at: int, end: int) -> Hunk:
    numbers = _NUMBERS.match(lines[at])
    counted = numbers is not None and end == _counted_end(
        lines, at + 1, int(numbers[2] or 1), int(numbers[4] or 1)
    )
    body = lines[at + 1 : end]
    if not counted:
        while body and not body[-1].strip():
            body.pop()
    start, hint = None, ""
    if numbers is not None:
        # A pure insertion declares the line after which it goes.
        first = int(numbers[1])
        start = first if numbers[2] == "0" else max(first - 1, 0)
        hint = (numbers[5] or "").strip()
    elif (header := _HEADER.match(lines[at])) is not None:
        parts = (part.strip() for part in header.groups() if part)
        hint = next((part for part in parts if not _DOTS.match(part)), "")
    return Hunk(_body(body), start, hint, at)


def _body(lines: list[str]) -> tuple[HunkLine, ...]:
    return tuple(_signed(lines))


def _signed(lines: list[str]) -> Iterator[HunkLine]:
    for line in lines:
        match line[:1]:
            case "+":
                yield HunkLine("+", line[1:])
            case "-":
                yield HunkLine("-", line[1:])
            case " ":
                yield HunkLine(" ", line[1:])
            case "\\":
                continue
            case _:
                # Editors and models strip the sign of a blank context line, and forget others.
                if not _NOISE.match(line):
                    yield HunkLine(" ", line)
