"""What does the user see when something goes wrong? One sentence, what to do, and an exit code."""

# ruff: noqa: PLC0415 - what only a failure needs is imported when it failed

from __future__ import annotations

import logging
import os
import sys
from typing import TYPE_CHECKING

import click

from fastapply_lsp.errors import FastApplyError

if TYPE_CHECKING:
    from collections.abc import Sequence

_log = logging.getLogger(__name__)

INTERRUPTED = 130
"""128 + SIGINT, as shells say it."""

PIPE_CLOSED = 141
"""128 + SIGPIPE: whoever read our output has gone."""

BAD_USAGE = 2
UNEXPECTED = 3


def guarded(command: click.Command, name: str, arguments: Sequence[str] | None = None) -> int:
    """Run a command; return the exit code, whatever happens. A stack trace goes to the log."""
    try:
        code = command.main(arguments, prog_name=name, standalone_mode=False)
        sys.stdout.flush()
    except click.Abort:
        return INTERRUPTED
    except click.ClickException as error:
        error.show()
        return BAD_USAGE
    except FastApplyError as error:
        from fastapply_lsp.commands.answer import failure

        tell(error)
        return failure(error).exit
    except BrokenPipeError:
        # Python flushes stdout once more at exit; give it something that takes it.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return PIPE_CLOSED
    except Exception as error:  # noqa: BLE001 - the last line of defence; the log has the trace
        _tell_unexpected(error, name)
        return UNEXPECTED
    return code if isinstance(code, int) else 0


def tell(error: FastApplyError) -> None:
    """Say on stderr what happened and what the user can do."""
    click.echo(f"{click.style('fastapply:', fg='red', bold=True)} {error}", err=True)
    click.echo(f"  {error.advice}", err=True)


def _tell_unexpected(error: Exception, name: str) -> None:
    from fastapply_lsp.commands.logbook import open_log

    path = open_log()
    _log.error("%s failed unexpectedly", name, exc_info=error)
    where = "" if path is None else f" The log file {path} says more."
    # Not the error's own words: nobody has searched them for secrets.
    click.echo(f"{name} failed unexpectedly ({type(error).__name__}).{where}", err=True)
