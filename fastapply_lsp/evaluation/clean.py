"""Which rewrites does a good model write that are not the expected file, and still no fault?

Like the faults (`faults.py`) they are chosen by the case's id alone.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING

from fastapply_lsp.syntax.definitions import definitions
from fastapply_lsp.syntax.faults import syntax_errors
from fastapply_lsp.text.lines import line_end

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from fastapply_lsp.evaluation.ground import Ground

EXPECTED = "expected file"

_NEW_IMPORTS = {
    "python": "import contextlib",
    "javascript": "import { inspect } from 'node:util';",
    "typescript": 'import { inspect } from "node:util";',
    "tsx": 'import { inspect } from "node:util"',
    "java": "import java.util.function.IntSupplier;",
    "kotlin": "import kotlin.math.absoluteValue",
    "scala": "import scala.util.Try",
    "rust": "use std::num::Wrapping;",
    "go": '\t"text/tabwriter"',
    "c": "#include <inttypes.h>",
    "cpp": "#include <numeric>",
    "csharp": "using System.Numerics;",
    "php": "use Psr\\Clock\\ClockInterface;",
    "ruby": "require 'shellwords'",
    "bash": ". ./helpers.sh",
    "css": '@import "extra.css";',
    "scss": '@use "extra";',
    "html": '<link rel="preload" href="extra.css">',
}
_CALL = re.compile(r"(?<![\w.])(?P<name>[A-Za-z_]\w{2,})\((?P<inside>[^()\n]*)\)")
_WORD = re.compile(r"(?<!\w)[A-Za-z]{2,}(?!\w)")
_FEWEST_WORDS = 3


@dataclass(frozen=True, slots=True)
class Clean:
    """A rewrite without a fault; ``extra`` says that it holds a change that nobody asked for."""

    group: str
    text: str
    extra: bool


def clean_rewrites(case_id: str, ground: Ground) -> Iterator[Clean]:
    """Yield the clean rewrites of a case, the expected file, which ``ground`` holds, first.

    None has more syntax errors than the expected file.
    """
    expected, language = ground.text, ground.language
    yield Clean(EXPECTED, expected, extra=False)
    for name, (write, extra) in _WRITERS.items():
        dice = Random(f"{case_id}:{name}")  # noqa: S311 - the same for every run, and no secret
        text = write(ground, dice)
        if text is None or text == expected:
            continue
        if len(syntax_errors(text, language)) <= len(syntax_errors(expected, language)):
            yield Clean(name, text, extra)


def needed_import(ground: Ground, dice: Random) -> str | None:
    """An import that the edit needs stands below or above the others."""
    known = ground.language.id if ground.language else ""
    line = _NEW_IMPORTS.get(known)
    if line is None or not ground.imports or line in ground.text:
        return None
    after = dice.choice((ground.imports[-1] + 1, ground.imports[0]))
    near = ground.lines[ground.imports[0]]
    end = line_end(near)
    if not end:
        return None
    return "".join((*ground.lines[:after], line + end, *ground.lines[after:]))


def reworded_comment(ground: Ground, dice: Random) -> str | None:
    """A comment that the edit brought says the same in other words."""
    places = [
        number
        for span in ground.changed
        for number in range(span.start, span.end)
        if ground.is_comment(ground.lines[number])
        and len(_WORD.findall(ground.lines[number])) >= _FEWEST_WORDS
    ]
    if not places:
        return None
    number = dice.choice(places)
    line = ground.lines[number]
    words = list(_WORD.finditer(line))
    first, last = words[0].start(), words[-1].start()
    if dice.random() < 1 / 2:
        said = f"{line[:last]}also {line[last:]}"
    else:
        said = f"{line[:first]}Note: {line[first:]}"
    return "".join((*ground.lines[:number], said, *ground.lines[number + 1 :]))


def following_call(ground: Ground, dice: Random) -> str | None:
    """A call elsewhere passes one argument more, as a changed function wants it now."""
    known = [one for outer in definitions(ground.text, ground.language) for one in outer.walk()]
    changed = {one.name for one in known if any(span.touches(one.span) for span in ground.changed)}
    headers = {
        number
        for one in known
        for number in range(one.span.start, one.body.start if one.body else one.span.end)
    }
    calls = [
        (number, found)
        for number in ground.kept_lines
        if number not in headers and not ground.is_comment(ground.lines[number])
        for found in _CALL.finditer(ground.lines[number])
        if found["name"] in changed
    ]
    if not calls:
        return None
    number, call = dice.choice(calls)
    line = ground.lines[number]
    inside = call["inside"].rstrip()
    more = f"{inside}, 1" if inside else "1"
    said = f"{line[: call.start('inside')]}{more}{line[call.end('inside') :]}"
    return "".join((*ground.lines[:number], said, *ground.lines[number + 1 :]))


_WRITERS: dict[str, tuple[Callable[[Ground, Random], str | None], bool]] = {
    "needed import added": (needed_import, True),
    "comment of the edit reworded": (reworded_comment, False),
    "call site that follows": (following_call, True),
}
"""What writes each, and whether it makes a change outside what was asked for."""

CLEAN_GROUPS = (EXPECTED, *_WRITERS)
"""The rows of a table, in their order."""
