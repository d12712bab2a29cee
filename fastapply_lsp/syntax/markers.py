"""Is this line a marker? ``... existing code ...`` and what models write in its place.

A marker stands for code that its author left out. Two things make one: where it stands (a comment
of any style, a docstring, or bare) and what it says (dots, a usual wording, or both). Neither
alone is enough to be sure, so every marker has a certainty, and ordinary comments are none:
``# rest of the arguments are passed on`` says too much, ``pass  # ...`` is told from ``...`` in a
Python stub by the lines around it.

Columns are code points from the start of the line; line numbers are 0-based.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from enum import IntEnum, StrEnum
from functools import cache
from typing import TYPE_CHECKING

from fastapply_lsp.syntax.surroundings import STATEMENT_DOTS, Standing, Surroundings
from fastapply_lsp.syntax.wordings import Wording, read_wording
from fastapply_lsp.text.lines import indent_of, split_lines, without_line_end

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fastapply_lsp.syntax.languages import Language


class Certainty(IntEnum):
    """How sure it is that a line is a marker; ordered.

    ``EXPLICIT``: dots and a usual wording, or a wording that says nothing else. ``LIKELY``: a
    comment of nothing but dots, dots around other words, or a usual wording alone. ``WEAK``: only
    its surroundings can tell, as with a bare ``...`` in Python.
    """

    WEAK = 1
    LIKELY = 2
    EXPLICIT = 3


class MarkerKind(StrEnum):
    """What a marker says of the code that it stands for."""

    ELISION = "elision"
    REMOVAL = "removal"


@dataclass(frozen=True, slots=True)
class Marker:
    """One marker: columns ``start`` to ``end`` of line ``line``, its delimiters included.

    ``wording`` is what it says, without delimiters and dots; empty for dots alone. ``alone`` says
    that it fills its line; else it is inline, as in ``f(a, /* ... */)``. ``commented`` is false
    for a bare one.
    """

    line: int
    start: int
    end: int
    kind: MarkerKind
    certainty: Certainty
    wording: str
    alone: bool
    commented: bool


_CERTAINTY = {
    Wording.ELISION: Certainty.EXPLICIT,
    Wording.DOTS: Certainty.LIKELY,
    Wording.LIKELY_ELISION: Certainty.LIKELY,
    Wording.WEAK_ELISION: Certainty.WEAK,
    Wording.REMOVAL: Certainty.LIKELY,
    Wording.WEAK_REMOVAL: Certainty.WEAK,
}
_BARE_DOTS = {
    Standing.STATEMENT: None,
    Standing.IN_TEXT: Certainty.WEAK,
    Standing.AMONG_CODE: Certainty.LIKELY,
}
_REMOVALS = {Wording.REMOVAL, Wording.WEAK_REMOVAL}

_COMMENT_STYLES = (
    (r"\{\s*/\*+", r"\*+/\s*\}"),
    (r"/\*+", r"\*+/"),
    (r"<!--+", r"--+>"),
    (r"\{#", r"#\}"),
    (r"<%#?--?", r"--?%>"),
    (r"--\[=*\[", r"\]=*\]"),
    (r"\{-+", r"-+\}"),
    (r"\(\*+", r"\*+\)"),
    (r"<#", r"#>"),
    (r'"""', r'"""'),
    (r"'''", r"'''"),
    (r"//+!?", ""),
    (r"#+!?(?![\[!])", ""),
    (r"--+(?!>)", ""),
    (r";+", ""),
    (r"%+", ""),
    (r"(?i:REM\b)", ""),
)
_DOT_FORMS = ("...", "\u2026", ". . .", "\u22ee", "\u22ef")
_OPENERS = (
    *("//", "#", "--", ";", "%", "/*", "{/*", "<!--", "<%", "<#", "{#", "{-", "(*"),
    *('"""', "'''", "REM ", "rem "),
)
_BARE = re.compile(r"\s*(?P<inner>.*?)\s*$")
_BRACKETED = re.compile(r"\s*[\[<{(]\s*(?P<inner>(?:\.{3}|…).*?)[\]>})]\s*$")
_INLINE = re.compile(r"\{\s*/\*(.*?)\*/\s*\}|/\*(.*?)\*/|<!--(.*?)-->|\{-(.*?)-\}|\(\*(.*?)\*\)")
_BRACED_DOTS = re.compile(r"\{\s*(?:\.{3}|…)\s*\}")
_DOTS = re.compile(r"\.{3,}|(?:\. ){2}\.|[…⋮⋯]")
_COMMENT = re.compile(r"\s*(?P<opening>//+!?|#+!?|--+|;+|%+|\*(?!/))(?:\s|$)")
_HINT = re.compile(
    r"\.\.|…|exist|rest|remain|unchang|same|omit|keep|kept|other|snip|before|remov|delet|elided"
    r"|trunc|skip|previous|original|as[ -]is|chang|etc|continu",
    re.IGNORECASE,
)
_LONGEST = 160
"""No marker is longer than this, in characters; it bounds the patterns above."""


