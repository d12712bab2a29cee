"""Right rewrites pass, planted faults are found."""

from __future__ import annotations

import random

import pytest

from fastapply_lsp.guard.model import FaultKind, Verdict
from fastapply_lsp.guard.verdict import verdict
from fastapply_lsp.merge.model import Candidate, Form, Merge, Region
from fastapply_lsp.syntax.languages import Language, language_named, language_of
from fastapply_lsp.text.lines import split_lines
from fastapply_lsp.text.replacement import Span
from tests.cases import cases, needs_cases

PYTHON = language_named("python")
SOURCE = """\
import os
import sys


def first(a):
    # ... as in the book ...
    return a + 1


def second(b):
    for each in b:
        print(each)
    return None


def third(c):
    return [c, c]
"""


def merged(predicted: str, *spans: tuple[int, int], reasons: tuple[str, ...] = ()) -> Merge:
    return Merge(
        form=Form.LAZY,
        predicted=predicted,
        replacements=(),
        regions=tuple(Region(Span(*span), "asked") for span in spans),
        reasons=reasons,
        candidates=(Candidate((), predicted, "only"),),
    )


def judged(
    rewrite: str,
    original: str = SOURCE,
    language: Language | None = PYTHON,
    merge: Merge | None = None,
) -> Verdict:
    return verdict(original, rewrite, merge=merge, language=language)


def fatal(found: Verdict) -> list[FaultKind]:
    return [fault.kind for fault in found.faults if fault.fatal]


def changed(old: str, new: str) -> str:
    assert old in SOURCE
    return SOURCE.replace(old, new, 1)


@pytest.mark.parametrize(
    "rewrite",
    [
        SOURCE,
        changed("    return a + 1\n", "    return a + 2\n"),
        changed("import sys\n", ""),
        changed("\n\ndef third(c):\n    return [c, c]\n", ""),
        changed("    return [c, c]\n", "    return None"),
        changed(
            "    return a + 1\n", "    # removed the rest later, see below, as it was\n    pass\n"
        ),
        changed("def first(a):\n", "def first(a: Callable[..., int]):\n"),
        changed("    return None\n", "    ...\n"),
        changed("import os\n", "# The updated file is read by the parser.\nimport os\n"),
        SOURCE + "\n\ndef fourth(d):\n    return d\n",
        "# Here is the updated file, as the docs say:\n" + SOURCE,
        '"""Sure. I have a docstring."""\n' + SOURCE,
    ],
)
def test_right_rewrites_pass(rewrite: str) -> None:
    assert fatal(judged(rewrite)) == []


def test_an_empty_rewrite() -> None:
    assert fatal(judged(" \n")) == [FaultKind.EMPTY]
    assert fatal(judged("", merge=merged("\n", (0, 17)))) == []
    assert fatal(judged("", original="\n")) == []
    assert fatal(judged("x = 1\n", original="")) == []


@pytest.mark.parametrize(
    "line",
    ["# ... existing code ...\n", "    # ...\n", "# rest of the file unchanged\n", "# … rest …\n"],
)
def test_leaked_markers(line: str) -> None:
    found = judged(changed("import sys\n", line))
    assert fatal(found) == [FaultKind.MARKER]
    assert found.faults[0].span == Span(1, 2)
    assert not found.accepted
    assert "line 2" in found.reasons[0]


def test_markers_that_were_there_or_were_asked_for_stay() -> None:
    own = "    # ... as in the book ...\n"
    twice = changed(own, own + own)
    assert judged(twice).text == SOURCE
    assert fatal(judged(twice + "x = 1\n", merge=merged(twice, (0, 18)))) == []
    found = judged(twice, merge=merged(twice, (0, 18), reasons=("unsure",)))
    assert fatal(found) == [FaultKind.MARKER]


def test_a_removal_comment_is_only_told() -> None:
    found = judged(changed("import sys\n", "# removed: import sys\n"))
    assert found.accepted
    assert [fault.kind for fault in found.faults] == [FaultKind.MARKER]


