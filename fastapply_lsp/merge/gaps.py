"""What stands between two lines that snippet and file share: kept, replaced, inserted, deleted."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from fastapply_lsp.merge.beside import beside, trim_end, trim_start
from fastapply_lsp.merge.items import Kind
from fastapply_lsp.merge.model import Region
from fastapply_lsp.merge.page import Change
from fastapply_lsp.merge.reindent import indent_of
from fastapply_lsp.merge.removal import NO_REMOVAL, Removal
from fastapply_lsp.merge.seeds import weak
from fastapply_lsp.text.replacement import Span

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fastapply_lsp.merge.items import Item


_REACH = 12
"""Lines beside a marker that new lines may replace, beyond as many as there are new ones."""
_ROOM_MAX = 80
"""Lines between two markers, in any of which a part may belong; of more, only the nearest."""
_MANY_TIMES, _FEW = 3, 6
"""When lines that vanish are so many more than the new ones, they may be left out by habit."""


@dataclass(frozen=True, slots=True)
class Gap:
    """Items between two shared lines, and lines ``top`` to ``bottom`` of the file between them.

    ``open_start`` and ``open_end`` say that nothing is shared on that side: the snippet begins or
    ends there, and the file may go on.
    """

    items: Sequence[Item]
    texts: Sequence[str]
    top: int
    bottom: int
    open_start: bool
    open_end: bool
    asked: Removal = NO_REMOVAL
    """What the user asked to remove."""


@dataclass(frozen=True, slots=True)
class Filled:
    """What a gap becomes."""

    changes: tuple[Change, ...]
    reasons: tuple[str, ...]
    licences: tuple[Region, ...] = ()
    """Lines that it may also be meant to change, where there is a reason for doubt."""


def fill(gap: Gap) -> Filled:
    """Decide what becomes of the file's lines in a gap.

    Without a marker the snippet's lines replace them. A marker keeps them; lines before it follow
    the shared line above, lines after it precede the shared line below, and each replaces a line
    that it resembles.
    """
    parts: list[list[Item]] = [[]]
    removed, implied = False, False
    for item in gap.items:
        if item.kind is Kind.GAP:
            parts.append([])
            implied = implied or not item.text
        elif item.kind is Kind.REMOVED:
            removed = True
        else:
            parts[-1].append(item)
    if gap.open_start:
        parts.insert(0, [])
    if gap.open_end:
        parts.append([])
    if len(parts) == 1:
        return _replaced(gap, parts[0], removed=removed)
    ends_here = gap.open_end and len(parts) == 2  # noqa: PLR2004 - nothing but the open end
    if ends_here and not gap.open_start and _appended(gap, parts[0]):
        return _at_end(gap, parts[0])
    head = _after_shared(gap, parts[0], ends_here=ends_here)
    tail = _before_shared(gap, parts[-1], head.changes)
    room = replace(
        gap,
        top=max((change.end for change in head.changes), default=gap.top),
        bottom=min((change.start for change in tail.changes), default=gap.bottom),
    )
    middle = _between_markers(room, parts[1:-1], implied=implied)
    changes = (*head.changes, *middle.changes, *tail.changes)
    licences = (*head.licences, *middle.licences, *tail.licences)
    reasons = (*head.reasons, *middle.reasons, *tail.reasons)
    if removed and not any(change.start < change.end for change in changes):
        reasons = (*reasons, "a comment says that something was removed, not what")
    return Filled(changes, reasons, licences)


def _replaced(gap: Gap, items: Sequence[Item], *, removed: bool) -> Filled:
    """No marker: what the snippet does not show is gone."""
    old = gap.texts[gap.top : gap.bottom]
    texts = tuple(item.text for item in items)
    if [text.rstrip() for text in texts] == [text.rstrip() for text in old]:
        return Filled((), ())
    reasons: tuple[str, ...] = ()
    if gap.asked.speaks_of(old):
        removed = True
    lost = [text for text in old if text.strip()]
    new = [text for text in texts if text.strip()]
    if len(lost) > _MANY_TIMES * len(new) + _FEW and new:
        reasons = (f"{len(lost)} lines become {len(new)} without a marker",)
    if lost and not new and not removed:
        lines = f"{gap.top + 1}" if len(lost) == 1 else f"{gap.top + 1}-{gap.bottom}"
        reasons = (f"the snippet leaves out line {lines} without a marker",)
        if _siblings(gap):
            return Filled((), reasons, _licensed(Span(gap.top, gap.bottom), reasons))
    return Filled(
        (Change(gap.top, gap.bottom, texts, "between lines that the snippet quotes"),), reasons
    )


def _siblings(gap: Gap) -> bool:
    """Whether what is left out stands between a block's end and the end of the one around it.

    A snippet goes to the block that it changes, and closes what is around it.
    """
    if not 0 < gap.top < gap.bottom < len(gap.texts):
        return False
    above, below = gap.texts[gap.top - 1], gap.texts[gap.bottom]
    first = next(text for text in gap.texts[gap.top : gap.bottom] if text.strip())
    return (
        weak(above.strip())
        and weak(below.strip())
        and len(indent_of(above)) == len(indent_of(first)) > len(indent_of(below))
    )


def _after_shared(gap: Gap, items: Sequence[Item], *, ends_here: bool) -> Filled:
    """Lines between a shared line and a marker."""
    old = gap.texts[gap.top : gap.bottom]
    found = beside(items, old, at_end=ends_here and gap.bottom == len(gap.texts), mirrored=False)
    if found is None:
        return Filled((), ())
    if ends_here and not found.gone and (rest := _rest_of_block(gap, found.texts)):
        reason = "the snippet ends within a block, and may show all of it"
        found = replace(found, gone=rest, reasons=(*found.reasons, reason))
    texts = found.texts
    if not found.gone and items and items[0].new and old and old[0].strip():
        # A new definition is parted from the next one as from the one above it.
        above = gap.top
        while above > 0 and not gap.texts[above - 1].strip():
            above -= 1
        bare = trim_end(texts)
        texts = (*bare, *(gap.texts[above : gap.top] or texts[len(bare) :]))
    change = Change(gap.top, gap.top + found.gone, texts, "after a line that the snippet quotes")
    reach = Span(gap.top, min(gap.bottom, change.end + len(texts) + _REACH))
    reasons = found.reasons
    if not found.gone and _comments(gap, texts):
        reasons = (*reasons, "new lines part a comment from what it speaks of")
    return Filled((change,), reasons, _licensed(reach, reasons))


def _rest_of_block(gap: Gap, texts: Sequence[str]) -> int:
    """Count the lines of the block that the shared line opens, if there are no more than new ones."""
    if not gap.top or not gap.texts[gap.top - 1].rstrip().endswith((":", "{")):
        return 0
    opener = len(indent_of(gap.texts[gap.top - 1]))
    end = gap.top
    while end < gap.bottom and gap.texts[end].strip() and len(indent_of(gap.texts[end])) > opener:
        end += 1
    filled = [text for text in texts if text.strip()]
    deeper = bool(filled) and len(indent_of(filled[0])) > opener
    return end - gap.top if deeper and end - gap.top <= len(filled) else 0


def _comments(gap: Gap, texts: Sequence[str]) -> bool:
    """Whether the line above, and the one below, are a comment or decorator and what it is on."""
    above = gap.texts[gap.top - 1].strip() if gap.top else ""
    below = gap.texts[gap.top].strip() if gap.top < gap.bottom else ""
    new = texts[0].strip() if texts else ""
    return (
        above.endswith("*/") or above.startswith(("@", "#[", "//", "///", "template"))
    ) and not (weak(below) or weak(new) or new.startswith(("@", "#", "//", "/*")))


def _before_shared(gap: Gap, items: Sequence[Item], taken: Sequence[Change]) -> Filled:
    """Lines between a marker and a shared line: the same, seen in a mirror."""
    floor = max((change.end for change in taken), default=gap.top)
    old = gap.texts[floor : gap.bottom][::-1]
    found = beside(items[::-1], old, at_end=False, mirrored=True)
    if found is None:
        return Filled((), ())
    texts = found.texts[::-1]
    if items[0].new and items[0].key and not found.gone:
        texts = (*_parted(texts, gap, floor), *texts)
    change = Change(
        gap.bottom - found.gone,
        gap.bottom,
        texts,
        "before a line that the snippet quotes",
    )
    reach = Span(max(floor, change.start - len(texts) - _REACH), gap.bottom)
    return Filled((change,), found.reasons, _licensed(reach, found.reasons))


def _licensed(reach: Span, reasons: Sequence[str]) -> tuple[Region, ...]:
    return (Region(reach, reasons[0]),) if reasons else ()


def _parted(texts: Sequence[str], gap: Gap, floor: int) -> Sequence[str]:
    """Return the blank lines that part a new definition from the one above it, as from the next.

    A snippet seldom shows those between a marker and the definition.
    """
    above = gap.texts[gap.bottom - 1] if gap.bottom > floor else ""
    if not above.strip() or above.endswith(("{", ":", "(")):
        return ()
    if len(indent_of(above)) < len(indent_of(texts[0])):
        return ()
    below = gap.bottom
    while below < len(gap.texts) and not gap.texts[below].strip():
        below += 1
    return texts[len(trim_end(texts)) :] or gap.texts[gap.bottom : below]


def _usual_blanks(gap: Gap) -> int:
    """Count the blank lines that usually part what stands at the outermost depth of a gap."""
    runs: Counter[int] = Counter()
    blanks = 0
    texts = gap.texts[gap.top : gap.bottom]
    filled = [len(indent_of(text)) for text in texts if text.strip()]
    outermost = min(filled, default=0)
    for text in texts:
        if text.strip():
            runs[blanks] += blanks > 0 and len(indent_of(text)) == outermost
            blanks = 0
        else:
            blanks += 1
    return max(runs, key=lambda size: (runs[size], -size), default=1) or 1


def _appended(gap: Gap, items: Sequence[Item]) -> bool:
    """Whether a snippet ends with new definitions at the file's outermost level."""
    filled = [item for item in items if item.key]
    ends_file = gap.bottom == len(gap.texts)
    return ends_file and bool(filled) and filled[0].new and not filled[0].text[:1].isspace()


