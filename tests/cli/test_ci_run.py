"""`.ci/run`: what it calls, and what it does not let pass. `make` is a stand-in here."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

SCRIPT = Path(__file__).resolve().parents[2] / ".ci" / "run"
KNOWN = "SKIPPED [2] tests/x.py:3: the folder with the evaluation cases is not here"
CLOSING = "===== 10 passed, 2 skipped in 1.00s ====="
VLLM = "===== 3 passed in 1.00s ====="


def run(
    tmp_path: Path, *, fails: str = "", code: int = 2, says: str = "", vllm_says: str = ""
) -> tuple[int, str]:
    """Run a copy of the script with a `make` that says what it is told, and fails at one target."""
    (tmp_path / ".ci").mkdir()
    shutil.copy(SCRIPT, tmp_path / ".ci" / "run")
    tools = tmp_path / "tools"
    tools.mkdir()
    (tmp_path / "check").write_text("All checks passed!\n", encoding="utf-8")
    (tmp_path / "test").write_text(f"{says}\n{CLOSING}\n", encoding="utf-8")
    (tmp_path / "test-vllm").write_text(f"{vllm_says}\n{VLLM}\n", encoding="utf-8")
    make = tools / "make"
    make.write_text(
        f'#!/bin/sh\necho "make $1" >> calls\ncat "$1"\n[ "$1" != "{fails}" ] || exit {code}\n',
        encoding="utf-8",
    )
    make.chmod(0o755)
    done = subprocess.run(
        [tmp_path / ".ci" / "run"],
        env={**os.environ, "PATH": f"{tools}:{os.environ['PATH']}"},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout


def calls(tmp_path: Path) -> list[str]:
    return (tmp_path / "calls").read_text(encoding="utf-8").splitlines()


def test_it_checks_then_tests_and_each_part_ends_with_its_closing_line(tmp_path: Path) -> None:
    code, out = run(tmp_path, says=KNOWN)
    assert code == 0
    assert calls(tmp_path) == ["make check", "make test", "make test-vllm"]
    closings = [line for line in out.splitlines() if line.startswith("=====")]
    assert closings == [CLOSING, VLLM]
    assert out.splitlines()[-1] == VLLM


def test_a_failed_check_ends_it(tmp_path: Path) -> None:
    assert run(tmp_path, fails="check")[0] == 2
    assert calls(tmp_path) == ["make check"]


def test_a_failed_test_fails_it(tmp_path: Path) -> None:
    assert run(tmp_path, fails="test")[0] != 0
    assert calls(tmp_path)[-1] == "make test"


def test_a_failed_test_of_vllm_fails_it(tmp_path: Path) -> None:
    assert run(tmp_path, fails="test-vllm")[0] != 0


SKIPS = ["SKIPPED [1] tests/neovim/x.py:3: no nvim here", "XFAIL tests/a.py::b - later"]


@pytest.mark.parametrize("says", SKIPS)
def test_an_unexpected_skip_fails_it(tmp_path: Path, says: str) -> None:
    assert run(tmp_path, says=f"{KNOWN}\n{says}")[0] == 1
    assert calls(tmp_path)[-1] == "make test"


@pytest.mark.parametrize("says", SKIPS)
def test_an_unexpected_skip_in_the_vllm_part_fails_it(tmp_path: Path, says: str) -> None:
    assert run(tmp_path, vllm_says=says)[0] == 1