def test_a_rewrite_that_stops_early() -> None:
    lines = split_lines(SOURCE)
    for count in range(1, 9):
        assert FaultKind.TRUNCATED in fatal(judged("".join(lines[:count]))), count
    torn = "".join(lines[:12]) + "    retu"
    assert FaultKind.TRUNCATED in fatal(judged(torn))


def test_regions_decide_whether_the_end_was_to_go() -> None:
    lines = split_lines(SOURCE)
    short = "".join(lines[:14])
    asked = merged(short + "# x\n", (14, 17))
    assert fatal(judged(short, merge=asked)) == []
    other = merged(SOURCE, (4, 6))
    for count in (13, 14, 16):
        found = judged("".join(lines[:count]), merge=other)
        assert found.text == SOURCE
        assert [repair.kind for repair in found.repairs] == [FaultKind.LOST]


def test_an_unsure_merge_may_have_missed_the_last_line() -> None:
    lines = split_lines(SOURCE)
    beside = merged(SOURCE, (13, 16), reasons=("two places",))
    found = judged("".join(lines[:16]), merge=beside)
    assert found.text == "".join(lines[:16])
    assert found.accepted
    assert [fault.kind for fault in found.faults] == [FaultKind.TRUNCATED]
    assert fatal(judged("".join(lines[:10]), merge=beside)) == [FaultKind.TRUNCATED]
    away = merged(SOURCE, (4, 6), reasons=("two places",))
    assert judged("".join(lines[:16]), merge=away).text == SOURCE


def test_a_replaced_end_is_no_lost_end() -> None:
    lines = split_lines(SOURCE)
    rewrite = "".join(lines[:4]) + "".join(f"x{number} = {number}\n" for number in range(8))
    assert fatal(judged(rewrite)) == []


@pytest.mark.parametrize(
    "rewrite",
    [
        "Here is the updated file:\n\n" + SOURCE,
        "Sure, I applied the edit as asked.\n" + SOURCE,
        SOURCE + "\nThis change keeps everything else as it was.\n",
        SOURCE + "\nLet me know if you need more.\n",
        "```python\n" + SOURCE + "```\n",
        SOURCE + "```\n",
        "<think>\nThe user wants x.\n</think>\n" + SOURCE,
        "<|channel|>final<|message|>" + SOURCE,
        "<updated-code>\n" + SOURCE + "</updated-code>\n",
        changed("import sys\n", "import sys\n```\n"),
    ],
)
def test_the_models_own_words_are_taken_out(rewrite: str) -> None:
    for merge in (None, merged(SOURCE, (0, 17)), merged(SOURCE, (0, 17), reasons=("unsure",))):
        found = judged(rewrite, merge=merge)
        assert found.text == SOURCE
        assert found.accepted
        assert FaultKind.PROSE in [repair.kind for repair in found.repairs]


def test_the_models_own_words_that_are_not_sure_are_told() -> None:
    said = changed("    return None\n", "    return None\nThis is the <|x_y|> of it\n")
    assert fatal(judged(said)) == [FaultKind.PROSE, FaultKind.SYNTAX]


def test_words_that_the_file_or_the_edit_has_are_no_fault() -> None:
    text = "# Chat\n\nHere is the updated file:\n\n```py\nx\n```\n\n<think>\n"
    markdown = language_named("markdown")
    assert judged(text.replace("x\n", "y\n"), text, markdown).faults == ()
    new = "x = '<|end|>'\n<think>\n"
    asked = merged(SOURCE + new, (17, 17), reasons=("unsure",))
    assert FaultKind.PROSE not in fatal(judged(SOURCE + "\n" + new, merge=asked))


def test_a_document_in_a_fence() -> None:
    markdown = language_named("markdown")
    text = "# A\n\nb\n"
    found = judged("```markdown\n" + text + "c\n```\n", text, markdown)
    assert (found.text, found.faults) == (text + "c\n", ())
    found = judged("```markdown\n# B\nc\n```\n", text, markdown)
    assert fatal(found) == [FaultKind.PROSE]
    assert judged(text + "\n```sh\nls\n```\n", text, markdown).faults == ()


