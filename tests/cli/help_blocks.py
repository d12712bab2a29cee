"""Keeps the help texts in docs/reference/cli.md current: `python -m tests.cli.help_blocks`."""

from __future__ import annotations

import re
from pathlib import Path

import click

from fastapply_lsp.cli import program, server

PAGE = Path(__file__).resolve().parents[2] / "docs" / "reference" / "cli.md"
WIDTH = 80
_BLOCK = re.compile(r"(<!-- help: (?P<name>.+?) -->\n\n```text\n).*?(?=```\n)", re.DOTALL)


def commands() -> dict[str, click.Command]:
    """Return every command by its full name."""
    found: dict[str, click.Command] = {"fastapply": program, "fastapply-lsp": server}
    waiting: list[tuple[str, click.Command]] = [("fastapply", program)]
    while waiting:
        name, command = waiting.pop()
        found[name] = command
        if isinstance(command, click.Group):
            waiting += [(f"{name} {key}", each) for key, each in command.commands.items()]
    return found


def help_of(name: str) -> str:
    """Return what `NAME --help` prints."""
    command = commands()[name]
    names = ["-h", "--help"]  # subcommands inherit them where the program itself prints its help
    with click.Context(
        command, info_name=name, terminal_width=WIDTH, help_option_names=names
    ) as context:
        return command.get_help(context) + "\n"


def updated(page: str) -> str:
    """Return the page with each marked block as the program has it now."""
    return _BLOCK.sub(lambda found: found[1] + help_of(found["name"]), page)


def named(page: str) -> set[str]:
    """Return the commands whose help the page holds."""
    return {found["name"] for found in _BLOCK.finditer(page)}


if __name__ == "__main__":
    PAGE.write_text(updated(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
