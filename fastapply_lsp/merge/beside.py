"""Beside a marker: which of the file's lines do the snippet's lines there replace?"""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import TYPE_CHECKING

from fastapply_lsp.merge.lines import block_ends, open_brackets, trim_end, weak
from fastapply_lsp.text.lines import indent_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fastapply_lsp.merge.items import Item


_TOKENS = re.compile(r"\w+|[^\w\s]")
_ASSIGNS = re.compile(r":=|=(?![=>])|:\s")
_NAMES = re.compile(r"[\w\s.*&$@\[\]\"'-]+")
_TARGET_LONGEST = 80
_ALIKE = 0.6
_LOOK_MAX = 12
"""Lines next to a marker that are compared; a marker's neighbour is near or it is none."""


@dataclass(frozen=True, slots=True)
class Beside:
    """Going away from the shared line: ``gone`` lines become ``texts``."""

    gone: int
    texts: tuple[str, ...]
    reasons: tuple[str, ...]
    kept: tuple[str, ...] | None = None
    """Instead of ``texts``, where the block may end above the bracket that was found."""


def beside(
    items: Sequence[Item], old: Sequence[str], *, at_end: bool, mirrored: bool, marked: bool
) -> Beside | None:
    """Compare lines beside a shared one with the file's, both going away from it.

    The line that the snippet quotes next to the marker may be a bracket that stands everywhere:
    the nearest one in the file is meant, unless the new lines open it themselves. Without a marker,
    ``marked`` false, it is the snippet's edge that they stand beside.
    """
    where = "beside a marker" if marked else "at the snippet's edge"
    new = [item.text for item in items]
    texts = trim_end(new)
    unspaced = len(texts)
    spaced = unspaced < len(new)
    if not texts:
        if not at_end or any(text.strip() for text in old):
            return None
        return Beside(len(old), tuple(new), ())
    edge = _edge(texts, old, mirrored=mirrored)
    if edge is not None:
        core, gone = texts[: len(texts) - edge.size], edge.at
        lost = sum(bool(text.strip()) for text in old[:gone])
        shown = sum(bool(text.strip()) for text in core)
        doubt = lost and (lost > shown or not _resembles(items[: len(core)], old[:gone]))
        reasons = (f"lines {where} are replaced up to the next bracket",) if doubt else ()
        kept = _branches(core, old, edge) if doubt and not mirrored else None
        return Beside(gone, tuple(core), reasons, kept)
    items = items[: len(texts)]
    gone = _resembles(items, old[: len(texts) + _LOOK_MAX])
    if gone and open_brackets("".join(old[:gone])) != open_brackets("".join(texts)):
        # They are no versions of each other: one opens what the other does not.
        gone = 0
    if not gone and spaced and old and old[0].strip():
        texts = [*texts, new[unspaced]]
    return Beside(gone, tuple(texts), _beside_reasons(items, old, gone, where))


def _beside_reasons(
    items: Sequence[Item], old: Sequence[str], gone: int, where: str
) -> tuple[str, ...]:
    """Doubt lines that may be versions of lines which the marker stands for."""
    if gone:
        return (f"a changed line {where} is known by likeness only",)
    edge = next((item for item in reversed(items) if item.key), None)
    hidden = next((text for text in old if text.strip()), None)
    if edge is None or edge.new or hidden is None or weak(edge.key):
        return ()
    same_depth = len(indent_of(hidden)) == edge.depth
    return (f"new lines {where} may replace lines that are not shown",) if same_depth else ()


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


def _branches(core: Sequence[str], old: Sequence[str], edge: _Quoted) -> tuple[str, ...] | None:
    """Keep the branches, as ``} catch {``, that stand above the bracket that was found.

    Who quotes a block's end as ``}`` may mean the line that goes on with another branch.
    """
    end = old[edge.at]
    bracket = end.strip()[:1]
    for at, text in enumerate(old[: edge.at]):
        if bracket and indent_of(text) == indent_of(end) and text.strip().startswith(bracket):
            return (*core, *old[at : edge.at])
    return None


def _own(new: Sequence[str], *, mirrored: bool) -> set[int]:
    """Return the lines that open or close a block within the new lines."""
    ends = block_ends(new[::-1] if mirrored else new)
    last = len(new) - 1
    return {last - at if mirrored else at for pair in ends.items() for at in pair}


def _resembles(new: Sequence[Item], old: Sequence[str]) -> int:
    """How many of the ``old`` lines, from the first, the ``new`` ones are versions of."""
    if len(new) > _LOOK_MAX * 4:
        return 0
    reach = 0
    filled = [item.text for item in new if item.key and not item.new and not weak(item.key)]
    for at, text in enumerate(old):
        if not text.strip() or weak(text.strip()):
            continue
        version = next((i for i, other in enumerate(filled) if alike(text, other)), None)
        if version is not None:
            reach = at + 1
            filled = filled[version + 1 :]
        elif at - reach > 2:  # noqa: PLR2004 - farther on it is another statement
            break
        if not filled:
            break
    return reach


def alike(one: str, other: str) -> bool:
    """Whether one line could be a version of the other.

    >>> alike("name := first(a)", "name := os.Args[1]"), alike("f(a)", "g(b)")
    (True, False)
    """
    target, same = _target(one), _target(other)
    if target and same:
        return target == same
    mine, theirs = _TOKENS.findall(one), _TOKENS.findall(other)
    if not mine or not theirs or min(len(mine), len(theirs)) * 3 < max(len(mine), len(theirs)):
        return False
    if not any(word[0].isalnum() or word[0] == "_" for word in {*mine} & {*theirs}):
        return False
    matcher = SequenceMatcher(None, mine, theirs, autojunk=False)
    return matcher.quick_ratio() >= _ALIKE and matcher.ratio() >= _ALIKE


def _target(line: str) -> list[str]:
    """Return the words of what a line assigns to, or of the key that it sets; else nothing."""
    sign = _ASSIGNS.search(line, 0, _TARGET_LONGEST)
    if sign is None or _NAMES.fullmatch(line, 0, sign.start()) is None:
        return []
    return line[: sign.start()].split()