def test_stripped_prose_is_told_but_not_fatal() -> None:
    found = verdict(SOURCE, SOURCE, merge=None, language=PYTHON, stripped="Sure!\n")
    assert found.accepted
    assert [fault.kind for fault in found.faults] == [FaultKind.PROSE]


def test_syntax_errors_must_not_grow() -> None:
    broken = changed("    return [c, c]\n", "    return [c, c\n")
    found = judged(broken)
    assert fatal(found) == [FaultKind.SYNTAX]
    assert found.faults[0].span is not None
    assert fatal(judged(broken + "x = 1\n", original=broken)) == []
    assert fatal(judged(broken, language=None)) == []
    assert fatal(judged(broken + "# x\n", merge=merged(broken, (0, 17)))) == []


def test_one_error_that_takes_in_the_file_is_worse_than_two_small_ones() -> None:
    go = language_named("go")
    body = "".join(f"func f{number}() {{\n\tx()\n}}\n\n" for number in range(20))
    original = "package a\n\nvar a = ]\n\n" + body + "var b = ]\n"
    collapsed = original.replace("package a\n", "package a\n\nfunc g( {\n", 1)
    assert fatal(judged(original.replace("f1()", "f1(a int)"), original, go)) == []
    assert fatal(judged(collapsed, original, go)) == [FaultKind.SYNTAX]


def test_a_loop_at_the_end() -> None:
    loop = "    print(each)\n    each = None\n" * 12
    for rewrite in (SOURCE + loop, SOURCE + loop + "    pri"):
        assert judged(rewrite, merge=merged(SOURCE, (0, 17))).text == SOURCE
        found = judged(rewrite)
        assert [repair.kind for repair in found.repairs] == [FaultKind.REPETITION]
    table = "x = [\n" + "    0,\n" * 40
    assert fatal(judged("import os\n" + table + "]\n", original=table + "]\n")) == []


def test_a_certain_prediction_has_no_faults() -> None:
    predicted = "# ... existing code ...\n" + "x\n" * 50
    assert judged(predicted, merge=merged(predicted, (0, 17))).faults == ()


def _with_language(case: dict[str, str]) -> tuple[str, str, Language | None]:
    return case["original"], case["expected"], language_of(case["path"], case["original"])


@needs_cases
@pytest.mark.parametrize("name", ["apply-dev", "apply-dev-long", "chat-dev"])
def test_no_false_alarm_on_real_commits(name: str) -> None:
    for case in cases(name):
        original, expected, language = _with_language(case)
        found = verdict(original, expected, merge=None, language=language)
        assert found.faults == (), case["id"]


@needs_cases
def test_planted_faults_in_real_files_are_found() -> None:
    chance = random.Random(1)
    seen = dict.fromkeys(("marker", "fence", "loop", "torn"), 0)
    count = 0
    for case in cases("apply-dev"):
        original, expected, language = _with_language(case)
        lines = split_lines(expected)
        at = chance.randrange(len(lines))
        planted = {
            "marker": "".join([*lines[:at], "// ... existing code ...\n", *lines[at:]]),
            "fence": "```\n" + expected.rstrip("\r\n") + "\n```\n",
            "loop": expected.rstrip("\r\n") + "\n" + "".join(lines[-5:]) * 9,
            "torn": "".join(lines[: at + 1])[: -max(3, len(lines[at]) // 2)] or "x",
        }
        count += 1
        for kind, rewrite in planted.items():
            found = verdict(original, rewrite, merge=None, language=language)
            seen[kind] += not found.accepted or bool(found.repairs)
    assert seen["marker"] == seen["fence"] == count
    assert seen["loop"] >= 0.98 * count
    assert seen["torn"] >= 0.94 * count
