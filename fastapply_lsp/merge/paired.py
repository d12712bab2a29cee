"""What becomes of a definition that both have: kept, replaced as a whole, or gone into?"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from fastapply_lsp.merge.extents import Extent, continued, cut_short
from fastapply_lsp.merge.items import Item, Kind
from fastapply_lsp.merge.overlay import overlaid
from fastapply_lsp.merge.page import Change
from fastapply_lsp.merge.reindent import reindented
from fastapply_lsp.merge.remarks import comments_of
from fastapply_lsp.merge.unshown import (
    body_lines,
    is_settings,
    loses_comments,
    members,
    missing_members,
)
from fastapply_lsp.text.lines import indent_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from fastapply_lsp.merge.pairs import Pair
    from fastapply_lsp.merge.sides import Sides


_HEADER = 12
"""Characters by which a one-line form of a definition is known to be ours."""


_NOTES = frozenset({"comment", "comments"})


@dataclass(frozen=True, slots=True)
class Decision:
    """What becomes of a definition, and how the snippet's lines of it are to be read."""

    items: Sequence[Item]
    """All that the snippet shows of it, as deep as in the file."""
    changes: tuple[Change, ...] = ()
    reasons: tuple[str, ...] = ()
    inside: Extent | None = None
    """What is still to be aligned line by line; ``None`` where all is decided."""
    keeps_unshown: bool = False
    """Whether the members stay that the snippet does not show."""


def decide(pair: Pair, extent: Extent, sides: Sides) -> Decision:
    """Decide what becomes of a pair of definitions on the lines of ``extent``.

    One that leaves lines out is gone into. One that does not is replaced as a whole, unless that
    takes away what may have been left out by habit.
    """
    name = pair.ours.name
    reasons: list[str] = []
    if not pair.sure:
        reasons.append(f"several definitions are called {name}")
    if extent.doubtful:
        reasons.append(f"{name} may end where the snippet leaves it")
    shown = _as_deep(sides.items[extent.start : extent.end], sides.texts[extent.top])
    if _ends_in_dots(shown, sides.keys[extent.top : extent.bottom]):
        shown[-1] = replace(shown[-1], kind=Kind.GAP, key="")
        reasons.append(f"the dots in {name} may be all of it")
    changes: list[Change] = []
    inside = extent
    if _renamed_above_gap(pair, shown, sides.keys[extent.top]):
        # No other line of the file can be its first one.
        inside = replace(extent, start=extent.start + 1, top=extent.top + 1)
        changes.append(Change(extent.top, inside.top, (shown[0].text,), f"{name} is renamed"))
    rest = _decided(pair, inside, shown[inside.start - extent.start :], sides)
    return replace(
        rest, items=shown, changes=(*changes, *rest.changes), reasons=(*reasons, *rest.reasons)
    )


def _as_deep(shown: Sequence[Item], ours: str) -> list[Item]:
    """Move a definition that the snippet shows at another depth."""
    theirs = shown[0].text
    if indent_of(theirs) == indent_of(ours):
        return list(shown)
    shift = reindented([f"{indent_of(theirs)}x"], [f"{indent_of(ours)}x"])
    return [replace(item, text=shift(item.text)) for item in shown]


def _ends_in_dots(shown: Sequence[Item], keys: Sequence[str]) -> bool:
    """Whether dots that are a statement stand where the file has a body: they are a marker."""
    return len(shown) > 1 and shown[-1].key == "..." and "..." not in keys


def _renamed_above_gap(pair: Pair, shown: Sequence[Item], first: str) -> bool:
    """Whether a renamed definition leaves code out below its first line, which tells the name."""
    old, new = pair.ours.name, pair.theirs.name
    return old != new and _has_gap(shown) and new in shown[0].key and old in first


def _has_gap(shown: Sequence[Item]) -> bool:
    return any(item.kind is Kind.GAP for item in shown)


def _decided(pair: Pair, extent: Extent, shown: Sequence[Item], sides: Sides) -> Decision:
    """Decide about the lines that are left below a first line that is renamed."""
    if len(shown) == 1 and shown[0].elided:
        # The whole of it in one line: it stays.
        same = sides.keys[extent.top].startswith(shown[0].key[:_HEADER])
        return Decision(
            shown, reasons=() if same else (f"a marker inside {pair.ours.name} hides a change",)
        )
    if extent.open_end or _has_gap(shown):
        return Decision(shown, inside=extent)
    if missing_members(pair):
        return _abbreviated(pair, extent, shown, sides)
    if loses_comments(pair):
        return Decision(shown, inside=extent)
    texts = tuple(item.text for item in shown if item.kind is Kind.LINE)
    why = f"{pair.ours.kind} {pair.ours.name}"
    change = Change(extent.top, extent.bottom, texts, why, whole=True)
    reasons = tuple(_doubts(pair, change, sides))
    old = sides.texts[extent.top : extent.bottom]
    if is_settings(pair.ours):
        change = replace(change, kept=overlaid(texts, old))
    elif cut_short(texts, old):
        change = replace(change, kept=continued(texts, old))
    return Decision(shown, (change,), reasons)


def _doubts(pair: Pair, change: Change, sides: Sides) -> Iterator[str]:
    """Doubt that a definition without markers is shown with all of its lines."""
    mine = body_lines(pair.theirs, [item.key for item in sides.items])
    lost = body_lines(pair.ours, sides.keys)
    if len(lost - mine) > len(mine - lost):
        yield f"the snippet shows {pair.ours.name} without some of its lines"
    elif is_settings(pair.ours) and not _NOTES & sides.asked.named:
        new = set(comments_of(change.texts))
        old = comments_of(sides.texts[change.start : change.end])
        if any(one not in new for one in old):
            yield f"the snippet shows {pair.ours.name} without its comments"
    if cut_short(change.texts, sides.texts[change.start : change.end]):
        yield f"{pair.ours.name} may be shown without its end"


def _abbreviated(pair: Pair, extent: Extent, shown: Sequence[Item], sides: Sides) -> Decision:
    """A class without some of its members, and no marker: are they gone, or left out?"""
    lost = missing_members(pair)
    texts = tuple(item.text for item in shown)
    change = Change(extent.top, extent.bottom, texts, pair.ours.name)
    if all(sides.asked.names(one.name) for one in lost):
        return Decision(shown, (change,))
    names = ", ".join(one.name for one in lost[:3])
    reasons = (f"the snippet shows {pair.ours.name} without {names}",)
    if len(lost) * 2 >= len(members(pair.ours)):
        return Decision(shown, reasons=reasons, inside=extent, keeps_unshown=True)
    return Decision(shown, (change,), reasons)
