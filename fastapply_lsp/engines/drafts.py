"""What will the answer probably be? Its sources are in the request: the prediction, or the prompt.

An apply model gets the file and the edit in its prompt (`prompt_blocks`). So a client that knows
nothing of drafts gets one all the same: where the prompt holds a file and an edit of it, the two
are merged as the language server would; else the blocks themselves are the draft.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from fastapply_lsp.engines.prompt_blocks import Block, blocks_of, paths_in
from fastapply_lsp.engines.prompt_part import edit_of_part, says_part
from fastapply_lsp.errors import FastApplyError
from fastapply_lsp.merge import merge
from fastapply_lsp.request.code_edit import Snippet, parse_code_edit
from fastapply_lsp.request.model import EditFile
from fastapply_lsp.syntax.detection import detected
from fastapply_lsp.syntax.languages import Language, language_named, language_of
from fastapply_lsp.syntax.markers import markers_in
from fastapply_lsp.text.lines import split_lines

if TYPE_CHECKING:
    from collections.abc import Sequence

_MOST = 4
"""Files that are drafted from; more are a long chat rather than an edit."""
_BOTH = 2
_MERGED_MOST = 2_000_000
"""Characters of a file that is merged here: the limit that the language server has, too."""
_AFTER = 2_000
"""Characters behind the last block in which a file is named."""
_HINTS_MOST = 3
_COMMENTS = ("#", "//", "--", "/*", "<!--", ";", "%")
_INSTRUCTIONS = re.compile(r"<instructions?>(?P<told>.*?)</instructions?>", re.DOTALL)
_WORD = re.compile(r"[A-Za-z][\w+#]*")


@dataclass(frozen=True, slots=True)
class _Parts:
    """What a prompt holds: the files, the one that is edited first, and the edit of it.

    ``words`` are all around the blocks, ``instructions`` those that may say what is to be done.
    """

    files: tuple[Block, ...]
    edit: Block | None
    words: str
    instructions: str


def drafts_of(prediction: str | None, prompts: Sequence[str]) -> tuple[str, ...]:
    r"""Return texts that the answer may follow, the likeliest first.

    Takes as long as a merge, where one is made: some milliseconds, for a large file some hundred.

    Args:
        prediction: the client's own draft.
        prompts: what the model is told, with or without the words of a chat template.

    >>> edit = "# ... existing code ...\nb = 3\n"
    >>> drafts_of(None, [f"a.py:\n<code>a = 1\nb = 2\n</code>\n<update>{edit}</update>"])[0]
    'a = 1\nb = 3\n'
    """
    parts = _parts(prompts)
    edits = [] if parts.edit is None else [parts.edit]
    first = [] if prediction is None else [prediction]
    if prediction is None and parts.files and parts.edit is not None:
        first = _merged(parts, parts.files[0], parts.edit)
    # The file is the same for the next edit of it, and what a server knows of it stays good.
    blocks = [*edits, *parts.files] if first else [*parts.files, *edits]
    return tuple(dict.fromkeys([*first, *(block.text for block in blocks)]))


def _parts(prompts: Sequence[str]) -> _Parts:
    found = [(number, block) for number, one in enumerate(prompts) for block in blocks_of(one)]
    if not found:
        return _Parts((), None, "", "")
    blocks = [block for _, block in found]
    number, last = found[-1]
    words = prompts[number][last.end :][:_AFTER] + "".join(prompts[number + 1 :])[:_AFTER]
    edit = _edit_among(blocks)
    files = [block for block in blocks if block is not edit and not block.is_edit]
    target = _target(files, edit, words)
    others = sorted((one for one in files if one is not target), key=lambda one: -len(one.text))
    ordered = (*(() if target is None else (target,)), *others)[:_MOST]
    around = f"{''.join(block.before for block in blocks)} {words}"
    told = _INSTRUCTIONS.search(prompts[number], 0, _AFTER)
    return _Parts(ordered, edit, around, words if told is None else told["told"])


def _edit_among(blocks: Sequence[Block]) -> Block:
    """Return the edit: the block whose tag says so, else the last one.

    Every dialect has the file before its edit. Where it is the other way round, the second block
    is longer, and it alone has a name, or the first one alone the form of an edit.
    """
    tagged = [block for block in blocks if block.is_edit]
    if tagged:
        return tagged[-1]
    first, last = blocks[0], blocks[-1]
    if len(blocks) == _BOTH and len(first.text) < len(last.text):
        alone = bool(last.paths) and not first.paths
        swapped = alone or (_has_edit_form(first) and not _has_edit_form(last))
        return first if swapped else last
    return last


def _has_edit_form(block: Block) -> bool:
    try:
        parsed = parse_code_edit(block.text)
    except FastApplyError:
        return True  # a diff or search/replace blocks, if not well-formed ones
    return not isinstance(parsed, Snippet) or bool(markers_in(block.text))


def _target(files: Sequence[Block], edit: Block, words: str) -> Block | None:
    """Return the file that is edited: the one that is named, else the one most like the edit."""
    if len(files) > 1:
        shown = files[::-1]  # a chat shows a file again after it has changed
        for path in (*paths_in(edit.info), *reversed(paths_in(words)), *paths_in(edit.before)):
            for alike in (str.__eq__, _same):
                if found := [one for one in shown if one.paths and alike(path, one.paths[0])]:
                    return found[0]
    lines = {line.strip() for line in split_lines(edit.text) if line.strip()}

    def likeness(file: Block) -> tuple[int, int]:
        own = {line.strip() for line in split_lines(file.text)}
        return len(lines & own), len(file.text)

    return max(files, key=likeness, default=None)


def _same(one: str, other: str) -> bool:
    """Whether two paths may be the same file, seen from different folders."""
    one, other = (f"/{path.removeprefix('./')}".replace("\\", "/") for path in (one, other))
    return one.endswith(other) or other.endswith(one)


def _merged(parts: _Parts, file: Block, edit: Block) -> list[str]:
    if len(file.text) + len(edit.text) > _MERGED_MOST:
        return []
    code_edit = edit.text
    if says_part(parts.words) or says_part(parts.instructions):
        code_edit = edit_of_part(code_edit, file.text)
        if not any(line and line in file.text for line in map(str.strip, split_lines(code_edit))):
            return [file.text]  # nothing of the edit but markers belongs here
    call = EditFile(_path(parts, file, edit), parts.instructions, code_edit)
    try:
        return [merge(file.text, call).predicted]
    except FastApplyError:
        return []  # no edit at all


def _path(parts: _Parts, file: Block, edit: Block) -> str:
    """Return the file's path; where none is told, one that says the language."""
    begins = edit.text.lstrip().partition("\n")[0]
    first = paths_in(begins) if begins.startswith(_COMMENTS) else ()
    named = (*paths_in(file.info), *paths_in(edit.info), *first, *paths_in(file.before))
    for path in (*named, *paths_in(parts.words)):
        if language_of(path, file.text) is not None:
            return path
    language = language_named(file.info) or language_named(edit.info)
    if language is None:
        words = dict.fromkeys(_WORD.findall(parts.words))
        hints = [word for word in words if language_named(word) is not None]
        language = detected(file.text, hints=hints[:_HINTS_MOST])
    return _path_of(language)


def _path_of(language: Language | None) -> str:
    if language is None:
        return ""
    return f"file{language.suffixes[0]}" if language.suffixes else language.basenames[0]
