"""Answers that are edits: what file they make, and the sentences where they make none."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fastapply_lsp.errors import RewriteRejected
from fastapply_lsp.prompt.answered_edit import NO_EDIT, UNSURE, file_of

ORIGINAL = "".join(f"value_{n} = {n}\n" for n in range(30))
EXPECTED = ORIGINAL.replace("= 4\n", "= 44\n").replace("= 20\n", "= 21\n")

BLOCKS = """\
<<<<<<< SEARCH
value_4 = 4
=======
value_4 = 44
>>>>>>> REPLACE

<<<<<<< SEARCH
value_20 = 20
=======
value_20 = 21
>>>>>>> REPLACE
"""
DIFF = """\
--- a/a.py
+++ b/a.py
@@ -4,3 +4,3 @@
 value_3 = 3
-value_4 = 4
+value_4 = 44
 value_5 = 5
@@ -20,3 +20,3 @@
 value_19 = 19
-value_20 = 20
+value_20 = 21
 value_21 = 21
"""


@pytest.mark.parametrize("edit", [BLOCKS, DIFF])
@pytest.mark.parametrize(
    "form",
    [
        "{}",
        "```\n{}```\n",
        "```diff\n{}```\n",
        "Here it is:\n\n```python\n{}```\n\nThat is all.\n",
        "<think>First <<<<<<< SEARCH, then\n@@ -1 +1 @@\n</think>\n{}",
    ],
)
def test_the_edit_is_found_in_whatever_is_around_it(edit: str, form: str) -> None:
    assert file_of(form.format(edit), ORIGINAL, "a.py") == EXPECTED


def test_each_block_may_have_a_fence_of_its_own() -> None:
    one, other = BLOCKS.split("\n\n")
    answer = f"First:\n```\n{one}\n```\nand then:\n```\n{other}```\n"
    assert file_of(answer, ORIGINAL, "a.py") == EXPECTED


def test_a_file_of_another_line_end_keeps_it() -> None:
    original = ORIGINAL.replace("\n", "\r\n")
    assert file_of(BLOCKS, original, "a.py") == EXPECTED.replace("\n", "\r\n")


@pytest.mark.parametrize(
    ("answer", "fault"),
    [
        ("", NO_EDIT),
        (EXPECTED, NO_EDIT),
        ("I cannot do that.", NO_EDIT),
        ("<<<<<<< SEARCH\nvalue_4 = 4\n=======\n", "search/replace"),
        ("<<<<<<< SEARCH\nnothing_like = it\n=======\nx = 1\n>>>>>>> REPLACE\n", "not in the file"),
        (DIFF.replace("-value_4 = 4\n", "-value_4 = 44\n"), UNSURE),
    ],
)
def test_what_cannot_be_placed_is_told_in_a_sentence(answer: str, fault: str) -> None:
    with pytest.raises(RewriteRejected) as caught:
        file_of(answer, ORIGINAL, "a.py")
    assert any(fault in said for said in caught.value.faults), caught.value.faults
    assert all(said == said.strip(". ") for said in caught.value.faults)


def test_two_places_are_one_too_many() -> None:
    twice = "a = 1\nb = 2\n" + "c = 3\n" * 5 + "a = 1\nb = 2\n"
    with pytest.raises(RewriteRejected) as caught:
        file_of("<<<<<<< SEARCH\nb = 2\n=======\nb = 9\n>>>>>>> REPLACE\n", twice, "a.py")
    assert caught.value.faults[0] == UNSURE


pieces = st.sampled_from(
    [
        *BLOCKS.splitlines(keepends=True),
        *DIFF.splitlines(keepends=True),
        "```\n",
        "words\n",
        "<think>",
    ]
)


@given(st.lists(pieces, max_size=30).map("".join))
def test_any_answer_makes_a_file_or_is_refused_with_words(answer: str) -> None:
    faults: tuple[str, ...] = ()
    made = None
    try:
        made = file_of(answer, ORIGINAL, "a.py")
    except RewriteRejected as error:
        faults = error.faults
    assert (made is None) == any(faults)
