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


def run(tmp_path: Path, *, check: int = 0, test: int = 0, says: str = "") -> tuple[int, str]:
    """Run a copy of the script with a `make` that says and returns what it is told."""
    (tmp_path / ".ci").mkdir()
    shutil.copy(SCRIPT, tmp_path / ".ci" / "run")
    tools = tmp_path / "tools"
    tools.mkdir()
    (tmp_path / "says").write_text(f"{says}\n{CLOSING}\n", encoding="utf-8")
    make = tools / "make"
    make.write_text(
        f'#!/bin/sh\necho "make $1" >> calls\n[ "$1" = check ] && exit {check}\n'
        f"cat says\nexit {test}\n",
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


def test_it_checks_then_tests_and_ends_with_pytests_closing_line(tmp_path: Path) -> None:
    code, out = run(tmp_path, says=KNOWN)
    assert code == 0
    assert (tmp_path / "calls").read_text(encoding="utf-8") == "make check\nmake test\n"
    assert out.splitlines()[-1] == CLOSING


def test_a_failed_check_ends_it(tmp_path: Path) -> None:
    assert run(tmp_path, check=2)[0] == 2
    assert "make test" not in (tmp_path / "calls").read_text(encoding="utf-8")


def test_a_failed_test_fails_it(tmp_path: Path) -> None:
    assert run(tmp_path, test=2)[0] != 0


@pytest.mark.parametrize(
    "says", ["SKIPPED [1] tests/neovim/x.py:3: no nvim here", "XFAIL tests/a.py::b - later"]
)
def test_an_unexpected_skip_fails_it(tmp_path: Path, says: str) -> None:
    assert run(tmp_path, says=f"{KNOWN}\n{says}")[0] == 1
