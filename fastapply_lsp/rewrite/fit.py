r"""The rewrite takes on the original's byte-order mark, line ends and final newline.

A model neither sees nor means them. So the mark is the original's; ``LineEnds`` in
``text/contract.py`` says which end a line takes; and the rewrite ends in a newline if and only if
the original does, whatever the model lost or added there.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapply_lsp.text.contract import BOM, LineEnds

if TYPE_CHECKING:
    from collections.abc import Sequence


class Fitter:
    r"""Whole lines in, fitted lines out.

    >>> stage = Fitter(["\ufeffa\r\n", "b\r\n"])
    >>> stage.push(["a\n", "c\n"]), stage.push(["b"]), stage.finish()
    (['\ufeffa\r\n', 'c\r\n'], [], ['b\r\n'])
    """

    __slots__ = ("_ends", "_is_unread", "_is_unwritten", "_mark")

    def __init__(self, original: Sequence[str]) -> None:
        self._mark = BOM if original and original[0].startswith(BOM) else ""
        if self._mark:
            first = original[0].removeprefix(BOM)
            original = [first, *original[1:]] if first else []
        self._ends = LineEnds(original)
        # The first line comes before it leaves: it may be held.
        self._is_unread = self._is_unwritten = bool(original) or bool(self._mark)

    def push(self, lines: list[str]) -> list[str]:
        """Return the fitted lines; the last one may be held until the next, or the end."""
        if self._is_unread and lines:
            self._is_unread = False
            first = lines[0].removeprefix(BOM)
            lines = [first, *lines[1:]] if first else lines[1:]
        return self._marked(self._ends.push(lines))

    def finish(self) -> list[str]:
        """Return the held line; a file that is empty now still has its mark."""
        lines = self._marked(self._ends.finish())
        if self._is_unwritten and self._mark:
            self._is_unwritten = False
            return [self._mark]
        return lines

    def _marked(self, lines: list[str]) -> list[str]:
        if not self._is_unwritten or not lines:
            return lines
        self._is_unwritten = False
        return [self._mark + lines[0], *lines[1:]]
