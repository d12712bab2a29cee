"""New lines are indented as the file is."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fastapply_lsp.guard.model import FaultKind
from fastapply_lsp.guard.verdict import verdict
from fastapply_lsp.syntax.languages import language_of
from fastapply_lsp.text.replacement import Replacement, Span
from tests.guard.merges import placed

SPACED = """\
def first(a):
    if a:
        return a + 1
    return 0


def second(b):
    return b
"""
NEW = "    if not b:\n        return first(b)\n"
WANTED = SPACED.replace("    return b\n", f"{NEW}    return b\n")


def tabbed(text: str, width: int = 4) -> str:
    return text.replace(" " * width, "\t")


@pytest.mark.parametrize("known", [True, False])
def test_tabs_become_the_spaces_of_the_file(known: bool) -> None:  # noqa: FBT001 - both are tried
    merge = placed(SPACED, (Replacement(7, 7, tuple(NEW.splitlines(keepends=True))),), unsure=True)
    found = verdict(
        SPACED, WANTED.replace(NEW, tabbed(NEW)), merge=merge if known else None, language=None
    )
    assert found.text == WANTED
    assert [repair.kind for repair in found.repairs] == [FaultKind.WHITESPACE]
    assert found.faults == ()


@pytest.mark.parametrize("width", [2, 4, 8])
def test_spaces_become_the_tabs_of_the_file(width: int) -> None:
    original, wanted = tabbed(SPACED), tabbed(WANTED)
    spaced = wanted.replace(tabbed(NEW), tabbed(NEW).replace("\t", " " * width))
    found = verdict(original, spaced, merge=None, language=None)
    assert found.text == wanted


def test_the_whole_file_in_tabs_comes_back_where_the_place_is_known() -> None:
    merge = placed(
        SPACED,
        (Replacement(7, 7, tuple(NEW.splitlines(keepends=True))),),
        unsure=True,
        also=(Span(6, 8),),
    )
    found = verdict(SPACED, tabbed(WANTED), merge=merge, language=None)
    assert found.text == WANTED
    assert found.accepted


def test_what_the_edit_shows_with_tabs_stays() -> None:
    rewrite = WANTED.replace(NEW, tabbed(NEW))
    assert verdict(SPACED, rewrite, merge=None, language=None, edit=tabbed(NEW)).text == rewrite


def test_a_file_that_is_to_be_indented_anew_stays_so() -> None:
    rewrite = tabbed(SPACED)
    assert verdict(SPACED, rewrite, merge=None, language=None).text == rewrite


def test_a_file_of_both_kinds_has_no_habit() -> None:
    original = SPACED + "\n\ndef third():\n\treturn 3\n"
    rewrite = original + "\n\ndef fourth():\n\treturn 4\n"
    assert verdict(original, rewrite, merge=None, language=None).text == rewrite


def test_tabs_in_a_string_are_text() -> None:
    rewrite = SPACED + '\n\nTABLE = """\n\ta\n\tb\n"""\n'
    found = verdict(SPACED, rewrite, merge=None, language=language_of("a.py", SPACED))
    assert found.text == rewrite


@given(st.text(alphabet="ab \t\n", max_size=80), st.text(alphabet="ab \t\n", max_size=80))
def test_only_indentation_changes(original: str, rewrite: str) -> None:
    found = verdict(original, rewrite, merge=None, language=None)
    if any(repair.kind is FaultKind.WHITESPACE for repair in found.repairs):
        assert found.text.split() == rewrite.split()
