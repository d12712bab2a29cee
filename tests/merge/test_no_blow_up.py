"""Repeated lines, in files of N, 2 N and 4 N lines: no form takes quadratically many steps.

Steps are counted, not timed. What is done inside one call of a built-in is not counted; such calls
compare slices and join texts, and the rows of the longest common subsequence are big integers.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pytest

from fastapply_lsp.guard.verdict import verdict
from fastapply_lsp.merge import merge
from fastapply_lsp.request.model import EditFile
from fastapply_lsp.syntax.languages import language_of
from fastapply_lsp.text.align import diff_lines
from tests.merge.steps import growth

SIZES = (200, 400, 800)
GROWTH_MAX = 1.5
"""By how much more the steps grow than the file: n log n makes it 1.1, n squared 2. Between them lies
what has a limit that the smallest file does not reach yet."""

REPEATED = {
    "statements": ("x = 1\n",),
    "brackets": ("}\n",),
    "blank lines": ("\n",),
    "two lines in turn": ("    value = next(rows)\n", "\n"),
    "functions of one name": ("def f():\n", "    return 1\n", "\n"),
    "a long list": ('    "name": 1,\n', '    "size": 2,\n'),
    "stairs": ("if a:\n", "    if b:\n", "        if c:\n", "            d()\n"),
}


def file_of(lines: tuple[str, ...], size: int) -> str:
    return "".join(lines[at % len(lines)] for at in range(size))


def lazy(old: str, part: str) -> str:
    return f"# ... existing code ...\n{part}fresh = 2\n{part}# ... existing code ...\n"


def many_parts(old: str, part: str) -> str:
    few = "".join(part.splitlines(keepends=True)[:6])
    parts = f"{few}fresh = 2\n# ... existing code ...\n" * (old.count("\n") // 40)
    return f"# ... existing code ...\n{parts}"


def definitions(old: str, part: str) -> str:
    return "def f():\n    return 2\n"


def whole(old: str, part: str) -> str:
    half = len(old) // 2
    return f"{old[:half]}\nfresh = 2\n{old[half:]}"


def diff(old: str, part: str) -> str:
    rows = "".join(f" {line}\n" for line in part.splitlines())
    return f"--- a/x.py\n+++ b/x.py\n@@ -9,3 +9,4 @@\n{rows}+fresh = 2\n{rows}"


def hunks(old: str, part: str) -> str:
    return "--- a/x.py\n+++ b/x.py\n" + "".join(
        f"@@\n {line}\n-gone = 1\n+fresh = 2\n" for line in part.splitlines() * 3
    )


def blocks(old: str, part: str) -> str:
    return f"<<<<<<< SEARCH\n{part}=======\n{part}fresh = 2\n>>>>>>> REPLACE\n"


FORMS: dict[str, Callable[[str, str], str]] = {
    "lazy": lazy,
    "lazy with many parts": many_parts,
    "definitions": definitions,
    "whole file": whole,
    "diff": diff,
    "many hunks": hunks,
    "search/replace": blocks,
}
SHARES = {"a few lines": 0, "a quarter of the file": 4}


def merging(form: str, lines: tuple[str, ...], share: int, size: int) -> Callable[[], object]:
    old = file_of(lines, size)
    part = file_of(lines, size // share if share else 6)
    return partial(merge, old, EditFile("x.py", "", FORMS[form](old, part)))


@pytest.mark.parametrize("share", SHARES.values(), ids=SHARES)
@pytest.mark.parametrize("lines", REPEATED.values(), ids=REPEATED)
@pytest.mark.parametrize("form", FORMS)
def test_a_merge(form: str, lines: tuple[str, ...], share: int) -> None:
    assert growth(partial(merging, form, lines, share), SIZES) < GROWTH_MAX


@pytest.mark.parametrize("lines", REPEATED.values(), ids=REPEATED)
def test_a_diff_of_lines(lines: tuple[str, ...]) -> None:
    def aligning(size: int) -> Callable[[], object]:
        old = list(lines) * (size // len(lines))
        new = [line for at, line in enumerate(old) if at % 7] + ["fresh\n", *old[: size // 3]]
        return partial(diff_lines, old, new)

    assert growth(aligning, SIZES) < GROWTH_MAX


@pytest.mark.parametrize("lines", REPEATED.values(), ids=REPEATED)
def test_a_verdict(lines: tuple[str, ...]) -> None:
    def judging(size: int) -> Callable[[], object]:
        old = file_of(lines, size)
        merged = merge(old, EditFile("x.py", "", lazy(old, file_of(lines, 6))))
        kept = file_of(lines, size // 2)
        rewrite = f"{kept}fresh = 2\n{kept[len(kept) // 3 :]}"
        return partial(verdict, old, rewrite, merge=merged, language=language_of("x.py", old))

    assert growth(judging, SIZES) < GROWTH_MAX
