"""The example of docs/explanation/one-edit.md is the scenario that runs.

``pytest --update-scenarios`` writes the scenario's blocks into the page.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.scenarios.scenario import FOLDER, read

PAGE = Path(__file__).parents[2] / "docs" / "explanation" / "one-edit.md"

KINDS = ("buffer", "code_edit", "stream", "typing", "edits", "after", "result")


def with_blocks(page: str, blocks: dict[str, str]) -> str:
    for kind in KINDS:
        fence = re.compile(rf"^(```(?:\w+ )?{kind}\n).*?^```$", re.MULTILINE | re.DOTALL)
        assert len(fence.findall(page)) == 1, f"the page shows {kind} once"
        head = fence.findall(page)[0]
        page = fence.sub((head + blocks[kind] + "```").replace("\\", r"\\"), page)
    return page


def test_the_page_shows_what_runs(pytestconfig: pytest.Config) -> None:
    (scenario,) = read(FOLDER / "one_edit.md")
    page = PAGE.read_text(encoding="utf-8")
    current = with_blocks(page, scenario.blocks)
    if pytestconfig.getoption("--update-scenarios"):
        PAGE.write_text(current, encoding="utf-8")
        return
    assert page == current, "run: pytest --update-scenarios tests/docs"
