"""What changes in a text? An algebra of edits on code-point offsets.

Laws, for edits ``a``, ``b``, ``c`` and a text ``t`` they fit:

- compose:  ``a.compose(b).apply(t) == b.apply(a.apply(t))``, and it is associative;
- inverse:  ``a.inverse(t).apply(a.apply(t)) == t``;
- rebase:   if neither way has conflicts,
  ``b.apply(t)`` then ``a.rebase(b, insertions="after")`` equals
  ``a.apply(t)`` then ``b.rebase(a, insertions="before")``;
- between:  ``Edits.between(t, u).apply(t) == u``, empty where ``t == u``.

``NO_EDITS`` is the neutral element of ``compose``.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import accumulate
from typing import TYPE_CHECKING, Literal

from fastapply_lsp.text.align import common_prefix, diff_lines
from fastapply_lsp.text.composition import touching_groups
from fastapply_lsp.text.edit import Edit
from fastapply_lsp.text.lines import line_end, split_lines
from fastapply_lsp.text.places import Places

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from fastapply_lsp.text.replacement import Replacement


__all__ = ["NO_EDITS", "Edit", "Edits", "Rebased", "replacements_to_edits"]


@dataclass(frozen=True, slots=True)
class Rebased:
    """``edits`` fit the text after the other's; ``conflicts`` (old coordinates) were dropped."""

    edits: Edits
    conflicts: tuple[Edit, ...]


@dataclass(frozen=True, slots=True)
class Edits:
    """Edits of one text, all in that text's offsets: sorted, and none touches the next.

    Build them with ``Edits.of`` (any order, touching ones become one) or ``Edits.between``; the
    bare constructor trusts its argument. An edit that replaces nothing by nothing is not kept.

    >>> a = Edits.of([Edit(6, 11, "all"), Edit(0, 0, "> ")])
    >>> a.apply("hello world")
    '> hello all'
    """

    items: tuple[Edit, ...] = ()

    @classmethod
    def of(cls, edits: Iterable[Edit]) -> Edits:
        """Sort and merge. Of several insertions at one place the given order stays.

        Raises:
            ValueError: two edits overlap, or one ends before it starts.
        """
        merged: list[Edit] = []
        for edit in sorted(edits, key=lambda edit: (edit.start, edit.end)):
            if edit.start < 0 or edit.end < edit.start:
                message = f"not a range: {edit}"
                raise ValueError(message)
            if not merged or merged[-1].end < edit.start:
                merged.append(edit)
                continue
            last = merged[-1]
            if last.end > edit.start:
                message = f"edits overlap: {last} and {edit}"
                raise ValueError(message)
            merged[-1] = Edit(last.start, edit.end, last.text + edit.text)
        return cls(tuple(edit for edit in merged if edit.start < edit.end or edit.text))

    @classmethod
    def between(cls, old: str, new: str) -> Edits:
        r"""Return edits that make ``new`` of ``old``: a line diff, each hunk trimmed by characters.

        No edit starts or ends inside a ``\r\n`` of ``old``, since editors have no such place.
        """
        if old == new:
            return NO_EDITS
        old_lines = split_lines(old)
        starts = list(accumulate(map(len, old_lines), initial=0))
        return cls.of(
            _trimmed(edit, old)
            for edit in _as_edits(starts, diff_lines(old_lines, split_lines(new)))
        )

    @property
    def is_empty(self) -> bool:
        """Whether nothing changes."""
        return not self.items

    def __iter__(self) -> Iterator[Edit]:
        return iter(self.items)

    def __len__(self) -> int:
        return len(self.items)

    def apply(self, text: str) -> str:
        """Return the changed text.

        Raises:
            ValueError: an edit lies beyond the text's end.
        """
        if self.items and self.items[-1].end > len(text):
            message = f"{self.items[-1]} lies beyond the text's {len(text)} characters"
            raise ValueError(message)
        pieces: list[str] = []
        at = 0
        for edit in self.items:
            pieces += (text[at : edit.start], edit.text)
            at = edit.end
        pieces.append(text[at:])
        return "".join(pieces)

    def inverse(self, text: str) -> Edits:
        """Return the edits that undo these; ``text`` is the text before."""
        undo: list[Edit] = []
        shift = 0
        for edit in self.items:
            start = edit.start + shift
            undo.append(Edit(start, start + len(edit.text), text[edit.start : edit.end]))
            shift += edit.growth
        return Edits(tuple(undo))

    def compose(self, later: Edits) -> Edits:
        """Return one set of edits that does these and then ``later``.

        Edits whose places touch in the text between the two become one.
        """
        result: list[Edit] = []
        for group in touching_groups(self.items, later.items):
            inner = (Edit(e.start - group.start, e.end - group.start, e.text) for e in group.later)
            text = Edits(tuple(inner)).apply(group.middle())
            result.append(Edit(group.base_start, group.base_end, text))
        return Edits.of(result)

    def rebase(self, over: Edits, *, insertions: Literal["before", "after"] = "after") -> Rebased:
        """Return these edits as they apply after ``over``; both are edits of the same text.

        An edit conflicts when it shares a replaced character with an edit of ``over``, or when
        one inserts strictly inside what the other replaces; it is dropped and listed. Touching is
        no conflict: each stays on its side of the boundary, so neighbouring lines may change.
        Two insertions at one place are none either: ``insertions`` says where ours goes, before
        or after the text of ``over``.
        """
        places = Places(over.items)
        kept: list[Edit] = []
        conflicts: list[Edit] = []
        for edit in self.items:
            if places.conflict(edit):
                conflicts.append(edit)
            elif edit.start == edit.end:
                at = places.move(edit.start, "right" if insertions == "after" else "left")
                kept.append(Edit(at, at, edit.text))
            else:
                start, end = places.move(edit.start, "right"), places.move(edit.end, "left")
                kept.append(Edit(start, end, edit.text))
        return Rebased(Edits.of(kept), tuple(conflicts))

    def move(self, offset: int, stick: Literal["left", "right"]) -> int:
        """Return where a place of the old text is in the new one.

        At the edge of a replaced range it stays at that edge. Inside one, or where text is
        inserted just there, ``left`` goes before the new text and ``right`` after it. The cost is
        one pass over the edits.

        >>> e = Edits.of([Edit(2, 4, "xyz"), Edit(6, 6, "!")])
        >>> [e.move(o, "left") for o in (2, 3, 4, 6)], [e.move(o, "right") for o in (2, 3, 4, 6)]
        ([2, 2, 5, 7], [2, 5, 5, 8])
        """
        return Places(self.items).move(offset, stick)


