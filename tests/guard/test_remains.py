"""Where nothing of the rewrite could stay, what the repairs make is not the model's."""

from __future__ import annotations

import pytest

from fastapply_lsp.guard.model import FaultKind
from fastapply_lsp.guard.verdict import verdict
from fastapply_lsp.syntax.languages import language_named
from fastapply_lsp.text.replacement import Replacement
from tests.guard.merges import placed

PYTHON = language_named("python")
SOURCE = "def one():\n    return 1\n\n\ndef two():\n    return 2\n"
SERIES = (Replacement(5, 6, ("    return 22\n",)),)
CERTAIN, UNSURE = placed(SOURCE, SERIES), placed(SOURCE, SERIES, unsure=True)


@pytest.mark.parametrize("merge", [CERTAIN, UNSURE], ids=["certain", "unsure"])
@pytest.mark.parametrize(
    "rewrite", ["def one(:\n", "def on", "# ... existing code ...\n", "", "\n", "```\n```\n"]
)
def test_it_is_refused_as_it_was_written(merge: object, rewrite: str) -> None:
    found = verdict(SOURCE, rewrite, merge=merge, language=PYTHON)  # type: ignore[arg-type]
    assert (found.text, found.repairs) == (rewrite, ())
    assert not found.accepted


@pytest.mark.parametrize(
    "rewrite", ["def one():\n", "    return 22\n", "\treturn 22", "def one(:\n    return 1\n"]
)
def test_one_line_that_stays_is_enough(rewrite: str) -> None:
    found = verdict(SOURCE, rewrite, merge=CERTAIN, language=PYTHON)
    assert found.text == CERTAIN.predicted
    assert found.repairs


@pytest.mark.parametrize(
    "rewrite", ["a=2\n", "a = 2", "\ufeffa = 2\n", "a = 2<|im_end|>", "```\na = 2\n```\n"]
)
def test_of_one_line_it_is_the_same(rewrite: str) -> None:
    merge = placed("a = 1\n", (Replacement(0, 1, ("a = 2\n",)),))
    found = verdict("a = 1\n", rewrite, merge=merge, language=PYTHON)
    assert found.text == "a = 2\n"
    assert found.repairs


@pytest.mark.parametrize(
    ("rewrite", "reason"),
    [
        ("a = 1\n", "the rewrite changes nothing"),
        ("a =", "the rewrite ends early: the last 1 of 1 line is missing"),
        ("...\n", "no line of the rewrite could stay as it was written"),
    ],
)
def test_it_is_told_once_what_is_wrong(rewrite: str, reason: str) -> None:
    merge = placed("a = 1\n", (Replacement(0, 1, ("a = 2\n",)),))
    assert verdict("a = 1\n", rewrite, merge=merge, language=None).reasons == (reason,)


def test_a_file_that_is_to_be_blank_loses_all_that_was_written() -> None:
    merge = placed("a\n", (Replacement(0, 1, ("\n",)),))
    found = verdict("a\n", "a\n", merge=merge, language=None)
    assert found.text == "\n"
    assert [repair.kind for repair in found.repairs] == [FaultKind.UNDONE]
