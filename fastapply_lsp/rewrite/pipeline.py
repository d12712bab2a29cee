"""From a streamed answer to the replacements of the buffer: all stages of the rewrite in a row.

::

    chunk ─ LineReader ─ Unwrapper ─ Fitter ─ Aligner ─ replacements
            whole lines  the file's  with the   what changes in
                         lines only  original's the original
                                     line ends
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapply_lsp.rewrite.aligner import Aligner
from fastapply_lsp.rewrite.fit import Fitter
from fastapply_lsp.rewrite.lines import LineReader
from fastapply_lsp.rewrite.unwrap import Bare, Unwrapper
from fastapply_lsp.text.lines import split_lines

if TYPE_CHECKING:
    from fastapply_lsp.rewrite.wrappers import Stripped
    from fastapply_lsp.text.replacement import Replacement


class Rewriter:
    r"""A model's answer in, chunk by chunk; replacements of the original's lines out.

    Laws: all replacements together, applied to the original, give ``text``; they are a series
    (``text/replacement.py``) in the order of their release; chunking changes when they leave and
    never what they are; ``aligner.py`` says which lines are in none.

    >>> rewriter = Rewriter("a = 1\r\nb = 2\r\n")
    >>> rewriter.push("```python\na = 1\nb = 3\n")
    []
    >>> rewriter.push("```"), rewriter.finish()
    ([], [Replacement(start=1, end=2, lines=('b = 3\r\n',))])
    """

    __slots__ = ("_aligner", "_fitter", "_lines", "_reader", "_unwrapper", "original")

    def __init__(self, original: str, *, wrapped: bool = True) -> None:
        """Begin with the original.

        Args:
            original: the file as it is.
            wrapped: whether there may be anything around the file in the answer. There is not
                where the merge writes; and a new Markdown file may look just like a wrapped one.
        """
        self.original = split_lines(original)
        """The original's lines, which the replacements count."""
        self._reader = LineReader()
        self._unwrapper = Unwrapper(self.original) if wrapped else Bare()
        self._fitter = Fitter(self.original)
        self._aligner = Aligner(self.original)
        self._lines: list[str] = []

    def push(self, chunk: str) -> list[Replacement]:
        """Return the replacements whose end is known by now."""
        lines = self._reader.push(chunk)
        return self._align(self._fitter.push(self._unwrapper.push(lines))) if lines else []

    def finish(self) -> list[Replacement]:
        """Return the rest, once the answer has ended. Only once, and nothing after it."""
        rest = self._unwrapper.push(self._reader.finish()) + self._unwrapper.finish()
        released = self._align(self._fitter.push(rest) + self._fitter.finish())
        return released + self._aligner.finish()

    @property
    def lines(self) -> list[str]:
        """The rewrite's lines so far, unwrapped and fitted. Do not change the list."""
        return self._lines

    @property
    def lines_read(self) -> int:
        """How many lines of the rewrite are known."""
        return len(self._lines)

    @property
    def lines_settled(self) -> int:
        """How many lines of the original are kept or replaced for good."""
        return self._aligner.settled

    @property
    def text(self) -> str:
        """The rewrite so far; after ``finish`` all of it."""
        return "".join(self._lines)

    @property
    def stripped(self) -> tuple[Stripped, ...]:
        """What of the answer was taken to be no part of the file."""
        return tuple(self._unwrapper.stripped)

    @property
    def words_around(self) -> str:
        """The sentences and the reasoning among what was stripped: no fences, no tags."""
        pieces = self._unwrapper.stripped
        return "".join(piece.text for piece in pieces if piece.kind not in {"fence", "tag"})

    def _align(self, lines: list[str]) -> list[Replacement]:
        self._lines += lines
        return self._aligner.push(lines)
