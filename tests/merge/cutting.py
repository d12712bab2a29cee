"""Writes an edit down as a chat model would, by each form's rules, from a file before and after."""

from __future__ import annotations

import difflib
import random
import re
from collections.abc import Sequence

from fastapply_lsp.syntax.definitions import Definition, definitions
from fastapply_lsp.syntax.languages import language_of
from fastapply_lsp.text.align import diff_lines

MARKERS = {
    "py": "# ... existing code ...",
    "ts": "// ... existing code ...",
    "go": "// ... existing code ...",
    "cpp": "// ... existing code ...",
    "json": "// ... existing code ...",
    "css": "/* ... existing code ... */",
    "yaml": "# ... existing code ...",
    "md": "<!-- ... existing content ... -->",
}
OPENS = re.compile(r"[:{(\[,\\]\s*$|^\s*(?:@|#|[\])}])")
NAME = re.compile(r"\b[a-z_]\w{3,}\b")


def changed(lines: Sequence[str], rng: random.Random) -> list[str]:
    """Return the lines with one to three places edited: a word, a new line or two, lines gone."""
    result = list(lines)
    for _ in range(rng.choice((1, 1, 2, 3))):
        # A line that ends in a word or a closing sign is a statement: twice, it is still code. What
        # is lost at a file's very start or end, no lazy snippet can tell.
        filled = [
            at
            for at, line in enumerate(result)
            if 2 < at < len(result) - 3 and NAME.search(line) and not OPENS.search(line)
        ]
        if not filled:
            return result
        at = rng.choice(filled)
        match rng.randrange(4):
            case 0 | 1:
                result[at] = _reworded(result[at], rng)
            case 2:
                fresh = [_reworded(result[at], rng) for _ in range(rng.choice((1, 2)))]
                result[at + 1 : at + 1] = fresh
            case _:
                del result[at : at + rng.choice((1, 1, 2))]
    return result


def _reworded(line: str, rng: random.Random) -> str:
    words = list(NAME.finditer(line))
    word = rng.choice(words)
    return f"{line[: word.start()]}{word[0]}_{rng.randrange(100)}{line[word.end() :]}"


def lazy(before: Sequence[str], after: Sequence[str], marker: str, around: int) -> str:
    """Show every changed place with the ``around`` nearest lines of text, markers elsewhere."""
    shown: set[int] = set()
    for part in _parts(before, after):
        shown |= set(part)
        shown |= _next_filled(after, part.start - 1, -1, around)
        shown |= _next_filled(after, part.stop, 1, around)
    pieces: list[str] = []
    for at, line in enumerate(after):
        if at in shown:
            pieces.append(line)
        elif not pieces or pieces[-1].strip() != marker:
            indent = line[: len(line) - len(line.lstrip())]
            pieces.append(indent + marker)
    return "".join(f"{piece}\n" for piece in pieces)


def _parts(before: Sequence[str], after: Sequence[str]) -> list[range]:
    """Return the lines of ``after`` that are new; an empty range where lines are gone."""
    parts, shift = [], 0
    for one in diff_lines(before, after):
        parts.append(range(one.start + shift, one.start + shift + len(one.lines)))
        shift += len(one.lines) - (one.end - one.start)
    return parts


def _next_filled(lines: Sequence[str], at: int, step: int, count: int) -> set[int]:
    """Return the lines from ``at`` on until ``count`` of them hold text."""
    found: set[int] = set()
    while 0 <= at < len(lines) and count:
        found.add(at)
        count -= bool(lines[at].strip())
        at += step
    return found


def whole_definitions(before: Sequence[str], after: Sequence[str], path: str) -> str | None:
    """Show each outermost definition that changed, whole; ``None`` where more than these did."""
    text = "".join(f"{line}\n" for line in after)
    language = language_of(path, text)
    tops = definitions(text, language)
    names = [one.name for one in tops]
    if names != [one.name for one in definitions("\n".join(before) + "\n", language)]:
        return None
    shown: list[Definition] = []
    for part in _parts(before, after):
        holds = [
            one
            for one in tops
            if one.span.start <= part.start - (not part) and part.stop <= one.span.end - (not part)
        ]
        if not holds or any(names.count(one.name) > 1 for one in holds):
            return None
        shown += [one for one in holds if one not in shown]
    pieces = ["".join(f"{line}\n" for line in after[one.leading : one.span.end]) for one in shown]
    return "\n".join(piece.strip("\n") + "\n" for piece in pieces)


def unified(before: Sequence[str], after: Sequence[str], path: str, *, numbers: bool) -> str:
    """Return the diff, with or without its numbers."""
    rows = difflib.unified_diff(before, after, f"a/{path}", f"b/{path}", lineterm="")
    bare = (row if numbers or not row.startswith("@@") else "@@" for row in rows)
    return "".join(f"{row}\n" for row in bare)


def blocks(before: Sequence[str], after: Sequence[str], around: int) -> str:
    """Return a search/replace block for each changed place, with lines around it."""
    pieces: list[str] = []
    for group in difflib.SequenceMatcher(None, before, after, autojunk=False).get_grouped_opcodes(
        around
    ):
        at_old, end_old = group[0][1], group[-1][2]
        at_new, end_new = group[0][3], group[-1][4]
        pieces += ["<<<<<<< SEARCH", *before[at_old:end_old], "=======", *after[at_new:end_new]]
        pieces.append(">>>>>>> REPLACE")
    return "".join(f"{piece}\n" for piece in pieces)
