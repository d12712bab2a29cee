"""Where in a model's answer is the file?

Around it there may stand reasoning (``<think>…</think>``, harmony channels), a sentence or two
before a fence, a Markdown fence of any length, and a dialect's tag. The rule is to keep in doubt:

- What the original itself begins with is no wrapper, nor is anything where the answer begins as
  the original does.
- A fence is closed by the last line that can close it: inner fences of a Markdown file or of a
  docstring never end the file. What follows is prose and dropped, unless one of its lines is a
  line of the original: then the fence was never closed, and all of it is the file.
- A sentence is dropped only before a wrapper, and only if the original has no such line; where the
  original has fences of its own, also the line after the fence must be the original's first.

What was dropped is kept as ``stripped``, for the guard. Held back are: the first lines until they
are known to be the file (usually one line), and what follows a possible closing line.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapply_lsp.rewrite.unwrap_body import Body, Original, content_of
from fastapply_lsp.rewrite.wrappers import (
    Kind,
    Reasoning,
    Stripped,
    Wrapper,
    fence_in,
    reasoning_in,
    tag_in,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

_PROSE_LINES_MAX = 3
_LINES_AFTER_MAX = 3


class Unwrapper:
    r"""Whole lines in, the file's lines out.

    >>> stage = Unwrapper(["x = 1\n"])
    >>> stage.push(["Here it is:\n", "```python\n", "x = 2\n", "```\n"]), stage.finish()
    (['x = 2\n'], [])
    >>> [piece.kind for piece in stage.stripped]
    ['prose', 'fence', 'fence']
    """

    __slots__ = ("_body", "_head", "stripped")

    def __init__(self, original: Sequence[str]) -> None:
        self.stripped: list[Stripped] = []
        """What was taken off so far, in order."""
        about = Original(original)
        self._head: _Head | None = _Head(about, self.stripped)
        self._body = Body(about, self.stripped)

    def push(self, lines: list[str]) -> list[str]:
        """Return the lines that are known to be the file's."""
        if self._head is None:
            return self._body.push(lines)
        result: list[str] = []
        for index, line in enumerate(lines):
            first = self._head.push(line)
            if first is not None:
                result += self._start(self._head, first)
                result += self._body.push(lines[index + 1 :])
                break
        return result

    def finish(self) -> list[str]:
        """Return what was held and belongs to the file."""
        result: list[str] = []
        if self._head is not None:
            result += self._start(self._head, self._head.finish())
        return result + self._body.finish()

    def _start(self, head: _Head, first: list[str]) -> list[str]:
        self._head = None
        self._body.wrappers = head.wrappers
        return self._body.push(first)


class Bare:
    """Stands in for `Unwrapper` where the answer is known to be the file and nothing else."""

    __slots__ = ("stripped",)

    def __init__(self) -> None:
        self.stripped: list[Stripped] = []
        """Always empty."""

    def push(self, lines: list[str]) -> list[str]:
        """Return the lines as they are."""
        return lines

    def finish(self) -> list[str]:
        """Return nothing, since nothing was held."""
        return []


