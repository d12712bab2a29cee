"""Takes a dialect's own wrapping off the answer while it streams.

Only who asked in a dialect knows which tags belong to the answer: `<code>` may as well be the first
line of a page. So this is done where the dialect is known; whatever else a model puts around a file
(fences, prose, reasoning) is found later, by comparing with the original.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fastapply_lsp.prompt.dialects import Dialect, Wrapper

_THINKS, _THOUGHT = "<think>", "</think>"


def unwrapping(dialect: Dialect) -> Unwrapping | Passing:
    """Return the stage that a dialect's answers need."""
    return Passing() if dialect.wrapper is None else Unwrapping(dialect.wrapper)


class Passing:
    """The stage of a dialect without tags: everything is the file."""

    def push(self, text: str) -> str:
        """Return the text."""
        return text

    def finish(self) -> str:
        """Return nothing: nothing was held."""
        return ""


class Unwrapping:
    r"""The stage: ``push`` a piece of the answer, get what of it is the file.

    The opening tag counts at the very start, after blank space and reasoning at most (which go
    with it), and takes one line end along; the closing tag counts at the very end, before blank space at most. An answer without
    tags comes through as it is.

    Law: any cutting of the same answer gives the same text.

    >>> from fastapply_lsp.prompt.dialects import Wrapper
    >>> stage = Unwrapping(Wrapper("<code>\n", "</code>"))
    >>> stage.push("\n<co"), stage.push("de>\nx = 1\n</co"), stage.push("de>\n"), stage.finish()
    ('', 'x = 1\n', '', '')
    """

    def __init__(self, wrapper: Wrapper) -> None:
        self._opening = wrapper.before.strip()
        self._closing = wrapper.after.strip()
        self._held = ""
        self._opened = False

    def push(self, text: str) -> str:
        """Return what is certain to be the file's."""
        self._held += text
        if not self._opened:
            if self._undecided():
                return ""
            self._open()
        keep = self._possible_closing()
        ready, self._held = self._held[:keep], self._held[keep:]
        return ready

    def finish(self) -> str:
        """Return the rest, without the closing tag."""
        if not self._opened:
            self._open()
        rest, self._held = self._held, ""
        at = rest.find(self._closing)
        return rest if at < 0 or rest[at + len(self._closing) :].strip() else rest[:at]

    def _undecided(self) -> bool:
        """Whether more text may still complete the opening tag, or the line end after it."""
        start = self._start()
        if start is None:
            return True
        if start.startswith(self._opening):
            return start[len(self._opening) :] in ("", "\r")
        return self._opening.startswith(start) or _THINKS.startswith(start)

    def _start(self) -> str | None:
        """What follows blank space and reasoning; ``None`` while the reasoning goes on."""
        start = self._held.lstrip()
        while start.startswith(_THINKS):
            _, thought, start = start.partition(_THOUGHT)
            if not thought:
                return None
            start = start.lstrip()
        return start

    def _open(self) -> None:
        self._opened = True
        start = self._start()
        if start is not None and start.startswith(self._opening):
            rest = start[len(self._opening) :]
            end = "\r\n" if rest.startswith("\r\n") else "\n"
            self._held = rest.removeprefix(end)

    def _possible_closing(self) -> int:
        """Where the end begins that may be, or become, the closing tag."""
        text = self._held
        complete = text.rfind(self._closing)
        if complete >= 0 and not text[complete + len(self._closing) :].strip():
            return complete
        for size in range(min(len(self._closing) - 1, len(text)), 0, -1):
            if text.endswith(self._closing[:size]):
                return len(text) - size
        return len(text)
