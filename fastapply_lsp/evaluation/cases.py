"""What is a case, and what does a file of cases hold?

One JSON object a line, gzipped or not. Only ``original``, ``code_edit`` and ``expected`` must be
there; what else is missing gets a default that changes no figure.
"""

from __future__ import annotations

import gzip
import json
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from fastapply_lsp.errors import Unreadable
from fastapply_lsp.syntax.languages import language_named, language_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

EOF_NEWLINE_CHANGED = "eof_newline_changed"
"""The tag of cases that change the newline at the end of the file, which no form can express."""

UNKNOWN = "unknown"
"""Stands for a style or language that the case does not tell."""

_GZIP = b"\x1f\x8b"


@dataclass(frozen=True, slots=True)
class Case:
    """One edit with its known answer.

    ``path`` and ``language`` choose the grammar; ``instruction`` and ``chat`` (a whole Markdown
    dialogue) are context for a model.
    """

    id: str
    original: str
    code_edit: str
    expected: str
    path: str = ""
    language: str = UNKNOWN
    style: str = UNKNOWN
    instruction: str = ""
    chat: str = ""
    tags: frozenset[str] = frozenset()

    @property
    def left_out(self) -> bool:
        """Whether the figures leave this case out, because its answer cannot be expressed."""
        return EOF_NEWLINE_CHANGED in self.tags


def read_cases(path: Path) -> tuple[Case, ...]:
    """Return the cases of a file, gzipped or not.

    Raises:
        Unreadable: the file cannot be read, or a line is no case.
    """
    try:
        content = path.read_bytes()
        if content.startswith(_GZIP):
            content = gzip.decompress(content)
        # Only "\n" ends a line of JSON; U+2028 may stand inside one.
        lines = content.decode("utf-8-sig").split("\n")
    except (OSError, EOFError, zlib.error) as error:
        problem = getattr(error, "strerror", None) or str(error)
        raise Unreadable(str(path), problem) from error
    except UnicodeDecodeError as error:
        raise Unreadable(str(path), f"byte {error.start} is not UTF-8") from error
    return tuple(_cases(lines, path))


def _cases(lines: Iterable[str], path: Path) -> Iterator[Case]:
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            yield case_of(json.loads(line), default_id=str(number))
        except json.JSONDecodeError as error:
            raise Unreadable(str(path), f"line {number} is no JSON ({error.msg})") from error
        except ValueError as error:
            raise Unreadable(str(path), f"line {number} {error}") from error


def case_of(data: Any, *, default_id: str) -> Case:  # noqa: ANN401 - as the file has it
    """Return the case that a JSON value holds.

    Raises:
        ValueError: a field is missing or is not of its type; reads on after "line 3 …".

    >>> case_of({"original": "a", "code_edit": "b", "expected": "b"}, default_id="7").id
    '7'
    """
    if not isinstance(data, dict):
        raise ValueError("is no JSON object")  # noqa: TRY004 - the content is wrong, not a type
    language, path = _text(data, "language"), _text(data, "path")
    if not language and (known := language_of(path) if path else None):
        language = known.id
    return Case(
        id=_text(data, "id") or default_id,
        original=_text(data, "original", needed=True),
        code_edit=_text(data, "code_edit", needed=True),
        expected=_text(data, "expected", needed=True),
        path=path or _path_for(language),
        language=language or UNKNOWN,
        style=_text(data, "style") or UNKNOWN,
        instruction=_text(data, "instruction"),
        chat=_text(data, "chat"),
        tags=_tags(data),
    )


def _text(data: dict[str, Any], key: str, *, needed: bool = False) -> str:
    value = data.get(key)
    if value is None and not needed:
        return ""
    if value is None:
        message = f'has no "{key}"'
        raise ValueError(message)
    if isinstance(value, int) and key == "id":
        return str(value)
    if not isinstance(value, str):
        message = f'has a "{key}" that is no text'
        raise ValueError(message)  # noqa: TRY004 - as above
    return value


def _tags(data: dict[str, Any]) -> frozenset[str]:
    match data.get("tags"):
        case None:
            return frozenset()
        case [*tags] if all(isinstance(tag, str) for tag in tags):
            return frozenset(tags)
        case _:
            raise ValueError('has "tags" that are no list of texts')


def _path_for(language: str) -> str:
    """Return a path that says the language, for a case without one."""
    known = language_named(language) if language else None
    return f"file{known.suffixes[0]}" if known and known.suffixes else "file"
