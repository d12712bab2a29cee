"""The guard on real commits: right rewrites stay as they are, what a model alters is told."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import pytest

from fastapply_lsp.guard.context import Context
from fastapply_lsp.guard.similar import bare
from fastapply_lsp.guard.verdict import verdict
from fastapply_lsp.merge.merge import merge
from fastapply_lsp.request.model import EditFile
from fastapply_lsp.syntax.languages import language_of
from fastapply_lsp.text.align import diff_lines
from fastapply_lsp.text.lines import split_lines
from fastapply_lsp.text.replacement import apply_replacements
from tests.cases import cases, needs_cases

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fastapply_lsp.merge.model import Merge

FALSE_ALARMS_MAX = 0.01
"""Of the right rewrites. Nearly all are of merges that are unsure and miss a place."""


def placed(case: dict[str, Any]) -> Merge:
    call = EditFile(case["path"], case["instruction"], case["code_edit"])
    return merge(case["original"], call)


def real(name: str) -> Iterator[dict[str, Any]]:
    for case in cases(name):
        if "eof_newline_changed" not in case["tags"]:
            yield case


@needs_cases
@pytest.mark.parametrize("name", ["apply-dev", "apply-dev-long"])
def test_right_rewrites_stay_as_they_are(name: str) -> None:
    alarms: list[str] = []
    count = 0
    for case in real(name):
        found = verdict(
            case["original"],
            case["expected"],
            merge=placed(case),
            language=language_of(case["path"], case["original"]),
        )
        count += 1
        flagged = any(change.unrequested for change in found.changes)
        if found.text != case["expected"] or not found.accepted or flagged:
            alarms.append(case["id"])
    assert len(alarms) <= FALSE_ALARMS_MAX * count, alarms


@needs_cases
def test_every_line_that_a_model_alters_elsewhere_is_put_back_or_told() -> None:
    by_id = {case["id"]: case for case in real("apply-dev")}
    altered = 0
    for one in cases("deviations-40"):
        if (case := by_id.get(one["id"])) is None:
            continue
        asked = placed(case)
        if not asked.placed:
            continue
        original, expected = split_lines(case["original"]), split_lines(case["expected"])
        written = split_lines(one["written"])
        found = verdict(case["original"], one["written"], merge=asked, language=None)
        accepted = [each.replacement for each in found.changes if not each.unrequested]
        left = apply_replacements(original, accepted)
        context = Context(case["original"], case["expected"], asked, None, "")
        licence = context.licence.image(diff_lines(original, expected), expected)
        for each in diff_lines(expected, left):
            assert licence.covering(each) is not None, (one["id"], each)
        there = Counter(bare(line) for line in split_lines(found.text))
        for each in diff_lines(expected, written):
            altered += licence.covering(each) is None
            for line in each.lines:
                assert not line.strip() or there[bare(line)], (one["id"], each)
    assert altered > len(by_id)
