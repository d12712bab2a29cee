"""Help: complete, in the reference as the program has it, and without loading the program."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.cli.conftest import Fastapply
from tests.cli.help_blocks import PAGE, commands, named, updated


def test_the_reference_holds_the_help_of_every_command_as_it_is_now() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert named(page) == set(commands())
    assert updated(page) == page, "run: python -m tests.cli.help_blocks"


@pytest.mark.parametrize("name", [name for name in commands() if name != "fastapply-lsp"])
def test_each_command_has_help_and_exits_with_0(fastapply: Fastapply, name: str) -> None:
    ran = fastapply(*name.split()[1:], "--help")
    assert ran.exit == 0
    assert ran.out.decode().startswith(f"Usage: {name}")


def test_the_version(fastapply: Fastapply) -> None:
    assert fastapply("--version").out.startswith(b"fastapply, version ")


def test_help_loads_nothing_that_is_slow() -> None:
    code = (
        "import sys; from fastapply_lsp.cli import program\n"
        "try: program(['apply', '--help'])\n"
        "except SystemExit: pass\n"
        "slow = {'asyncio', 'rich', 'httpx', 'pygls', 'tree_sitter', 'hypothesis'}\n"
        "sys.exit(','.join(sorted(slow & sys.modules.keys())) or 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()
