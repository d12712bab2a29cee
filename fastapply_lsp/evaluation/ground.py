"""Where in a file can a model's fault be planted? The lines that nobody asked to change.

Everything here is said of a rewrite and its original: a line is *kept* where the line diff of the
two keeps it. The names of lines, spans and places are 0-based.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

from fastapply_lsp.syntax.definitions import definitions
from fastapply_lsp.text.align import diff_lines
from fastapply_lsp.text.lines import split_lines, without_line_end
from fastapply_lsp.text.replacement import Span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fastapply_lsp.syntax.languages import Language
    from fastapply_lsp.text.replacement import Replacement

_SMALL = 4
"""Lines; in a tiny file a definition may be most of it."""
_IMPORTS = {
    "python": r"(?:import|from)\s+\w[^(\\]*",
    "javascript": r"import\s.*['\"];?|(?:const|var|let)\s.*=\s*require\(.*\);?",
    "typescript": r"import\s.*['\"];?",
    "tsx": r"import\s.*['\"];?",
    "java": r"import\s.*;",
    "kotlin": r"import\s+[\w.*]+",
    "scala": r"import\s.*",
    "rust": r"(?:pub\s+)?use\s.*;",
    "go": r"(?:import\s+|\t)(?:[\w.]+\s+)?\"[\w./-]+\"",
    "c": r"#\s*include\b.*",
    "cpp": r"#\s*include\b.*",
    "csharp": r"using\s+[\w.]+;",
    "php": r"use\s+[\w\\ ]+;",
    "ruby": r"require(?:_relative)?\s.*",
    "bash": r"(?:source|\.)\s+\S.*",
    "css": r"@import\b.*;",
    "scss": r"@(?:import|use)\b.*;",
    "html": r"\s*<(?:script\s+src|link)\b.*>",
}


@dataclass(frozen=True)
class Ground:
    """A rewrite, the original that it rewrites, and what in it stands where it stood.

    ``code_edit`` is the block that asked for the rewrite; what it quotes is *mentioned*.
    """

    original: str
    text: str
    language: Language | None
    code_edit: str = ""

    def after(self, text: str) -> Ground:
        """Return the ground that another rewrite of the same original is."""
        return replace(self, text=text)

    @cached_property
    def lines(self) -> tuple[str, ...]:
        """The rewrite's lines."""
        return tuple(split_lines(self.text))

    @cached_property
    def changes(self) -> tuple[Replacement, ...]:
        """The series of replacements that makes the rewrite of the original."""
        return tuple(diff_lines(split_lines(self.original), self.lines))

    @cached_property
    def changed(self) -> tuple[Span, ...]:
        """The rewrite's lines that each change brought; empty ones where it only removed."""
        found: list[Span] = []
        shift = 0
        for change in self.changes:
            start = change.start + shift
            found.append(Span(start, start + len(change.lines)))
            shift += len(change.lines) - len(change.span)
        return tuple(found)

    @cached_property
    def runs(self) -> tuple[Span, ...]:
        """The longest spans of kept lines between two changes."""
        found: list[Span] = []
        at = 0
        for change in (*self.changed, Span(len(self.lines), len(self.lines))):
            if at < change.start:
                found.append(Span(at, change.start))
            at = change.end
        return tuple(found)

    def kept(self, span: Span) -> bool:
        """Whether no line of it changed, and none was put in or taken out between them."""
        return any(run.covers(span) for run in self.runs)

    @cached_property
    def kept_lines(self) -> tuple[int, ...]:
        """The numbers of the kept lines that are not blank."""
        return tuple(
            number
            for run in self.runs
            for number in range(run.start, run.end)
            if self.lines[number].strip()
        )

    @cached_property
    def unmentioned(self) -> tuple[int, ...]:
        """The kept lines that the code block does not quote; all of them where it quotes each."""
        quoted = {line.strip() for line in split_lines(self.code_edit)}
        quoted |= {line.lstrip("+- \t").rstrip() for line in split_lines(self.code_edit)}
        found = [number for number in self.kept_lines if self.lines[number].strip() not in quoted]
        return tuple(found) or self.kept_lines

    @cached_property
    def blocks(self) -> tuple[Span, ...]:
        """The kept definitions that have a body, with the comments above them.

        None is larger than half the file: a class that is all of it is no place for a fault.
        """
        return tuple(whole for whole, _ in self._definitions)

    @cached_property
    def bodies(self) -> tuple[Span, ...]:
        """The bodies of these definitions."""
        return tuple(body for _, body in self._definitions)

    @cached_property
    def comments(self) -> tuple[Span, ...]:
        """The kept comments that fill their lines, each as long as it goes on."""
        found = [span for span in self._comments() if self.kept(span)]
        # A licence or an interpreter line at the very top is nobody's to tell from code.
        return tuple(span for span in found if span.start or len(found) == 1)

    @cached_property
    def imports(self) -> tuple[int, ...]:
        """The lines, kept or not, that import something and are a statement of their own."""
        pattern = _IMPORTS.get(self.language.id) if self.language else None
        if pattern is None:
            return ()
        return tuple(
            number
            for number, line in enumerate(self.lines)
            if re.fullmatch(pattern, without_line_end(line).rstrip())
        )

    def is_comment(self, line: str) -> bool:
        """Whether a line is nothing but a comment, or a piece of one."""
        stripped = line.strip()
        if self.language is None or not stripped:
            return False
        if stripped.startswith(self.language.line_comments or ("\0",)):
            return not stripped.startswith("#!")
        return any(stripped.startswith(opening) for opening, _ in self._delimiters())

    @cached_property
    def _definitions(self) -> tuple[tuple[Span, Span], ...]:
        found: list[tuple[Span, Span]] = []
        for outer in definitions(self.text, self.language):
            found += [
                (one.whole, one.body)
                for one in outer.walk()
                if one.body is not None
                and len(one.whole) <= max(_SMALL, len(self.lines) // 2)
                and self.kept(one.whole)
            ]
        return tuple(found)

    def _comments(self) -> Iterator[Span]:
        at = 0
        while at < len(self.lines):
            end = self._comment_end(at)
            if end == at:
                at += 1
                continue
            while end < len(self.lines) and (further := self._comment_end(end)) > end:
                end = further
            yield Span(at, end)
            at = end

    def _comment_end(self, at: int) -> int:
        """Return the line after the comment that begins in line ``at``; ``at`` where none does."""
        stripped = self.lines[at].strip()
        if not self.is_comment(self.lines[at]):
            return at
        for opening, closing in self._delimiters():
            if stripped.startswith(opening):
                for end in range(at, len(self.lines)):
                    last = self.lines[end].strip()
                    if closing in (last[len(opening) :] if end == at else last):
                        return end + 1 if last.endswith(closing) else at
                return at
        return at + 1

    def _delimiters(self) -> Iterator[tuple[str, str]]:
        assert self.language is not None
        for each in self.language.block_comments:
            if each.opening[0] not in "\"'":  # a docstring is code
                yield each.opening, each.closing
