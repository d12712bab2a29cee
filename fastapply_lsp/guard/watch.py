"""Can this stream still become the file? Says so as early as that it cannot, so that it is stopped.

Made with a rewrite's ``Rewriter``, and told of its ``lines`` as they come. A fault here means that
no further line can make it good; a rewrite without one is judged at its end.

**Invariant:** a right rewrite is never stopped. So nothing is said of what a long edit may bring:
lines of the edit count as the file's, and a loop must outdo what file, edit and guide have.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapply_lsp.guard.model import Fault, FaultKind
from fastapply_lsp.guard.rounds import Rounds, stretches
from fastapply_lsp.text.replacement import Span

if TYPE_CHECKING:
    from collections.abc import Sequence

_LOOP_LINES = 32
_LOOP_ROUNDS = 6
_LOOP_MORE = 2
"""A loop is so many times as long as any stretch that repeats in what is known."""
_MORE_LINES = 200
_MORE_SHARE = 0.5
"""A rewrite may be longer than file and edit together by so much."""
_OTHER_LINES = 60
_OTHER_SHARE = 0.1
"""Of so many telling lines, fewer known ones than this share are another file's."""
_TELLING_CHARACTERS = 6


class Watch:
    r"""Watches one rewrite. Each line costs the same, however long the rewrite.

    Args:
        original: The file's lines.
        guide: The lines of what the merge predicts; the original's where it predicts nothing.
        edit: The lines of the code_edit.

    >>> watch = Watch(["a = 1\n", "b = 2\n"], ["a = 1\n", "b = 2\n"], ["b = 2\n"])
    >>> watch.push(["a = 1\n"]), watch.push(["b = 2\n"] * 99).message
    (None, 'the same lines come again and again, from line 2 on')
    """

    __slots__ = ("_count", "_fault", "_found", "_known", "_loop", "_most", "_rounds", "_telling")

    def __init__(self, original: Sequence[str], guide: Sequence[str], edit: Sequence[str]) -> None:
        texts = (original, () if guide == original else guide, edit)
        longest = max(
            (each.end - each.start for text in texts for each in stretches(text)), default=0
        )
        self._loop = max(_LOOP_LINES, _LOOP_MORE * longest + 1)
        length = max(len(original), len(guide)) + len(edit)
        self._most = length + max(_MORE_LINES, int(_MORE_SHARE * length))
        self._known = {line.strip() for text in texts for line in text}
        self._rounds = Rounds()
        self._count = self._telling = self._found = 0
        self._fault: Fault | None = None

    def push(self, lines: Sequence[str]) -> Fault | None:
        """Take the rewrite's next whole lines; return why it cannot become the file, once it is so."""
        for line in lines:
            if self._fault is not None:
                break
            self._fault = self._read(line)
        return self._fault

    def _read(self, line: str) -> Fault | None:
        self._count += 1
        content = line.strip()
        again = self._rounds.push(line)
        if len(again) >= max(self._loop, _LOOP_ROUNDS * self._rounds.period):
            start = again.start - self._rounds.period
            message = f"the same lines come again and again, from line {start + 1} on"
            return self._stop(FaultKind.REPETITION, message, start)
        if self._count > self._most:
            message = f"the rewrite is much longer than file and edit: {self._count:,} lines so far"
            return self._stop(FaultKind.REPETITION, message, 0)
        if len(content) >= _TELLING_CHARACTERS:
            self._telling += 1
            self._found += content in self._known
            if self._telling >= _OTHER_LINES and self._found < _OTHER_SHARE * self._telling:
                message = (
                    f"of {self._telling:,} lines, {self._found:,} are the file's or the edit's"
                )
                return self._stop(FaultKind.LOST, message, 0)
        return None

    def _stop(self, kind: FaultKind, message: str, start: int) -> Fault:
        return Fault(kind, message, Span(start, self._count), fatal=True)
