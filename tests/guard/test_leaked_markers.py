"""A leaked marker becomes the code that it stands for, where that is sure."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fastapply_lsp.guard import leaks, markers
from fastapply_lsp.guard.context import Context
from fastapply_lsp.guard.model import FaultKind
from fastapply_lsp.merge.model import Merge
from fastapply_lsp.syntax.languages import language_named
from fastapply_lsp.text.replacement import Replacement
from tests.guard.merges import placed

LINES = [f"    step_{number}()\n" for number in range(12)]
TEXT = "".join(LINES)
ASKED = Replacement(2, 3, ("    asked()\n",))
RESULT = "".join([*LINES[:2], "    asked()\n", *LINES[3:]])


def mended(
    rewrite: str, merge: Merge | None, original: str = TEXT, language: str = "python"
) -> str:
    context = Context(original, rewrite, merge, language_named(language), "")
    found = markers.mend(context)
    if found is None:
        return rewrite
    assert {repair.kind for repair in found.repairs} == {FaultKind.MARKER}
    return "".join(found.lines)


@pytest.mark.parametrize(
    ("marker", "language"),
    [
        ("    # ... existing code ...\n", "python"),
        ("# ...\n", "python"),
        ("    // rest of the code remains the same\n", "go"),
        ("/* ... existing styles ... */\n", "css"),
        ("<!-- ... rest of the page ... -->\n", "html"),
        ("        {/* ... unchanged ... */}\n", "tsx"),
        ("-- ... existing code ...\n", "sql"),
        ("    # … rest of the function …\n", "ruby"),
    ],
)
@pytest.mark.parametrize("unsure", [False, True])
def test_every_style_is_expanded(marker: str, language: str, *, unsure: bool) -> None:
    merge = placed(TEXT, (ASKED,), unsure=unsure)
    rewrite = "".join([*LINES[:2], "    asked()\n", *LINES[3:6], marker, *LINES[9:]])
    assert mended(rewrite, merge, language=language) == RESULT
    end = "".join([*LINES[:2], "    asked()\n", *LINES[3:6], marker])
    assert mended(end, merge, language=language) == RESULT


def test_several_markers_and_one_for_nothing() -> None:
    merge = placed(TEXT, (ASKED,))
    one, two = "    # ... existing code ...\n", "    # ... more code ...\n"
    rewrite = "".join([one, LINES[1], "    asked()\n", two, LINES[3], one, *LINES[10:], two])
    assert mended(rewrite, merge) == RESULT


def test_beside_the_edit_only_a_certain_merge_is_believed() -> None:
    rewrite = "".join([*LINES[:2], "    # ... existing code ...\n", *LINES[6:]])
    assert mended(rewrite, placed(TEXT, (ASKED,))) == RESULT
    assert mended(rewrite, placed(TEXT, (ASKED,), unsure=True)) == rewrite
    assert mended(rewrite, None) == rewrite


def test_an_unsure_marker_stays_a_fault() -> None:
    rewrite = "".join([*LINES[:2], "    # ... existing code ...\n", *LINES[6:]])
    merge = placed(TEXT, (ASKED,), unsure=True)
    found = leaks.check(Context(TEXT, rewrite, merge, language_named("python"), ""))
    assert [(fault.kind, fault.fatal) for fault in found] == [(FaultKind.MARKER, True)]


def test_lines_that_a_model_wrote_beside_a_marker_stay() -> None:
    merge = placed(TEXT, (ASKED,))
    rewrite = "".join(
        [*LINES[:2], "    asked()  # as told\n", "    # ... existing code ...\n", *LINES[6:]]
    )
    assert mended(rewrite, merge) == RESULT.replace("asked()", "asked()  # as told")


def test_markers_in_a_line_of_code() -> None:
    original = "f(a, b, c)\ng()\nh = {x: 1, y: 2}\n"
    merge = placed(original, (Replacement(1, 2, ("k()\n",)),))
    rewrite = "f(a, /* ... existing code ... */)\nk()\nh = {x: 1, y: 2}\n"
    assert mended(rewrite, merge, original, "javascript") == original.replace("g()", "k()")


def test_a_marker_behind_code_is_found_in_every_language() -> None:
    original = "SELECT a,\n  b\nFROM c;\n"
    rewrite = "SELECT a, -- ... existing columns ...\nFROM d;\n"
    merge = placed(original, (Replacement(2, 3, ("FROM d;\n",)),))
    context = Context(original, rewrite, merge, language_named("sql"), "")
    assert [fault.fatal for fault in leaks.check(context)] == [True]


def test_own_markers_stay_where_they_are() -> None:
    own = "    # ... existing code ...\n"
    original = "".join([*LINES[:4], own, *LINES[4:]])
    merge = placed(original, (Replacement(1, 2, ("    asked()\n",)),))
    result = merge.predicted
    assert mended(result.replace("step_9()", "step_9() # x"), merge, original) == (
        result.replace("step_9()", "step_9() # x")
    )
    leaked = "".join([LINES[0], "    asked()\n", *LINES[2:4], own, own, *LINES[8:]])
    assert mended(leaked, merge, original) == result


def test_what_was_removed_is_only_told() -> None:
    rewrite = RESULT.replace("    step_7()\n", "    # removed: step_7\n")
    merge = placed(TEXT, (ASKED,))
    assert mended(rewrite, merge) == rewrite
    found = leaks.check(Context(TEXT, rewrite, merge, language_named("python"), ""))
    assert [fault.fatal for fault in found] == [False]


@settings(max_examples=200)
@given(data=st.data(), unsure=st.booleans())
def test_any_stretch_away_from_the_edit_comes_back(data: st.DataObject, *, unsure: bool) -> None:
    start = data.draw(st.integers(4, 11))
    end = data.draw(st.integers(start, 12))
    lines = RESULT.splitlines(keepends=True)
    rewrite = [*lines[:start], "# ... existing code ...\n", *lines[end:]]
    assert mended("".join(rewrite), placed(TEXT, (ASKED,), unsure=unsure)) == RESULT
