"""What becomes of lines that a model altered, and nobody mentioned?

Beside the planted faults, which are chosen here, a file of *written* rewrites may come with the
cases: what somebody's model wrote instead of the expected file. Each altered line outside the
merge's licence must come back as it was, or be marked, or the rewrite be refused.
"""

from __future__ import annotations

import gzip
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from fastapply_lsp.errors import Unreadable
from fastapply_lsp.evaluation.guarding import bench_for, without_unrequested
from fastapply_lsp.text.align import diff_lines
from fastapply_lsp.text.lines import split_lines
from fastapply_lsp.text.replacement import Replacement, Span

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from fastapply_lsp.evaluation.cases import Case
    from fastapply_lsp.guard.model import Verdict
    from fastapply_lsp.merge.model import Merge

_GZIP = b"\x1f\x8b"


@dataclass(frozen=True, slots=True)
class Deviations:
    """The altered places of one written rewrite, counted.

    Laws: ``outside == reverted + marked + refused + silent``; ``marked`` are also those that wait
    since the whole rewrite is doubted; ``silent`` lists the others as 1-based lines of the expected
    file. ``inside`` are those within the licence, where a model is free;
    ``unplaced`` says that the merge found no place, so that nothing lies outside.
    """

    case: str
    language: str
    inside: int
    outside: int
    reverted: int
    marked: int
    refused: int
    silent: tuple[int, ...]
    unplaced: bool


def read_written(path: Path) -> dict[str, str]:
    """Return the written rewrites of a file, by their case's id.

    Raises:
        Unreadable: the file cannot be read, or a line is no object with ``id`` and ``written``.
    """
    found: dict[str, str] = {}
    try:
        content = path.read_bytes()
        if content.startswith(_GZIP):
            content = gzip.decompress(content)
        for line in content.decode("utf-8-sig").split("\n"):
            if line.strip():
                row = json.loads(line)
                found[str(row["id"])] = str(row["written"])
    except OSError as error:
        raise Unreadable(str(path), error.strerror or str(error)) from error
    except (EOFError, ValueError, KeyError, TypeError) as error:
        raise Unreadable(str(path), 'a line is no object with "id" and "written"') from error
    return found


def deviations_of(case: Case, written: str) -> Deviations:
    """Judge a written rewrite, and see what became of each place where it is not as expected."""
    bench = bench_for(case)
    told = bench.judge(written)
    expected = split_lines(case.expected)
    altered = list(_line_by_line(diff_lines(expected, split_lines(written))))
    outside = [one for one in altered if not _licensed(one.span, case, bench.merged)]
    left = _left(case, told, outside)
    if told.doubts:
        left = _Left([*left.marked, *left.silent], [])
    gone = len(outside) if not told.accepted else 0
    return Deviations(
        case=case.id,
        language=case.language,
        inside=len(altered) - len(outside),
        outside=len(outside),
        reverted=0 if gone else len(outside) - len(left.marked) - len(left.silent),
        marked=0 if gone else len(left.marked),
        refused=gone,
        silent=() if gone else tuple(one.start + 1 for one in left.silent),
        unplaced=bench.merged is None or not bench.merged.placed,
    )


@dataclass(frozen=True, slots=True)
class _Left:
    """Alterations that are in the judged text."""

    marked: list[Replacement]
    silent: list[Replacement]


def _left(case: Case, told: Verdict, outside: Sequence[Replacement]) -> _Left:
    expected = split_lines(case.expected)
    there = diff_lines(expected, split_lines(told.text))
    kept = diff_lines(expected, split_lines(without_unrequested(case.original, told)))
    silent = [one for one in outside if any(_same(one, each) for each in kept)]
    marked = [
        one for one in outside if one not in silent and any(_same(one, each) for each in there)
    ]
    return _Left(marked, silent)


def _line_by_line(altered: Iterable[Replacement]) -> Iterator[Replacement]:
    """Take neighbours apart, where each line has its counterpart."""
    for one in altered:
        if len(one.span) != len(one.lines):
            yield one
        else:
            yield from (
                Replacement(number, number + 1, (line,))
                for number, line in enumerate(one.lines, one.start)
            )


def _same(altered: Replacement, found: Replacement) -> bool:
    """Whether a difference that was found has the alteration, or a part of it, in it."""
    if not found.span.touches(altered.span):
        return False
    return bool(set(found.lines) & set(altered.lines)) or (
        not altered.lines and found.span.covers(altered.span)
    )


def _licensed(span: Span, case: Case, merged: Merge | None) -> bool:
    """Whether lines of the expected file lie in what the code block licenses to change."""
    if merged is None or not merged.placed:
        return True
    shift = 0
    for change in diff_lines(split_lines(case.original), split_lines(case.expected)):
        now = Span(change.start + shift, change.start + shift + len(change.lines))
        if _meet(now, span):
            return True
        if now.start >= span.end:
            break
        shift += len(change.lines) - len(change.span)
    was = Span(span.start - shift, span.end - shift)
    return any(_meet(region.span, was) for region in merged.regions)


def _meet(one: Span, two: Span) -> bool:
    """Whether two spans share a line, or one is a place in the other or at its edge."""
    if one and two:
        return one.start < two.end and two.start < one.end
    return one.touches(two)
