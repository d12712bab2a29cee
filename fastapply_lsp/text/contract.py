r"""What of a file's bytes must survive an edit? Encoding, byte-order mark, line ends, final newline.

The contract: bytes that decode come back bit for bit where the text did not change, and a rewrite
takes on the original's line ends (``LineEnds``) before it is compared with anything.
"""

from __future__ import annotations

import codecs
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from fastapply_lsp.text.lines import has_line_end, line_end, split_lines, without_line_end

if TYPE_CHECKING:
    from collections.abc import Sequence


class FileEncoding(StrEnum):
    """The encodings that we read; UTF-16 only with its byte-order mark."""

    UTF8 = "utf-8"
    UTF16_LE = "utf-16-le"
    UTF16_BE = "utf-16-be"


_MARKS = (
    (codecs.BOM_UTF8, FileEncoding.UTF8),
    (codecs.BOM_UTF16_LE, FileEncoding.UTF16_LE),
    (codecs.BOM_UTF16_BE, FileEncoding.UTF16_BE),
)
BOM = "\ufeff"


class NotDecodable(ValueError):
    """The bytes are no text that we can give back bit for bit; ``problem`` says why."""

    def __init__(self, problem: str) -> None:
        self.problem = problem
        super().__init__(problem)


@dataclass(frozen=True, slots=True)
class FileText:
    """A file's text (without its mark) and how its bytes spell it.

    Law: ``decode(data).encode(decode(data).text) == data``.
    """

    text: str
    encoding: FileEncoding = FileEncoding.UTF8
    bom: bytes = b""

    def encode(self, new_text: str) -> bytes:
        """Return ``new_text`` as this file's bytes, mark included.

        Raises:
            NotDecodable: it holds half a surrogate pair, which no file can spell.
        """
        try:
            return self.bom + new_text.encode(self.encoding)
        except UnicodeEncodeError as error:
            problem = f"half a surrogate pair at character {error.start}"
            raise NotDecodable(problem) from error


def decode(data: bytes) -> FileText:
    r"""Read a file's bytes.

    Raises:
        NotDecodable: not UTF-8, nor UTF-16 with a mark; or a NUL character, as binary files have.

    >>> decode(b"\xef\xbb\xbfa\r\n")
    FileText(text='a\r\n', encoding=<FileEncoding.UTF8: 'utf-8'>, bom=b'\xef\xbb\xbf')
    """
    bom, encoding = next(
        ((mark, name) for mark, name in _MARKS if data.startswith(mark)),
        (b"", FileEncoding.UTF8),
    )
    try:
        text = data[len(bom) :].decode(encoding)
    except UnicodeDecodeError as error:
        problem = f"byte {len(bom) + error.start} is not {encoding.value}"
        raise NotDecodable(problem) from error
    if "\0" in text:
        problem = f"it is binary (NUL at character {text.index(chr(0))})"
        raise NotDecodable(problem)
    return FileText(text, encoding, bom)


def dominant_line_end(text: str | Sequence[str]) -> str:
    r"""Return the most frequent line end of a text or of its lines.

    Of equally frequent ones the first to occur; ``"\n"`` where there is none.

    >>> dominant_line_end("a\r\nb\r\nc\n"), dominant_line_end("a")
    ('\r\n', '\n')
    """
    whole = text if isinstance(text, str) else "".join(text)
    counts = _end_counts(whole)
    most = max(counts.values())
    likeliest = [end for end, count in counts.items() if count == most]
    if not most:
        return "\n"
    if len(likeliest) == 1:
        return likeliest[0]
    return next(end for end in map(line_end, split_lines(whole)) if end in likeliest)


def has_final_newline(text: str) -> bool:
    """Whether the last line is ended; the empty text has no line, so no."""
    return has_line_end(text)


def fit_line_ends(new_text: str, original_text: str) -> str:
    r"""Give a rewrite the original's line ends; ``LineEnds`` says the rule.

    >>> fit_line_ends("a\nnew\nb\n", "a\r\nb\r\n")
    'a\r\nnew\r\nb\r\n'
    """
    ends = LineEnds(split_lines(original_text))
    return "".join([*ends.push(split_lines(new_text)), *ends.finish()])


def _end_counts(text: str) -> dict[str, int]:
    both = text.count("\r\n")
    return {"\n": text.count("\n") - both, "\r\n": both, "\r": text.count("\r") - both}


class LineEnds:
    r"""Gives the lines of a rewrite the original's line ends, line by line.

    The rule, in this order:

    1. The last line of the rewrite has an end if and only if the original's last line has one;
       which one, rules 2 and 3 say. (An empty original says nothing: the rewrite stays as it is.)
    2. A line whose content (all but its end) is in the original takes the end that it has there.
       Where the original has the content several times, the n-th one of the rewrite takes the
       end of the n-th one there, and further ones that of the last.
    3. Any other line, and one whose place in the original has no end, takes the original's
       dominant end.
    4. An empty line that would take ``\n`` after a line with ``\r`` takes ``\r``, since the two
       would become one line end.

    Rule 1 takes one end at most: of ``a\n\n`` stays ``a\n`` where the original has no final
    newline.

    Laws: the original, written with any one line end, becomes the original; contents never change.
    """

    __slots__ = ("_after_cr", "_dominant", "_ends", "_final", "_held", "_is_empty", "_is_plain")

    def __init__(self, original: Sequence[str]) -> None:
        self._is_empty = not original
        whole = "".join(original)
        self._dominant = dominant_line_end(whole)
        self._final = bool(original) and has_line_end(original[-1])
        mixed = sum(count > 0 for count in _end_counts(whole).values()) > 1
        # Only in a mixed file does it matter which line it is; reversed, for pop() from the end.
        self._ends: dict[str, list[str]] = {}
        if mixed:
            for line in reversed(original):
                self._ends.setdefault(without_line_end(line), []).append(line_end(line))
        # Nearly every file: then there is nothing to do as long as no line has another end.
        self._is_plain = self._final and not mixed and self._dominant == "\n"
        self._held: str | None = None
        self._after_cr = False

    def push(self, lines: list[str]) -> list[str]:
        """Return the lines that are sure by now; at most one is held, since it may be the last."""
        if self._is_empty or not lines:
            return lines
        if self._is_plain and lines[-1].endswith("\n") and "\r" not in "".join(lines):
            return lines
        if self._held is not None:
            lines = [self._held, *lines]
            self._held = None
        last = lines[-1]
        if not (self._final and has_line_end(last)):
            # It may be the last one: whether it has an end is the original's affair.
            self._held = last
            lines = lines[:-1]
        return [self._fitted(line) for line in lines]

    def finish(self) -> list[str]:
        """Return the held line, as the rewrite's last."""
        if self._held is None:
            return []
        held, self._held = self._held, None
        fitted = self._fitted(held)
        return [fitted if self._final else without_line_end(fitted)]

    def _fitted(self, line: str) -> str:
        content = without_line_end(line)
        end = self._dominant
        ends = self._ends.get(content)
        if ends:
            end = (ends.pop() if len(ends) > 1 else ends[0]) or end
        if self._after_cr and not content and end == "\n":
            end = "\r"
        self._after_cr = end == "\r"
        return content + end
