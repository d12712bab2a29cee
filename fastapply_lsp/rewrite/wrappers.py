"""In what do models wrap a file? Fences, tags and reasoning, each as a value that knows its end."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

Kind = Literal["reasoning", "prose", "fence", "tag", "unclosed"]

_FENCE = re.compile(r" {0,3}(?P<marks>`{3,}|~{3,})(?P<info>[^\r\n]*)[\r\n]*\Z")
# The tags in which prompt dialects ask for the file. Names that are tags of real files
# (code, file, output) are not among them.
_TAG = re.compile(r"\s*<(updated?|edited|final|merged|modified)([-_]?)(code|file)>[ \t]*[\r\n]*")
_REASONING = re.compile(r"\s*<(think|thinking|thought|reasoning|analysis|scratchpad)>")
_CHANNEL = re.compile(r"\s*(<\|start\|>\w+)?<\|channel\|>")
_FINAL_CHANNEL = re.compile(r"<\|channel\|>final[^<]*<\|message\|>")


@dataclass(frozen=True, slots=True)
class Stripped:
    """A piece of the answer that is not the file; ``unclosed`` is reasoning that never ended."""

    kind: Kind
    text: str


@dataclass(frozen=True, slots=True)
class Fence:
    """A Markdown code fence: its marks (three or more of ``char``) and its info string."""

    char: str
    length: int
    info: str

    @property
    def hint(self) -> str:
        """What a line must hold to be worth a closer look."""
        return self.char * 3

    def closed_by(self, line: str) -> bool:
        """Whether the line ends this fence: as many marks or more, and nothing else."""
        other = fence_in(line)
        return (
            other is not None
            and not other.info
            and other.char == self.char
            and other.length >= self.length
        )


@dataclass(frozen=True, slots=True)
class Tag:
    """A tag around the file, or the end mark of a channel; it may end on a line of content."""

    closer: str

    @property
    def hint(self) -> str:
        """What a line must hold to be worth a closer look."""
        return self.closer

    def closed_by(self, line: str) -> bool:
        """Whether the closer is the last word of the line."""
        return line.rstrip().endswith(self.closer)


Wrapper = Fence | Tag


@dataclass(frozen=True, slots=True)
class Opening:
    """A wrapper that opens at the start of a line, and the rest of that line."""

    wrapper: Wrapper
    text: str
    rest: str


@dataclass(frozen=True, slots=True)
class Reasoning:
    """Reasoning that opens a line; it ends behind ``closer``."""

    closer: re.Pattern[str]
    end_marks: tuple[Tag, ...]


_CHANNELS = Reasoning(_FINAL_CHANNEL, (Tag("<|return|>"), Tag("<|end|>")))


def fence_in(line: str) -> Fence | None:
    """Read a fence line; in the info string of a backtick fence stands no backtick."""
    match = _FENCE.match(line)
    if match is None:
        return None
    marks, info = match["marks"], match["info"].strip()
    if marks[0] == "`" and "`" in info:
        return None
    return Fence(marks[0], len(marks), info)


def tag_in(line: str) -> Opening | None:
    """Read a tag that opens a line."""
    match = _TAG.match(line)
    if match is None:
        return None
    name = "".join(match.groups())
    return Opening(Tag(f"</{name}>"), match[0], line[match.end() :])


def reasoning_in(line: str) -> Reasoning | None:
    """Read the start of reasoning."""
    match = _REASONING.match(line)
    if match is not None:
        return Reasoning(re.compile(re.escape(f"</{match[1]}>")), ())
    return _CHANNELS if _CHANNEL.match(line) else None


def opens_wrapped(line: str) -> bool:
    """Whether a file that begins with this line looks as if it were wrapped."""
    return bool(fence_in(line) or tag_in(line) or reasoning_in(line))
