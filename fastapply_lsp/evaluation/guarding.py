"""What does the guard make of rewrites whose faults are known?

Each planted rewrite takes the way of a model's stream: unwrapped, fitted and aligned by
`rewrite/`, judged beside the merge of the case's code block. Nobody is asked again and nothing
falls back to the merge, so the figures are the guard's own.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from fastapply_lsp.errors import MalformedEdit
from fastapply_lsp.evaluation.clean import clean_rewrites
from fastapply_lsp.evaluation.faults import planted
from fastapply_lsp.evaluation.ground import Ground
from fastapply_lsp.guard.verdict import verdict
from fastapply_lsp.merge import merge
from fastapply_lsp.request.model import EditFile
from fastapply_lsp.rewrite.pipeline import Rewriter
from fastapply_lsp.syntax.languages import language_of
from fastapply_lsp.text.align import diff_lines
from fastapply_lsp.text.lines import split_lines
from fastapply_lsp.text.replacement import apply_replacements

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fastapply_lsp.evaluation.cases import Case
    from fastapply_lsp.evaluation.clean import Clean
    from fastapply_lsp.guard.model import Fault, Verdict
    from fastapply_lsp.merge.model import Merge
    from fastapply_lsp.syntax.languages import Language


class Fate(StrEnum):
    """What became of a rewrite; the first that is true of it.

    Of a rewrite with faults: the text is the expected one (``AT_ONCE``); it is once the user takes
    back what is marked as unrequested (``MARKED``); the verdict refuses it (``REFUSED``); nothing
    wrong is left without the marked changes, but one of them has something in it that was asked for
    (``FLAGGED``); it stands, but waits for the user, who is told a doubt (``TOLD``); it stands, and
    nobody says a word that it may be wrong (``SILENT``).

    Of a clean one: it stands as it is written, what nobody asked for perhaps marked (``LET``); or
    the guard changed it, refused it, doubted it, or marked what was asked for (``ALARM``).
    """

    AT_ONCE = "repaired at once"
    MARKED = "repaired but for what is marked"
    FLAGGED = "marked"
    REFUSED = "refused"
    TOLD = "told"
    SILENT = "silent"
    LET = "let through"
    ALARM = "false alarm"


# A doubt is as good as a refusal: the apply does not count as certain, and its changes wait.
REPAIRED = frozenset({Fate.AT_ONCE, Fate.MARKED})
CAUGHT = REPAIRED | {Fate.FLAGGED, Fate.REFUSED, Fate.TOLD}


@dataclass(frozen=True, slots=True)
class Judged:
    """One rewrite's fate; ``said`` is what the verdict says of it: repairs, faults, marks."""

    case: str
    language: str
    certain: bool
    group: str
    faults: tuple[str, ...]
    fate: Fate
    said: tuple[str, ...]

    @property
    def is_clean(self) -> bool:
        """Whether the rewrite had no fault."""
        return not self.faults


@dataclass(frozen=True)
class Bench:
    """A case, with what is the same for all of its rewrites."""

    case: Case
    language: Language | None
    merged: Merge | None

    def judge(self, rewrite: str) -> Verdict:
        """Stream a rewrite over the original, and judge what comes of it."""
        rewriter = Rewriter(self.case.original)
        replacements = [*rewriter.push(rewrite), *rewriter.finish()]
        return verdict(
            self.case.original,
            rewriter.text,
            merge=self.merged,
            language=self.language,
            replacements=replacements,
            stripped=rewriter.words_around,
            edit=self.case.code_edit,
        )


def bench_for(case: Case) -> Bench:
    """Merge the case's code block once."""
    try:
        merged = merge(case.original, EditFile(case.path, case.instruction, case.code_edit))
    except MalformedEdit:
        merged = None
    return Bench(case, language_of(case.path, case.original), merged)


def judge_case(case: Case) -> Iterator[Judged]:
    """Judge the clean rewrites of a case, and then those with faults."""
    bench = bench_for(case)
    ground = Ground(case.original, case.expected, bench.language, case.code_edit)
    for clean in clean_rewrites(case.id, ground):
        told = bench.judge(clean.text)
        yield _judged(bench, clean.group, (), clean_fate(case, clean, told), told)
    for one in planted(case.id, ground):
        told = bench.judge(one.text)
        yield _judged(bench, one.group, one.faults, fate_of(case, told), told)


def fate_of(case: Case, told: Verdict) -> Fate:
    """Return the fate of a rewrite with faults."""
    kept = without_unrequested(case.original, told)
    if told.accepted and told.text == case.expected:
        return Fate.AT_ONCE
    if told.accepted and kept == case.expected:
        return Fate.MARKED
    if not told.accepted:
        return Fate.REFUSED
    if kept != told.text and only_asked(case, kept, told):
        return Fate.FLAGGED
    return Fate.TOLD if told.doubts else Fate.SILENT


def clean_fate(case: Case, clean: Clean, told: Verdict) -> Fate:
    """Return the fate of a clean rewrite."""
    kept = without_unrequested(case.original, told)
    allowed = {clean.text, case.expected} if clean.extra else {clean.text}
    stands = told.accepted and not told.doubts and told.text == clean.text
    return Fate.LET if stands and kept in allowed else Fate.ALARM


def without_unrequested(original: str, told: Verdict) -> str:
    """Return the file that is left where the user takes back what nobody asked for."""
    asked = [change.replacement for change in told.changes if not change.unrequested]
    return "".join(apply_replacements(split_lines(original), asked))


def only_asked(case: Case, kept: str, told: Verdict) -> bool:
    """Whether ``kept`` leads to the expected file, but for what waits with a mark.

    Every change in it is one of those that were asked for; and where one of those is missing, a
    mark says that something is there to decide.
    """
    lines = split_lines(case.original)
    wanted = diff_lines(lines, split_lines(case.expected))
    there = diff_lines(lines, split_lines(kept))
    marks = [change.replacement.span for change in told.changes if change.unrequested]
    return all(change in wanted for change in there) and all(
        any(mark.touches(change.span) for mark in marks) for change in wanted if change not in there
    )


def _judged(bench: Bench, group: str, faults: tuple[str, ...], fate: Fate, told: Verdict) -> Judged:
    marked = {change.unrequested: None for change in told.changes if change.unrequested}
    said = (
        *(f"repaired: {one.message}" for one in told.repairs),
        *(f"{_weight(one)}: {one.message}" for one in told.faults),
        *(f"marked: {why}" for why in marked),
    )
    certain = bench.merged is not None and bench.merged.certain
    return Judged(bench.case.id, bench.case.language, certain, group, faults, fate, said)


def _weight(fault: Fault) -> str:
    if fault.fatal:
        return "refused"
    return "doubted" if fault.is_doubt else "told"
