"""How are lines named in a sentence?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapply_lsp.text.replacement import Span

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_SHOWN_CHARACTERS = 60
_SHOWN_PLACES = 6


def numbers(spans: Iterable[Span]) -> str:
    """Return the numbers of the lines, as an editor counts them; of very many only the first.

    Args:
        spans: Sorted; of an empty one, the line below its place is meant.

    >>> numbers([Span(0, 1)]), numbers([Span(1, 3), Span(3, 4), Span(8, 9)])
    ('line 1', 'lines 2 to 4 and 9')
    """
    joined: list[Span] = []
    for each in spans:
        span = each if len(each) else Span(each.start, each.start + 1)
        if joined and span.start <= joined[-1].end:
            joined[-1] = Span(joined[-1].start, max(joined[-1].end, span.end))
        else:
            joined.append(span)
    shown = [_range(span) for span in joined[:_SHOWN_PLACES]]
    if len(joined) > _SHOWN_PLACES:
        shown.append(f"{len(joined) - _SHOWN_PLACES:,} more places")
    word = "line" if len(joined) == 1 and len(joined[0]) == 1 else "lines"
    listed = ", ".join(shown[:-1]) + " and " + shown[-1] if len(shown) > 1 else shown[0]
    return f"{word} {listed}"


def quoted(lines: Sequence[str]) -> str:
    r"""Return the first line that is not blank, at most so many characters of it, in backquotes.

    In other quotes where it holds backquotes itself.

    >>> quoted(["\n", "    def f():\n"]), quoted(["\n"])
    ('`def f():`', 'a blank line')
    """
    content = next((line.strip() for line in lines if line.strip()), "")
    if not content:
        return "a blank line"
    short = content if len(content) <= _SHOWN_CHARACTERS else content[:_SHOWN_CHARACTERS] + "…"
    mark = '"' if "`" in short else "`"
    return f"{mark}{short}{mark}"


def _range(span: Span) -> str:
    first, last = span.start + 1, span.end
    return f"{first:,}" if first == last else f"{first:,} to {last:,}"
