"""What will the answer probably be? Its sources are in the request: the prediction, or the prompt.

An apply model gets the file and the edit in its prompt, in fences or in tags. So a client that
knows nothing of drafts gets one all the same: where the prompt holds a file and an edit of it, the
two are merged as the language server would; else the blocks themselves are the draft.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from fastapply_lsp.errors import FastApplyError
from fastapply_lsp.merge import merge
from fastapply_lsp.request.fences import find_fences
from fastapply_lsp.request.model import EditFile
from fastapply_lsp.text.lines import split_lines, without_line_end

if TYPE_CHECKING:
    from collections.abc import Sequence

_TAGS = ("code", "file", "original", "original_code", "document", "update", "edit", "code_edit")
_LEAST = 2
"""Lines of a block that is worth drafting from."""
_MOST = 4
"""Blocks that are drafted from; more are a long chat rather than an edit."""
_MERGED_MOST = 2_000_000
"""Characters of a file that is merged here: the limit that the language server has, too."""
_PATH = re.compile(r"[\w./\\-]*\w\.\w{1,12}")


@dataclass(frozen=True, slots=True)
class _Block:
    """A block of the prompt: where it begins, and the words before it."""

    at: int
    text: str
    before: str


def drafts_of(prediction: str | None, prompts: Sequence[str]) -> tuple[str, ...]:
    r"""Return texts that the answer may follow, the likeliest first.

    Takes as long as a merge, where one is made: some milliseconds, for a large file some hundred.

    Args:
        prediction: the client's own draft.
        prompts: what the model is told, without the words of a chat template.

    >>> edit = "# ... existing code ...\nb = 3\n"
    >>> drafts_of(None, [f"a.py:\n<code>a = 1\nb = 2\n</code>\n<update>{edit}</update>"])[0]
    'a = 1\nb = 3\n'
    """
    blocks = [block for prompt in prompts for block in _blocks(prompt)]
    # Every dialect has the file before the edit: it is the same for the next edit of the file, and
    # what a server knows of it already stays good.
    files = sorted(blocks[:-1], key=lambda block: -len(block.text))[:_MOST]
    edits = blocks[-1:]
    first = [] if prediction is None else [prediction]
    if prediction is None and files:
        first = _merged(files[0], edits[0])
    blocks = [*edits, *files] if first else [*files, *edits]
    return tuple(dict.fromkeys([*first, *(block.text for block in blocks)]))


def _merged(file: _Block, edit: _Block) -> list[str]:
    if len(file.text) + len(edit.text) > _MERGED_MOST:
        return []
    paths = _PATH.findall(file.before)
    call = EditFile(paths[-1] if paths else "", "", edit.text)
    try:
        return [merge(file.text, call).predicted]
    except FastApplyError:
        return []  # no edit at all


def _blocks(prompt: str) -> list[_Block]:
    return sorted((*_fenced(prompt), *_tagged(prompt)), key=lambda block: block.at)


def _fenced(prompt: str) -> list[_Block]:
    lines = split_lines(prompt)
    return [
        _Block(
            sum(map(len, lines[: fence.start])),
            "".join(f"{without_line_end(line)}\n" for line in fence.code),
            f"{''.join(lines[max(0, fence.start - 2) : fence.start])} {fence.info}",
        )
        for fence in find_fences(lines)
        if len(fence.code) >= _LEAST
    ]


def _tagged(prompt: str) -> list[_Block]:
    """Blocks as ``<code>…</code>``: from a line's opening tag to the last closing one."""
    blocks: list[_Block] = []
    for tag in _TAGS:
        start = f"\n{prompt}".find(f"\n<{tag}>")
        end = prompt.rfind(f"</{tag}>")
        text = prompt[start + len(tag) + 2 : end] if 0 <= start < end else ""
        text = text.removeprefix("\n")
        if text:
            blocks.append(_Block(start, text, prompt[max(0, start - 200) : start]))
    return blocks
