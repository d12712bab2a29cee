"""Is every name still there? Definitions and imports that nobody asked to go, and ones there twice.

What is lost outside of the edit has been put back before this. So here it is about the rest: names
that were changed and not lost, and edits whose place is not sure. A name is asked for if the guide
has it; only a certain merge's guide makes it a fault that stops the rewrite. Of an unsure one it is
told, where the original and every candidate have the name, and the rewrite still uses it. A name that
went in a change which nobody asked for is none: that change waits for the user, with its mark.

Grammars are only asked where a word is gone, or new, in the lines where guide and rewrite differ.
"""

from __future__ import annotations

import re
from collections import Counter
from functools import cached_property
from typing import TYPE_CHECKING

from fastapply_lsp.guard.added import deviations_of
from fastapply_lsp.guard.model import Fault, FaultKind
from fastapply_lsp.syntax.definitions import definitions
from fastapply_lsp.syntax.imports import imported_names
from fastapply_lsp.text.replacement import Span

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from fastapply_lsp.guard.context import Context
    from fastapply_lsp.syntax.definitions import Definition

_WORD = re.compile(r"[^\W\d][\w$]*")
_KINDS = frozenset(
    {"function", "method", "class", "struct", "interface", "trait", "enum", "type", "macro"}
)
"""What others refer to by its name. Keys, sections and rules are data, and fields are many."""
_TOLD_MAX = 5


def check(context: Context) -> tuple[Fault, ...]:
    """No name is gone, or there twice, unless it was asked for."""
    if context.placed is None or context.language is None:
        return ()
    names = _Names(context)
    return (*names.dropped_definitions(), *names.dropped_imports(), *names.duplicates())


