"""Which lines of a rewrite are the model's own words, and no part of the file?

Only what neither the original nor any prediction of the merge has is looked at. What is found here
is sure enough to be taken out: marks that models are trained with, the tags and fences of an
answer, reasoning between its tags, and sentences where a file has none: before it, after it, or
beside a fence. A document may hold all of this; there only its very ends are read, and what
a certain merge does not have.
"""

from __future__ import annotations

from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING

from fastapply_lsp.guard.added import deviations_of
from fastapply_lsp.guard.marks import Chatter, marks_in
from fastapply_lsp.guard.speech import (
    FENCE,
    Sound,
    sound,
)
from fastapply_lsp.syntax.tree import parse
from fastapply_lsp.text.contract import BOM

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fastapply_lsp.guard.context import Context

DOCUMENTS = frozenset({"markdown", "yaml", "html", "xml", "vue"})
"""Languages whose files may hold sentences and fences anywhere, as may one of no known language."""
_ERROR_LINES = 3
"""A sentence makes an error of a line or two; a longer one may be about other things."""


def chatter_in(context: Context) -> Chatter | None:
    """Return the model's own words in the rewrite; ``None`` where there are none."""
    if context.rewrite == context.guide or not context.rewrite.strip():
        return None
    search = _Search(context)
    if not search.foreign and not search.fences:
        return None
    search.read_fences()
    search.read_speech()
    if not search.gone and not search.rests:
        return None
    return Chatter(frozenset(search.gone), search.rests)


def is_document(context: Context) -> bool:
    """Whether the file may hold sentences and fences anywhere."""
    return context.language is None or context.language.id in DOCUMENTS


def in_string(context: Context, line: int) -> bool:
    """Whether the line is inside a string or comment that begins above it and ends below it.

    Not where backticks open the string: three of them are an empty one and the start of another.
    """
    tree = parse(context.rewrite, context.language)
    if tree is None:
        return False
    node = tree.root.descendant_for_point_range((line, 0), (line, 1))
    while node is not None and node.start_point.row == line and node.end_point.row == line:
        node = node.parent
    while node is not None and not any(word in node.type for word in ("string", "comment")):
        node = node.parent
    if node is None or node.has_error or not node.start_point.row < line < node.end_point.row:
        return False
    if node.parent is not None and node.parent.is_error:
        return False
    return tree.source[node.start_byte : node.start_byte + 1] != b"`"