def is_marker(line: str, language: Language | None = None) -> Marker | None:
    """Return the marker that fills ``line``, or ``None``; its ``line`` is 0.

    Every comment style is read in every language, since models mix them up; a comment of nothing
    but dots counts only in a style of the language (of any, where it is unknown).

    >>> marker = is_marker("    // ... existing code ...")
    >>> marker.certainty.name, marker.wording, marker.start
    ('EXPLICIT', 'existing code', 4)
    >>> is_marker("# rest of the arguments are passed on") is None
    True
    """
    content = without_line_end(line)
    if len(content) > _LONGEST or not _may_hold_marker(content):
        return None
    for pattern in _whole_comments():
        if (match := pattern.match(content)) and (wording := read_wording(match["inner"])):
            if wording.kind is Wording.DOTS and not _owns(language, content.strip()):
                return None
            return _marker(content, wording.kind, wording.words, commented=True)
        if match:
            return None
    return _bare(content, language)


def inline_markers(line: str, language: Language | None = None) -> tuple[Marker, ...]:
    """Return the markers inside a line that also holds code, from left to right.

    Block comments anywhere, a line comment at the end, and braces around nothing but dots.

    >>> [(m.start, m.end) for m in inline_markers("f(a, /* ... */ b, /* ... rest */)")]
    [(5, 14), (18, 32)]
    """
    content = without_line_end(line)
    if not _may_hold_marker(content) or len(content) > _LONGEST * 4:
        return ()
    found: list[Marker] = []
    for match in _INLINE.finditer(content):
        inner = "".join(match.groups(""))
        wording = read_wording(inner)
        if wording and wording.kind in {Wording.DOTS, Wording.ELISION}:
            found.append(_inline(match, wording.kind, wording.words))
    if (language is None or language.id not in STATEMENT_DOTS) and not _COMMENT.match(content):
        found += [_inline(m, Wording.DOTS, "") for m in _BRACED_DOTS.finditer(content)]
    found += _trailing(content, language)
    return tuple(sorted(found, key=lambda marker: marker.start))


def markers_in(text: str | Sequence[str], language: Language | None = None) -> tuple[Marker, ...]:
    r"""Return every marker of a text (or of its lines), in order.

    Unlike ``is_marker`` this sees the lines around: a bare ``...`` that is all of a Python body is
    a stub and no marker, one with neighbours of its own indentation is ``LIKELY``; a ``...`` that
    ends a YAML document is none.

    >>> from fastapply_lsp.syntax.languages import language_named
    >>> code = "def f(): # stub\n    ...\n\ndef g():\n    a()\n    ...\n    return b\n"
    >>> [(m.line, m.certainty.name) for m in markers_in(code, language_named("python"))]
    [(5, 'LIKELY')]
    """
    lines = split_lines(text) if isinstance(text, str) else text
    found: list[Marker] = []
    surroundings = Surroundings(lines, language)
    for number, line in enumerate(lines):
        if not _may_hold_marker(line):
            continue
        marker = is_marker(line, language)
        if marker is None:
            found += [replace(m, line=number) for m in inline_markers(line, language)]
        elif marker.commented or marker.wording:
            certainty = marker.certainty
            if certainty is Certainty.LIKELY and _continues_comment(lines, number, language):
                certainty = Certainty.WEAK
            found.append(replace(marker, line=number, certainty=certainty))
        elif (sure := _BARE_DOTS[surroundings.of_dots(number)]) is not None:
            found.append(replace(marker, line=number, certainty=sure))
    return tuple(found)


