r"""Where is a place in a text, in each of the coordinate systems that we meet?

================  ====  ==============================================================
coordinate        base  unit
================  ====  ==============================================================
offset            0     code points from the start of the text; a place between two
                        characters, so 0 to ``len(text)``; in ``Edit`` and everywhere
                        inside the house
line              0     lines ended by ``\n``, ``\r\n`` or ``\r``; the text after a
                        final line end is one more (empty) line; in ``Position``,
                        ``Span`` and ``Replacement``
character, utf-32 0     code points from the line's start
character, utf-16 0     UTF-16 code units from the line's start (2 beyond U+FFFF); the
                        default of LSP
character, utf-8  0     bytes from the line's start
line number       1     lines, only in what people read (errors, diffs, the terminal)
================  ====  ==============================================================

Token ids and byte lengths belong to ``draft/`` and never meet these.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from enum import StrEnum

from fastapply_lsp.text.lines import line_starts, without_line_end


class PositionEncoding(StrEnum):
    """The unit of ``Position.character``, named as LSP names it."""

    UTF8 = "utf-8"
    UTF16 = "utf-16"
    UTF32 = "utf-32"


@dataclass(frozen=True, slots=True, order=True)
class Position:
    """A place as LSP says it: both numbers 0-based; the encoding says ``character``'s unit."""

    line: int
    character: int


class TextIndex:
    r"""A text with its line starts: offsets to positions and back.

    Laws: ``offset_at(position_at(o)) == o`` for every offset that is not inside a ``\r\n``, in
    each encoding; both ways are monotone. Building it costs one pass over the text; a question
    costs a binary search, plus one look at the line where the text is not ASCII.

    >>> index = TextIndex("a\r\n\U0001f600b")
    >>> index.position_at(4, PositionEncoding.UTF16)
    Position(line=1, character=2)
    >>> index.offset_at(1, 1, PositionEncoding.UTF16), index.offset_at(0, 99, PositionEncoding.UTF8)
    (3, 1)
    """

    __slots__ = ("_starts", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        self._starts = line_starts(text)

    @property
    def line_count(self) -> int:
        """How many lines an editor shows: at least 1."""
        return len(self._starts)

    def position_at(self, offset: int, encoding: PositionEncoding) -> Position:
        r"""Return the position of ``offset`` (clamped to the text).

        No position lies inside ``\r\n``: the offset between the two is told as before both.
        """
        offset = max(0, min(offset, len(self.text)))
        line = bisect_right(self._starts, offset) - 1
        if self._splits_line_end(offset):
            offset -= 1
        before = self.text[self._starts[line] : offset]
        return Position(line, _width(before, encoding))

    def offset_at(self, line: int, character: int, encoding: PositionEncoding) -> int:
        """Return the offset of a position, by LSP's rules for bad ones.

        A character beyond the line's content is the end of that content, before the line end; a
        line beyond the text is the end of the text; inside a character (half a surrogate pair, the
        middle of a UTF-8 sequence) is that character's start; negative numbers are 0.
        """
        if line < 0:
            return 0
        if line >= len(self._starts):
            return len(self.text)
        start = self._starts[line]
        end = self._starts[line + 1] if line + 1 < len(self._starts) else len(self.text)
        content = without_line_end(self.text[start:end])
        return start + _characters(content, max(character, 0), encoding)

    def line_start(self, line: int) -> int:
        """Return the offset of a line's start; beyond the last line, the text's end."""
        return self._starts[line] if line < len(self._starts) else len(self.text)

    def _splits_line_end(self, offset: int) -> bool:
        return offset > 0 and self.text[offset - 1 : offset + 1] == "\r\n"


def _width(text: str, encoding: PositionEncoding) -> int:
    """Return the length of ``text`` in the encoding's units."""
    if text.isascii():
        return len(text)
    match encoding:
        case PositionEncoding.UTF32:
            return len(text)
        case PositionEncoding.UTF8:
            return len(text.encode("utf-8", "surrogatepass"))
        case PositionEncoding.UTF16:
            return len(text.encode("utf-16-le", "surrogatepass")) // 2


def _characters(content: str, units: int, encoding: PositionEncoding) -> int:
    """Return how many whole characters of ``content`` fit into ``units``."""
    if content.isascii():
        return min(units, len(content))
    match encoding:
        case PositionEncoding.UTF32:
            return min(units, len(content))
        case PositionEncoding.UTF8:
            data = content.encode("utf-8", "surrogatepass")
            cut = min(units, len(data))
            while 0 < cut < len(data) and data[cut] & 0xC0 == 0x80:  # noqa: PLR2004 - the continuation bits of UTF-8
                cut -= 1
            return len(data[:cut].decode("utf-8", "surrogatepass"))
        case PositionEncoding.UTF16:
            # A character beyond U+FFFF takes two units; a pair cut in half keeps neither.
            taken = content[:units]
            while taken and _width(taken, encoding) > units:
                over = _width(taken, encoding) - units
                taken = taken[: -((over + 1) // 2)]
            return len(taken)
