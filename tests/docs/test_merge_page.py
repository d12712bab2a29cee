"""docs/explanation/merge.md and its picture say what the merge does.

``pytest --update-scenarios`` writes the replacements of the example into the page.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import pytest

from docs.images.alignment import PAGE, aligned, block
from fastapply_lsp.merge.merge import merge
from fastapply_lsp.merge.model import Merge
from fastapply_lsp.request.model import EditFile
from tests.merge.merge_story import stories

_EXAMPLES = Path(__file__).parent / "reasons.md"
_ROW = re.compile(r"^\| (?P<reason>[^|]+) \| (?P<example>[^|]+) \|$", re.MULTILINE)
_BLOCK = re.compile(r"(?ms)^~~~~(\w+)([^\n]*)\n(.*?)^~~~~$")


@dataclass(frozen=True)
class Example:
    """A merge that has a reason not to be certain."""

    reason: str
    merged: Merge


def examples() -> list[Example]:
    found = []
    for part in re.split(r"(?m)^## ", _EXAMPLES.read_text(encoding="utf-8"))[1:]:
        blocks = {kind: (info.strip(), text) for kind, info, text in _BLOCK.findall(part)}
        (path, file), (instructions, edit) = blocks["file"], blocks["edit"]
        merged = merge(file, EditFile(path, instructions, edit))
        found.append(Example(part.partition("\n")[0], merged))
    return found


EXAMPLES = examples()


def pattern(reason: str) -> re.Pattern[str]:
    return re.compile(re.escape(reason).replace("…", ".+"))


def shown(merged: Merge, lines: list[str]) -> str:
    """Return the replacements as the page shows them."""
    text = ""
    for part, region in zip(merged.replacements, merged.regions, strict=True):
        place = f"line {part.start + 1}" if part.start < part.end else f"after line {part.start}"
        text += f"{place}, {region.why}\n"
        text += "".join(f"-{line}\n" for line in lines[part.start : part.end])
        text += "".join(f"+{line}" for line in part.lines)
    return text


def test_the_page_shows_the_replacements(pytestconfig: pytest.Config) -> None:
    found = aligned(block("file"), block("edit"))
    page = PAGE.read_text(encoding="utf-8")
    fence = re.compile(r"(?ms)^(```text replacements\n).*?^```$")
    text = shown(found.merged, found.file).replace("\\", r"\\")
    current = fence.sub(rf"\g<1>{text}```", page)
    if pytestconfig.getoption("--update-scenarios"):
        PAGE.write_text(current, encoding="utf-8")
        return
    assert page == current, "run: pytest --update-scenarios tests/docs/test_merge_page.py"


def test_the_example_is_certain_and_each_region_is_a_replacement() -> None:
    found = aligned(block("file"), block("edit"))
    assert found.merged.certain
    spans = [region.span for region in found.merged.regions]
    assert spans == [part.span for part in found.merged.replacements]
    assert all(found.file[j] == found.snippet[i] for i, j in [*found.named, *found.lines])


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.reason)
def test_an_example_has_its_reason(example: Example) -> None:
    assert any(pattern(example.reason).fullmatch(each) for each in example.merged.reasons), (
        example.merged.reasons
    )


def test_the_page_lists_the_reasons_of_the_examples() -> None:
    section = PAGE.read_text(encoding="utf-8").partition("## Certainty")[2].partition("\n## ")[0]
    rows = [row for row in _ROW.findall(section) if row[1] != "for example"]
    assert [reason for reason, _ in rows] == [example.reason for example in EXAMPLES]


def test_no_reason_is_missing() -> None:
    known = [pattern(example.reason) for example in EXAMPLES]
    merges = [example.merged for example in EXAMPLES]
    merges += [merge(one.file, EditFile(one.path, one.instructions, one.edit)) for one in stories()]
    told = {reason for merged in merges for reason in merged.reasons}
    unknown = {reason for reason in told if not any(one.fullmatch(reason) for one in known)}
    assert not unknown, f"explain them in {PAGE.name} and {_EXAMPLES.name}"
