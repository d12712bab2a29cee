"""`fastapply doctor`: is all well, and if not, what is wrong?"""

from __future__ import annotations

import asyncio
import json
import os
from typing import TYPE_CHECKING, Any

import click

from fastapply_lsp.commands.answer import Exit
from fastapply_lsp.commands.examination import Examination, examine
from fastapply_lsp.server.wire import error_json

if TYPE_CHECKING:
    from fastapply_lsp.commands.examination import BackendState


def run(backend: str | None, *, as_json: bool) -> int:
    """Examine and print; return the exit code."""
    found = asyncio.run(examine(os.environ, backend))
    if as_json:
        click.echo(json.dumps(_json(found), indent=2))
    else:
        _print(found)
    if found.problem is not None:
        return Exit.BAD_INPUT
    if not all(state.answers for state in found.backends):
        return Exit.BACKEND_FAILED
    return Exit.APPLIED


def _json(found: Examination) -> dict[str, Any]:
    told: dict[str, Any] = {
        "versions": found.versions,
        "folders": found.folders,
        "settings": {
            row.name: {"value": row.value, "source": row.source} for row in found.settings
        },
        "grammars": found.grammars,
        "backend": found.backend,
        "backends": [_backend_json(state) for state in found.backends],
    }
    if found.problem is not None:
        told["error"] = error_json(found.problem)
    return told


def _backend_json(state: BackendState) -> dict[str, Any]:
    told: dict[str, Any] = {
        "name": state.name,
        "answers": state.answers,
        "takes_prediction": state.takes_prediction,
        "prediction": state.prediction,
        "detail": state.detail,
    }
    if state.problem is not None:
        told["error"] = error_json(state.problem)
    return told


def _print(found: Examination) -> None:
    _head("Versions")
    _pairs(found.versions)
    _head("Folders")
    _pairs(found.folders)
    _head("Settings")
    if found.problem is not None:
        _bad(str(found.problem), found.problem.advice)
    _pairs({row.name: f"{row.value}  ({row.source})" for row in found.settings})
    _head("Grammars")
    there = [name for name, is_there in found.grammars.items() if is_there]
    missing = [name for name, is_there in found.grammars.items() if not is_there]
    click.echo(f"  {len(there)} installed: {', '.join(there)}")
    if missing:
        click.echo(f"  {len(missing)} not installed: {', '.join(missing)}")
    _head("Backends")
    click.echo(f"  the setting is {found.backend}")
    for state in found.backends:
        mark = click.style("answers", fg="green") if state.answers else click.style("fails", "red")
        click.echo(f"  {state.name}: {mark}; {state.detail}")
        click.echo(f"    prediction: {state.prediction}")
        if state.problem is not None:
            _bad(str(state.problem), state.problem.advice)


def _head(text: str) -> None:
    click.secho(text, bold=True)


def _pairs(pairs: dict[str, str]) -> None:
    width = max(map(len, pairs), default=0)
    for name, value in pairs.items():
        click.echo(f"  {name:<{width}}  {value}")


def _bad(problem: str, advice: str) -> None:
    click.secho(f"  {problem}", fg="red")
    click.echo(f"    {advice}")
