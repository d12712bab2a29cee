"""Definitions near some lines are those of the whole file that are written in these lines."""

from __future__ import annotations

from collections.abc import Iterable
from random import Random

import pytest

from fastapply_lsp.syntax.definitions import Definition, definitions
from fastapply_lsp.syntax.languages import Language, language_named, language_of
from fastapply_lsp.text.lines import split_lines
from fastapply_lsp.text.replacement import Span
from tests.cases import cases, needs_cases

SOURCE = """\
class A:
    # why
    @b
    def f(self):
        pass

    x = 1


class B:
    def f(self): pass

def g(): pass
"""


def keys(found: Iterable[Definition]) -> set[tuple[str, Span, str]]:
    return {(one.qualified, one.whole, one.signature) for one in each_of(found)}


def each_of(found: Iterable[Definition]) -> list[Definition]:
    return [one for outer in found for one in outer.walk()]


def compare(text: str, language: Language | None, span: Span) -> None:
    """Each is the same, and those whose name stands in the lines are there."""
    lines = split_lines(text)
    whole = definitions(text, language)
    near = keys(definitions(text, language, span))
    assert near <= keys(whole)
    named = [
        one
        for one in each_of(whole)
        if any(one.name in lines[at] for at in range(one.span.start, one.span.end))
        and span.start
        <= next(at for at in range(one.span.start, one.span.end) if one.name in lines[at])
        < span.end
    ]
    assert {(one.qualified, one.whole, one.signature) for one in named} <= near


@pytest.mark.parametrize("start", range(13))
def test_those_of_a_class_know_their_class(start: int) -> None:
    for end in range(start + 1, 14):
        compare(SOURCE, language_named("python"), Span(start, end))


@needs_cases
def test_those_of_real_files() -> None:
    dice = Random(7)
    for case in cases("apply-dev")[::5]:
        language = language_of(case["path"], case["original"])
        for _ in range(5):
            start = dice.randrange(case["n_lines"])
            compare(case["original"], language, Span(start, start + dice.randint(1, 30)))
