"""Which blocks have no end, and which are only careless about it."""

from __future__ import annotations

import pytest

from fastapply_lsp.merge import merge
from fastapply_lsp.request.cut_off import cut_off
from fastapply_lsp.request.model import EditFile

SEARCH = "<<<<<<< SEARCH\na = 1\n=======\na = 2\n"
PATCH = "*** Begin Patch\n*** Update File: x.py\n-a = 1\n+a = 2\n"


@pytest.mark.parametrize(
    ("code_edit", "word"),
    [
        ("```python\na = 2\n", "fence"),
        ("~~~~\na = 2\n~~~\n", "fence"),
        ("\n```markdown\nSee ``x``.\n", "fence"),
        ("```python\n" + SEARCH, "fence"),
        (SEARCH, "search/replace"),
        (SEARCH + ">>>>>>> REPLACE\n\n" + SEARCH, "search/replace"),
        (PATCH, "patch"),
    ],
)
def test_a_form_that_does_not_come_to_its_end_is_cut_off(code_edit: str, word: str) -> None:
    assert word in cut_off(code_edit)
    merged = merge("a = 1\n", EditFile("x.py", "", code_edit))
    assert not merged.certain
    assert cut_off(code_edit) in merged.reasons


@pytest.mark.parametrize(
    "code_edit",
    [
        "",
        "a = 2\n",
        "```python\na = 2\n```\n",
        "```python\na = 2\n`````\n",
        "```sh\nmake\n```\n\nThen:\n\n```sh\nrun\n```\n\nThe end.\n",
        "```\n" + SEARCH + "```\n",
        "x.py\n```\n" + SEARCH + "```\n",
        SEARCH + ">>>>>>> REPLACE\n",
        PATCH + "*** End Patch\n",
        "```\n" + PATCH + "```\n",
        "--- a/x.py\n+++ b/x.py\n@@ -1 +1 @@\n-a = 1\n+a = 2\n",
    ],
)
def test_what_has_an_end_or_announces_none_is_not(code_edit: str) -> None:
    assert cut_off(code_edit) == ""
