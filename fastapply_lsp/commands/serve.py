"""`fastapply serve`: a model of this machine behind OpenAI's API, with drafts."""

# ruff: noqa: PLC0415 - the engine is an extra, and takes seconds to load

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import TYPE_CHECKING

import click

from fastapply_lsp.errors import Unreadable
from fastapply_lsp.settings import Secret

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

_INSTALL = "its engine is not installed: pip install 'fastapply-lsp[engine]'"


@dataclass(frozen=True, slots=True)
class Options:
    """The command line. ``model`` is a folder, ``name`` what clients call it."""

    model: Path
    name: str
    host: str
    port: int
    device: str
    dtype: str


def run(options: Options) -> int:
    """Serve until a signal comes; return the exit code.

    Raises:
        Unreadable: the folder holds no model, or what loads it is not installed.
        SettingsError: other machines could reach the server, and no key is set.
    """
    if not (options.model / "config.json").is_file():
        problem = (
            "there is no such folder" if not options.model.is_dir() else "it has no config.json"
        )
        raise Unreadable(str(options.model), problem)
    # Before any library of the hub is imported: it reads them once.
    os.environ["HF_HUB_OFFLINE"] = os.environ["TRANSFORMERS_OFFLINE"] = "1"
    key = os.environ.get("FASTAPPLY_SERVE_API_KEY")
    start = _engine()
    return start(options, Secret(key) if key else None)


def _engine() -> Callable[[Options, Secret | None], int]:
    """Return what starts the best engine that is installed."""
    return _with_transformers


def _with_transformers(options: Options, key: Secret | None) -> int:
    try:
        from fastapply_lsp.serving.listening import Address, serve, terms_for

        address = Address(options.host, options.port)
        terms = terms_for(options.name, address, key)
        from fastapply_lsp.engines.transformers import Engine
    except ModuleNotFoundError as error:
        raise Unreadable(str(options.model), _INSTALL) from error
    try:
        engine = Engine.load(options.model, device=options.device, dtype=options.dtype)
    except (OSError, ValueError) as error:
        raise Unreadable(str(options.model), str(error)) from error
    try:
        serve(engine, terms, address, announce=click.echo)
    except OSError as error:
        why = os.strerror(error.errno) if error.errno else str(error)
        message = f"Cannot listen on {options.host}:{options.port}: {why}."
        raise click.ClickException(message) from error
    return 0
