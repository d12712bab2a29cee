"""Where can one search/replace block stand, and what would it change there?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from fastapply_lsp.merge.find import Found, Index, Nearness
from fastapply_lsp.merge.page import Change, Page
from fastapply_lsp.merge.reindent import reindented
from fastapply_lsp.text.lines import indent_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fastapply_lsp.request.code_edit import Block, Reading

_DOTS = ("...", "…")


@dataclass(frozen=True, slots=True)
class Option:
    """One place of one block; several changes where the block leaves lines out."""

    changes: tuple[Change, ...]

    @property
    def start(self) -> int:
        """Where its first change begins."""
        return self.changes[0].start

    @property
    def end(self) -> int:
        """Where its last change ends."""
        return self.changes[-1].end


@dataclass(frozen=True, slots=True)
class PlacedBlock:
    """All places of one block; ``done`` says that its replacement stands there already."""

    options: tuple[Option, ...]
    reasons: tuple[str, ...] = ()
    done: bool = False


def places_of(index: Index, page: Page, block: Block, number: int) -> PlacedBlock:
    """Find the places of a block: whole lines first, then with gaps, then within one line."""
    why = f"search/replace block {number}"
    if not any(text.strip() for text in block.readings[0].search):
        return _empty_search(page, block.readings[0], why)
    # Where the code holds a line like the divider, the longest search that stands is meant.
    for reading in reversed(block.readings):
        found = index.run(reading.search)
        if found.starts:
            few = Found(found.few(block.start), found.nearness)
            placed = _whole_lines(index, page, reading, few, why)
            declared = block.start in found.starts
            if not declared and index.may_hold(reading.replace, reading.search, found):
                reasons = (*placed.reasons, "a block may already be in the file")
                return PlacedBlock(placed.options, tuple(dict.fromkeys(reasons)), placed.done)
            return placed
    for reading in block.readings:
        for option in (_with_dots(index, page, reading, why), _in_line(page, reading, why)):
            if option is not None:
                return option
    if any(_stands_already(index, reading.replace) for reading in block.readings):
        return PlacedBlock((), ("a block is already in the file",), done=True)
    return PlacedBlock((), ("a block's search lines are not in the file",))


def _stands_already(index: Index, replace: Sequence[str]) -> bool:
    return any(text.strip() for text in replace) and bool(
        index.run(replace, Nearness.TRAILING).starts
    )


def _empty_search(page: Page, reading: Reading, why: str) -> PlacedBlock:
    """An empty search means a new file, or lines at the end of one."""
    size = len(page)
    if "\n".join(reading.replace).strip() == "\n".join(page.texts).strip():
        return PlacedBlock((), ("a block is already in the file",), done=True)
    change = Change(size, size, reading.replace, why)
    reasons = ("a block searches for nothing",) if size else ()
    return PlacedBlock((Option((change,)),), reasons)


def _whole_lines(index: Index, page: Page, reading: Reading, found: Found, why: str) -> PlacedBlock:
    size = len(reading.search)
    options: list[Option] = []
    done = 0
    for start in found.starts:
        if _holds_stands_already(index, reading, start):
            done += 1
            continue
        shift = reindented(reading.search, page.texts[start : start + size])
        texts = tuple(shift(text) for text in reading.replace)
        options.append(Option((Change(start, start + size, texts, why),)))
    if done and not options:
        return PlacedBlock((), ("a block is already in the file",), done=True)
    reasons: tuple[str, ...] = ("a block may already be in the file",) if done else ()
    if found.nearness is Nearness.SPACING:
        reasons = (*reasons, "a block's search lines differ from the file in their white space")
    if found.nearness is Nearness.INDENT and not _one_shift(reading, page, found.starts[0]):
        reasons = (*reasons, "a block's search lines are indented unevenly")
    return PlacedBlock(tuple(options), reasons)


def _one_shift(reading: Reading, page: Page, start: int) -> bool:
    """Whether all lines moved by the same white space, so that new lines move by it too."""
    shifts = set()
    for their, our in zip(reading.search, page.texts[start:], strict=False):
        if their.strip():
            shifts.add(len(indent_of(our)) - len(indent_of(their)))
    return len(shifts) == 1


def _holds_stands_already(index: Index, reading: Reading, start: int) -> bool:
    """Whether the replacement, which contains the search lines, stands around this place."""
    search, replace = reading.search, reading.replace
    if len(replace) <= len(search):
        return False
    keys = index.keys(Nearness.TRAILING)
    new = [text.rstrip() for text in replace]
    old = [text.rstrip() for text in search]
    for offset in range(len(new) - len(old) + 1):
        if new[offset : offset + len(old)] != old:
            continue
        begin = start - offset
        if begin >= 0 and keys[begin : begin + len(new)] == new:
            return True
    return False


def _with_dots(index: Index, page: Page, reading: Reading, why: str) -> PlacedBlock | None:
    """Place a block that leaves lines out with ``...`` in both halves, part by part."""
    searches, replaces = _cut_at_dots(reading.search), _cut_at_dots(reading.replace)
    if len(searches) < 2 or len(searches) != len(replaces):  # noqa: PLR2004 - one part has no dots
        return None
    floor = 0
    changes: list[Change] = []
    sure = True
    for search, replace in zip(searches, replaces, strict=True):
        if not any(text.strip() for text in search):
            if any(text.strip() for text in replace):
                return None
            continue
        found = index.run(search, Nearness.INDENT)
        later = [start for start in found.starts if start >= floor]
        if not later:
            return None
        sure = sure and len(later) == 1
        start, floor = later[0], later[0] + len(search)
        shift = reindented(search, page.texts[start:floor])
        changes.append(Change(start, floor, tuple(map(shift, replace)), why))
    if not changes:
        return None
    reasons = () if sure else ("a part of a block stands at several places",)
    return PlacedBlock((Option(tuple(changes)),), reasons)


def _cut_at_dots(texts: Sequence[str]) -> list[list[str]]:
    parts: list[list[str]] = [[]]
    for text in texts:
        if text.strip() in _DOTS:
            parts.append([])
        else:
            parts[-1].append(text)
    return parts


def _in_line(page: Page, reading: Reading, why: str) -> PlacedBlock | None:
    """Place a block that quotes part of a line."""
    if len(reading.search) != 1:
        return None
    wanted = reading.search[0].strip()
    lines = [at for at, text in enumerate(page.texts) if wanted in text]
    if len(lines) != 1 or page.texts[lines[0]].count(wanted) != 1 or len(reading.replace) > 1:
        return None
    at = lines[0]
    new = page.texts[at].replace(wanted, reading.replace[0].strip() if reading.replace else "")
    change = Change(at, at + 1, (new,), why)
    return PlacedBlock((Option((change,)),), ("a block quotes part of a line",))