class _Head:
    """The start of an answer, until the file's first line is known."""

    __slots__ = (
        "_held",
        "_in_tag",
        "_original",
        "_reasoning",
        "_reasoning_text",
        "_stripped",
        "wrappers",
    )

    def __init__(self, original: Original, stripped: list[Stripped]) -> None:
        self._original = original
        self._stripped = stripped
        self.wrappers: tuple[Wrapper, ...] = ()
        self._held: list[str] = []
        self._in_tag = False
        self._reasoning: Reasoning | None = None
        self._reasoning_text: list[str] = []

    def push(self, line: str) -> list[str] | None:
        """Take one line; return the file's first lines once they are known."""
        if self._reasoning is not None:
            rest = self._think(line, self._reasoning)
            if rest is None:
                return None
            line = rest
        self._held.append(line)
        return self._decide()

    def finish(self) -> list[str]:
        """Return what was held: in doubt it is the file."""
        if self._reasoning is not None:
            self._strip("unclosed", "".join(self._reasoning_text))
            return []
        held = self._without_gap(self._held)
        return held if any(map(content_of, held)) or not self._stripped else []

    def _decide(self) -> list[str] | None:
        solid = [index for index, line in enumerate(self._held) if content_of(line)]
        if not solid:
            return None
        first = self._held[solid[0]]
        if self._begins_file(first):
            return self._without_gap(self._held)
        if len(solid) == 1 and not self._original.is_wrapped_itself:
            reasoning = reasoning_in(first)
            if reasoning is not None and not self.wrappers:
                return self._begin_reasoning(first, reasoning)
        return self._decide_wrapper(solid)

    def _decide_wrapper(self, solid: list[int]) -> list[str] | None:
        """Look for a wrapper behind at most a few lines of prose."""
        for order, index in enumerate(solid):
            line = self._held[index]
            tag = None if self._in_tag else tag_in(line)
            if tag or fence_in(line):
                after = [self._held[at] for at in solid[order + 1 :]]
                if tag and content_of(tag.rest):
                    after = [tag.rest]
                return self._open(index, after, is_first=order == 0)
            if self._in_tag or self._original.has(line):
                return self._without_gap(self._held)
        return None if len(solid) <= _PROSE_LINES_MAX else self._without_gap(self._held)

    def _open(self, index: int, after: list[str], *, is_first: bool) -> list[str] | None:
        """Open the wrapper at ``index``, or keep everything if there is doubt."""
        if self._original.is_wrapped_itself or (not is_first and self._original.has_fences):
            follows = self._original_follows(after, self._held[index])
            if follows is not True:
                return None if follows is None else self._without_gap(self._held)
        before, line, rest = self._held[:index], self._held[index], self._held[index + 1 :]
        if any(map(content_of, before)):
            self._strip("prose", "".join(before))
        tag = None if self._in_tag else tag_in(line)
        if tag is not None:
            self._in_tag = True
            self._strip("tag", tag.text)
            self.wrappers += (tag.wrapper,)
            self._held = [tag.rest, *rest] if tag.rest else rest
            return self._decide()
        fence = fence_in(line)
        assert fence is not None
        self._strip("fence", line)
        self.wrappers += (fence,)
        return rest

    def _begin_reasoning(self, line: str, reasoning: Reasoning) -> list[str] | None:
        self._reasoning = reasoning
        self._held = []
        rest = self._think(line, reasoning)
        if rest is None:
            return None
        self._held = [rest]
        return self._decide()

    def _think(self, line: str, reasoning: Reasoning) -> str | None:
        """Read on in the reasoning; return what follows it on its last line."""
        self._reasoning_text.append(line)
        found = reasoning.closer.search(line)
        if found is None:
            return None
        self._reasoning_text[-1] = line[: found.end()]
        self._strip("reasoning", "".join(self._reasoning_text))
        self._reasoning, self._reasoning_text = None, []
        self.wrappers += reasoning.end_marks
        return line[found.end() :] or None

    def _begins_file(self, line: str) -> bool:
        return self._original.first is not None and content_of(line) == self._original.first

    def _original_follows(self, after: list[str], opening: str) -> bool | None:
        """Whether the original begins behind a line that may open a wrapper; ``None``: wait.

        Its first line may be the one that was changed, so another early one is enough, unless
        the opening line is the original's own.
        """
        if after and self._begins_file(after[0]):
            return True
        if self._original.is_wrapped_itself or self._original.has(opening):
            return False if after else None
        if any(content_of(line) in self._original.beginning for line in after):
            return True
        return None if len(after) < _LINES_AFTER_MAX else False

    def _without_gap(self, lines: list[str]) -> list[str]:
        """Drop the blank lines between what was stripped and the file."""
        if not self._stripped or self._original.starts_blank:
            return lines
        first = next((index for index, line in enumerate(lines) if content_of(line)), len(lines))
        return lines[first:]

    def _strip(self, kind: Kind, text: str) -> None:
        self._stripped.append(Stripped(kind, text))
