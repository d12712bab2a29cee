"""What stands between two lines that snippet and file share: kept, replaced, inserted, deleted."""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import TYPE_CHECKING

from fastapply_lsp.merge.chain import block_ends, weak
from fastapply_lsp.merge.items import Kind
from fastapply_lsp.merge.page import Change

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from fastapply_lsp.merge.items import Item

_TOKENS = re.compile(r"\w+|[^\w\s]")
_ALIKE = 0.6
_LOOK_MAX = 12
"""Lines next to a marker that are compared; a marker's neighbour is near or it is none."""


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
    spoken_of: Callable[[Sequence[str]], bool] | None = None
    """Whether the user asked to remove these lines."""


@dataclass(frozen=True, slots=True)
class Filled:
    """What a gap becomes."""

    changes: tuple[Change, ...]
    reasons: tuple[str, ...]


def fill(gap: Gap) -> Filled:
    """Decide what becomes of the file's lines in a gap.

    Without a marker the snippet's lines replace them. A marker keeps them; lines before it follow
    the shared line above, lines after it precede the shared line below, and each replaces a line
    that it resembles.
    """
    parts: list[list[Item]] = [[]]
    removed = False
    for item in gap.items:
        if item.kind is Kind.GAP:
            parts.append([])
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
    if gap.open_end and not gap.open_start and len(parts) == 2 and _appended(gap, parts[0]):  # noqa: PLR2004 - nothing but the open end
        return _at_end(gap, parts[0])
    head = _after_shared(gap, parts[0])
    tail = _before_shared(gap, parts[-1], head.changes)
    middle = _between_markers(gap, parts[1:-1])
    changes = (*head.changes, *middle.changes, *tail.changes)
    return Filled(changes, (*head.reasons, *middle.reasons, *tail.reasons))


def _replaced(gap: Gap, items: Sequence[Item], *, removed: bool) -> Filled:
    """No marker: what the snippet does not show is gone."""
    old = gap.texts[gap.top : gap.bottom]
    texts = tuple(item.text for item in items)
    if [text.rstrip() for text in texts] == [text.rstrip() for text in old]:
        return Filled((), ())
    reasons: tuple[str, ...] = ()
    if gap.spoken_of is not None and gap.spoken_of(old):
        removed = True
    lost = [text for text in old if text.strip()]
    new = [text for text in texts if text.strip()]
    if lost and not new and not removed:
        lines = f"{gap.top + 1}" if len(lost) == 1 else f"{gap.top + 1}-{gap.bottom}"
        reasons = (f"the snippet leaves out line {lines} without a marker",)
    return Filled(
        (Change(gap.top, gap.bottom, texts, "between lines that the snippet quotes"),), reasons
    )


def _after_shared(gap: Gap, items: Sequence[Item]) -> Filled:
    """Lines between a shared line and a marker."""
    old = gap.texts[gap.top : gap.bottom]
    beside = _beside(items, old, at_end=gap.bottom == len(gap.texts), mirrored=False)
    if beside is None:
        return Filled((), ())
    top = gap.top + beside.kept
    change = Change(top, top + beside.gone, beside.texts, "after a line that the snippet quotes")
    return Filled((change,), beside.reasons)


def _before_shared(gap: Gap, items: Sequence[Item], taken: Sequence[Change]) -> Filled:
    """Lines between a marker and a shared line: the same, seen in a mirror."""
    floor = max((change.end for change in taken), default=gap.top)
    old = gap.texts[floor : gap.bottom][::-1]
    beside = _beside(items[::-1], old, at_end=False, mirrored=True)
    if beside is None:
        return Filled((), ())
    bottom = gap.bottom - beside.kept
    texts = beside.texts[::-1]
    change = Change(bottom - beside.gone, bottom, texts, "before a line that the snippet quotes")
    return Filled((change,), beside.reasons)


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
    texts = tuple(_trim_end([item.text for item in items]))
    passed = any(text.strip() for text in gap.texts[gap.top : bottom])
    reasons = ("new lines at the snippet's end may belong elsewhere",) if passed else ()
    return Filled((Change(bottom, bottom, texts, "at the end of the file"),), reasons)


@dataclass(frozen=True, slots=True)
class _Beside:
    """Going away from the shared line: ``kept`` lines stay, ``gone`` lines become ``texts``."""

    kept: int
    gone: int
    texts: tuple[str, ...]
    reasons: tuple[str, ...]


