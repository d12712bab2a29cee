"""How do two series of replacements become one? The algebra of whole lines."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from fastapply_lsp.text.align import diff_lines
from fastapply_lsp.text.replacement import Replacement, Span, apply_replacements

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence


def compose(
    original: Sequence[str], first: Sequence[Replacement], second: Sequence[Replacement]
) -> list[Replacement]:
    r"""Return one series that does ``first`` and then ``second``.

    Laws, beside those of a series:

    - applied to ``original``, it makes what ``second`` makes of what ``first`` makes of it;
    - a replacement of ``first`` that none of ``second`` touches is in it as it is.

    What touches in the lines between the two becomes one group, which keeps the lines that a diff
    of it keeps; a group that changes nothing is gone.

    Args:
        original: The lines that ``first`` replaces.
        first: A series in the lines of ``original``.
        second: A series in the lines that ``first`` makes.

    >>> compose(["a\n", "b\n"], [Replacement(0, 0, ("x\n",))], [Replacement(1, 2, ("c\n",))])
    [Replacement(start=0, end=1, lines=('x\n', 'c\n'))]
    """
    result: list[Replacement] = []
    for group in _groups(first, second):
        if not group.later:
            result += group.earlier
            continue
        start, end = group.base.start, group.base.end
        earlier = [Replacement(e.start - start, e.end - start, e.lines) for e in group.earlier]
        between = apply_replacements(original[start:end], earlier)
        at = group.start
        later = [Replacement(e.start - at, e.end - at, e.lines) for e in group.later]
        lines = apply_replacements(between, later)
        result += [
            Replacement(start + each.start, start + each.end, each.lines)
            for each in diff_lines(original[start:end], lines)
        ]
    return result


NEAR = 50
"""Kept lines between two replacements, above which it is not asked whether they are one."""


def tightened(original: Sequence[str], series: Iterable[Replacement]) -> list[Replacement]:
    r"""Return a series that makes the same, without the detours of neighbours.

    What is taken out and, a few equal lines further, put in again was composed of a loss and its
    repair; nobody changed it. So two neighbours become what a diff of their place says, where that
    is less.

    Laws: it makes the same lines; a replacement stays as it is unless less is said with it and
    its neighbours.

    >>> original = ["\n", "def f\n", "\n", "def g\n"]
    >>> tightened(original, [Replacement(0, 2, ()), Replacement(3, 3, ("def f\n", "\n"))])
    []
    """
    result: list[Replacement] = []
    for each in series:
        result.append(each)
        while len(result) > 1:
            one, two = result[-2:]
            if two.start - one.end > NEAR:
                break
            between = original[one.end : two.start]
            lines = [*one.lines, *between, *two.lines]
            found = diff_lines(original[one.start : two.end], lines)
            if _size(found) >= _size((one, two)):
                break
            result[-2:] = (
                Replacement(one.start + r.start, one.start + r.end, r.lines) for r in found
            )
            if len(found) > 1:
                break
    return result


def _size(series: Iterable[Replacement]) -> int:
    return sum(len(each.span) + len(each.lines) for each in series)


def written_spans(replacements: Iterable[Replacement]) -> Iterator[Span]:
    r"""Yield where the lines of each replacement stand in the text that the series makes.

    >>> list(written_spans([Replacement(0, 2, ("x\n",)), Replacement(4, 4, ("y\n", "z\n"))]))
    [Span(start=0, end=1), Span(start=3, end=5)]
    """
    shift = 0
    for each in replacements:
        start = each.start + shift
        yield Span(start, start + len(each.lines))
        shift += len(each.lines) - len(each.span)


@dataclass(slots=True)
class _Group:
    """Replacements of both series that touch in the lines between, from ``start`` to ``end``."""

    start: int
    end: int
    base: Span
    earlier: list[Replacement] = field(default_factory=list)
    later: list[Replacement] = field(default_factory=list)


def _groups(first: Sequence[Replacement], second: Sequence[Replacement]) -> list[_Group]:
    """Group by what touches; the shift from the original grows with each earlier replacement."""
    marks = [(span, False, each) for span, each in zip(written_spans(first), first, strict=True)]
    marks += [(each.span, True, each) for each in second]
    marks.sort(key=lambda mark: mark[:2])
    groups: list[_Group] = []
    shift = 0
    for span, is_later, each in marks:
        if not groups or groups[-1].end < span.start:
            at = span.start - shift
            groups.append(_Group(span.start, span.start, Span(at, at)))
        group = groups[-1]
        group.end = max(group.end, span.end)
        if is_later:
            group.later.append(each)
        else:
            group.earlier.append(each)
            shift += len(each.lines) - len(each.span)
        group.base = Span(group.base.start, group.end - shift)
    return groups
