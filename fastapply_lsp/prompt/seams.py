"""Does a rewritten window bring lines along that stand outside it?

An edit may show the line before a window or after it, and the model then writes it, although it is
not the window's. Put back into the file, it would stand there twice. It is dropped where that is
certain: neither what the window shows nor its prediction begins or ends so, and without it the
window begins, or ends, as predicted.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapply_lsp.text.lines import split_lines, without_line_end

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from fastapply_lsp.merge.model import Merge
    from fastapply_lsp.text.replacement import Span

REACH = 12
"""Lines on either side that may be brought along; an edit shows a few around what it changes."""


class Seams:
    r"""Whole lines of a window's rewrite in, those that belong there out.

    Laws: what comes out is what went in, but for lines at its ends that the file has just outside;
    the window as it is and as predicted lose nothing; chunking changes nothing.

    Args:
        lines: the file's.
        window: which of them were shown.
        merge: what is to become of those (``parts.merge_in``).

    >>> from fastapply_lsp.merge import merge
    >>> from fastapply_lsp.request.model import EditFile
    >>> from fastapply_lsp.text.replacement import Span
    >>> asked = merge("b = 2\n", EditFile("a.py", "", "b = 3\n"))
    >>> seams = Seams(["a = 1\n", "b = 2\n", "c = 3\n"], Span(1, 2), asked)
    >>> seams.push(["a = 1\n", "b = 3\n", "c = 3"]), seams.finish()
    (['b = 3\n'], [])
    """

    __slots__ = ("_begun", "_first", "_heads", "_held", "_last", "_latest", "_tails")

    def __init__(self, lines: Sequence[str], window: Span, merge: Merge) -> None:
        shown = _bare(lines[window.start : window.end])
        predicted = _bare(split_lines(merge.predicted))
        before = _bare(lines[max(0, window.start - REACH) : window.start])
        after = _bare(lines[window.end : window.end + REACH])
        # Where the merge is not certain, lines like these may be what the edit adds at the end.
        if not merge.certain and any(not one.span.start for one in merge.regions):
            before = []
        if not merge.certain and any(one.span.end == len(shown) for one in merge.regions):
            after = []
        self._heads = [
            head
            for head in (before[at:] for at in range(len(before)))
            if any(map(str.strip, head))
            and head not in (shown[: len(head)], predicted[: len(head)])
        ]
        self._tails = [
            tail
            for tail in (after[:count] for count in range(len(after), 0, -1))
            if any(map(str.strip, tail))
            and tail not in (shown[-len(tail) :], predicted[-len(tail) :])
        ]
        self._first, self._last = predicted[:1], predicted[-1:]
        self._begun = False
        self._held: list[str] = []
        self._latest: list[str] = []  # the line that left last

    def push(self, lines: Iterable[str]) -> list[str]:
        """Return the lines that are known to belong into the window."""
        self._held += lines
        if not self._begun:
            held = _bare(self._held)
            if any(head[: len(held)] == held for head in self._heads):
                return []
            self._begin()
        held = _bare(self._held)
        most = max(map(len, self._tails), default=0)
        first = next(
            at
            for at in range(max(0, len(held) - most), len(held) + 1)
            if any(tail[: len(held) - at] == held[at:] for tail in self._tails) or at == len(held)
        )
        return self._release(first)

    def finish(self) -> list[str]:
        """Return the rest, once the rewrite has ended. Only once, and nothing after it."""
        if not self._begun:
            self._begin()
        known = [*self._latest, *_bare(self._held)]
        for tail in self._tails:
            count = len(tail)
            if known[-count:] == tail and known[:-count][-1:] == self._last:
                del self._held[-count:]
                break
        return self._release(len(self._held))

    def _begin(self) -> None:
        self._begun = True
        held = _bare(self._held)
        for head in self._heads:
            count = len(head)
            if held[:count] == head and held[count : count + 1] == self._first:
                del self._held[:count]
                return

    def _release(self, count: int) -> list[str]:
        released = self._held[:count]
        del self._held[:count]
        self._latest = _bare(released[-1:]) or self._latest
        return released


def _bare(lines: Sequence[str]) -> list[str]:
    return [without_line_end(line) for line in lines]
