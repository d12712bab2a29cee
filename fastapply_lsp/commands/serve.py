"""`fastapply serve`: a model of this machine behind OpenAI's API, with drafts."""

# ruff: noqa: PLC0415 - the engine is an extra, and takes seconds to load

from __future__ import annotations

import os
import socket
from dataclasses import dataclass, replace
from importlib.util import find_spec
from typing import TYPE_CHECKING, Literal

import click

from fastapply_lsp.errors import Unreadable
from fastapply_lsp.serving.address import KEY_VARIABLE, Address, demand_key
from fastapply_lsp.settings import Secret

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

EngineChoice = Literal["auto", "vllm", "transformers"]

ENDED = 3
"""vLLM ended by itself after clients could connect."""

_INSTALL = "its engine is not installed: pip install 'fastapply-lsp[engine]'"


@dataclass(frozen=True, slots=True)
class Options:
    """The command line. ``model`` is a folder, ``name`` what clients call it.

    ``draft_tokens`` limits a draft of vLLM's (0: its own limit), and ``more`` are arguments for it.
    """

    model: Path
    name: str
    host: str
    port: int
    device: str
    dtype: str
    engine: EngineChoice
    draft_tokens: int
    more: tuple[str, ...]


def run(options: Options) -> int:
    """Serve until a signal comes; return the exit code.

    Raises:
        Unreadable: the folder holds no model, or what loads it is not installed.
        SettingsError: other machines could reach the server, and no key is set.
        click.UsageError: the engine cannot do what is asked of it.
    """
    if not (options.model / "config.json").is_file():
        problem = (
            "there is no such folder" if not options.model.is_dir() else "it has no config.json"
        )
        raise Unreadable(str(options.model), problem)
    # Before any library of the hub is imported: it reads them once.
    os.environ["HF_HUB_OFFLINE"] = os.environ["TRANSFORMERS_OFFLINE"] = "1"
    word = os.environ.get(KEY_VARIABLE)
    key = Secret(word) if word else None
    demand_key(Address(options.host, options.port), key)
    return _engine(options.engine)(options, key)


def _engine(choice: EngineChoice) -> Callable[[Options, Secret | None], int]:
    """Return what starts an engine: the one chosen, or the best that is installed."""
    installed = find_spec("vllm") is not None
    if choice == "vllm" and not installed:
        message = "vLLM is not installed: pip install 'fastapply-lsp[vllm]'"
        raise click.UsageError(message)
    return _with_vllm if installed and choice != "transformers" else _with_transformers


def _with_vllm(options: Options, key: Secret | None) -> int:
    from fastapply_lsp.commands.vllm_launch import Installed, launch_of
    from fastapply_lsp.commands.vllm_process import free_port, run

    vllm = Installed.found()
    try:
        port = free_port(Address(options.host, options.port))
    except OSError as error:
        raise _cannot_listen(options, error) from error
    launch = launch_of(replace(options, port=port), key, vllm)
    address = Address(options.host, port)
    click.echo(f"vLLM {vllm.version} starts; this takes half a minute to some minutes.", err=True)
    ended = run(
        launch,
        f"{address.for_us.root}/health",
        lambda: click.echo(f"{options.name} at {address.root}/v1"),
    )
    if ended.asked:
        return 0
    if ended.ready:
        click.echo(f"vLLM ended by itself, with status {ended.status}.", err=True)
        return ENDED
    problem = f"vLLM ended with status {ended.status} before it served; its words stand above"
    raise Unreadable(str(options.model), problem)


def _with_transformers(options: Options, key: Secret | None) -> int:
    if options.more or options.draft_tokens:
        message = "--draft-tokens, and what stands after --, are for vLLM."
        raise click.UsageError(message)
    address = Address(options.host, options.port)
    try:
        from fastapply_lsp.serving.listening import serve, taken, terms_for

        terms = terms_for(options.name, address, key)
        from fastapply_lsp.engines.transformers import Engine
    except ModuleNotFoundError as error:
        raise Unreadable(str(options.model), _INSTALL) from error
    try:
        place = taken(address)  # first, since a model takes seconds or minutes to load
    except OSError as error:
        raise _cannot_listen(options, error) from error
    with place:
        try:
            engine = Engine.load(options.model, device=options.device, dtype=options.dtype)
        except LookupError as error:
            raise click.UsageError(f"{error}.") from error
        except (OSError, ValueError) as error:
            raise Unreadable(str(options.model), str(error)) from error
        if engine.tokenizer.chat_template is None:
            click.echo(f"{options.name} has no chat template: only /v1/completions.", err=True)
        try:
            serve(engine, terms, place, announce=click.echo)
        except OSError as error:
            raise _cannot_listen(options, error) from error
    return 0


def _cannot_listen(options: Options, error: OSError) -> click.ClickException:
    # The numbers of a name that is not known are none of the operating system's.
    if error.errno is None or isinstance(error, socket.gaierror):
        why = error.strerror or str(error)
    else:
        why = os.strerror(error.errno)
    return click.ClickException(f"Cannot listen on {options.host}:{options.port}: {why}.")
