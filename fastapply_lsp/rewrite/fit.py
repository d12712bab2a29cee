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

    __slots__ = ("_ends", "_is_first", "_is_new", "_mark")

    def __init__(self, original: Sequence[str]) -> None:
        self._ends = LineEnds(original)
        self._is_new = not original
        self._mark = BOM if original and original[0].startswith(BOM) else ""
        self._is_first = True

    def push(self, lines: list[str]) -> list[str]:
        """Return the fitted lines; the last one may be held until the next, or the end."""
        if self._is_first and lines:
            self._is_first = False
            if not self._is_new:
                lines = [self._mark + lines[0].removeprefix(BOM), *lines[1:]]
                if not lines[0]:
                    # The answer was a mark and nothing else.
                    return []
        return self._ends.push(lines)

    def finish(self) -> list[str]:
        """Return the held line."""
        return self._ends.finish()
