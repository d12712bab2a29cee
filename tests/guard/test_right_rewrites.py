"""On real commits: what is right stays as it is, and is never stopped."""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest

from fastapply_lsp.guard import doubles, drift, ends, loops, markers, names, truncation, words
from fastapply_lsp.guard.context import Context
from fastapply_lsp.guard.watch import Watch
from fastapply_lsp.merge.merge import merge
from fastapply_lsp.merge.model import Merge
from fastapply_lsp.request.model import EditFile
from fastapply_lsp.syntax.languages import language_of
from fastapply_lsp.text.lines import split_lines
from tests.cases import cases, needs_cases

MENDERS = (
    ends.mend_lines,
    words.mend,
    loops.mend,
    doubles.mend,
    truncation.mend,
    ends.mend,
    markers.mend,
)


@cache
def judged(name: str) -> list[tuple[dict[str, Any], Merge]]:
    return [
        (case, merge(case["original"], EditFile(case["path"], "", case["code_edit"])))
        for case in cases(name)
        if "eof_newline_changed" not in case["tags"]
    ]


@needs_cases
@pytest.mark.parametrize("name", ["apply-dev", "apply-dev-long", "chat-dev"])
def test_right_rewrites_are_not_repaired(name: str) -> None:
    for case, placed in judged(name):
        language = language_of(case["path"], case["original"])
        for merged in (placed, None):
            context = Context(case["original"], case["expected"], merged, language, "")
            for mend in MENDERS:
                assert mend(context) is None, (case["id"], mend.__module__)
            faults = (*names.check(context), *drift.check(context))
            assert not any(fault.fatal for fault in faults), case["id"]


@needs_cases
def test_no_right_stream_is_stopped() -> None:
    written = {
        name: {case["id"]: case["written"] for case in cases(name)}
        for name in ("deviations-10", "deviations-40")
    }
    for name in ("apply-dev", "apply-dev-long", "chat-dev"):
        for case, placed in judged(name):
            texts = [case["original"], placed.predicted, case["code_edit"]]
            texts += [case["expected"], *(some.get(case["id"], "") for some in written.values())]
            original, guide, edit, *rewrites = map(split_lines, texts)
            for rewrite in rewrites:
                watch = Watch(original, guide, edit)
                for at in range(0, len(rewrite), 7):
                    assert watch.push(rewrite[at : at + 7]) is None, case["id"]
