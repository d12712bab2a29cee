"""docs/explanation/guard.md says what the guard does with each fault.

The faults are planted in the file that the merge's example asks for; ``pytest --update-scenarios``
writes what the guard says of them into the page.
"""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from docs.images.alignment import block
from docs.images.guard import NAME, PAGE, judged
from fastapply_lsp.guard.model import Verdict
from fastapply_lsp.guard.verdict import CHECKS, MENDERS, verdict
from fastapply_lsp.merge.merge import merge
from fastapply_lsp.request.model import EditFile
from fastapply_lsp.syntax.languages import language_of
from fastapply_lsp.text.lines import split_lines

FILE = block("file")
MERGED = merge(FILE, EditFile(NAME, "", block("edit")))
ASKED = MERGED.predicted


def swapped(old: str, new: str) -> Callable[[str], str]:
    def plant(text: str) -> str:
        assert text.count(old) == 1, old
        return text.replace(old, new)

    return plant


def between(start: str, end: str, new: str = "") -> Callable[[str], str]:
    def plant(text: str) -> str:
        first = text.index(start)
        return text[:first] + new + text[text.index(end, first) :]

    return plant


def deeper(start: str, end: str) -> Callable[[str], str]:
    def plant(text: str) -> str:
        first = text.index(start)
        last = text.index(end, first)
        moved = "".join("  " + line for line in split_lines(text[first:last]))
        return text[:first] + moved + text[last:]

    return plant


PLANTS: dict[str, Callable[[str], str]] = {
    "a function is gone": between("    def find", "    def report"),
    "a docstring is gone": swapped('    """All items, by their number."""\n', ""),
    "lines stand deeper than before": deeper("        self.items[item.sku]", "\n    def take"),
    "blank lines are gone": swapped("OutOfStock\n\n\nclass", "OutOfStock\nclass"),
    "a part of the edit is missing": swapped("            raise OutOfStock(sku)\n", ""),
    "a part of the edit is not done": between(
        "        item = self.items.get", "        item.count -=", "        item = self.items[sku]\n"
    ),
    "a marker stands for code": between(
        "    def add", "    def take", "    # ... existing code ...\n\n"
    ),
    "words before the file": lambda text: "Here is the updated file:\n\n" + text,
    "reasoning before the file": lambda text: "<think>\nThe user wants a check.\n</think>\n" + text,
    "a fence around the file": lambda text: f"```python\n{text}```\n",
    "other line ends": lambda text: text.replace("\n", "\r\n"),
    "no newline at the end": lambda text: text.removesuffix("\n"),
    "the end repeats itself": lambda text: text + '        rows.append(["all", len(rows)])\n' * 30,
    "the end is cut off": lambda text: text[: text.index("        for item in self")],
    "the end is cut off in a line": lambda text: text[: text.index("in self.items.values()")],
    "a function stands twice": lambda text: (
        text + text[text.index("\n    def find") : text.index("\n    def report")]
    ),
    "the file stands twice": lambda text: text + text,
    "the syntax is broken": swapped("raise OutOfStock(sku)", "raise OutOfStock(sku"),
    "an import became another one": swapped("from datetime import date", "import datetime"),
    "a name is changed elsewhere": lambda text: text.replace("wanted", "key"),
    "an import nobody asked for": swapped("\nfrom datetime", "\nimport json\nfrom datetime"),
}


def judge(rewrite: str) -> Verdict:
    return verdict(FILE, rewrite, merge=MERGED, language=language_of(NAME, FILE))


def row(name: str) -> str:
    found = judge(PLANTS[name](ASKED))
    said = [repair.message for repair in found.repairs]
    said += [change.unrequested for change in found.changes if change.unrequested]
    said += [fault.message for fault in found.faults]
    if found.text == ASKED:
        fate = "puts it right"
    elif not found.accepted:
        fate = "refuses the rewrite"
    else:
        fate = "puts it right in part, the rest waits" if found.repairs else "lets it wait"
    words = "; ".join(said).replace("```", "&#96;&#96;&#96;")
    return f"| {name} | {fate} | {words} |"


_TABLE = re.compile(r"(?m)^(\| what a model did \|.*\n\|---\|---\|---\|\n)(?:\|.*\n)*")
_SENTENCES = re.compile(r"(?ms)^(```text verdict\n).*?^```$")


def current(page: str) -> str:
    """Return the page with what the guard says now."""
    rows = "".join(f"{row(name)}\n" for name in PLANTS)
    page = _TABLE.sub(lambda found: found[1] + rows, page)
    said = judged().verdict
    told = [f"repaired: {repair.message}" for repair in said.repairs]
    told += [f"waits: {change.unrequested}" for change in said.changes if change.unrequested]
    return _SENTENCES.sub(lambda found: found[1] + "\n".join(told) + "\n```", page)


def test_the_page_says_what_the_guard_does(pytestconfig: pytest.Config) -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert _TABLE.search(page)
    assert _SENTENCES.search(page)
    if pytestconfig.getoption("--update-scenarios"):
        PAGE.write_text(current(page), encoding="utf-8")
        return
    assert page == current(page), "run: pytest --update-scenarios tests/docs/test_guard_page.py"


def test_the_merge_of_the_example_is_certain_and_its_file_has_no_fault() -> None:
    assert MERGED.certain
    found = judge(ASKED)
    assert found.accepted
    assert found.text == ASKED
    assert not [*found.repairs, *found.faults]
    assert not any(change.unrequested for change in found.changes)


@pytest.mark.parametrize("name", PLANTS)
def test_a_planted_fault_is_never_silent(name: str) -> None:
    rewrite = PLANTS[name](ASKED)
    assert rewrite != ASKED
    found = judge(rewrite)
    told = [*found.repairs, *found.faults, *(one for one in found.changes if one.unrequested)]
    assert told
    assert (
        found.text == ASKED or not found.accepted or any(one.unrequested for one in found.changes)
    )


@pytest.mark.parametrize("section", ["### 2. The menders", "### 3. The checks"])
def test_the_page_names_them_all(section: str) -> None:
    part = PAGE.read_text(encoding="utf-8").partition(section)[2].partition("\n### ")[0]
    ones = MENDERS if "menders" in section else CHECKS
    rows = re.findall(r"(?m)^\| `(\w+)\.py` ", part)
    assert {each.__module__.rpartition(".")[2] for each in ones} <= set(rows)