NO_EDITS = Edits()


def replacements_to_edits(
    original: str | Sequence[str], replacements: Iterable[Replacement]
) -> Edits:
    r"""Return replacements of lines as edits of characters.

    Args:
        original: The text, or its lines with their ends.
        replacements: In the lines of ``original``, obeying the laws of a series.

    >>> from fastapply_lsp.text.replacement import Replacement
    >>> replacements_to_edits("a\nb\n", [Replacement(1, 2, ("c\n",))]).items
    (Edit(start=2, end=4, text='c\n'),)
    """
    lines = split_lines(original) if isinstance(original, str) else original
    starts = list(accumulate(map(len, lines), initial=0))
    return Edits.of(_as_edits(starts, replacements))


def _as_edits(starts: Sequence[int], replacements: Iterable[Replacement]) -> Iterator[Edit]:
    for replacement in replacements:
        yield Edit(starts[replacement.start], starts[replacement.end], "".join(replacement.lines))


def _trimmed(edit: Edit, old: str) -> Edit:
    r"""Cut off what ``edit`` keeps at both its ends, without cutting a ``\r\n`` in two."""
    removed, added = old[edit.start : edit.end], edit.text
    prefix = common_prefix(removed, added)
    if removed[prefix - 1 : prefix + 1] == "\r\n" and prefix:
        prefix -= 1
    most = min(len(removed), len(added)) - prefix
    suffix = min(common_prefix(removed[::-1], added[::-1]), most)
    cut = len(removed) - suffix
    if suffix and cut and removed[cut - 1 : cut + 1] == "\r\n":
        suffix -= 1
    return Edit(edit.start + prefix, edit.end - suffix, added[prefix : len(added) - suffix])


def within_lines(edits: Edits, text: str) -> Edits:
    r"""Return the same change, with what comes after the final line end put before it.

    A buffer of lines has no place after its last line end: Neovim makes an insertion there a line
    more than was meant.

    >>> within_lines(Edits.of([Edit(2, 2, "b\n")]), "a\n").items
    (Edit(start=1, end=1, text='\nb'),)
    """
    end = line_end(text)
    if not end or edits.is_empty:
        return edits
    *others, last = edits
    if last.start < len(text) or line_end(last.text) != end:
        return edits
    at = len(text) - len(end)
    return Edits.of([*others, Edit(at, at, end + last.text.removesuffix(end))])
