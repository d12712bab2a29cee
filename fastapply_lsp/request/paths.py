"""Which file does a name mean? Paths as chats write them, and the files that a workspace has."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING
from urllib.parse import unquote

from fastapply_lsp.syntax.languages import language_of

if TYPE_CHECKING:
    from collections.abc import Iterable

_FILE_URI = re.compile(r"file://(?:localhost)?(?=/)", re.IGNORECASE)
_DRIVE_IN_URI = re.compile(r"/(?=[A-Za-z]:)")
_PLACE = re.compile(r"(?:#L\d+(?:-L?\d+)?|(?::L?\d+(?:[:-]L?\d+)*))$|\s*\(lines? [\d \u2013-]+\)$")
_RANGE_BEFORE = re.compile(r"(?:\d+:\d+:|startLine:endLine:|start:end:)")
_QUOTES = "`'\"*<>|\u201c\u201d\u2018\u2019"
_PART = r"[\w.@+~$\[\]()#&=!,-]"
_SUFFIX = re.compile(rf"{_PART}*[\w\])]\.[A-Za-z][\w+-]{{0,9}}$")
_PATH = re.compile(rf"(?:[A-Za-z]:)?(?:[\\/]|\.{{1,2}}[\\/]|~[\\/])?(?:{_PART}+[\\/])*{_PART}+$")
_WORD = re.compile(
    r"[^\s`'\"*<>|\u201c\u201d\u2018\u2019,;(){}\[\]]+(?:\[[\w.-]+\][^\s`'\"*<>|,;(){}\[\]]*)*"
)
_MARKS = ("`", "**", '"', "'")
_LONGEST = 400
"""Characters; nothing longer is read as a path."""


class Workspace:
    """The files that can be edited: paths with ``/``, relative to the folders in ``roots``.

    ``roots`` are the folders' absolute paths; an absolute name below one of them, and a name that
    begins with a folder's own name, mean the file in it.

    >>> files = Workspace(["src/app.py", "lib/app.py", "a.css"], roots=["/home/me/project"])
    >>> files.resolve("lib/app.py"), files.resolve("app.py"), files.resolve("project/a.css")
    (('lib/app.py',), ('lib/app.py', 'src/app.py'), ('a.css',))
    """

    def __init__(self, files: Iterable[str], roots: Iterable[str] = ()) -> None:
        self.files = frozenset(files)
        self.roots = tuple(root.replace("\\", "/").rstrip("/") for root in roots)

    @cached_property
    def _by_base(self) -> dict[str, tuple[str, ...]]:
        found: dict[str, list[str]] = {}
        for path in sorted(self.files):
            found.setdefault(path.rsplit("/", 1)[-1], []).append(path)
        return {base: tuple(paths) for base, paths in found.items()}

    def resolve(self, name: str) -> tuple[str, ...]:
        """Return the files that ``name`` can mean: itself, else all that end with it.

        The name is as ``clean_path`` gives it. Nothing is returned for a file that is not there.
        """
        for candidate in (name, *self._below_roots(name)):
            if candidate in self.files:
                return (candidate,)
        if name.startswith(("/", "../", "~")) or name[1:2] == ":":
            return ()
        base = name.rsplit("/", 1)[-1]
        return tuple(path for path in self._by_base.get(base, ()) if path.endswith("/" + name))

    def _below_roots(self, name: str) -> Iterable[str]:
        for root in self.roots:
            for start in (root, root.rsplit("/", 1)[-1]):
                if start and name.startswith(start + "/"):
                    yield name[len(start) + 1 :]


@dataclass(frozen=True, slots=True)
class Mention:
    """A path in running text; ``quoted`` says that the text marks it, by backticks or bold."""

    name: str
    quoted: bool


def clean_path(name: str) -> str:
    r"""Return a name as chats write it as a path: forward slashes, no quotes, no line numbers.

    >>> [clean_path(name) for name in
    ...  ("`./src/a.py`", r"src\\a.py:12-20", "12:30:src/a.py", "file:///c%3A/a%20b.py", "**b.py**:")]
    ['src/a.py', 'src/a.py', 'src/a.py', 'c:/a b.py', 'b.py']
    """
    name = name.strip().rstrip(":").strip(_QUOTES + " ").rstrip(":").strip(_QUOTES + " ")
    name = _RANGE_BEFORE.sub("", name, count=1)
    if match := _FILE_URI.match(name):
        name = _DRIVE_IN_URI.sub("", unquote(name[match.end() :]), count=1)
    name = _PLACE.sub("", name)
    if "\\" in name and "/" not in name:
        name = re.sub(r"\\+", "/", name)
    while name.startswith("./"):
        name = name[2:]
    return name


def looks_like_path(name: str) -> bool:
    """Whether a cleaned name can only be a file: a suffix or a basename that is known, or folders.

    >>> [looks_like_path(name) for name in
    ...  ("src/app.py", "app.py", "Makefile", "src/x.unknown", "python", "and/or", "e.g.", "v1.2")]
    [True, True, True, True, False, False, False, False]
    """
    if not 0 < len(name) <= _LONGEST or not _PATH.match(name) or "://" in name:
        return False
    if name.lower() in {"docker", "make", "dockerfile."} or name.endswith(("/", ".", "/..")):
        return False
    if "." not in name and "/" not in name:
        return name[0].isupper() and language_of(name) is not None
    return (language_of(name) is not None and _known_ending(name)) or (
        "/" in name and _SUFFIX.search(name) is not None
    )


def _known_ending(name: str) -> bool:
    base = name.rsplit("/", 1)[-1]
    return base.startswith(".") or _SUFFIX.search(base) is not None or base[0].isupper()


def mentions(text: str) -> tuple[Mention, ...]:
    """Return every word of running text that looks like a path or may name a file, in order.

    >>> mentions("In `src/a.py` (see b.py), and Makefile.")
    (Mention(name='src/a.py', quoted=True), Mention(name='b.py', quoted=False), Mention(name='Makefile', quoted=False))
    """
    found: dict[str, Mention] = {}
    for match in _WORD.finditer(text):
        name = clean_path(match[0].rstrip(".,;:!?"))
        if not looks_like_path(name):
            continue
        before = text[max(0, match.start() - 2) : match.start()]
        quoted = before.endswith(_MARKS) and text.startswith(_MARKS, match.end())
        held = found.get(name)
        found[name] = Mention(name, quoted or (held is not None and held.quoted))
    return tuple(found.values())
