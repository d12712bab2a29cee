"""Which files and code blocks does a prompt hold? In fences or in tags, with the names beside them.

Apply models have tags of their own (``<code>``, ``<update>``); editors and agents show a file in a
fence below its path, or in a tag that names it. All of them are read by their form: a block is what
stands between an opening and its closing, and its names are what looks like a path there or before.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from fastapply_lsp.request.fences import find_fences
from fastapply_lsp.text.lines import split_lines, without_line_end

if TYPE_CHECKING:
    from collections.abc import Iterator

_LEAST = 2
"""Lines of a fence that is worth drafting from."""
_BEFORE = 300
"""Characters before a block in which its name is looked for."""

_FILE_TAGS = [
    "code",
    "file",
    "files",
    "original",
    "original_code",
    "current_code",
    "file_content",
    "file_contents",
    "current_file",
    "document",
    "document_content",
    "document_contents",
    "source_code",
]
_EDIT_TAGS = [
    "update",
    "edit",
    "code_edit",
    "edit_snippet",
    "update_snippet",
    "updated_snippet",
    "code_update",
    "new_code",
    "diff",
]
_OPENING = re.compile(
    r"^(?:[ \t]|\[/?[A-Z_]+\]|<\|[^<>|\n]*\|>)*"  # a chat template's own words may stand before it
    rf"(?P<whole><(?P<tag>{'|'.join((*_FILE_TAGS, *_EDIT_TAGS))})(?P<words>[ \t][^<>\n]*)?>)",
    re.MULTILINE,
)
_PATH = re.compile(
    r"(?<![\w./])(?:[\w@()\[\]~.-]*[\\/])*(?:[\w@()\[\]-][\w@()\[\].-]*\.[A-Za-z]\w{0,11}"
    r"|(?:Make|Docker|Gem|Rake|Jenkins|Vagrant)file)(?![\w/])"
)


@dataclass(frozen=True, slots=True)
class Block:
    """A block of a prompt: characters ``start`` to ``end``, its opening and closing included.

    ``info`` is what its fence or its tag says of it; ``before`` are the words between the last
    block and this one, as far as they matter. ``is_edit`` is set where its tag says so.
    """

    start: int
    end: int
    text: str
    info: str = ""
    before: str = ""
    is_edit: bool = False

    @property
    def paths(self) -> tuple[str, ...]:
        """The files that it may be, the likeliest first: on its opening, then in the words before."""
        return (*paths_in(self.info), *paths_in(self.before))


def blocks_of(prompt: str) -> list[Block]:
    r"""Return the blocks of a prompt in their order; of two within each other, the outer one.

    >>> text = "a.py\n```python\nx = 1\ny = 2\n```\n<update>\nx = 3\n</update>"
    >>> [(one.text, one.paths, one.is_edit) for one in blocks_of(text)]
    [('x = 1\ny = 2\n', ('a.py',), False), ('x = 3\n', (), True)]
    """
    found: list[Block] = []
    end = 0
    for block in sorted((*_fenced(prompt), *_tagged(prompt)), key=lambda one: one.start):
        if block.start >= end:
            before = prompt[max(end, block.start - _BEFORE) : block.start]
            found.append(replace(block, before=before))
            end = block.end
    return found


def paths_in(words: str) -> tuple[str, ...]:
    """Return what looks like a file's path, the last first.

    >>> paths_in("Look at src/app.py, then apply it to `lib/Tab.tsx`.")
    ('lib/Tab.tsx', 'src/app.py')
    """
    return tuple(reversed(_PATH.findall(words)))


def _fenced(prompt: str) -> Iterator[Block]:
    lines = split_lines(prompt)
    starts = [0]
    for line in lines:
        starts.append(starts[-1] + len(line))
    for fence in find_fences(lines):
        if len(fence.code) >= _LEAST:
            text = "".join(f"{without_line_end(line)}\n" for line in fence.code)
            yield Block(starts[fence.start], starts[fence.end], text, fence.info)


def _tagged(prompt: str) -> Iterator[Block]:
    found = list(_between_tags(prompt))
    # Either the text begins on a line of its own, in every block, or beside its tag.
    own_line = all(block.text.startswith("\n") for block in found)
    for block in found:
        yield replace(block, text=block.text[1:]) if own_line else block


def _between_tags(prompt: str) -> Iterator[Block]:
    openings = list(_OPENING.finditer(prompt))
    limits: list[int] = []  # where the next opening of the same kind is
    next_of: dict[str, int] = {}
    for opening in reversed(openings):
        limits.append(next_of.get(opening["tag"], len(prompt)))
        next_of[opening["tag"]] = opening.start()
    last = 0
    unclosed: set[str] = set()
    for opening, limit in zip(openings, reversed(limits), strict=True):
        tag = opening["tag"]
        if opening.start("whole") < last or tag in unclosed:
            continue  # inside another block, or none of this kind is closed from here on
        end = _closing(prompt, opening.end(), f"</{tag}>", limit)
        if end is None:
            unclosed.add(tag)
            continue
        text = prompt[opening.end() : end]
        last = end + len(tag) + 3
        if text.strip():
            is_edit = tag in _EDIT_TAGS
            yield Block(opening.start("whole"), last, text, opening["words"] or "", "", is_edit)


def _closing(prompt: str, start: int, closing: str, limit: int) -> int | None:
    """Return where the closing tag stands: a file may hold such a tag itself.

    It is the first one behind which the prompt ends or the next block opens; where none is, the
    last one before ``limit``, at which a block of the same kind opens.
    """
    if prompt.find(closing, start, limit) < 0:
        limit = len(prompt)
    at = prompt.find(closing, start, limit)
    last = None
    while at >= 0:
        last = at
        behind = at + len(closing)
        rest = len(prompt[behind : behind + _BEFORE].lstrip())
        follows = min(len(prompt), behind + _BEFORE) - rest
        if not rest or _OPENING.match(prompt, follows):
            return at
        at = prompt.find(closing, behind, limit)
    return last
