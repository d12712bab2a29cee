"""What an edit may change: the true change lies within it, and little else does."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

import pytest

from fastapply_lsp.merge import merge
from fastapply_lsp.request.model import EditFile
from fastapply_lsp.text.lines import split_lines
from tests.cases import cases, needs_cases

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fastapply_lsp.merge.model import Merge

COVERED_PERCENT_MIN = 99.5


def within(original: str, wanted: str, merged: Merge) -> bool:
    """Whether the original becomes what is wanted by changes within the regions alone."""
    old, new = split_lines(original), split_lines(wanted)
    kept: list[list[str]] = []
    at = 0
    for region in merged.regions:
        kept.append(old[at : region.span.start])
        at = region.span.end
    last = old[at:]
    place = 0
    for number, part in enumerate(kept):
        found = _find(new, part, place) if number else (0 if new[: len(part)] == part else None)
        if found is None:
            return False
        place = found + len(part)
    end = len(new) - len(last)
    return new[end:] == last and (place <= end if kept else old == new)


def _find(lines: Sequence[str], part: Sequence[str], start: int) -> int | None:
    places = range(start, len(lines) - len(part) + 1)
    return next((at for at in places if lines[at : at + len(part)] == part), None)


def merged_of(file: str, edit: str, instructions: str = "", path: str = "a.py") -> Merge:
    return merge(file, EditFile(path, instructions, edit))


SHOP = textwrap.dedent(
    """\
    import json


    def load(path):
        return json.load(open(path))


    def save(path, rows):
        # All of them.
        json.dump(rows, open(path, "w"))


    def first(rows):
        return rows[0]


    def last(rows):
        return rows[-1]
    """
)


def test_a_definition_that_the_user_wants_gone_may_go() -> None:
    edit = "# ... existing code ...\n\ndef last(rows):\n    return rows[-1] if rows else None\n"
    merged = merged_of(SHOP, edit, "Remove the `first` helper, and let last return None.")
    wanted = SHOP.replace("def first(rows):\n    return rows[0]\n\n\n", "")
    wanted = wanted.replace("rows[-1]", "rows[-1] if rows else None")
    assert within(SHOP, wanted, merged)
    assert not within(SHOP, wanted.replace("import json\n", ""), merged)


def test_a_definition_that_is_shown_elsewhere_may_leave_its_old_place() -> None:
    moved = "def last(rows):\n    return rows[-1]\n\n\n"
    edit = f"import json\n\n\n{moved}def load(path):\n    # ... existing code ...\n"
    wanted = SHOP.replace("import json\n\n\n", f"import json\n\n\n{moved}")
    wanted = wanted.removesuffix("\n\n" + moved.rstrip("\n") + "\n")
    merged = merged_of(SHOP, edit)
    assert not merged.certain
    assert within(SHOP, wanted, merged)


def test_a_comment_on_what_is_changed_may_be_reworded() -> None:
    edit = 'def save(path, rows):\n    # All of them.\n    json.dump(list(rows), open(path, "w"))\n'
    merged = merged_of(SHOP, edit)
    assert merged.certain
    wanted = merged.predicted.replace("# All of them.", "# Every row.")
    assert within(SHOP, wanted, merged)
    assert not within(SHOP, wanted.replace("return rows[0]", "return rows[1]"), merged)


def test_the_hidden_definition_that_a_new_one_may_be_may_go() -> None:
    edit = "# ... existing code ...\n\ndef latest(rows):\n    return rows[-1]\n"
    merged = merged_of(SHOP, edit)
    wanted = SHOP.replace("def last(rows)", "def latest(rows)")
    assert not merged.certain
    assert within(SHOP, wanted, merged)


def test_a_new_definition_may_stand_between_any_two_and_change_none() -> None:
    new = "def count(rows):\n    return len(rows)\n"
    merged = merged_of(SHOP, f"# ... existing code ...\n\n\n{new}\n\n# ... existing code ...\n")
    assert not merged.certain
    assert all(not len(region.span) for region in merged.regions)
    for name in ("save", "first", "last"):
        assert within(SHOP, SHOP.replace(f"def {name}(", f"{new}\n\ndef {name}("), merged)


def test_a_new_method_may_stand_between_any_two_methods() -> None:
    methods = [
        f"    def {name}(self):\n        return {name!r}\n" for name in ("one", "two", "six")
    ]
    file = "class Numbers:\n" + "\n".join(methods)
    new = "    def ten(self):\n        return 10\n"
    merged = merged_of(file, f"class Numbers:\n    # ...\n\n{new}\n    # ...\n")
    assert not merged.certain
    assert within(file, "class Numbers:\n" + "\n".join([methods[0], new, *methods[1:]]), merged)
    assert not within(file, file.replace("'one'", "'1'"), merged)


def test_the_line_that_a_new_one_is_like_may_change_and_none_far_from_it() -> None:
    names = ("alpha", "beta", "gamma", "delta", "omega", "sigma", "theta", "kappa")
    file = "begin:\n" + "".join(f"  set {name} to {name}1\n" for name in names)
    merged = merged_of(file, "begin:\n  set alpha to alpha2\n  # ...\n", path="a.txt")
    assert not merged.certain
    assert within(file, file.replace("alpha1", "alpha2"), merged)
    assert not within(file, file.replace("delta1", "delta2"), merged)


def test_a_certain_edit_licenses_what_it_changes_and_no_more() -> None:
    edit = "# ... existing code ...\n\ndef first(rows):\n    return next(iter(rows))\n\n# ...\n"
    merged = merged_of(SHOP, edit)
    assert merged.certain
    assert sum(len(region.span) for region in merged.regions) == 1


@pytest.mark.parametrize("note", ["# removed first()", "# first was deleted"])
def test_what_a_comment_says_is_removed_may_go(note: str) -> None:
    edit = f"# ... existing code ...\n\n{note}\n\n# ... existing code ...\n"
    merged = merged_of(SHOP, f"import json\n\n\ndef load(path):\n    return []\n\n{edit}")
    wanted = SHOP.replace("json.load(open(path))", "[]")
    wanted = wanted.replace("def first(rows):\n    return rows[0]\n\n\n", "")
    assert not merged.certain
    assert within(SHOP, wanted, merged)


@needs_cases
def test_the_true_change_lies_within() -> None:
    total = held = 0
    for name in ("apply-dev", "apply-dev-long", "chat-dev"):
        for case in cases(name):
            if "eof_newline_changed" in case["tags"]:
                continue
            merged = merge(
                case["original"], EditFile(case["path"], case["instruction"], case["code_edit"])
            )
            total += 1
            held += not merged.placed or within(case["original"], case["expected"], merged)
    assert held * 100 >= COVERED_PERCENT_MIN * total, (held, total)
