"""How does the merge see the file? Contents without line ends, and changes rendered with them.

Everything in this room speaks of line contents. Here, and only here, they get their ends back:
a kept line keeps its own end, a new line gets the file's usual one, and the end of the file stays
as it was.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from fastapply_lsp.text.align import diff_lines
from fastapply_lsp.text.lines import has_line_end, line_end, split_lines, without_line_end
from fastapply_lsp.text.replacement import Replacement, Span

if TYPE_CHECKING:
    from collections.abc import Iterable

_BOM = "\ufeff"


@dataclass(frozen=True, slots=True)
class Change:
    """Lines ``start`` to ``end`` of the page shall read ``texts`` (contents without ends)."""

    start: int
    end: int
    texts: tuple[str, ...]
    why: str = ""
    whole: bool = False
    """Whether the snippet shows all of what stands there, so that what it lacks is meant to go."""
    kept: tuple[str, ...] | None = None
    """The same with what may have been left out by habit, where a reason says so."""

    @property
    def span(self) -> Span:
        """The lines of the page that the change may touch."""
        return Span(self.start, self.end)


@dataclass(frozen=True, slots=True)
class Page:
    """The current file: ``lines`` with their ends, ``texts`` without ends and without BOM."""

    lines: tuple[str, ...]
    texts: tuple[str, ...]
    bom: str
    end: str

    def __len__(self) -> int:
        return len(self.lines)


def page_of(original: str) -> Page:
    """Read the current file."""
    lines = tuple(split_lines(original))
    bom = _BOM if original.startswith(_BOM) else ""
    texts = [without_line_end(line) for line in lines]
    if bom:
        texts[0] = texts[0][1:]
    ends = Counter(line_end(line) for line in lines)
    ends.pop("", None)
    return Page(lines, tuple(texts), bom, max(ends, key=lambda end: ends[end], default="\n"))


def render(page: Page, changes: Iterable[Change]) -> tuple[Replacement, ...]:
    """Return the changes as replacements of whole lines, minimal, merged where they touch.

    ``changes`` are disjoint, in any order; at one place the insertions keep their order.
    """
    rough: list[Replacement] = []
    for change in sorted(changes, key=lambda change: (change.start, change.end)):
        old = page.texts[change.start : change.end]
        for part in diff_lines(old, change.texts):
            start, end = part.start + change.start, part.end + change.start
            if rough and rough[-1].end == start:
                last = rough.pop()
                rough.append(Replacement(last.start, end, last.lines + part.lines))
            else:
                rough.append(Replacement(start, end, part.lines))
    return tuple(
        replacement
        for part in _with_first_line(page, _with_last_line(page, rough))
        if (replacement := _ended(page, part)).lines != page.lines[part.start : part.end]
    )


def _with_first_line(page: Page, parts: list[Replacement]) -> list[Replacement]:
    """Where the first lines go, the one that is first then takes the byte order mark."""
    if not page.bom or not parts or parts[0].start or parts[0].lines:
        return parts
    first, rest = parts[0], parts[1:]
    if first.end >= len(page):
        return parts
    end = first.end + 1
    lines: tuple[str, ...] = (page.texts[first.end],)
    if rest and rest[0].start == end:
        end, lines = rest[0].end, (*lines, *rest[0].lines)
        rest = rest[1:]
    return [Replacement(0, end, lines), *rest]


def _with_last_line(page: Page, parts: list[Replacement]) -> list[Replacement]:
    """Where the last line lacks its end, the new last line shall too, though it stands before."""
    size = len(page)
    if not parts or not size or has_line_end(page.lines[-1]) or parts[-1].end != size:
        return parts
    *head, last = parts
    if last.start == 0 or (last.start < size and last.lines):
        return parts
    # Lines follow it, or all lines behind another one go: that one is replaced, too.
    start = last.start - 1
    kept = Replacement(start, size, (page.texts[start], *last.lines))
    if head and head[-1].end == start:
        before = head.pop()
        kept = Replacement(before.start, size, before.lines + kept.lines)
    return [*head, kept]


def _ended(page: Page, part: Replacement) -> Replacement:
    """Give contents their line ends: as before where the content stays, else the usual one."""
    size = len(page)
    lines = [text + page.end for text in part.lines]
    old = page.lines[part.start : part.end]
    if len(old) == len(lines):
        # Line for line, a mixed file keeps each end.
        lines = [
            text + (line_end(before) or page.end)
            for text, before in zip(part.lines, old, strict=True)
        ]
    if part.start == 0 and page.bom and lines:
        lines[0] = page.bom + lines[0]
    if part.end == size and lines and size and not has_line_end(page.lines[-1]):
        lines[-1] = without_line_end(lines[-1])
    return Replacement(part.start, part.end, tuple(lines))
