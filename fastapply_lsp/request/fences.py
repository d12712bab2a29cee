"""Where are the code blocks of a Markdown document? Fences as CommonMark has them.

CommonMark 0.31 section 4.5: a fence is three or more backticks or tildes, indented by at most
three columns from its container; it closes with the same character, at least as often, alone on
its line; unclosed, it runs to the end. Containers are block quotes and list items.

Chats deviate from it in two ways, which are read as they were meant: code in a list item that is
indented less than the item stays in its block while a closing fence follows; and a Markdown block
may hold fences of its own length, as long as they are balanced.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from fastapply_lsp.text.lines import without_line_end

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_OPENING = re.compile(
    r"(?P<quote>(?:[ ]{0,3}>[ ]?)*)(?P<indent>[ \t]*)(?P<bullet>(?:(?:[-*+]|\d{1,9}[.)])[ \t]+)*)"
    r"(?P<fence>`{3,}|~{3,})[ \t]*(?P<info>.*?)[ \t]*$"
)
_BULLET = re.compile(r"(?P<indent>[ \t]*)(?P<bullet>[-*+]|\d{1,9}[.)])(?P<space>[ \t]+|$)")
_QUOTE = re.compile(r"[ ]{0,3}>[ ]?")
_MARKDOWN_WORDS = frozenset({"markdown", "md", "mdx", "mkd"})
_TAB = 4
_MOST_INDENT = 3


@dataclass(frozen=True, slots=True)
class Fence:
    """One fenced block: lines ``start`` to ``end`` (0-based, exclusive), the fences included.

    ``code`` is what stands between, without quote marks and without the fence's indentation;
    ``closed`` is false for a block that runs to the end of the document.
    """

    start: int
    end: int
    info: str
    code: tuple[str, ...]
    closed: bool


@dataclass(frozen=True, slots=True)
class _Opened:
    line: int
    info: str
    character: str
    length: int
    quotes: int
    indent: int

    def closes(self, content: str) -> bool:
        stripped = content.strip()
        return (
            len(stripped) >= self.length
            and stripped == self.character * len(stripped)
            and _columns(content) <= self.indent + _MOST_INDENT
        )


def find_fences(lines: Sequence[str]) -> tuple[Fence, ...]:
    r"""Return the fenced blocks of a document, in order.

    >>> [(f.start, f.end, f.info, f.code) for f in find_fences(["- x\n", "  ```py\n", "  a\n", "  ```"])]
    [(1, 4, 'py', ('a\n',))]
    """
    found: list[Fence] = []
    containers: list[int] = []
    at = 0
    while at < len(lines):
        content = without_line_end(lines[at])
        opened = _opening(content, at, containers)
        if opened is None:
            _enter_lists(content, containers)
            at += 1
            continue
        fence = _block(lines, opened)
        found.append(fence)
        at = fence.end
    return tuple(found)


def _opening(content: str, line: int, containers: Sequence[int]) -> _Opened | None:
    match = _OPENING.match(content)
    if match is None or (match["fence"][0] == "`" and "`" in match["info"]):
        return None
    own = _columns(match["indent"])
    base = max((column for column in containers if column <= own), default=0)
    if own - base > _MOST_INDENT and not match["bullet"]:
        return None
    return _Opened(
        line=line,
        info=match["info"],
        character=match["fence"][0],
        length=len(match["fence"]),
        quotes=match["quote"].count(">"),
        indent=_columns(match["indent"]) + len(match["bullet"]),
    )


def _enter_lists(content: str, containers: list[int]) -> None:
    """Keep the content columns of the list items that are open after this line."""
    if not content.strip():
        return
    content = _unquoted(content, content.count(">"))
    own = _columns(content)
    while containers and own < containers[-1]:
        containers.pop()
    match = _BULLET.match(content)
    while match is not None:
        width = len(match["bullet"]) + (min(len(match["space"]), _TAB) or 1)
        own = _columns(match["indent"]) + width if not containers else own + width
        containers.append(own)
        content = " " * own + content[match.end() :]
        rest = _BULLET.match(content.lstrip())
        match = rest if rest is not None and rest["space"] else None
        if match is not None:
            content = content.lstrip()


def _block(lines: Sequence[str], opened: _Opened) -> Fence:
    end = _nested_end(lines, opened)
    closed = end is not None
    stop = opened.line + 1 if end is None else end
    if end is None:
        for at in _inside(lines, opened):
            closed = opened.closes(_inner(lines[at], opened))
            stop = at if closed else at + 1
            if closed:
                break
    bare = [_unquoted(lines[at], opened.quotes) for at in range(opened.line + 1, stop)]
    # Code at the left margin never had the fence's indentation to begin with.
    outside = any(line.strip() and not line[0].isspace() for line in bare)
    indent = 0 if outside else opened.indent
    code = tuple(_dedented(line, indent) for line in bare)
    return Fence(opened.line, stop + closed, opened.info, code, closed)


def _inside(lines: Sequence[str], opened: _Opened) -> Iterator[int]:
    """Yield the lines behind the opening that stand in the same block quotes."""
    for at in range(opened.line + 1, len(lines)):
        if not _quotes(lines[at], opened.quotes):
            return
        yield at


def _nested_end(lines: Sequence[str], opened: _Opened) -> int | None:
    """Return where a Markdown block that holds balanced fences of its own length ends."""
    words = opened.info.lower().split()
    if not words or words[0].split(":")[0] not in _MARKDOWN_WORDS:
        return None
    depth = 0
    for at in _inside(lines, opened):
        content = _inner(lines[at], opened)
        if opened.closes(content):
            if depth == 0:
                return at
            depth -= 1
        elif content.lstrip().startswith(opened.character * opened.length):
            same = _OPENING.match(content)
            if same is not None and same["info"] and "`" not in same["info"]:
                depth += 1
    return None


def _inner(line: str, opened: _Opened) -> str:
    return _unquoted(without_line_end(line), opened.quotes)


def _quotes(line: str, depth: int) -> bool:
    """Whether the line still stands in the block quotes around the fence."""
    for _ in range(depth):
        match = _QUOTE.match(line)
        if match is None:
            return False
        line = line[match.end() :]
    return True


def _unquoted(line: str, depth: int) -> str:
    for _ in range(depth):
        match = _QUOTE.match(line)
        if match is None:
            break
        line = line[match.end() :]
    return line


def _columns(text: str) -> int:
    """Return the width of the white space at the start; a tab goes to the next multiple of 4."""
    width = 0
    for character in text:
        if character == "\t":
            width += _TAB - width % _TAB
        elif character == " ":
            width += 1
        else:
            break
    return width


def _dedented(line: str, columns: int) -> str:
    """Take up to ``columns`` of white space off the start; a line has its end, so it stays one."""
    width = 0
    for at, character in enumerate(line):
        if width >= columns or character not in " \t":
            return " " * (width - columns) + line[at:]
        width += _TAB - width % _TAB if character == "\t" else 1
    return ""