def _may_hold_marker(line: str) -> bool:
    """Whether a closer look is worth it: the cheapest tests first, for most lines are code."""
    if not any(dots in line for dots in _DOT_FORMS):
        if not line.lstrip().startswith(_OPENERS) and "/*" not in line:
            return False
        return _HINT.search(line) is not None
    return True


@cache
def _whole_comments() -> tuple[re.Pattern[str], ...]:
    """Compile the comment styles when the first line is read; the first that fits counts."""
    return tuple(
        re.compile(rf"\s*{opening}(?P<inner>.*?){closing}\s*$")
        for opening, closing in _COMMENT_STYLES
    )


def _marker(content: str, wording: Wording, words: str, *, commented: bool) -> Marker:
    return Marker(
        line=0,
        start=len(indent_of(content)),
        end=len(content.rstrip()),
        kind=MarkerKind.REMOVAL if wording in _REMOVALS else MarkerKind.ELISION,
        certainty=_CERTAINTY[wording],
        wording=words,
        alone=True,
        commented=commented,
    )


def _inline(match: re.Match[str], wording: Wording, words: str) -> Marker:
    return Marker(
        line=0,
        start=match.start(),
        end=match.end(),
        kind=MarkerKind.ELISION,
        certainty=_CERTAINTY[wording],
        wording=words,
        alone=False,
        commented=True,
    )


def _bare(content: str, language: Language | None) -> Marker | None:
    """Read a marker that stands in no comment: dots alone, or dots on both sides of a wording."""
    match = _BRACKETED.match(content) or _BARE.match(content)
    if match is None:
        return None
    inner = match["inner"].strip()
    wording = read_wording(inner) if _DOTS.match(inner) else None
    if wording is None:
        return None
    if wording.kind is Wording.DOTS:
        if match.re is _BRACKETED:
            return None
        marker = _marker(content, wording.kind, "", commented=False)
        stub = language is not None and language.id in STATEMENT_DOTS
        return replace(marker, certainty=Certainty.WEAK) if stub else marker
    dotted = len(_DOTS.findall(inner)) > 1 and _DOTS.match(inner)
    if wording.kind is Wording.ELISION and dotted:
        return _marker(content, wording.kind, wording.words, commented=False)
    return None


def _trailing(content: str, language: Language | None) -> list[Marker]:
    """Read a line comment after code; it needs dots, for words alone describe that code."""
    tokens = language.line_comments if language is not None else ("//", "#")
    for token in tokens:
        at = content.find(token + " ")
        before = content[:at].rstrip() if at > 0 else ""
        if not before or before.endswith((":", '"', "'")):
            continue
        inner = content[at + len(token) :].strip()
        wording = read_wording(inner) if _DOTS.match(inner) else None
        if wording and wording.kind in {Wording.DOTS, Wording.ELISION}:
            certainty = _CERTAINTY[wording.kind]
            return [
                Marker(
                    line=0,
                    start=at,
                    end=len(content.rstrip()),
                    kind=MarkerKind.ELISION,
                    certainty=certainty,
                    wording=wording.words,
                    alone=False,
                    commented=True,
                )
            ]
    return []


def _owns(language: Language | None, comment: str) -> bool:
    """Whether the comment is written in a style of the language."""
    if language is None:
        return True
    openings = (
        *language.line_comments,
        *(delimiters.opening for delimiters in language.block_comments),
    )
    return comment.startswith(openings) or (
        comment.startswith("{/*") and language.id in {"typescript", "javascript", "vue"}
    )


def _continues_comment(lines: Sequence[str], number: int, language: Language | None) -> bool:
    """Whether the line above is prose in a line comment of the same style, which goes on here."""
    here = _COMMENT.match(lines[number])
    above = _COMMENT.match(lines[number - 1]) if number else None
    if here is None or above is None or here["opening"] != above["opening"]:
        return False
    return is_marker(lines[number - 1], language) is None
