"""What a check or a repair looks at: the original, the rewrite, and what was asked."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from functools import cached_property, reduce
from operator import and_
from typing import TYPE_CHECKING

from fastapply_lsp.guard.deviations import parts_of
from fastapply_lsp.guard.licence import licence_of, spans_of
from fastapply_lsp.guard.similar import words
from fastapply_lsp.syntax.faults import syntax_error_spans
from fastapply_lsp.text.align import diff_lines
from fastapply_lsp.text.lines import has_line_end, line_end, split_lines

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from fastapply_lsp.guard.licence import Licence
    from fastapply_lsp.guard.model import Fault, Repair
    from fastapply_lsp.guard.parts import Part
    from fastapply_lsp.merge.model import Candidate, Merge
    from fastapply_lsp.syntax.languages import Language
    from fastapply_lsp.text.replacement import Replacement, Span


@dataclass(frozen=True)
class Context:
    """A finished rewrite, what it rewrites, and what was asked.

    ``merge`` is ``None`` where nothing is known of the edit. ``stripped`` is what unwrapping took
    off around the file, ``edit`` the code_edit's text, empty where it is not known. What several
    checks need is computed once, when the first asks.
    """

    original: str
    rewrite: str
    merge: Merge | None
    language: Language | None
    stripped: str
    edit: str = ""

    @cached_property
    def original_lines(self) -> tuple[str, ...]:
        """The original's lines."""
        return tuple(split_lines(self.original))

    @cached_property
    def rewrite_lines(self) -> tuple[str, ...]:
        """The rewrite's lines."""
        return tuple(split_lines(self.rewrite))

    @cached_property
    def original_counts(self) -> Counter[str]:
        """How often each line, white space around it left out, is in the original."""
        return Counter(line.strip() for line in self.original_lines)

    @cached_property
    def edit_counts(self) -> Counter[str]:
        """How often each line, white space around it left out, is in the code_edit."""
        return Counter(line.strip() for line in split_lines(self.edit))

    @cached_property
    def rewrite_counts(self) -> Counter[str]:
        """How often each line, white space around it left out, is in the rewrite."""
        return Counter(line.strip() for line in self.rewrite_lines)

    @cached_property
    def common_counts(self) -> Counter[str]:
        """How often each line, white space around it left out, is in every candidate at least."""
        texts = {one.predicted for one in self.merge.candidates} if self.merge is not None else ()
        counts = [Counter(line.strip() for line in split_lines(text)) for text in texts]
        return reduce(and_, counts) if counts else Counter()

    @cached_property
    def asked_lines(self) -> frozenset[str]:
        """The stripped lines that are in the original or in any prediction of the merge."""
        asked = set(self.original_counts)
        if self.merge is not None:
            for text in (self.merge.predicted, *(one.predicted for one in self.merge.candidates)):
                asked.update(line.strip() for line in split_lines(text))
        return frozenset(asked)

    @property
    def certain(self) -> Merge | None:
        """The merge, where it is certain: then its prediction is what was asked."""
        return self.merge if self.merge is not None and self.merge.certain else None

    @property
    def is_asked(self) -> bool:
        """Whether the rewrite is, to the letter, what is sure to have been asked for."""
        return self.certain is not None and self.rewrite == self.certain.predicted

    @property
    def placed(self) -> Merge | None:
        """The merge, where it found a place: then something is known of what may change."""
        return self.merge if self.merge is not None and self.merge.placed else None

    @cached_property
    def guide(self) -> str:
        """What the rewrite should look like, as far as anyone knows.

        The prediction where it is certain; of several candidates the one that the rewrite is
        nearest to (fewest lines replaced, the earlier of two equal ones); the original where no
        place was found.
        """
        return self.original if self._nearest is None else self._nearest.predicted

    @cached_property
    def guide_lines(self) -> tuple[str, ...]:
        """The guide's lines."""
        return tuple(split_lines(self.guide))

    @cached_property
    def deviations(self) -> tuple[Replacement, ...]:
        """The series of replacements that makes the rewrite of the guide."""
        return tuple(self._against(self.guide_lines))

    @cached_property
    def asked(self) -> tuple[Replacement, ...]:
        """The series of replacements that makes the guide of the original."""
        if self._nearest is not None and self._nearest.replacements:
            return self._nearest.replacements
        return tuple(diff_lines(self.original_lines, self.guide_lines))

    @cached_property
    def licence(self) -> Licence:
        """What may change, in the original's lines: everything, where no place was found."""
        regions = None if self.placed is None else self.placed.regions
        return licence_of(self.original_lines, spans_of(regions, len(self.original_lines)))

    @cached_property
    def guide_licence(self) -> Licence:
        """What may change, in the guide's lines."""
        return self.licence.image(self.asked, self.guide_lines)

    @cached_property
    def parts(self) -> tuple[Part, ...]:
        """What happened to the guide's lines in the rewrite, and whether it was licensed."""
        brought: list[str] = []
        if self.certain is None:
            gone = {line for each in self.asked for line in self._replaced(each)}
            brought = [line for each in self.asked for line in each.lines if line not in gone]
        return parts_of(
            self.guide_lines, self.rewrite_lines, self.deviations, self.guide_licence, brought
        )

    @cached_property
    def became_shown(self) -> frozenset[str]:
        """The original's lines, stripped, in whose place there are others, which the edit shows."""
        return frozenset(
            line.strip()
            for each in diff_lines(self.original_lines, self.rewrite_lines)
            if any(line.strip() in self.edit_counts for line in each.lines if words(line))
            for line in self._replaced(each)
        )

    @cached_property
    def errors_before(self) -> tuple[Span, ...]:
        """The original's lines that its grammar cannot read."""
        return syntax_error_spans(self.original, self.language)

    @cached_property
    def errors_after(self) -> tuple[Span, ...]:
        """The rewrite's lines that its grammar cannot read."""
        return syntax_error_spans(self.rewrite, self.language)

    def rewritten(self, lines: Sequence[str]) -> Context:
        """Return the context of another rewrite of the same original.

        Only its last line may be without an end: one that comes to stand before another, because a
        repair put that one behind it, gets the file's.
        """
        end = next((line_end(line) for line in self.original_lines if has_line_end(line)), "\n")
        whole = [line if has_line_end(line) else line + end for line in lines[:-1]]
        return replace(self, rewrite="".join((*whole, *lines[-1:])))

    @cached_property
    def _nearest(self) -> Candidate | None:
        if self.placed is None:
            return None
        candidates = {one.predicted: one for one in reversed(self.placed.candidates)}
        if len(candidates) == 1 or self.placed.certain:
            return candidates.get(self.placed.predicted, self.placed.candidates[0])
        return min(
            reversed(candidates.values()),
            key=lambda one: _size(self._against(split_lines(one.predicted))),
        )

    def _replaced(self, replacement: Replacement) -> tuple[str, ...]:
        return self.original_lines[replacement.start : replacement.end]

    def _against(self, lines: Sequence[str]) -> list[Replacement]:
        return diff_lines(lines, self.rewrite_lines)


@dataclass(frozen=True, slots=True)
class Mended:
    """What a repair made of a rewrite: all its lines, and what was done, at least one thing."""

    lines: tuple[str, ...]
    repairs: tuple[Repair, ...]


def _size(replacements: Sequence[Replacement]) -> int:
    return sum(len(each.span) + len(each.lines) for each in replacements)


if TYPE_CHECKING:
    Check = Callable[[Context], tuple[Fault, ...]]
    """One check: pure, cheap, and precise rather than complete."""

    Mender = Callable[[Context], Mended | None]
    """One repair: pure; ``None`` where there is nothing that it is sure of."""
