r"""What is a line? Text up to and with ``\n``, ``\r\n`` or ``\r``, and nothing else.

``str.splitlines`` also cuts at form feed, U+0085, U+2028 and others; editors that speak LSP do
not, so one such character would shift every later line.
"""

from __future__ import annotations

import io
from itertools import accumulate


def split_lines(text: str) -> list[str]:
    r"""Split ``text`` into lines that keep their ends.

    Laws: joined, the lines are ``text``; only the last one may lack an end; no line is empty, so
    the empty text has no lines.

    >>> split_lines("a\r\nb\rc\x0c\u2028d\n\n")
    ['a\r\n', 'b\r', 'c\x0c\u2028d\n', '\n']
    """
    lines = text.splitlines(keepends=True)
    # It cuts at all our ends and at more; so it did right if it made as many lines as we have.
    count = text.count("\n")
    if "\r" in text:
        count += text.count("\r") - text.count("\r\n")
    if len(lines) == count + (text[-1:] not in "\r\n"):
        return lines
    return list(io.StringIO(text, newline=""))


def line_starts(text: str) -> list[int]:
    r"""Return the offset (code points) at which each line starts, as an editor counts lines.

    An editor shows one more, empty line after a final line end, and one line for the empty text:
    so the list is never empty, and has one entry more than ``split_lines`` where the last line
    has an end.

    >>> line_starts("a\r\nbc\n"), line_starts("a"), line_starts("")
    ([0, 3, 6], [0], [0])
    """
    lines = split_lines(text)
    starts = list(accumulate(map(len, lines), initial=0))
    if lines and not has_line_end(lines[-1]):
        starts.pop()
    return starts


def line_end(line: str) -> str:
    r"""Return the end of one line: ``"\r\n"``, ``"\n"``, ``"\r"`` or ``""``.

    >>> [line_end(line) for line in ("a\r\n", "b\n", "c\r", "d")]
    ['\r\n', '\n', '\r', '']
    """
    if line.endswith("\n"):
        return "\r\n" if line.endswith("\r\n") else "\n"
    return "\r" if line.endswith("\r") else ""


def without_line_end(line: str) -> str:
    r"""Return one line's content.

    >>> without_line_end("a \r\n")
    'a '
    """
    end = line_end(line)
    return line[: -len(end)] if end else line


def has_line_end(line: str) -> bool:
    """Whether the line is a whole one."""
    return line.endswith(("\n", "\r"))


def indent_of(line: str) -> str:
    r"""Return the white space before a line's first character; a blank line has no indentation.

    So a blank line, whatever white space it holds, is no line of a block and tells of no habit.

    >>> indent_of("\t  a b\n"), indent_of("   \n"), indent_of("")
    ('\t  ', '', '')
    """
    content = line.lstrip()
    return line[: len(line) - len(content)] if content else ""
