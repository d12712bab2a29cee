"""Which marks, tags and reasoning of a model are in the rewrite?

What chat templates and prompts put around an answer, and what reasoning models put before it. None
of it is looked for where the original or a prediction of the merge has the same.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from fastapply_lsp.guard.added import keeps_all
from fastapply_lsp.guard.speech import (
    CHANNEL,
    OWN_WRAPPER,
    REASONING,
    TOKEN,
    TOKEN_LINE,
    WRAPPER,
)
from fastapply_lsp.text.contract import BOM
from fastapply_lsp.text.lines import line_end

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from fastapply_lsp.guard.context import Context

_MARKUP = frozenset({"markdown", "html", "xml", "vue", "tsx", "javascript", "php"})
_SIGNS = ("<", "[")
_OPENER = re.compile(rf"\s*<(?P<name>{REASONING})>|.*<\|channel\|>(?P<channel>\w*)")
_CLOSER = re.compile(rf"\s*</(?:{REASONING})>")
_END_OF_CHANNEL = re.compile(r"<\|channel\|>final[^<]*<\|message\|>|<\|end\|>")


@dataclass(frozen=True, slots=True)
class Chatter:
    """What is not the file: ``lines``, by number, and lines of which only ``rest`` is the file."""

    lines: frozenset[int]
    rests: dict[int, str]


def marks_in(context: Context, foreign: Mapping[int, str]) -> Chatter:
    """Return the marks, tags and reasoning.

    Args:
        context: The rewrite.
        foreign: Its lines that neither the original nor a prediction has, by number, stripped.
    """
    search = _Search(context, foreign)
    search.read()
    return Chatter(frozenset(search.gone), search.rests)


class _Search:
    def __init__(self, context: Context, foreign: Mapping[int, str]) -> None:
        self.context = context
        self.lines = context.rewrite_lines
        self.foreign = foreign
        self.filled = [number for number, line in enumerate(self.lines) if line.strip()]
        self.texts = [context.original]
        if context.placed is not None:
            self.texts += (one.predicted for one in context.placed.candidates)
        self.gone: set[int] = set()
        self.rests: dict[int, str] = {}

    def read(self) -> None:
        """Find reasoning, the marks of a chat template, and the tags around an answer."""
        marked = [number for number, line in self.foreign.items() if line.startswith(_SIGNS)]
        inside = [
            number
            for number, line in self.foreign.items()
            if "|>" in line or "\uff5c>" in line or "_turn>" in line or "</" in line
        ]
        if not marked and not inside:
            return
        self._read_reasoning(sorted({*marked, *inside}))
        for number in sorted({*marked, *inside} - self.gone):
            self._read_tokens(number)
            self._read_tag(number)

    def _read_reasoning(self, marked: Sequence[int]) -> None:
        for number in marked:
            if number in self.gone:
                continue
            line = self.foreign[number]
            opener = _OPENER.match(line)
            if opener is not None and self._is_new(opener[0].strip()):
                self._close_reasoning(number, opener)
            elif (closer := _CLOSER.match(line)) and self._is_new(closer[0].strip()):
                before = range(number)
                if self.gone or not keeps_all(self.context, [self.lines[each] for each in before]):
                    before = range(0)
                self._take(before, number, line[closer.end() :])

    def _close_reasoning(self, start: int, opener: re.Match[str]) -> None:
        name, channel = opener["name"], opener["channel"]
        if channel == "final":
            return
        closer = _END_OF_CHANNEL if name is None else re.compile(rf"</{name}>")
        for end in range(start, len(self.lines)):
            line = self.lines[end]
            if found := closer.search(line, opener.end() if end == start else 0):
                gone = self.lines[start + 1 : end]
                if keeps_all(self.context, gone):
                    self._take(range(start, end), end, line[found.end() :])
                    return
                break
        if name is not None:
            self._take(range(0), start, self.foreign[start][opener.end() :])

    def _take(self, before: Iterable[int], last: int, rest: str) -> None:
        """Take lines out, and of the ``last`` one all but its ``rest``."""
        self.gone.update(before)
        if rest.strip():
            self.rests[last] = rest if line_end(rest) else rest + line_end(self.lines[last])
        else:
            self.gone.add(last)

    def _read_tokens(self, number: int) -> None:
        line = self.rests.get(number, self.lines[number])
        content = line.strip().removeprefix(BOM)
        if TOKEN_LINE.match(content) and self._is_new(content):
            self.gone.add(number)
            return
        for pattern in (CHANNEL, TOKEN):
            line = pattern.sub(lambda found: "" if self._is_new(found[0]) else found[0], line)
        if line != self.rests.get(number, self.lines[number]):
            self._take((), number, line)

    def _read_tag(self, number: int) -> None:
        if number in self.gone:
            return
        line = self.rests.get(number, self.lines[number])
        content = line.strip().removeprefix(BOM)
        at_end = number in {self.filled[0], self.filled[-1]}
        own = OWN_WRAPPER.fullmatch(content) is not None
        language = self.context.language
        markup = language is None or language.id in _MARKUP
        if own or (WRAPPER.match(content) and (at_end or not markup)):
            self.gone.add(number)
        elif at_end and self._is_new(content) and (cut := OWN_WRAPPER.search(line)):
            if number == self.filled[0] and line[: cut.start()].strip(BOM + " \t") == "":
                self._take((), number, line[cut.end() :])
            elif not line[cut.end() :].strip():
                self._take((), number, line[: cut.start()])

    def _is_new(self, text: str) -> bool:
        return not any(text in one for one in self.texts)
