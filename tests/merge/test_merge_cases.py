"""The figures that the merge reached on the evaluation cases; it may not fall below them."""

from __future__ import annotations

from collections import Counter

from fastapply_lsp.merge import merge
from fastapply_lsp.request.model import EditFile
from tests.cases import cases, needs_cases

EXACT_PERCENT_MIN = {
    "udiff": 100,
    "udiff_nolines": 97,
    "search_replace": 100,
    "full_file": 100,
    "function": 93,
    "lazy": 88,
}
CERTAIN_PERCENT_MIN = 80
RIGHT_PERCENT_MIN = 99.5


@needs_cases
def test_exact_and_certain_as_often_as_before() -> None:
    total: Counter[str] = Counter()
    exact: Counter[str] = Counter()
    every = certain = right = 0
    for name in ("apply-dev", "apply-dev-long"):
        for case in cases(name):
            if "eof_newline_changed" in case["tags"]:
                continue
            merged = merge(
                case["original"], EditFile(case["path"], case["instruction"], case["code_edit"])
            )
            good = merged.predicted == case["expected"]
            every += 1
            certain += merged.certain
            right += merged.certain and good
            if not (case["style"] == "lazy" and "ambiguous" in case["tags"]):
                total[case["style"]] += 1
                exact[case["style"]] += good
    for style, least in EXACT_PERCENT_MIN.items():
        assert exact[style] * 100 >= least * total[style], (style, exact[style], total[style])
    assert certain * 100 >= CERTAIN_PERCENT_MIN * every
    assert right * 100 >= RIGHT_PERCENT_MIN * certain


@needs_cases
def test_replies_as_assistants_write_them() -> None:
    found = [
        (merge(one["original"], EditFile(one["path"], one["instruction"], one["code_edit"])), one)
        for one in cases("chat-dev")
    ]
    assert sum(merged.predicted == one["expected"] for merged, one in found) >= 22
    assert all(merged.predicted == one["expected"] for merged, one in found if merged.certain)
