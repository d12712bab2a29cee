"""The prompt for a model that only continues a text, and where its answer ends.

Such a model was never told what a question is. So the text shows the file, the edit, and the
opening fence of the file after the edit; what it writes up to the closing fence is the file.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from fastapply_lsp.prompt.budget import recent_dialogue
from fastapply_lsp.prompt.build import plain, unfenced

if TYPE_CHECKING:
    from fastapply_lsp.request.model import EditFile

_TICKS = re.compile("`{3,}")


@dataclass(frozen=True, slots=True)
class CompletionPrompt:
    """The text to go on with, and the ``fence`` that a line begins with where the file ends."""

    text: str
    fence: str


def completion_prompt(  # noqa: PLR0913 - the last three are named
    call: EditFile,
    path: str,
    original: str,
    *,
    predicted: str,
    dialogue_tokens: int,
    refused: tuple[str, ...] = (),
) -> CompletionPrompt:
    """Return the prompt for one edit.

    The fence is longer than any in the file, in the edit or in the predicted file. The file comes
    first, for servers that remember the beginnings of prompts.
    """
    code, update = plain(original), plain(unfenced(call.code_edit))
    turns = recent_dialogue(call.messages, dialogue_tokens)
    said = "\n\n".join(f"{turn.role}: {turn.content.strip()}" for turn in turns)
    fence = _fence(code, update, predicted, said)
    parts = [_block(f"The file {path}:", code, fence)]
    if said:
        parts.append(_block("The conversation about it:", said, fence))
    parts.append(_block("The edit, where `... existing code ...` is what stays:", update, fence))
    if what := call.instructions.strip():
        parts.append(f"What the edit is for: {what}\n")
    if refused:
        faults = "".join(f"- {fault}\n" for fault in refused)
        parts.append(f"Faults that the file after the edit must not have:\n\n{faults}")
    opening = f"{fence}{_word(path)}\n"
    parts.append(f"The whole file {path} after the edit, every line written out:\n\n{opening}")
    return CompletionPrompt("\n".join(parts), fence)


def _word(path: str) -> str:
    """Return a word for the last line before the answer.

    Without one the fence's signs, the line end and the signs that many files begin with (``//``)
    would be one token of many tokenizers, so that the seam could not be found again.
    """
    _, dot, suffix = path.rpartition(".")
    return suffix if dot and suffix.isascii() and suffix.isalpha() else "text"


def _block(title: str, text: str, fence: str) -> str:
    end = "" if not text or text.endswith("\n") else "\n"
    return f"{title}\n\n{fence}\n{text}{end}{fence}\n"


def _fence(*texts: str) -> str:
    longest = max((len(run) for text in texts for run in _TICKS.findall(text)), default=2)
    return "`" * (longest + 1)


class FencedAnswer:
    r"""The stage that ends at the closing fence: ``push`` a piece, get what of it is the file.

    Law: any cutting of the same answer gives the same text. A line that begins with the fence is
    the end, whatever follows.

    >>> stage = FencedAnswer("```")
    >>> stage.push("a\n``"), stage.closed, stage.push("`\nmore"), stage.closed
    ('a\n', False, '', True)
    """

    def __init__(self, fence: str) -> None:
        self._fence = fence
        self._held = ""
        self._line_start = True
        self.closed = False

    def push(self, text: str) -> str:
        """Return what is certain to be the file's."""
        if self.closed:
            return ""
        text, self._held = self._held + text, ""
        at = 0 if self._line_start else text.find("\n") + 1 or len(text) + 1
        while at <= len(text):
            if text.startswith(self._fence, at):
                self.closed = True
                return text[:at]
            if self._fence.startswith(text[at:]):
                self._held = text[at:]
                self._line_start = True
                return text[:at]
            at = text.find("\n", at) + 1 or len(text) + 1
        self._line_start = False
        return text

    def finish(self) -> str:
        """Return the rest, where no fence came."""
        rest, self._held = self._held, ""
        return "" if self.closed else rest
