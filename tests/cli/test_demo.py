"""`make demo`: what it shows, without a terminal and without waiting."""

from __future__ import annotations

import hashlib
import runpy
import sys
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
DEMO = EXAMPLES / "demo.py"


def digest() -> dict[str, str]:
    return {
        path.relative_to(EXAMPLES).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in EXAMPLES.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }


def test_its_environment_is_a_part_of_that_for_the_tests() -> None:
    folder = EXAMPLES.parent / "requirements"
    product, tests = (
        set((folder / name).read_text(encoding="utf-8").splitlines())
        for name in ("run.txt", "dev.txt")
    )
    assert product < tests


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> str:
    monkeypatch.setattr(sys, "argv", ["demo.py"])
    monkeypatch.setenv("COLUMNS", "100")
    with pytest.raises(SystemExit) as ended:
        runpy.run_path(str(DEMO), run_name="__main__")
    assert ended.value.code == 0
    return capsys.readouterr().out


def test_it_shows_every_block_and_leaves_the_examples_alone(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    before = digest()
    monkeypatch.setattr(sys, "argv", ["demo.py", "--pace", "0"])
    with pytest.raises(SystemExit) as ended:
        runpy.run_path(str(DEMO), run_name="__main__")
    out = capsys.readouterr().out
    assert ended.value.code == 0
    assert digest() == before
    for target in ("inventory.py", "orders.py", "cart.ts", "limiter.go", "theme.css"):
        assert target in out
    assert out.count("✓ written") == 6
    assert out.count("not written") == 1


def test_it_is_plain_and_fits_into_100_columns(shown: str) -> None:
    assert "\x1b" not in shown
    assert max(map(len, shown.splitlines())) <= 100


def test_each_form_of_a_block_is_there(shown: str) -> None:
    for form in ("lazy snippet", "whole definitions", "unified diff", "search/replace blocks"):
        assert form in shown


def test_hunks_arrive_from_top_to_bottom(shown: str) -> None:
    block = shown.split("theme.css")[1].split("✓ written", maxsplit=1)[0]
    lines = [
        int(row.split("line ")[1].split()[0]) for row in block.splitlines() if " ms  line" in row
    ]
    assert len(lines) == 4
    assert lines == sorted(lines)
    assert "+   border-bottom: 1px solid var(--line);" in block
