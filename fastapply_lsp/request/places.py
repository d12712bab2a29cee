"""Where does a chat name a file? The places around and in a block, each read on its own."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from fastapply_lsp.request.paths import clean_path, looks_like_path, mentions
from fastapply_lsp.syntax.languages import language_named
from fastapply_lsp.text.lines import without_line_end

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from fastapply_lsp.request.chat import Block, Chat
    from fastapply_lsp.request.paths import Mention, Workspace

_KEYS = "title|file|filename|file_name|filepath|file_path|path|name|src|source|target|label"
_ATTRIBUTE = re.compile(
    rf"(?:^|[\s{{,])(?:{_KEYS})\s*[=:]\s*(?:\"([^\"]+)\"|'([^']+)'|([^\s,}}]+))", re.IGNORECASE
)
_ANY_ATTRIBUTE = re.compile(r"[\w-]+=(?:\"[^\"]*\"|'[^']*'|\S+)")
_HEADING = re.compile(r"[ ]{0,3}(?P<marks>#{1,6})[ \t]+(?P<text>.*?)[ \t]*#*[ \t]*$")
_LABEL = r"(?:(?:in|the|new|updated?|modif\w+|edit|create|changes? (?:to|in)|open|add to)\s+)*"
_FILE_WORD = (
    r"(?:(?:file ?(?:name|path)?|path|in file)\s*:?\s+|(?:file ?(?:name|path)?|path)\s*:\s*)?"
)
_NOTE = r"(?:\s*[(\[][^)\]]{1,60}[)\]]|\s+[-\u2013\u2014]+\s+\w[\w ,.']{0,60})?"
_PATH_LINE = re.compile(
    rf"\W*?(?:\d+[.)]\s+)?{_FILE_WORD}(?P<path>\[?[`*_'\"]*[^\s`*'\"]+[`*'\"]*(?:\]\([^)]*\))?)"
    rf"[*_]*{_NOTE}\s*:?[*_]*\s*$",
    re.IGNORECASE,
)
_LINK = re.compile(r"\[(?P<text>[^\]]+)\]\((?P<url>[^)\s]+)\)")
_COMMENT = re.compile(
    r"\s*(?:(?P<open>/\*+!?|<!--+|\{/\*|//+!?|#+|--+|;+|%+|\"\"\"|'''|\(\*|\{-)\s*)"
    r"(?:(?:file ?(?:name|path)?|path|filename)\s*:\s*|@file\s+)?"
    r"(?P<path>[^\s*<>]+?)\s*"
    r"(?:\((?:new|updated|modified|excerpt|partial|relevant)[\w ]*\)\s*)?"
    r"(?:\*+/\}?|--+>|\"\"\"|'''|\*\)|-\}|#+)?\s*$",
    re.IGNORECASE,
)
_BARE_BEFORE_SEARCH = re.compile(r"\s*(?P<path>[^\s<>=]+)\s*$")
_SEARCH = re.compile(r"\s*(?:<{5,9}|-{5,9})\s*(?:SEARCH|ORIGINAL|HEAD)\b|\s*<{7}\s*$")
_DIFF_NEW = re.compile(r"\+\+\+ (?P<path>\"[^\"]+\"|[^\t]+?)(?:\t.*)?\s*$")
_DIFF_OLD = re.compile(r"--- (?P<path>\"[^\"]+\"|[^\t]+?)(?:\t.*)?\s*$")
_DIFF_OTHER = re.compile(
    r"(?:\*\*\* (?:Update|Add|Delete) File: (?P<patch>.+?)|Index: (?P<index>.+?)"
    r"|diff --git \S+ (?P<git>\S+))\s*$"
)
_NO_FILE = "/dev/null"


@dataclass(frozen=True, slots=True)
class FirstLine:
    """A first line that names a file: the path, and the line with its end."""

    name: str
    line: str


def path_in_info(info: str, workspace: Workspace) -> tuple[str, ...]:
    """Return the paths that a fence's info string names.

    >>> from fastapply_lsp.request.paths import Workspace
    >>> [path_in_info(info, Workspace([])) for info in
    ...  ("python src/app.py", "src/app.py", "12:15:src/app.py", "ts title='a.ts' {1,3}", "rust")]
    [('src/app.py',), ('src/app.py',), ('src/app.py',), ('a.ts',), ()]
    """
    info = info.strip()
    _, _, rest = info.partition(" ")
    if (whole := clean_path(rest)) in workspace.files:
        return (whole,)
    named = ["".join(groups) for groups in _ATTRIBUTE.findall(info)]
    found = [name for name in map(clean_path, named) if _is_path(name, workspace)]
    if not found:
        words = _ANY_ATTRIBUTE.sub(" ", info).split()
        found = [name for word in words for name in _info_word(word, workspace)]
    return tuple(dict.fromkeys(found))


def _info_word(word: str, workspace: Workspace) -> Iterable[str]:
    word = word.strip("{}[](),")
    head, _, tail = word.partition(":")
    if head.isalpha() and len(head) > 1 and tail and "://" not in word and ":" not in tail:
        word = tail  # a language, as in python:src/app.py; one letter is a Windows drive
    name = clean_path(word)
    if name and _is_path(name, workspace) and not _is_language(name, workspace):
        yield name


def _is_path(name: str, workspace: Workspace) -> bool:
    return looks_like_path(name) or bool(workspace.resolve(name))


def _is_language(name: str, workspace: Workspace) -> bool:
    """Whether the word is a language and no file: ``makefile`` is a language, ``Makefile`` both."""
    language = language_named(name)
    return language is not None and name.lower() in language.names and name not in workspace.files


def paths_before(chat: Chat, block: Block) -> tuple[str, ...]:
    """Return the paths of a path line before the block, or of the heading it stands under.

    The nearest line that is nothing but a path counts, between the block and the one before it or
    the heading above; else the heading, else the headings above that one.
    """
    turn = chat.turn_of(block)
    heads = {one.span.start for one in chat.turns if one.head}
    others = {line for one in chat.blocks for line in range(one.span.start, one.span.end)}
    depth = 7
    path_lines = True
    for number in range(block.span.start - 1, turn.start - 1, -1):
        if number in others:
            path_lines = False
            continue
        if number in heads:
            continue
        content = without_line_end(chat.lines[number]).lstrip("> ")
        heading = _HEADING.match(content)
        if heading is None:
            if path_lines and (name := _path_line(content)):
                return (name,)
            continue
        path_lines = False
        if len(heading["marks"]) < depth:
            depth = len(heading["marks"])
            if found := _heading_paths(heading["text"]):
                return found
    return ()


def _path_line(content: str) -> str | None:
    content = content.strip()
    match = _PATH_LINE.match(_unlinked(content))
    if match is None:
        return None
    name = clean_path(match["path"])
    marked = name != match["path"] or content.endswith(":") or "/" in name
    return name if looks_like_path(name) and (marked or match["path"] == content) else None


def _heading_paths(text: str) -> tuple[str, ...]:
    if name := _path_line(text):
        return (name,)
    found = mentions(_unlinked(text))
    return tuple(one.name for one in found if one.quoted or "/" in one.name or len(found) == 1)


def _unlinked(text: str) -> str:
    """Replace links by what they show, where that is a path, else by where they lead."""

    def shown(match: re.Match[str]) -> str:
        name = clean_path(match["text"])
        return f"`{name if looks_like_path(name) else match['url']}`"

    return _LINK.sub(shown, text)


def first_line_path(lines: Sequence[str]) -> FirstLine | None:
    r"""Return the path that the block's first line is a comment of, or the label of a search block.

    >>> first_line_path(["// src/app.ts\n", "x\n"]).name, first_line_path(["# setup\n"])
    ('src/app.ts', None)
    """
    at = next((number for number, line in enumerate(lines) if line.strip()), None)
    if at is None:
        return None
    content = without_line_end(lines[at])
    following = lines[at + 1] if at + 1 < len(lines) else ""
    if _DIFF_OLD.match(content) and _DIFF_NEW.match(following):
        return None
    match = _COMMENT.match(content)
    if match is None and _SEARCH.match(following):
        match = _BARE_BEFORE_SEARCH.match(content)
    if match is None:
        return None
    name = clean_path(match["path"])
    return FirstLine(name, "".join(lines[: at + 1])) if looks_like_path(name) else None


def files_of_diff(lines: Sequence[str]) -> tuple[str, ...]:
    """Return the files that the headers of a diff or a patch name, without ``a/`` and ``b/``."""
    found: list[str] = []
    other: list[str] = []
    for number, line in enumerate(lines):
        content = without_line_end(line)
        if old := _DIFF_OLD.match(content):
            new = _DIFF_NEW.match(lines[number + 1]) if number + 1 < len(lines) else None
            if new is not None:
                found += _diff_path(new["path"]) or _diff_path(old["path"])
        elif match := _DIFF_OTHER.match(content):
            other += _diff_path(match["patch"] or match["index"] or match["git"])
    return tuple(dict.fromkeys(found or other))


def _diff_path(name: str) -> list[str]:
    name = clean_path(name)
    if name == _NO_FILE:
        return []
    return [name[2:] if name[:2] in {"a/", "b/", "i/", "w/", "c/", "o/"} else name]


@dataclass(frozen=True, slots=True)
class Paragraph:
    """What a paragraph mentions; ``introduces`` says that it ends in a colon, as before code."""

    mentions: tuple[Mention, ...]
    introduces: bool


def paragraph_before(chat: Chat, block: Block) -> Paragraph:
    """Return what the paragraph directly before the block mentions."""
    start = chat.turn_of(block).start
    number = block.span.start - 1
    while number >= start and not chat.lines[number].strip():
        number -= 1
    last = number
    while number >= start and chat.lines[number].strip() and chat.block_at(number) is None:
        number -= 1
    text = "".join(chat.lines[number + 1 : last + 1])
    return Paragraph(mentions(_unlinked(text)), text.rstrip().rstrip("*_").endswith(":"))


def mentioned_in_reply(chat: Chat, block: Block) -> tuple[Mention, ...]:
    """Return what the block's turn mentions before it."""
    return _mentioned(chat, chat.turn_of(block).start, block.span.start)


def mentioned_in_request(chat: Chat, block: Block) -> tuple[Mention, ...]:
    """Return what the request mentions that the block's turn answers."""
    end = chat.turn_of(block).start
    asked = [turn for turn in chat.turns if turn.role == "user" and turn.span.start < end]
    return _mentioned(chat, asked[-1].span.start, end) if asked else ()


def _mentioned(chat: Chat, start: int, end: int) -> tuple[Mention, ...]:
    numbers = (number for number in range(start, end) if chat.block_at(number) is None)
    return mentions(_unlinked("".join(chat.lines[number] for number in numbers)))
