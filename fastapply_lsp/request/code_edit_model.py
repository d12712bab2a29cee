"""What a code_edit says, as values: one type for each form that chat models write."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from fastapply_lsp.syntax.markers import Marker

Sign = Literal[" ", "-", "+"]


@dataclass(frozen=True, slots=True)
class HunkLine:
    """One line of a hunk, without its sign and its line end."""

    sign: Sign
    text: str


@dataclass(frozen=True, slots=True)
class Hunk:
    """Lines that belong together in the file.

    ``old_start`` is the declared first line (0-based; ``None`` where no number was written),
    ``hint`` the text after the header's ``@@`` (usually the enclosing function), ``at`` the line
    of the block (0-based) where the hunk begins, and ``to_end`` says that it was marked as the
    end of the file.
    """

    lines: tuple[HunkLine, ...]
    old_start: int | None = None
    hint: str = ""
    at: int = 0
    to_end: bool = False

    @property
    def old(self) -> tuple[str, ...]:
        """What the file holds before."""
        return tuple(line.text for line in self.lines if line.sign != "+")

    @property
    def new(self) -> tuple[str, ...]:
        """What the file holds after."""
        return tuple(line.text for line in self.lines if line.sign != "-")


@dataclass(frozen=True, slots=True)
class FileDiff:
    """The hunks of one file; a path is ``None`` where none was written or it is ``/dev/null``."""

    old_path: str | None
    new_path: str | None
    hunks: tuple[Hunk, ...]

    @property
    def path(self) -> str | None:
        """The path of the file that is meant, its old name first."""
        return self.old_path or self.new_path


@dataclass(frozen=True, slots=True)
class UnifiedDiff:
    """A unified diff, or a ``*** Begin Patch``, of one or several files."""

    files: tuple[FileDiff, ...]


@dataclass(frozen=True, slots=True)
class Reading:
    """One way to cut a search/replace block in two: content lines without their ends."""

    search: tuple[str, ...]
    replace: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Block:
    """One search/replace block.

    ``readings`` has one entry, or several where the code itself holds a line that looks like the
    divider. ``start`` is the declared first line (0-based). ``at`` is the line of the code_edit
    (0-based) where the block begins.
    """

    readings: tuple[Reading, ...]
    path: str | None = None
    start: int | None = None
    at: int = 0


@dataclass(frozen=True, slots=True)
class SearchReplace:
    """Search/replace blocks in the order in which they were written."""

    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class Snippet:
    """Code as it shall stand in the file: lines without their ends.

    ``markers`` stand for code left out, or say that some was removed. ``fenced`` says that a
    fence was taken away, so that nothing is known of blank lines at the edges and of the final
    line end; otherwise ``final_newline`` says whether the text ended with one.
    """

    lines: tuple[str, ...]
    markers: tuple[Marker, ...] = ()
    fenced: bool = False
    final_newline: bool = True


CodeEdit = UnifiedDiff | SearchReplace | Snippet
