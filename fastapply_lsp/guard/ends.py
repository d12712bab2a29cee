r"""Give the file's line ends, byte order mark and final newline back, where a rewrite changed them.

A model neither sees nor means them. ``rewrite/fit.py`` fits what streams; what came another way,
or was uncovered when the model's words went, is fitted here. Nothing else is a line end: form feed,
U+0085 and U+2028 are text, and stay.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapply_lsp.guard.context import Mended
from fastapply_lsp.guard.model import FaultKind, Repair
from fastapply_lsp.text.contract import BOM, LineEnds
from fastapply_lsp.text.lines import has_line_end, line_end, split_lines, without_line_end

if TYPE_CHECKING:
    from fastapply_lsp.guard.context import Context


def mend_lines(context: Context) -> Mended | None:
    """Change the ends of lines that the guide has with another end, and ends that it has nowhere.

    First of all repairs, since what compares lines compares them with their ends.
    """
    if not context.rewrite or not context.guide or not _other_ends(context):
        return None
    own: dict[str, set[str]] = {}
    for line in (*context.guide_lines, *context.original_lines):
        own.setdefault(without_line_end(line), set()).add(line_end(line))
    known = {end for ends in own.values() for end in ends} - {""} or {"\n"}
    lines = context.rewrite_lines
    rule = LineEnds(context.guide_lines)
    fitted = [*rule.push(list(lines)), *rule.finish()]
    mended: list[str] = []
    for line, fit in zip(lines, fitted, strict=True):
        end = line_end(line)
        wrong = (
            end and line_end(fit) and end not in (own.get(without_line_end(line), known) or known)
        )
        mended.append(fit if wrong else line)
    # A lone ``\r`` before an empty line would take that line's ``\n`` into itself.
    if split_lines("".join(mended)) != mended:
        return None
    count = sum(one != two for one, two in zip(lines, mended, strict=True))
    if not count:
        return None
    message = f"gave {_lines(count)} the line end of the file"
    return Mended(tuple(mended), (Repair(FaultKind.LINE_ENDS, message),))


def mend(context: Context) -> Mended | None:
    """Give the byte order mark and the final newline back, or take off what the file has not."""
    lines = list(context.rewrite_lines)
    if not context.rewrite.strip(BOM + "\r\n") or not context.original:
        return None
    repairs = [*_mark(context, lines), *_final(context, lines)]
    if not repairs:
        return None
    return Mended(tuple(lines), tuple(Repair(FaultKind.LINE_ENDS, message) for message in repairs))


def _other_ends(context: Context) -> bool:
    """Whether any line of the rewrite may have an end that is not the guide's, cheaply."""
    rewrite, guide = context.rewrite, context.guide
    if "\r" not in rewrite and "\r" not in guide and "\r" not in context.original:
        return False
    kinds = _kinds(rewrite)
    return len(kinds) > 1 or kinds != _kinds(guide) or kinds != _kinds(context.original)


def _kinds(text: str) -> set[str]:
    both, feeds, returns = text.count("\r\n"), text.count("\n"), text.count("\r")
    counts = {"\r\n": both, "\n": feeds - both, "\r": returns - both}
    return {end for end, count in counts.items() if count}


def _mark(context: Context, lines: list[str]) -> list[str]:
    """Set the first line's mark right; original and guide agree on it, or it stays."""
    has = context.rewrite.startswith(BOM)
    wanted = context.original.startswith(BOM)
    if wanted is not context.guide.startswith(BOM):
        return []
    first = lines[0].lstrip(BOM)
    right = BOM + first if wanted else first
    if lines[0] == right or (not wanted and not has):
        return []
    lines[0] = right
    if not right:
        del lines[0]
    return ["put the byte order mark back" if wanted else "took a byte order mark off"]


def _final(context: Context, lines: list[str]) -> list[str]:
    """Set the end of the last line right; original and guide agree on it, or it stays."""
    if not context.guide:
        return []
    wanted = has_line_end(context.original)
    if wanted is not has_line_end(context.guide):
        return []
    if not wanted and has_line_end(lines[-1]):
        while lines and not without_line_end(lines[-1]):
            lines.pop()
        lines[-1] = without_line_end(lines[-1])
        return ["took the final newline off, which the file has not"]
    if wanted and not has_line_end(lines[-1]) and not _torn(context):
        lines[-1] += line_end(context.guide_lines[-1])
        return ["put the final newline back"]
    return []


def _torn(context: Context) -> bool:
    """Whether the last line is the start of a longer one: then not only its end is missing."""
    last = context.rewrite_lines[-1]
    if any(line.strip() == last.strip() for line in context.guide_lines):
        return False
    return any(line.startswith(last) for line in context.guide_lines)


def _lines(count: int) -> str:
    return "1 line" if count == 1 else f"{count:,} lines"
