"""Did the model's own words get into the file? Reasoning, fences, greetings and summaries.

Only lines that neither the original nor any prediction of the merge has are read, so a file that
is about such things is left alone.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from fastapply_lsp.guard.model import Fault, FaultKind
from fastapply_lsp.text.replacement import Span

if TYPE_CHECKING:
    from collections.abc import Iterable

    from fastapply_lsp.guard.context import Context

_TOKEN = re.compile(r"<\|[\w/ -]{1,40}\|>|</?(?:think|thinking|reasoning|scratchpad)>")
_WRAPPER = re.compile(
    r"</?(?:updated?[-_ ]?code|updated?[-_ ]?file|code[-_ ]?edit|final[-_ ]?code|answer|response"
    r"|output|tool_call|instructions?|rewrite|merged[-_ ]?code)>$"
)
_FENCE = re.compile(r"(?:`{3,}|~{3,})[\w+#.-]*(?:[ \t:]\S.*)?$")
_CODE_SIGNS = re.compile(r"[(){}\[\];=<>|\\]|^\s*(?:/[/*]|\*|#|--|<!|%|\"\"\"|''')")
_OPENINGS = re.compile(
    r"(?:here(?:'s|\u2019s| is| are| you go)|sure|certainly|of course|okay|ok|absolutely|great|alright"
    r"|below (?:is|are)|i(?:'ve| have|'ll| will| updated| made| added| changed| applied|\u2019ve)"
    r"|let me|the (?:updated|following|complete|modified|full|final|merged|new|resulting) "
    r"(?:file|code|version|content)|this is the|based on|to (?:apply|implement|make) (?:this|the)"
    r"|we (?:need|have|should|can)|looking at|first,|user wants|the user)\b",
    re.IGNORECASE,
)
_CLOSINGS = re.compile(
    r"(?:this (?:code|change|update|version|file|edit|rewrite|will|should|adds|keeps)|the (?:changes?"
    r"|above|code|file|rest|edit)|i(?:'ve| have| updated| made| added| kept|\u2019ve)|note(?::| that)|let me"
    r" know|changes made|key (?:changes|points)|explanation|in this|as you can see|hope this"
    r"|feel free|you can|these changes|that's|everything else|all other|summary)\b",
    re.IGNORECASE,
)
_STRONG = re.compile(
    r"(?:(?:here(?:'s|\u2019s| is)|below is) (?:the|your) (?:\w+ ){0,2}(?:file|code|version|content|document)"
    r"|(?:sure|certainly|of course|okay|absolutely)[,!.]|i(?:'ve| have|\u2019ve) (?:updated|applied|made"
    r"|added)|let me know if|the updated (?:file|code|version)|hope this helps|feel free to)",
    re.IGNORECASE,
)
_TEXT_LANGUAGES = frozenset({"markdown", "yaml", "html", "xml", "vue"})
_FEWEST_WORDS = 3


def check(context: Context) -> tuple[Fault, ...]:
    """The rewrite is the file, and nothing around it or in between."""
    faults = [*_inside(context), *_around(context)]
    if words := context.stripped.strip():
        message = f"the model wrote {len(words):,} characters around the file, which were left out"
        faults.append(Fault(FaultKind.PROSE, message, span=None, fatal=False))
    return tuple(faults)


def _inside(context: Context) -> Iterable[Fault]:
    """Find what can stand anywhere: tokens and tags of a model, fences in code."""
    prose = _is_prose_file(context)
    for number, line in enumerate(context.rewrite_lines):
        if "<" not in line and "`" not in line and "~" not in line:
            continue
        content = line.strip()
        if content in context.asked_lines:
            continue
        if (match := _TOKEN.search(content)) and match[0] not in context.original:
            yield _fault(number, f"holds the model's own mark {match[0]}")
        elif _WRAPPER.match(content):
            yield _fault(number, f"holds the model's own tag {content}")
        elif _FENCE.match(line.rstrip()) and not prose:
            yield _fault(number, "is a Markdown fence")


def _around(context: Context) -> Iterable[Fault]:
    """Find what stands first or last: a fence around a document, a greeting, a summary."""
    filled = [number for number, line in enumerate(context.rewrite_lines) if line.strip()]
    if not filled:
        return
    first, last = filled[0], filled[-1]
    start, end = context.rewrite_lines[first].rstrip(), context.rewrite_lines[last].rstrip()
    prose = _is_prose_file(context)
    if prose and _FENCE.match(start) and set(end) <= {start[0]} and not _opens_with_fence(context):
        yield _fault(first, "is a Markdown fence around the file")
    if _is_prose(context, start, _STRONG if prose else _OPENINGS):
        yield _fault(first, "is the model's prose, not the file")
    if last != first and _is_prose(context, end, _STRONG if prose else _CLOSINGS):
        yield _fault(last, "is the model's prose, not the file")


def _opens_with_fence(context: Context) -> bool:
    first = next((line for line in context.original_lines if line.strip()), "")
    return _FENCE.match(first.rstrip()) is not None


def _is_prose(context: Context, line: str, pattern: re.Pattern[str]) -> bool:
    content = line.strip().strip("*_")
    if line.strip() in context.asked_lines or _CODE_SIGNS.search(line):
        return False
    return pattern.match(content) is not None and len(content.split()) >= _FEWEST_WORDS


def _is_prose_file(context: Context) -> bool:
    return context.language is None or context.language.id in _TEXT_LANGUAGES


def _fault(number: int, what: str) -> Fault:
    return Fault(FaultKind.PROSE, f"line {number + 1} {what}", Span(number, number + 1), fatal=True)
