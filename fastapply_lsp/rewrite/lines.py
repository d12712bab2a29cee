r"""Chunks cut anywhere become whole lines.

A line leaves once its end is certain: after ``\n``, or after ``\r`` and any other character.
"""

from __future__ import annotations

from fastapply_lsp.text.lines import split_lines


class LineReader:
    r"""The first stage: ``push`` a chunk, get the lines that it completed.

    >>> reader = LineReader()
    >>> reader.push("a\nb\r"), reader.push("\nc"), reader.finish()
    (['a\n'], ['b\r\n'], ['c'])
    """

    __slots__ = ("_ends_in_cr", "_pieces")

    def __init__(self) -> None:
        self._pieces: list[str] = []
        self._ends_in_cr = False

    def push(self, chunk: str) -> list[str]:
        """Return the lines that are whole by now."""
        if self._ends_in_cr or "\r" in chunk:
            return self._push_with_cr(chunk)
        if "\n" not in chunk:
            self._pieces.append(chunk)
            return []
        whole, end, rest = chunk.rpartition("\n")
        text = "".join(self._pieces) + whole + end
        self._pieces = [rest] if rest else []
        # A token seldom ends two lines, and what was held ends none.
        return split_lines(text) if "\n" in whole else [text]

    def _push_with_cr(self, chunk: str) -> list[str]:
        text = "".join(self._pieces) + chunk
        lines = split_lines(text)
        rest = "" if text.endswith("\n") or not lines else lines.pop()
        self._pieces = [rest] if rest else []
        self._ends_in_cr = rest.endswith("\r")
        return lines

    def finish(self) -> list[str]:
        """Return what is left, as the last line."""
        rest = "".join(self._pieces)
        self._pieces, self._ends_in_cr = [], False
        return [rest] if rest else []
