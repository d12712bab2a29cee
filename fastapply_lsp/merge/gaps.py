"""What becomes of the lines between two that both share: kept, replaced, added to, deleted?"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from fastapply_lsp.merge.beside import beside
from fastapply_lsp.merge.between_markers import appended, between_markers, is_appended
from fastapply_lsp.merge.gap_model import REACH, Filled, Gap, licensed
from fastapply_lsp.merge.items import Item, Kind
from fastapply_lsp.merge.lines import trim_end, weak
from fastapply_lsp.merge.page import Change
from fastapply_lsp.merge.remarks import docstring_end
from fastapply_lsp.merge.telling import run_of_lines
from fastapply_lsp.text.lines import indent_of
from fastapply_lsp.text.replacement import Span

if TYPE_CHECKING:
    from collections.abc import Sequence


_WORD = re.compile(r"[a-z]+")
_OF_DOCSTRING = frozenset({"existing", "the", "same", "unchanged", "original", "keep", "remains"})
_MANY_TIMES, _FEW = 3, 6
"""When lines that vanish are so many more than the new ones, they may be left out by habit."""


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
    if ends_here and not gap.open_start and is_appended(gap, parts[0]):
        return appended(gap, parts[0])
    head = _after_shared(gap, parts[0], ends_here=ends_here)
    tail = _before_shared(gap, parts[-1], head.changes)
    room = replace(
        gap,
        top=max((change.end for change in head.changes), default=gap.top),
        bottom=min((change.start for change in tail.changes), default=gap.bottom),
    )
    middle = between_markers(room, parts[1:-1], implied=implied)
    changes = (*head.changes, *middle.changes, *tail.changes)
    licences = (*head.licences, *middle.licences, *tail.licences)
    reasons = (*head.reasons, *middle.reasons, *tail.reasons)
    if rest := _below_docstring(gap):
        reasons = (*reasons, "a marker for a docstring also stands for what follows it")
        licences = (*licences, *licensed(rest, reasons[-1:]))
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
        filled = [at for at in range(gap.top, gap.bottom) if gap.texts[at].strip()]
        lines = run_of_lines(filled[0], filled[-1] + 1)
        several = "s" if len(lost) > 1 else ""
        reasons = (f"the snippet leaves out line{several} {lines} without a marker",)
        if _siblings(gap):
            return Filled((), reasons, licensed(Span(gap.top, gap.bottom), reasons))
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


def _below_docstring(gap: Gap) -> Span | None:
    """Return the lines below a docstring, if the only marker speaks of a docstring and no more."""
    markers = [item.text for item in gap.items if item.kind is Kind.GAP]
    if len(markers) != 1 or set(_WORD.findall(markers[0].lower())) - _OF_DOCSTRING != {"docstring"}:
        return None
    old = gap.texts[gap.top : gap.bottom]
    end = docstring_end(old)
    more = end and any(text.strip() for text in old[end:])
    return Span(gap.top + end, gap.bottom) if more else None


def _after_shared(gap: Gap, items: Sequence[Item], *, ends_here: bool) -> Filled:
    """Lines between a shared line and a marker."""
    old = gap.texts[gap.top : gap.bottom]
    at_end = ends_here and gap.bottom == len(gap.texts)
    found = beside(items, old, at_end=at_end, mirrored=False, marked=gap.marked)
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
    why = "after a line that the snippet quotes"
    change = Change(gap.top, gap.top + found.gone, texts, why, kept=found.kept)
    reach = Span(gap.top, min(gap.bottom, change.end + len(texts) + (0 if found.gone else REACH)))
    reasons = found.reasons
    if not found.gone and _comments(gap, texts):
        reasons = (*reasons, "new lines part a comment from what it speaks of")
    return Filled((change,), reasons, licensed(reach, reasons))


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
    found = beside(items[::-1], old, at_end=False, mirrored=True, marked=gap.marked)
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
    reach = Span(max(floor, change.start - len(texts) - (0 if found.gone else REACH)), gap.bottom)
    return Filled((change,), found.reasons, licensed(reach, found.reasons))


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