def _beside(
    items: Sequence[Item], old: Sequence[str], *, at_end: bool, mirrored: bool
) -> _Beside | None:
    """Compare lines beside a shared one with the file's, both going away from it.

    The line that the snippet quotes next to the marker may be a bracket that stands everywhere:
    the nearest one in the file is meant, unless the new lines open it themselves.
    """
    new = [item.text for item in items]
    texts = _trim_end(new)
    unspaced = len(texts)
    spaced = unspaced < len(new)
    if not texts:
        if not at_end or any(text.strip() for text in old):
            return None
        return _Beside(0, len(old), tuple(new), ())
    edge = _edge(texts, old, mirrored=mirrored)
    if edge is not None:
        core, gone = texts[: len(texts) - edge.size], edge.at
        doubt = any(text.strip() for text in old[:gone]) and not _resembles(
            items[: len(core)], old[:gone]
        )
        reasons = ("lines beside a marker are replaced up to the next bracket",) if doubt else ()
        return _Beside(0, gone, tuple(core), reasons)
    kept = 0
    while kept < min(len(texts), len(old)) and texts[kept].rstrip() == old[kept].rstrip():
        kept += 1
    items, texts, old = items[kept : len(texts)], texts[kept:], old[kept:]
    if not texts:
        return None
    gone = _resembles(items, old[: len(texts) + _LOOK_MAX])
    if not gone and spaced and old and old[0].strip():
        texts = [*texts, new[unspaced]]
    reasons = ("a changed line beside a marker is known by likeness only",) if gone else ()
    return _Beside(kept, gone, tuple(texts), reasons)


@dataclass(frozen=True, slots=True)
class _Quoted:
    """The last ``size`` new lines are old ones; ``at`` old lines stand before them."""

    size: int
    at: int


def _edge(new: Sequence[str], old: Sequence[str], *, mirrored: bool) -> _Quoted | None:
    """Find the weak lines at the far end of the new ones among the nearest old ones."""
    own = _own(new, mirrored=mirrored)
    size = 0
    while size < len(new) and weak(new[-1 - size].strip()) and len(new) - 1 - size not in own:
        size += 1
    if not size:
        return None
    quoted = [text.rstrip() for text in new[len(new) - size :]]
    core = len(new) - size
    for at in range(min(len(old), core + _LOOK_MAX)):
        if old[at].rstrip() != quoted[-1]:
            continue
        same = 1
        while same < min(size, at + 1) and old[at - same].rstrip() == quoted[-1 - same]:
            same += 1
        return _Quoted(same, at + 1 - same)
    return None


def _own(new: Sequence[str], *, mirrored: bool) -> set[int]:
    """Return the lines that open or close a block within the new lines."""
    ends = block_ends(new[::-1] if mirrored else new)
    last = len(new) - 1
    return {last - at if mirrored else at for pair in ends.items() for at in pair}


def _between_markers(gap: Gap, parts: Sequence[Sequence[Item]]) -> Filled:
    """Lines with markers on both sides, none of which the file has."""
    changes: list[Change] = []
    reasons: list[str] = []
    for part in parts:
        texts = _trim_end(_trim_start([item.text for item in part]))
        if all(weak(text.strip()) for text in texts):
            if any(text.strip() for text in texts):
                reasons.append("a closing line has no place")
            continue
        reasons.append("new lines stand between two markers")
        at = gap.bottom
        if gap.open_end and not gap.open_start:
            at = gap.bottom
        while at > gap.top and not gap.texts[at - 1].strip():
            at -= 1
        before = [""] if at > 0 and gap.texts[at - 1].strip() else []
        changes.append(Change(at, at, (*before, *texts), "between two markers"))
    if len(changes) > 1:
        at = changes[0].start
        joined = tuple(text for change in changes for text in change.texts)
        changes = [Change(at, at, joined, "between two markers")]
    return Filled(tuple(changes), tuple(reasons))


def _resembles(new: Sequence[Item], old: Sequence[str]) -> int:
    """How many of the ``old`` lines, from the first, the ``new`` ones are versions of."""
    if len(new) > _LOOK_MAX * 4:
        return 0
    reach = 0
    filled = [item.text for item in new if item.key and not item.new and not weak(item.key)]
    for at, text in enumerate(old):
        if not text.strip() or weak(text.strip()):
            continue
        if any(alike(text, other) for other in filled):
            reach = at + 1
        elif at - reach > 2:  # noqa: PLR2004 - farther on it is another statement
            break
    return reach


def alike(one: str, other: str) -> bool:
    """Whether one line could be a version of the other."""
    mine, theirs = _TOKENS.findall(one), _TOKENS.findall(other)
    if not mine or not theirs or min(len(mine), len(theirs)) * 3 < max(len(mine), len(theirs)):
        return False
    matcher = SequenceMatcher(None, mine, theirs, autojunk=False)
    return matcher.quick_ratio() >= _ALIKE and matcher.ratio() >= _ALIKE


def _trim_end(texts: Sequence[str]) -> list[str]:
    end = len(texts)
    while end and not texts[end - 1].strip():
        end -= 1
    return list(texts[:end])


def _trim_start(texts: Sequence[str]) -> list[str]:
    start = 0
    while start < len(texts) and not texts[start].strip():
        start += 1
    return list(texts[start:])
