"""Which language is a text in whose name nobody knows?

A grammar knows its language's keywords, and a keyword that opens a line is hard to mistake. So the
words that open the lines say which few languages come into question, and of those the one whose
parser stumbles least is it. Formats without keywords (data, style sheets, markup) are known by
their beginning or by the shape of their lines; the parser has a say there, too.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from fastapply_lsp.syntax.languages import LANGUAGES, language_named, language_of
from fastapply_lsp.syntax.tree import grammar_of, parse

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fastapply_lsp.syntax.languages import Language

_READ_MOST = 10_000
"""Characters that are looked at: some hundred lines say enough."""
_TRIED_MOST = 6
"""Languages whose parser is asked. The right one takes milliseconds, a wrong one ten times that."""
_WRONG_MOST = 0.2
"""Share of a text that a parser may not make out; more, and it is another language."""
_ERROR_WEIGHT = 30.0
"""So much more than the words that open its lines counts what of a text does not parse."""
_SAME = 0.05
"""Merits that differ by less leave the choice to the language with fewer keywords."""
_MUCH = 8.0
"""The score of a few words that only one language has; less than that is no certainty."""
_HINTED, _SHAPED, _BEGUN = 0.5, 0.9, 1.5

_OPENING = re.compile(r"^[ \t]*(?:[}\])]+[ \t]*)?([#@]?[A-Za-z_]\w*)\b", re.MULTILINE)
_COMMENT = re.compile(r"^[ \t]*(?://|/\*|\*(?:[ \t/]|$)|--[ \t]|#(?![a-z]+\b)).*$", re.MULTILINE)
_SPACE = re.compile(rb"\s+")
_BRACKET = re.compile(r"[(){}\[\]]")
_CLOSING = {"(": ")", "{": "}", "[": "]"}
_QUOTED = re.compile(r"\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])*'")
_PARTS = re.compile(r"^`{3,}[\w +.-]*$|^[ \t]*\n#{2,6} \S.*\n[ \t]*$", re.MULTILINE)
"""What parts a Markdown document: fences, or headings with air around them."""
_HEADING = re.compile(r"^#{1,6} \S", re.MULTILINE)
_KEYWORD = re.compile(r"[#@]?[a-z][a-z_]+")
_NEEDS = {
    "php": re.compile(r"<\?"),
    "kotlin": re.compile(r"\bfun[ <]|\bval \w+ ?[:=]|\b(?:plugins|dependencies) \{"),
    "scala": re.compile(r"\b(?:def|object|trait|val)\b"),
    "swift": re.compile(r"\b(?:func|let)\b"),
}
"""What no text in these languages goes without; their parsers stumble over little."""

_BEGINNINGS = {
    "php": re.compile(r"\s*(?:<[^?][^>]*>\s*)*<\?(?:php\b|=)", re.IGNORECASE),
    "html": re.compile(r"\s*(?:<!--.*-->\s*)?<(?:!doctype html|html|head|body)\b", re.IGNORECASE),
    "json": re.compile(r"\s*[{\[]\s*(?:[\"{\[\]}\d-]|true|false|null|$)"),
}
"""What a file begins with that can be hardly anything else."""


@dataclass(frozen=True, slots=True)
class _Shape:
    """How lines of a format look, and the share of a file's lines that must look so."""

    line: re.Pattern[str]
    share: float


_SHAPES = {
    "toml": _Shape(
        re.compile(r"\[{1,2}[\w.\"'-]+\]{1,2}[ \t]*(?:#.*)?$|[\w.\"'-]+[ \t]*=[ \t]*\S"), 0.5
    ),
    "yaml": _Shape(
        re.compile(
            r"[ \t]*(?:- )*(?:[\w./\"'$-][\w ./\"'$-]*:(?:[ \t].*[^,;{(\s])?[ \t]*$|- \S)|---"
        ),
        0.5,
    ),
    "html": _Shape(re.compile(r"[ \t]*</?[a-z][\w-]*[ />]"), 0.5),
    "scss": _Shape(re.compile(r"[ \t]*(?:\$[\w-]+:|@(?:include|mixin|extend|if)\b|&)"), 0.05),
    "css": _Shape(
        re.compile(r"[ \t]*(?:-{0,2}[a-z][\w-]*[ \t]*:[^{}]*;|[^;=()]*\{|\})[ \t]*$"), 0.7
    ),
}


