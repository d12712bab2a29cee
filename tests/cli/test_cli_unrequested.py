"""`fastapply apply` and what a model changed beyond the block: told, refused, or left out."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from fastapply_lsp.apply.model import Figures, Result
from fastapply_lsp.commands.answer import Answer, answer_of, only_asked
from fastapply_lsp.commands.printing import Printer
from fastapply_lsp.files.workspace import Workspace
from fastapply_lsp.server.asked_for import text_with
from fastapply_lsp.session.events import Outcome
from fastapply_lsp.session.hunks import Hunk, HunkState, Mark
from fastapply_lsp.settings import Limits
from fastapply_lsp.text.edits import Edit

ORIGINAL = "a = 1\nb = 2\nc = 3\nd = 4\ne = 5\n"
ASKED = Hunk(1, (Edit(0, 6, "a = 10\n"),), ("a = 1\n",), ("a = 10\n",), HunkState.PENDING)
EXTRA = Hunk(
    2,
    (Edit(18, 30, "d = 40\n"),),
    ("d = 4\n", "e = 5\n"),
    ("d = 40\n",),
    HunkState.PENDING,
    Mark.UNREQUESTED,
    "nobody asked for these lines to change",
)
WITH_ASKED = "a = 10\nb = 2\nc = 3\nd = 4\ne = 5\n"
WITH_ALL = "a = 10\nb = 2\nc = 3\nd = 40\n"


def result(*hunks: Hunk, **changes: Any) -> Result:
    figures = Figures(first_change_ms=None, wall_ms=1.0, characters=2)
    text = text_with(ORIGINAL, hunks)
    made = Result("a1", Outcome.APPLIED, "openai", True, (), hunks, figures, text)
    return replace(made, **changes)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "x.py"
    path.write_text(ORIGINAL, encoding="utf-8")
    return path


def printed(
    answer: Answer,
    file: Path,
    capsys: pytest.CaptureFixture[str],
    mode: str | None,
    *,
    as_json: bool,
) -> tuple[str, str]:
    """Return what goes to stdout and to stderr."""
    printer = Printer("x.py", mode, as_json=as_json)
    printer.file = Workspace([file.parent], Limits()).read(str(file))
    printer.show(answer)
    captured = capsys.readouterr()
    return captured.out, captured.err


def test_what_nobody_asked_for_is_told_with_its_lines_and_the_way_out(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    answer = answer_of(result(ASKED, EXTRA))
    assert (answer.outcome, answer.exit) == ("uncertain", 1)
    out, err = printed(answer, file, capsys, "write", as_json=False)
    assert out == ""
    assert err.splitlines() == [
        "fastapply: not all of it was asked for, so nothing was written:",
        "  lines 4 to 5: nobody asked for these lines to change",
        "  With --only-asked that is left out.",
    ]
    out, err = printed(answer, file, capsys, None, as_json=False)
    assert "+d = 40\n" in out
    assert "what is shown has all of it" in err


def test_only_asked_leaves_it_out_and_shows_it_as_a_patch(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    answer = only_asked(result(ASKED, EXTRA), ORIGINAL, "x.py")
    assert (answer.outcome, answer.exit, answer.text) == ("applied", 0, WITH_ASKED)
    assert answer.hunks == (ASKED,)
    out, err = printed(answer, file, capsys, "write", as_json=False)
    assert out == ""
    assert err.splitlines() == [
        "fastapply: x.py: 1 hunk, -1 +1 lines, 1 ms",
        "fastapply: left out, because the block does not ask for it:",
        "  lines 4 to 5: nobody asked for these lines to change",
        "--- a/x.py",
        "+++ b/x.py",
        "@@ -1,5 +1,4 @@",
        " a = 10",
        " b = 2",
        " c = 3",
        "-d = 4",
        "-e = 5",
        "+d = 40",
    ]
    out, _ = printed(answer, file, capsys, "stdout", as_json=False)
    assert out == WITH_ASKED


def test_json_has_both_kinds(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    whole = json.loads(
        printed(answer_of(result(ASKED, EXTRA)), file, capsys, None, as_json=True)[0]
    )
    assert [hunk["mark"] for hunk in whole["hunks"]] == [None, "unrequested"]
    assert whole["reasons"] == [EXTRA.note]
    assert "left_out" not in whole
    answer = only_asked(result(ASKED, EXTRA), ORIGINAL, "x.py")
    out, err = printed(answer, file, capsys, None, as_json=True)
    part = json.loads(out)
    assert (part["outcome"], part["reasons"]) == ("applied", [])
    assert part["left_out"] == [
        {
            "line": 4,
            "removed": ["d = 4\n", "e = 5\n"],
            "added": ["d = 40\n"],
            "mark": "unrequested",
            "note": EXTRA.note,
        }
    ]
    assert "--- a/x.py" not in err


def test_where_all_was_asked_for_the_option_changes_nothing() -> None:
    assert only_asked(result(ASKED), ORIGINAL, "x.py") == answer_of(result(ASKED))


def test_a_guess_stays_a_guess() -> None:
    guess = replace(ASKED, mark=Mark.UNSURE, note="several places")
    answer = only_asked(result(guess, EXTRA), ORIGINAL, "x.py")
    assert (answer.outcome, answer.exit) == ("uncertain", 1)


def test_a_rewrite_of_which_nothing_was_asked_is_not_applied(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    answer = only_asked(result(EXTRA, certain=False), ORIGINAL, "x.py")
    assert (answer.outcome, answer.exit, answer.text) == ("uncertain", 1, ORIGINAL)
    _, err = printed(answer, file, capsys, "write", as_json=False)
    assert "no change of it was asked for" in err
    assert "+d = 40" in err


def test_what_the_rest_needs_is_not_left_out(
    file: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    half = replace(ASKED, edits=(Edit(0, 6, "a = [\n"),), added=("a = [\n",))
    other = replace(EXTRA, edits=(Edit(18, 30, "]\n"),), added=("]\n",))
    made = result(half, replace(other, edits=(Edit(6, 30, "]\n"),)))
    answer = only_asked(made, ORIGINAL, "x.py")
    assert (answer.outcome, answer.exit, answer.left_out) == ("uncertain", 1, ())
    _, err = printed(answer, file, capsys, "write", as_json=False)
    assert "cannot be left out" in err
    assert "--only-asked" not in err
    assert only_asked(made, ORIGINAL, "x.unknown").exit == 0


@pytest.mark.parametrize("option", [answer_of, lambda made: only_asked(made, ORIGINAL, "x.py")])
def test_a_refused_rewrite_is_rejected_and_shown(
    file: Path, capsys: pytest.CaptureFixture[str], option: Any
) -> None:
    bad = replace(ASKED, mark=Mark.REFUSED, note="line 3 stands for code that is missing")
    answer = option(result(bad, EXTRA))
    assert (answer.outcome, answer.exit) == ("rejected", 1)
    out, err = printed(answer, file, capsys, None, as_json=False)
    assert "+a = 10\n" in out
    assert "The rewrite was refused: line 3 stands for code that is missing." in err
    assert "  What is shown is the rewrite that was refused.\n" in err
    told = json.loads(printed(answer, file, capsys, "write", as_json=True)[0])
    assert told["error"]["code"] == "rewrite-rejected"
    assert [hunk["mark"] for hunk in told["hunks"]] == ["refused", "unrequested"]


def test_repairs_are_told(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    made = result(ASKED, repairs=("12 lines of main() are back", "a fence was taken off"))
    _, err = printed(answer_of(made), file, capsys, "diff", as_json=False)
    assert err.splitlines() == [
        "fastapply: repaired: 12 lines of main() are back",
        "fastapply: repaired: a fence was taken off",
    ]
    told = json.loads(printed(answer_of(made), file, capsys, None, as_json=True)[0])
    assert told["repairs"] == ["12 lines of main() are back", "a fence was taken off"]
    assert (told["outcome"], told["reasons"]) == ("applied", [])