class _Names:
    """Both sides' names, looked up when first needed."""

    def __init__(self, context: Context) -> None:
        self.context = context
        self.deviations = deviations_of(context)
        old = self._words(context.guide_lines, (each.guide for each in self.deviations))
        new = self._words(context.rewrite_lines, (each.rewrite for each in self.deviations))
        self.lost = old - new
        self.gained = new - old

    def dropped_definitions(self) -> Iterator[Fault]:
        """Yield the definitions of the guide that the rewrite lacks."""
        if not self.lost:
            return
        gone = self._near(self.context.guide, self.lost, of_guide=True)
        if not gone:
            return
        here = Counter(one.qualified for one in self.definitions)
        before = Counter(one.qualified for one in self.guide_definitions)
        least = before if self.context.certain is not None else Counter(set(before))
        told = {
            one.qualified: one.kind
            for one in gone
            if here[one.qualified] < least[one.qualified]
            and self._nobody_asked(self._plain(one))
            and not self._became_shown(one)
            and not self._waits(one.span.start)
        }
        for name in list(told)[:_TOLD_MAX]:
            yield self._fault(f"the {told[name]} {name} is gone")

    def dropped_imports(self) -> Iterator[Fault]:
        """Yield the imported names of the guide that the rewrite does not import."""
        if not self.lost:
            return
        gone: dict[str, int] = {}
        for each in self.deviations:
            if any(
                word in self.lost for word in self._words(self.context.guide_lines, (each.guide,))
            ):
                found = imported_names(self.context.guide, self.context.language, each.guide)
                gone |= {name: line for name, line in found.items() if name in self.lost}
        if not gone:
            return
        here = imported_names(self.context.rewrite, self.context.language)
        told = [
            name
            for name, line in gone.items()
            if name not in here and self._nobody_asked(name) and not self._waits(line)
        ]
        if told:
            yield self._fault(f"what was imported is gone: {', '.join(told[:_TOLD_MAX])}")

    def duplicates(self) -> Iterator[Fault]:
        """Yield the definitions that the rewrite has more often than guide and original."""
        if not self.gained:
            return
        new = self._near(self.context.rewrite, self.gained, of_guide=False)
        if not new:
            return
        here = Counter(map(self._key, self.definitions))
        own = Counter(map(self._key, self.guide_definitions))
        before = Counter(map(self._key, self._all(self.context.original)))
        told: set[tuple[str, str]] = set()
        for one in new:
            key = self._key(one)
            if here[key] > max(1, own[key], before[key]) and key not in told:
                told.add(key)
                yield self._twice(one, copied=own[key] > 0 and self._has_copy(one))

    @cached_property
    def everywhere(self) -> frozenset[str]:
        """The lost words that the original, the rewrite and all candidates have."""
        assert self.context.placed is not None
        texts = (
            self.context.original,
            self.context.rewrite,
            *(one.predicted for one in self.context.placed.candidates),
        )
        words = set(self.lost)
        for text in texts:
            words.intersection_update(_WORD.findall(text))
        return frozenset(words)

    @cached_property
    def definitions(self) -> tuple[Definition, ...]:
        return self._all(self.context.rewrite)

    @cached_property
    def guide_definitions(self) -> tuple[Definition, ...]:
        return self._all(self.context.guide)

    def _all(self, text: str) -> tuple[Definition, ...]:
        return tuple(
            one
            for outer in definitions(text, self.context.language)
            for one in outer.walk()
            if one.kind in _KINDS
        )

    def _words(self, lines: tuple[str, ...], spans: Iterable[Span]) -> Counter[str]:
        words: Counter[str] = Counter()
        for span in spans:
            for line in lines[span.start : span.end]:
                words.update(_WORD.findall(line))
        return words

    def _near(self, text: str, words: Counter[str], *, of_guide: bool) -> list[Definition]:
        """Return the definitions of these names whose header touches the lines that differ."""
        found: dict[tuple[Span, str], Definition] = {}
        lines = self.context.guide_lines if of_guide else self.context.rewrite_lines
        for each in self.deviations:
            span = each.guide if of_guide else each.rewrite
            if not any(word in words for word in self._words(lines, (span,))):
                continue
            for outer in definitions(text, self.context.language, span):
                for one in outer.walk():
                    end = one.body.start if one.body is not None else one.span.end
                    header = Span(one.span.start, max(end, one.span.start + 1))
                    if (
                        one.kind in _KINDS
                        and self._plain(one) in words
                        and span.start < header.end
                        and header.start < span.end
                    ):
                        found[one.span, one.qualified] = one
        return list(found.values())

    def _plain(self, one: Definition) -> str:
        found = _WORD.findall(one.name)
        return found[-1] if found else one.name

    def _key(self, one: Definition) -> tuple[str, str]:
        return one.qualified, one.signature

    def _has_copy(self, one: Definition) -> bool:
        lines = self.context.rewrite_lines
        text = lines[one.span.start : one.span.end]
        return any(
            other.span != one.span
            and self._key(other) == self._key(one)
            and lines[other.span.start : other.span.end] == text
            for other in self.definitions
        )

    def _nobody_asked(self, name: str) -> bool:
        """Whether the original and all that the edit may mean have the name; see the module."""
        return self.context.certain is not None or name in self.everywhere

    def _waits(self, line: int) -> bool:
        """Whether all that happened to a line of the guide is told as not asked for, and waits."""
        span = Span(line, line + 1)
        touched = [
            part
            for part in self.context.parts
            if part.guide.start < span.end and span.start < part.guide.end
        ]
        return bool(touched) and not any(part.licensed for part in touched)

    def _became_shown(self, one: Definition) -> bool:
        """Whether an unsure edit shows what a definition of the guide became."""
        if self.context.certain is not None:
            return False
        header = self.context.guide_lines[one.span.start].strip()
        return header in self.context.became_shown

    def _fault(self, message: str) -> Fault:
        fatal = self.context.certain is not None
        return Fault(FaultKind.DROPPED, message, span=None, fatal=fatal)

    def _twice(self, one: Definition, *, copied: bool) -> Fault:
        line = one.span.start + 1
        message = f"line {line}: the {one.kind} {one.qualified} is there more than once"
        return Fault(FaultKind.DUPLICATE, message, one.span, fatal=copied)