def detected(text: str, *, hints: Sequence[str] = ()) -> Language | None:
    r"""Return the language that a text is written in, or ``None`` where that cannot be told.

    Args:
        text: a file, or a part of one that is cut at whole definitions.
        hints: words that may name a language, such as those of a prompt; one is believed where
            the text may be in it.

    >>> [language.id if (language := detected(text)) else None for text in (
    ...     "import os\n\ndef f(x):\n    return x\n", "package a\n\nfunc f() int { return 1 }\n",
    ...     "#!/bin/sh\nls\n", "a: 1\nb:\n  - c\n", "Hello, how are you?\n")]
    ['python', 'go', 'bash', 'yaml', None]
    """
    if known := language_of("", text):
        return known  # its first line says so
    sample = _sample(text)
    merits = _merits(sample)
    for hint in hints:
        if (named := language_named(hint)) in merits:
            merits[named] += _HINTED
    held: dict[Language, float] = {}
    for one in sorted(merits, key=lambda one: -merits[one])[:_TRIED_MOST]:
        if merits[one] < max(held.values(), default=0.0) - _SAME:
            break  # the parser can only make it worse
        wrong = _stumbling(sample, one)
        if wrong <= _WRONG_MOST:
            held[one] = merits[one] - _ERROR_WEIGHT * wrong
    top = max(held.values(), default=0.0)
    same = [one for one, merit in held.items() if merit >= top - _SAME]
    if not same and _HEADING.search(sample):
        return language_named("markdown")
    return min(same, key=lambda one: len(_keywords(one)), default=None)


def _merits(sample: str) -> dict[Language, float]:
    """Return how likely each language is by the look of a text, 1 for what is hardly another."""
    scores = _scores(sample)
    best = max(_MUCH, *scores.values(), 0.0)
    merits = {one: score / best for one, score in scores.items()}
    lines = [line for line in _COMMENT.sub("", sample).splitlines() if line.strip()]
    for language in LANGUAGES:
        begins = _BEGINNINGS.get(language.id)
        shape = _SHAPES.get(language.id)
        if begins is not None and begins.match(sample):
            merits[language] = _BEGUN
        elif language.id == "markdown" and _PARTS.search(sample):
            merits[language] = _SHAPED
        elif shape is not None and lines:
            alike = sum(1 for line in lines if shape.line.match(line)) / len(lines)
            if alike >= shape.share:
                merits[language] = max(_SHAPED, merits.get(language, 0.0))
    return merits


def _sample(text: str) -> str:
    """Return the text, or its beginning up to a blank line, with the brackets closed again."""
    if len(text) <= _READ_MOST:
        return text
    start = text[: text.rfind("\n", 0, _READ_MOST) + 1]
    for blank in re.finditer(r"\n[ \t\r]*\n", start):
        start = text[: blank.end()] if blank.end() > _READ_MOST // 2 else start
    waiting: list[str] = []
    for bracket in _BRACKET.findall(_QUOTED.sub("", _COMMENT.sub("", start))):
        if bracket in _CLOSING:
            waiting.append(_CLOSING[bracket])
        elif waiting and waiting[-1] == bracket:
            waiting.pop()
    return "\n".join((start, *reversed(waiting), ""))


def _scores(sample: str) -> dict[Language, float]:
    """Return what the words that open lines say for each language; rare keywords say more."""
    code = _COMMENT.sub("", sample)
    scores = {
        one: 0.0
        for one in LANGUAGES
        if _keywords(one) and (one.id not in _NEEDS or _NEEDS[one.id].search(code))
    }
    for word in set(_OPENING.findall(code)):
        those = [one for one in scores if word in _keywords(one)]
        for one in those:
            scores[one] += math.log(1 + len(scores) / len(those))
    return {one: score for one, score in scores.items() if score}


def _stumbling(sample: str, language: Language) -> float:
    """Return the share of a text that the parser could not put into anything whole.

    A torn bracket may make one error of the whole text, in which all but the bracket is well.
    """
    tree = parse(sample, language)
    if tree is None:
        return 1.0  # given up, or never learnt
    lost = 0
    waiting = [tree.root] if tree.root.has_error else []
    while waiting:
        node = waiting.pop()
        for child in node.children:
            if child.has_error:
                waiting.append(child)
            elif node.is_error and not child.child_count:
                lost += child.end_byte - child.start_byte
        if node.is_error and not node.child_count:
            lost += node.end_byte - node.start_byte
    return lost / max(1, len(_SPACE.sub(b"", tree.source)))


@cache
def _keywords(language: Language) -> frozenset[str]:
    """Return the words that a grammar knows as such."""
    grammar = grammar_of(language)
    if grammar is None:
        return frozenset()
    kinds = range(grammar.node_kind_count)
    names = (
        grammar.node_kind_for_id(kind) or ""
        for kind in kinds
        if not grammar.node_kind_is_named(kind)
    )
    return frozenset(name for name in names if _KEYWORD.fullmatch(name))