class _Search:
    """The lines that are found, step by step: marks and tags, then fences, then sentences."""

    def __init__(self, context: Context) -> None:
        self.context = context
        self.lines = context.rewrite_lines
        self.document = is_document(context)
        asked = context.asked_lines
        self.foreign = {
            number: content
            for number, line in enumerate(self.lines)
            if (content := line.strip()) and content not in asked
        }
        if 0 in self.foreign:
            self.foreign[0] = self.foreign[0].removeprefix(BOM)
        self.fences = [
            number
            for number, line in enumerate(self.lines)
            if ("```" in line or "~~~" in line) and FENCE.match(line.rstrip().removeprefix(BOM))
        ]
        marks = marks_in(context, self.foreign) if self.foreign else None
        self.gone: set[int] = set(marks.lines) if marks else set()
        self.rests: dict[int, str] = marks.rests if marks else {}

    @cached_property
    def filled(self) -> list[int]:
        return [number for number, line in enumerate(self.lines) if line.strip()]

    # Fences.

    def read_fences(self) -> None:
        """Find the fences of the answer."""
        if not self.fences:
            return
        if self.document:
            self._read_fences_around()
            return
        new = [number for number in self.fences if number in self.foreign]
        if len(new) < len(self.fences):
            added = self._added_lines()
            surplus = len(self.fences) - len(
                [line for line in self.context.guide_lines if FENCE.match(line.rstrip())]
            )
            held = [each for each in self.fences if each in added and each not in self.foreign]
            new += held if surplus >= len(new) + len(held) else []
        self.gone.update(number for number in new if not self._is_meant(number))

    def _is_meant(self, fence: int) -> bool:
        """Whether a fence may belong to a text that the file quotes."""
        if self.context.certain is not None:
            return False
        at = self.filled.index(fence)
        for near in self.filled[max(0, at - 1) : at + 2]:
            if near != fence and (near in self.fences or self._sound(near) >= Sound.USUAL):
                return False
        known = [number for number in self.filled if number not in self.foreign]
        inside = bool(known) and known[0] < fence < known[-1]
        return inside and in_string(self.context, fence)

    def _read_fences_around(self) -> None:
        """Find the fences around a document, or after it."""
        filled = [number for number in self.filled if number not in self.gone]
        guide = [line.rstrip() for line in self.context.guide_lines if line.strip()]
        if not filled or not guide:
            return
        first, last = filled[0], filled[-1]
        while first < last and first not in self.fences and first in self.foreign:
            if sound(self.foreign[first]) < Sound.USUAL:
                break
            first = filled[filled.index(first) + 1]
        while last > first and last not in self.fences and last in self.foreign:
            if sound(self.foreign[last]) is Sound.NONE:
                break
            last = filled[filled.index(last) - 1]
        closes = last in self.fences and set(self.lines[last].strip()) <= {"`", "~"}
        closes = closes and self.lines[last].rstrip() != guide[-1]
        if first != last and first in self.fences and closes:
            follows = self.lines[filled[filled.index(first) + 1]].rstrip()
            if self.lines[first].rstrip() != guide[0] and (
                follows == guide[0].removeprefix(BOM) or follows in self.context.asked_lines
            ):
                self.gone |= {first, last}
        elif closes and len(self.fences) % 2 and last in self._added_lines():
            self.gone.add(last)

    def _added_lines(self) -> set[int]:
        """Return the lines of the rewrite where the guide has nothing."""
        return {
            number
            for each in deviations_of(self.context)
            if each.is_added
            for number in range(each.rewrite.start, each.rewrite.end)
        }

    # Sentences.

    def read_speech(self) -> None:
        """Find the sentences before and after the file, and those beside what was found."""
        self._read_end(self.filled)
        self._read_end(self.filled[::-1])
        self._read_added()
        if self.document:
            return
        for order in (self.filled, self.filled[::-1]):
            for before, number in pairwise(order):
                if before in self.gone and number not in self.gone and self._sound(number):
                    self.gone.add(number)

    def _read_end(self, order: Sequence[int]) -> None:
        """Read from one end of the file on, as far as there are sentences."""
        block: list[int] = []
        for number in order:
            if number not in self.gone and not self._may_be_said(number):
                break
            block.append(number)
        if len(block) < len(order) and self._is_told(block):
            self.gone.update(block)

    def _is_told(self, block: Sequence[int]) -> bool:
        """Whether something proves that a block of sentences is the model's."""
        least = Sound.STRONG if self.document else Sound.USUAL
        if any(number not in self.gone and self._sound(number) >= least for number in block):
            return True
        said = [number for number in block if number not in self.gone]
        if self.document or not said:
            return False
        if any(number in self.gone for number in block):
            return True
        return any(
            span.start <= number < span.end
            for span in self.context.errors_after
            for number in said
            if len(span) <= len(block) + 1
        )

    def _may_be_said(self, number: int) -> bool:
        least = Sound.PLAIN
        if self.document and self.context.certain is None:
            least = Sound.USUAL
        return self._sound(number) >= least

    def _sound(self, number: int) -> Sound:
        content = self.foreign.get(number)
        return Sound.NONE if content is None or number in self.rests else sound(content)

    def _read_added(self) -> None:
        """Find what the guide does not have, in places of its own, and that only a model says."""
        if self.document and self.context.certain is None:
            return
        fences = set(self.fences)
        for each in deviations_of(self.context) if fences or self._speaks() else ():
            numbers = range(each.rewrite.start, each.rewrite.end)
            said = [number for number in numbers if self.lines[number].strip()]
            if (
                each.is_added
                and all(one in fences or one in self.gone or self._sound(one) for one in said)
                and any(self._is_sure(one, fences) for one in said)
            ):
                self.gone.update(said)

    def _speaks(self) -> bool:
        return any(self._sound(number) >= Sound.USUAL for number in self.foreign)

    def _is_sure(self, number: int, fences: set[int]) -> bool:
        """Whether a line that was added is the model's, and makes those beside it the model's."""
        if self.context.certain is not None:
            return number in fences or self._sound(number) >= Sound.USUAL
        return self._sound(number) is Sound.STRONG and any(
            span.start <= number < span.end and len(span) <= _ERROR_LINES
            for span in self.context.errors_after
        )
