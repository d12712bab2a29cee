"""The modules of the room: each says its question, and the page about the merge names them all."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

_ROOT = Path(__file__).parents[2]
_MODULES = sorted((_ROOT / "fastapply_lsp" / "merge").glob("[!_]*.py"))
_PAGE = _ROOT / "docs" / "explanation" / "merge.md"


@pytest.mark.parametrize("module", _MODULES, ids=lambda module: module.stem)
def test_a_module_begins_with_its_question(module: Path) -> None:
    told = ast.get_docstring(ast.parse(module.read_text(encoding="utf-8"))) or ""
    assert "?" in told.partition("\n")[0]


def test_the_page_names_the_modules_that_there_are() -> None:
    text = _PAGE.read_text(encoding="utf-8")
    table = re.search(r"(?ms)^## The modules\n(.*?)^## ", text)
    assert table is not None
    named = re.findall(r"`(\w+\.py)`", table[1])
    assert sorted(named) == [module.name for module in _MODULES]
