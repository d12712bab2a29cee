"""Which file does a code block belong to? The most explicit place that says anything decides.

In order of trust:

1. the fence's info string: ```` ```python src/app.py ````, ``title="src/app.py"``;
2. a line or a heading before the block that is a path, or a heading that holds one;
3. a comment in the block's first line that is a path;
4. the header of a diff or a patch;
5. the paragraph directly before the block;
6. the definitions in the block, where one file has them;
7. the one file that the reply and its request mention at all.

A place that names several files is an error with their names, never a guess; a later place is not
asked. From 5 on only files count whose language can be the block's own.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import TYPE_CHECKING, Protocol

from fastapply_lsp.errors import AmbiguousTarget, UnknownTarget
from fastapply_lsp.request.places import (
    files_of_diff,
    first_line_path,
    mentioned_in_reply,
    mentioned_in_request,
    paragraph_before,
    path_in_info,
    paths_before,
)
from fastapply_lsp.syntax.definitions import definitions
from fastapply_lsp.syntax.languages import language_of
from fastapply_lsp.text.lines import split_lines

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator

    from fastapply_lsp.request.chat import Block, Chat
    from fastapply_lsp.request.paths import Mention, Workspace
    from fastapply_lsp.request.places import Paragraph
    from fastapply_lsp.syntax.languages import Language

_FAMILIES = (
    {"javascript", "typescript", "tsx", "vue", "json"},
    {"c", "cpp", "objc"},
    {"css", "scss", "less", "vue", "html"},
    {"html", "xml", "vue", "php", "markdown", "tsx", "javascript"},
    {"bash", "dockerfile", "make", "powershell"},
    {"toml", "ini", "yaml"},
)
_TELLING = frozenset(
    [
        "function",
        "class",
        "method",
        "struct",
        "interface",
        "enum",
        "trait",
        "impl",
        "type",
        "macro",
        "module",
        "rule",
        "table",
    ]
)
"""Kinds of definitions whose names tell files apart."""


class Level(IntEnum):
    """What named the target; a lower number is trusted more."""

    INFO = 1
    LINE_BEFORE = 2
    FIRST_LINE = 3
    DIFF_HEADER = 4
    PARAGRAPH = 5
    DEFINITIONS = 6
    MENTION = 7


@dataclass(frozen=True, slots=True)
class Target:
    """The file that a block belongs to: a path of the workspace where it ``exists``.

    A file that does not exist can only be meant by a whole file; the caller decides.
    ``label`` is the block's first line where that only names the file: see ``without_label``.
    """

    path: str
    exists: bool
    level: Level
    label: str | None = None


class Defines(Protocol):
    """An index of definitions, as the caller keeps it."""

    def __call__(self, qualified: str, /) -> Collection[str]:
        """Return the files that define this dotted name, or one that ends with it.

        A snippet may show a method without its class, so ``"run"`` asks for ``"Job.run"`` too.
        """


def find_target(
    chat: Chat, block: Block, workspace: Workspace, defines: Defines | None = None
) -> Target:
    """Return the file that ``block`` belongs to.

    Raises:
        AmbiguousTarget: the most explicit place that says anything names several files.
        UnknownTarget: nothing names a file.
    """
    first = first_line_path(split_lines(block.code))
    for evidence in _evidence(chat, block, workspace, defines):
        if evidence.names:
            label = first.line if first else None
            return _named(evidence.level, evidence.names, workspace, label)
    raise UnknownTarget(None)


@dataclass(frozen=True, slots=True)
class _Evidence:
    level: Level
    names: tuple[str, ...]


def _evidence(
    chat: Chat, block: Block, workspace: Workspace, defines: Defines | None
) -> Iterator[_Evidence]:
    """Yield what each place names, the most trusted first; later places are read on demand."""
    lines = split_lines(block.code)
    first = first_line_path(lines)
    yield _Evidence(Level.INFO, path_in_info(block.info, workspace))
    yield _Evidence(Level.LINE_BEFORE, paths_before(chat, block))
    yield _Evidence(Level.FIRST_LINE, (first.name,) if first else ())
    yield _Evidence(Level.DIFF_HEADER, files_of_diff(lines))
    asked = mentioned_in_request(chat, block)
    paragraph = paragraph_before(chat, block)
    yield _Evidence(Level.PARAGRAPH, _meant(paragraph, asked, workspace, block))
    yield _Evidence(Level.DEFINITIONS, _defining(block, defines))
    mentions = (*asked, *mentioned_in_reply(chat, block))
    yield _Evidence(Level.MENTION, _known(mentions, workspace, block.language))


def resolve_target(name: str, workspace: Workspace) -> str:
    """Return the one file of the workspace that ``name`` means.

    Raises:
        AmbiguousTarget: several files end with that name.
        UnknownTarget: none does.
    """
    found = workspace.resolve(name)
    if not found:
        raise UnknownTarget(name)
    if len(found) > 1:
        raise AmbiguousTarget(found)
    return found[0]


def without_label(code_edit: str, target: Target, original: str) -> str:
    """Return the edit without its first line where that only names the file.

    A file that itself begins with that line keeps it.
    """
    if target.label is None or not code_edit.startswith(target.label):
        return code_edit
    if original.lstrip("\ufeff").startswith(target.label.strip()):
        return code_edit
    rest = code_edit[len(target.label) :]
    return rest.lstrip("\r\n") if rest.strip() else rest


def _named(level: Level, names: Iterable[str], workspace: Workspace, label: str | None) -> Target:
    """Settle on the one file that the names of a place mean."""
    resolved = {name: workspace.resolve(name) for name in names}
    existing = sorted({path for paths in resolved.values() for path in paths})
    missing = [name for name, paths in resolved.items() if not paths]
    if len(existing) == 1 and (not missing or level is Level.DIFF_HEADER):
        return Target(existing[0], exists=True, level=level, label=label)
    if len(existing) + len(missing) == 1:
        return Target(missing[0], exists=False, level=level, label=label)
    raise AmbiguousTarget((*existing, *missing))


def _meant(
    paragraph: Paragraph, asked: Iterable[Mention], workspace: Workspace, block: Block
) -> tuple[str, ...]:
    """Return the files that a paragraph means: those there are, else the one new one it marks.

    A paragraph that does not lead up to the block may compare with another file: where the request
    asks for others, they may be meant as well.
    """
    if known := _known(paragraph.mentions, workspace, block.language):
        wanted = _known(asked, workspace, block.language)
        if paragraph.introduces or not wanted or set(known) <= set(wanted):
            return known
        return tuple(sorted({*known, *wanted}))
    new = tuple(
        one.name for one in paragraph.mentions if one.quoted and _fits(one.name, block.language)
    )
    return new if len(new) == 1 and ("/" in new[0] or block.language is not None) else ()


def _known(
    found: Iterable[Mention], workspace: Workspace, language: Language | None
) -> tuple[str, ...]:
    paths = {path for one in found for path in workspace.resolve(one.name)}
    return tuple(sorted(path for path in paths if _fits(path, language)))


def _fits(path: str, language: Language | None) -> bool:
    """Whether a block in this language can belong to the file."""
    if language is None:
        return True
    of_file = language_of(path)
    if of_file is None or of_file is language:
        return True
    return any({of_file.id, language.id} <= family for family in _FAMILIES)


def _defining(block: Block, defines: Defines | None) -> tuple[str, ...]:
    """Return the files that have the block's definitions: all of them, or else any."""
    if defines is None:
        return ()
    found: list[set[str]] = []
    for outer in definitions(block.code, block.language):
        for one in outer.walk():
            if one.kind in _TELLING:
                paths = {path for path in defines(one.qualified) if _fits(path, block.language)}
                found += [paths] if paths else []
    if not found:
        return ()
    return tuple(sorted(set.intersection(*found) or set.union(*found)))
