"""The ``*** Begin Patch`` form: hunks without numbers, found by their context."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from fastapply_lsp.errors import MalformedEdit
from fastapply_lsp.request.code_edit_model import FileDiff, Hunk, HunkLine, Sign, UnifiedDiff

FORM = "a *** Begin Patch block"

_FILE = re.compile(r"\*\*\* (Update|Add|Delete) File: *(.+?) *$")
_SIGNS: dict[str, Sign] = {"+": "+", "-": "-", " ": " "}


def has_patch(lines: list[str]) -> bool:
    """Whether the lines begin a patch, or name a file in its manner."""
    return any(
        line.rstrip() == "*** Begin Patch" or _FILE.match(line) for line in lines if line[:1] == "*"
    )


def parse_patch(lines: list[str]) -> UnifiedDiff:
    """Read a patch as the files and hunks of a diff that declares no numbers.

    ``@@`` lines before a hunk are its hint; several of them name nested scopes, and the innermost
    counts. A deleted file has no hunks.

    Raises:
        MalformedEdit: there is no change in it.
    """
    reader = _Reader()
    for at, line in enumerate(lines):
        reader.read(at, line)
    reader.end_file()
    if not reader.files:
        raise MalformedEdit(FORM, "no line of it is added or removed")
    return UnifiedDiff(tuple(reader.files))


@dataclass(slots=True)
class _Reader:
    """A patch, line by line."""

    files: list[FileDiff] = field(default_factory=list)
    path: str | None = None
    new_path: str | None = None
    hunks: list[Hunk] = field(default_factory=list)
    body: list[HunkLine] = field(default_factory=list)
    hint: str = ""
    began: int = 0

    def read(self, at: int, line: str) -> None:
        """Take one line."""
        if header := _FILE.match(line):
            self.end_file()
            self.path = header[2] if header[1] != "Add" else None
            self.new_path = header[2] if header[1] != "Delete" else None
        elif line.startswith("*** Move to:"):
            self.new_path = line[12:].strip()
        elif line.startswith("*** End of File"):
            self.end_hunk(to_end=True)
        elif line.startswith("@@"):
            self.end_hunk(to_end=False)
            self.hint = line.strip("@ ") or self.hint
        elif not line.startswith("***"):
            self._add(at, line)

    def _add(self, at: int, line: str) -> None:
        if not self.body:
            self.began = at
        sign = _SIGNS.get(line[:1])
        self.body.append(HunkLine(sign or " ", line if sign is None else line[1:]))

    def end_hunk(self, *, to_end: bool) -> None:
        """Close the hunk, if one is open."""
        if any(line.sign != " " for line in self.body):
            lines = tuple(_trimmed(self.body))
            self.hunks.append(Hunk(lines, None, self.hint, self.began, to_end))
            self.hint = ""
        self.body.clear()

    def end_file(self) -> None:
        """Close the file, if one is open."""
        self.end_hunk(to_end=False)
        if self.hunks:
            self.files.append(FileDiff(self.path, self.new_path, tuple(self.hunks)))
        self.hunks.clear()


def _trimmed(body: list[HunkLine]) -> list[HunkLine]:
    """Drop bare blank lines at the end: they part the hunk from what follows."""
    end = len(body)
    while end and body[end - 1].sign == " " and not body[end - 1].text.strip():
        end -= 1
    return body[:end]
