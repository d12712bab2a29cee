"""Where does a wrapped file end? At the last line that can close its wrapper.

``unwrap.py`` states the rule.
"""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING

from fastapply_lsp.rewrite.wrappers import Fence, Stripped, Tag, Wrapper, fence_in, opens_wrapped

if TYPE_CHECKING:
    from collections.abc import Sequence

_BOM = "\ufeff"
_BEGINNING_LINES = 5
_TELLING = re.compile(r"\w\W*\w")


def content_of(line: str) -> str:
    """Return what of a line counts when lines are compared: no mark, no spaces at the end."""
    return line.removeprefix(_BOM).rstrip()


class Original:
    """What the unwrapping must know of the original; read only where it is asked."""

    __slots__ = ("_contents", "_lines", "beginning", "first", "starts_blank")

    def __init__(self, lines: Sequence[str]) -> None:
        self._lines = lines
        self._contents: set[str] | None = None
        solid = (content_of(line) for line in lines if content_of(line))
        self.beginning = tuple(islice(solid, _BEGINNING_LINES))
        """The first lines that are not blank."""
        self.first = self.beginning[0] if self.beginning else None
        self.starts_blank = bool(lines) and not content_of(lines[0])

    @property
    def is_wrapped_itself(self) -> bool:
        """Whether the file begins with what would be a wrapper around another."""
        return self.first is not None and opens_wrapped(self.first)

    @property
    def has_fences(self) -> bool:
        """Whether the file holds fences of its own."""
        return any(fence_in(line) for line in self._lines)

    @property
    def ends_in_fence(self) -> bool:
        """Whether the last line that is not blank is a fence."""
        last = next((line for line in reversed(self._lines) if line.strip()), "")
        return fence_in(last) is not None

    def has(self, line: str) -> bool:
        """Whether the line is one of the file, whatever its end."""
        if self._contents is None:
            self._contents = {content_of(line) for line in self._lines}
        return content_of(line) in self._contents


class Body:
    """The file's lines, until the last line that closes the wrapper."""

    __slots__ = ("_inner", "_level", "_original", "_stripped", "_tail", "wrappers")

    def __init__(self, original: Original, stripped: list[Stripped]) -> None:
        self._original = original
        self._stripped = stripped
        self.wrappers: tuple[Wrapper, ...] = ()
        self._inner: list[Fence] = []
        # What may be the end: a possible closing line and all after it.
        self._tail: list[str] = []
        # Which wrapper it closes, by index; one beyond them all where it closes an inner fence.
        self._level = 0

    def push(self, lines: list[str]) -> list[str]:
        """Return the lines that are not, and do not follow, a possible closing line."""
        if not self.wrappers:
            return lines
        if not self._tail:
            joined = "".join(lines)
            for wrapper in self.wrappers:
                if wrapper.hint in joined:
                    break
            else:
                return lines
        result: list[str] = []
        for line in lines:
            self._read(line, result)
        return result

    def finish(self) -> list[str]:
        """Decide what the tail was."""
        tail, self._tail = self._tail, []
        if not tail:
            return []
        if self._level == len(self.wrappers) and self._original.ends_in_fence:
            return tail
        if any(_TELLING.search(line) and self._original.has(line) for line in tail[1:]):
            return tail
        return self._close(tail)

    def _close(self, tail: list[str]) -> list[str]:
        """Take the closing line and what follows off; content before a closing tag stays."""
        level = min(self._level, len(self.wrappers) - 1)
        wrapper = self.wrappers[level]
        content, closing = "", tail[0]
        match wrapper:
            case Tag(closer):
                at = closing.rindex(closer)
                content, closing = closing[:at], closing[at:]
                self._stripped.append(Stripped("tag", closing))
            case Fence():
                self._stripped.append(Stripped("fence", closing))
        after = "".join(tail[1:])
        if after:
            self._stripped.append(Stripped("prose", after))
        return [content] if content else []

    def _read(self, line: str, result: list[str]) -> None:
        level = self._closes(line)
        if self._tail and self._level == len(self.wrappers) and content_of(line):
            # The inner fence was closed in the middle of the file.
            result += self._tail
            self._tail = []
        if level is not None and (not self._tail or level >= self._level):
            result += self._tail
            self._tail, self._level = [line], level
        elif self._tail:
            self._tail.append(line)
        else:
            result.append(line)

    def _closes(self, line: str) -> int | None:
        """Return the level that the line can close, and follow the inner fences."""
        for level in range(len(self.wrappers) - 1, -1, -1):
            wrapper = self.wrappers[level]
            if isinstance(wrapper, Tag):
                if wrapper.closed_by(line):
                    return level
                continue
            if self._inner and self._inner[-1].closed_by(line):
                self._inner.pop()
                return len(self.wrappers)
            if wrapper.closed_by(line):
                return None if self._inner else level
            fence = fence_in(line)
            if fence and fence.info and fence.char == wrapper.char:
                if fence.length >= wrapper.length and not self._inner:
                    self._inner.append(fence)
                return None
        return None
