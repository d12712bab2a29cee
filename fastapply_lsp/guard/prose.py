"""Did the model's own words get into the file? Reasoning, fences, greetings and summaries.

What is sure, ``words.py`` has taken out. Here is told what is left, sure or not, and what was taken
off around the file. Only lines that neither the original nor any prediction of the merge has are
read, so a file that is about such things is left alone.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from fastapply_lsp.guard.chatter import in_string, is_document
from fastapply_lsp.guard.model import Fault, FaultKind
from fastapply_lsp.guard.speech import CHANNEL, FENCE, REASONING, TOKEN, WRAPPER, Sound, sound
from fastapply_lsp.text.contract import BOM
from fastapply_lsp.text.replacement import Span

if TYPE_CHECKING:
    from collections.abc import Iterable

    from fastapply_lsp.guard.context import Context

_MARK = re.compile(rf"{CHANNEL.pattern}|{TOKEN.pattern}|</?(?:{REASONING})>|<\|[\w/-]{{1,40}}\|>")


def check(context: Context) -> tuple[Fault, ...]:
    """The rewrite is the file, and nothing around it or in between."""
    faults = [*_inside(context), *_around(context)]
    if words := context.stripped.strip():
        message = f"the model wrote {len(words):,} characters around the file, which were left out"
        faults.append(Fault(FaultKind.PROSE, message, span=None, fatal=False))
    return tuple(faults)


def _inside(context: Context) -> Iterable[Fault]:
    """Find what can stand anywhere: marks and tags of a model, fences in code."""
    document = is_document(context)
    for number, line in enumerate(context.rewrite_lines):
        if "<" not in line and "`" not in line and "~" not in line and "[" not in line:
            continue
        content = line.strip()
        if content in context.asked_lines:
            continue
        if (match := _MARK.search(content)) and match[0] not in context.original:
            yield _fault(number, f"holds the model's own mark {match[0]}")
        elif WRAPPER.match(content):
            yield _fault(number, f"holds the model's own tag {content}")
        elif not document and FENCE.match(line.rstrip()) and not in_string(context, number):
            yield _fault(number, "is a Markdown fence")


def _around(context: Context) -> Iterable[Fault]:
    """Find what stands first or last: a fence around a document, a greeting, a summary."""
    filled = [number for number, line in enumerate(context.rewrite_lines) if line.strip()]
    if not filled:
        return
    first, last = filled[0], filled[-1]
    start, end = context.rewrite_lines[first].rstrip(), context.rewrite_lines[last].rstrip()
    document = is_document(context)
    if document and FENCE.match(start) and set(end) <= {start[0]} and not _opens_fenced(context):
        yield _fault(first, "is a Markdown fence around the file")
    least = Sound.STRONG if document else Sound.USUAL
    for number in dict.fromkeys((first, last)):
        content = context.rewrite_lines[number].strip().removeprefix(BOM)
        if content not in context.asked_lines and sound(content) >= least:
            yield _fault(number, "is the model's prose, not the file")


def _opens_fenced(context: Context) -> bool:
    first = next((line for line in context.original_lines if line.strip()), "")
    return FENCE.match(first.rstrip()) is not None


def _fault(number: int, what: str) -> Fault:
    return Fault(FaultKind.PROSE, f"line {number + 1} {what}", Span(number, number + 1), fatal=True)
