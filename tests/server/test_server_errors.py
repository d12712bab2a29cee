"""Each error has its row: in the server's table, and in the reference for users."""

from __future__ import annotations

import inspect
from pathlib import Path

import pytest

from fastapply_lsp import errors
from fastapply_lsp.errors import AmbiguousTarget, FastApplyError, NotPlaced, TooLarge
from fastapply_lsp.server import error_table
from fastapply_lsp.server.wire import error_json

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "errors.md"
CLASSES = [
    one for _, one in inspect.getmembers(errors, inspect.isclass) if issubclass(one, FastApplyError)
]


def plain(text: str) -> str:
    """Leave out the marks of Markdown."""
    return " ".join(text.replace("`", "").split())


@pytest.mark.parametrize("error", CLASSES, ids=lambda one: one.__name__)
def test_every_error_has_a_row(error: type[FastApplyError]) -> None:
    assert error.code in error_table.ROWS
    rows = [
        line
        for line in PAGE.read_text("utf-8").splitlines()
        if line.startswith(f"| `{error.code}`")
    ]
    assert len(rows) == 1, f"{PAGE.name} needs one row for {error.code}"
    assert plain(error.advice.split(";")[0].rstrip(".")) in plain(rows[0])


def test_no_row_is_left_over() -> None:
    codes = {error.code for error in CLASSES}
    assert set(error_table.ROWS) == codes
    page = [
        line.split("`")[1] for line in PAGE.read_text("utf-8").splitlines() if line[:3] == "| `"
    ]
    assert set(page) == codes


def test_what_is_not_of_the_tree_loses_its_words() -> None:
    error = error_table.of_the_tree(ValueError("a path of this machine"))
    assert error.code == "internal"
    assert "this machine" not in str(error)


def test_errors_carry_their_fields() -> None:
    assert error_json(AmbiguousTarget(("a", "b")))["candidates"] == ["a", "b"]
    assert error_json(TooLarge("x", 3, 2, "lines"))["limit"] == 2
    assert error_json(NotPlaced(("why",)))["reasons"] == ["why"]
    answer = error_table.as_response(AmbiguousTarget(("a", "b")), result={"outcome": "failed"})
    assert answer.code == -32803
    assert answer.data is not None
    assert answer.data["result"] == {"outcome": "failed"}
