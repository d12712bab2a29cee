"""Where do new lines go that no shared line holds: between two markers, or last in the file?"""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from fastapply_lsp.merge.gap_model import REACH, Filled, Gap, licensed
from fastapply_lsp.merge.lines import trim_end, trim_start, weak
from fastapply_lsp.merge.page import Change
from fastapply_lsp.text.lines import indent_of
from fastapply_lsp.text.replacement import Span

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fastapply_lsp.merge.items import Item


_ROOM_MAX = 80
"""Lines between two markers, in any of which a part may belong; of more, only the nearest."""


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


def is_appended(gap: Gap, items: Sequence[Item]) -> bool:
    """Whether a snippet ends with new definitions at the file's outermost level."""
    filled = [item for item in items if item.key]
    ends_file = gap.bottom == len(gap.texts)
    return ends_file and bool(filled) and filled[0].new and not filled[0].text[:1].isspace()


def appended(gap: Gap, items: Sequence[Item]) -> Filled:
    """No marker follows the new definitions, so the file ends with them."""
    bottom = gap.top + len(trim_end(gap.texts[gap.top : gap.bottom]))
    texts = tuple(trim_end([item.text for item in items]))
    passed = any(text.strip() for text in gap.texts[gap.top : bottom])
    reasons = ("new lines at the snippet's end may belong elsewhere",) if passed else ()
    return Filled((Change(bottom, bottom, texts, "at the end of the file"),), reasons)


def between_markers(gap: Gap, parts: Sequence[Sequence[Item]], *, implied: bool) -> Filled:
    """Lines with markers on both sides, none of which the file has."""
    changes: list[Change] = []
    reasons: list[str] = []
    size = sum(map(len, parts))
    at = gap.top + len(trim_end(gap.texts[gap.top : gap.bottom]))
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
        reasons.append(
            "new lines stand between two markers"
            if gap.marked
            else "no line of the file says where new ones go"
        )
        before = [""] * _usual_blanks(gap) if at > 0 and gap.texts[at - 1].strip() else []
        texts = trim_start(texts)
        changes.append(Change(at, at, (*before, *texts), "between two markers"))
    if len(changes) > 1:
        at = changes[0].start
        joined = tuple(text for change in changes for text in change.texts)
        changes = [Change(at, at, joined, "between two markers")]
    if all(_defines(part) for part in parts):
        # Only their place is in doubt: the skeleton licenses it between any two definitions.
        # A closing line alone changes nothing.
        return Filled(tuple(changes), tuple(reasons))
    reach = Span(gap.top, gap.bottom)
    if len(reach) > _ROOM_MAX:
        at = changes[0].start if changes else gap.bottom
        reach = Span(max(gap.top, at - size - REACH), min(gap.bottom, at + size + REACH))
    return Filled(tuple(changes), tuple(reasons), licensed(reach, reasons))


def _defines(part: Sequence[Item]) -> bool:
    """Whether nothing but new definitions, and lines that say nothing by themselves, is there."""
    return all(item.new or weak(item.key) for item in part)