def _at_end(gap: Gap, items: Sequence[Item]) -> Filled:
    """No marker follows the new definitions, so the file ends with them."""
    bottom = gap.bottom
    while bottom > gap.top and not gap.texts[bottom - 1].strip():
        bottom -= 1
    texts = tuple(trim_end([item.text for item in items]))
    passed = any(text.strip() for text in gap.texts[gap.top : bottom])
    reasons = ("new lines at the snippet's end may belong elsewhere",) if passed else ()
    return Filled((Change(bottom, bottom, texts, "at the end of the file"),), reasons)


def _between_markers(gap: Gap, parts: Sequence[Sequence[Item]], *, implied: bool) -> Filled:
    """Lines with markers on both sides, none of which the file has."""
    changes: list[Change] = []
    reasons: list[str] = []
    size = sum(map(len, parts))
    for part in parts:
        texts = trim_end([item.text for item in part])
        if all(weak(text.strip()) for text in texts):
            if any(text.strip() for text in texts):
                reasons.append("a closing line has no place")
            continue
        if implied and not gap.open_start:
            reasons.append("new definitions go where the snippet has them")
            changes.append(Change(gap.top, gap.top, tuple(texts), "after a definition"))
            continue
        reasons.append("new lines stand between two markers")
        at = gap.bottom
        while at > gap.top and not gap.texts[at - 1].strip():
            at -= 1
        before = [""] * _usual_blanks(gap) if at > 0 and gap.texts[at - 1].strip() else []
        texts = trim_start(texts)
        changes.append(Change(at, at, (*before, *texts), "between two markers"))
    if len(changes) > 1:
        at = changes[0].start
        joined = tuple(text for change in changes for text in change.texts)
        changes = [Change(at, at, joined, "between two markers")]
    reach = Span(gap.top, gap.bottom)
    if changes and len(reach) > _ROOM_MAX:
        at = changes[0].start
        reach = Span(max(gap.top, at - size - _REACH), min(gap.bottom, at + size + _REACH))
    return Filled(tuple(changes), tuple(reasons), _licensed(reach, reasons))
