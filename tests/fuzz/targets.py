"""What is fuzzed: each target reads one text, and raises where a law of the project is broken.

A find is a text file whose parts are divided by lines of ``%%``, so that people can read it and
write one: see ``TARGETS`` for the parts.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from fastapply_lsp.errors import MalformedEdit
from fastapply_lsp.guard.verdict import verdict
from fastapply_lsp.merge import merge
from fastapply_lsp.merge.model import Merge
from fastapply_lsp.request.chat import dialogue_before, parse_chat
from fastapply_lsp.request.code_edit import parse_code_edit
from fastapply_lsp.request.cut_off import cut_off
from fastapply_lsp.request.dialogue import dialogue_for
from fastapply_lsp.request.model import EditFile
from fastapply_lsp.rewrite.pipeline import Rewriter
from fastapply_lsp.syntax.languages import language_of
from fastapply_lsp.text.lines import split_lines
from fastapply_lsp.text.replacement import apply_replacements
from tests.merge.laws import check

DIVIDER = "\n%%\n"
CHARACTERS_MAX = 20_000
"""Longer texts find the same, and slower."""


@dataclass(frozen=True)
class Target:
    """One function under test. ``parts`` names the texts that it takes, in their order."""

    parts: tuple[str, ...]
    run: Callable[..., None]

    def __call__(self, data: bytes) -> None:
        """Run on the bytes of a corpus file; parts that are missing are empty."""
        text = data.decode(errors="surrogateescape")[:CHARACTERS_MAX]
        parts = text.split(DIVIDER, len(self.parts) - 1)
        self.run(*parts, *[""] * (len(self.parts) - len(parts)))


def merging(path: str, original: str, code_edit: str) -> None:
    """The laws of ``Merge``, and the same once more on what it predicts."""
    call = EditFile(path, "", code_edit)
    merged = _merged(original, call)
    if merged is not None:
        check(merged, original)
        again = _merged(merged.predicted, call)
        if again is not None:
            check(again, merged.predicted)


def parsing(path: str, code_edit: str) -> None:
    """Any text is an edit, or a malformed one."""
    cut_off(code_edit)
    try:
        parse_code_edit(code_edit, language=language_of(path, ""))
    except MalformedEdit:
        return


def chatting(text: str) -> None:
    """Blocks are in order, hold what the document holds, and have names of their own."""
    chat = parse_chat(text)
    assert "".join(chat.lines) == text
    at = 0
    for block in chat.blocks:
        assert at <= block.span.start < block.span.end <= len(chat.lines)
        at = block.span.end
        dialogue_before(chat, block)
        assert chat.block_at(block.first_line - 1) == block
    assert len({block.id for block in chat.blocks}) == len(chat.blocks)
    dialogue_for(text, chat.blocks[-1].code if chat.blocks else text)


def rewriting(original: str, answer: str) -> None:
    """The replacements make the text; chunking changes when, never what."""
    whole = _rewritten(original, [answer])
    for size in (1, 7):
        chunks = [answer[at : at + size] for at in range(0, len(answer), size)]
        assert _rewritten(original, chunks) == whole


def judging(path: str, original: str, code_edit: str, rewrite: str) -> None:
    """The changes make the text, and what was judged once is not repaired again."""
    merged = _merged(original, EditFile(path, "", code_edit)) if code_edit else None
    language = language_of(path, original)
    judged = verdict(original, rewrite, merge=merged, language=language, edit=code_edit)
    parts = [change.replacement for change in judged.changes]
    assert "".join(apply_replacements(split_lines(original), parts)) == judged.text
    if not judged.repairs:
        assert judged.text == rewrite
    again = verdict(original, judged.text, merge=merged, language=language, edit=code_edit)
    assert again.text == judged.text


def _merged(original: str, call: EditFile) -> Merge | None:
    try:
        return merge(original, call)
    except MalformedEdit:
        return None


def _rewritten(original: str, chunks: Sequence[str]) -> str:
    rewriter = Rewriter(original)
    found = [one for chunk in chunks for one in rewriter.push(chunk)]
    found += rewriter.finish()
    text = "".join(apply_replacements(rewriter.original, found))
    assert text == rewriter.text
    return text


TARGETS: dict[str, Target] = {
    "merge": Target(("path", "original", "code_edit"), merging),
    "code_edit": Target(("path", "code_edit"), parsing),
    "chat": Target(("chat",), chatting),
    "rewrite": Target(("original", "answer"), rewriting),
    "verdict": Target(("path", "original", "code_edit", "rewrite"), judging),
}
