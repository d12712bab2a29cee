"""What does `fastapply doctor` find? Versions, settings and their sources, grammars, backends.

Law: no secret is in any of these values, so nothing that prints them can show one.
"""

from __future__ import annotations

import platform
import time
from dataclasses import dataclass, fields, is_dataclass
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING

from fastapply_lsp import __version__
from fastapply_lsp.backends.registry import Backends
from fastapply_lsp.commands.logbook import open_log
from fastapply_lsp.errors import SettingsError
from fastapply_lsp.files.journal import journal_folder
from fastapply_lsp.files.logs import log_file
from fastapply_lsp.files.settings_sources import config_file, load
from fastapply_lsp.merge import merge
from fastapply_lsp.request.model import EditFile
from fastapply_lsp.settings import Settings, describe
from fastapply_lsp.syntax.languages import LANGUAGES
from fastapply_lsp.syntax.tree import has_grammar

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from fastapply_lsp.backends.registry import Concrete
    from fastapply_lsp.errors import FastApplyError
    from fastapply_lsp.files.settings_sources import Loaded

LIBRARIES = ("pygls", "lsprotocol", "httpx", "tree-sitter", "unidiff", "platformdirs", "click")


@dataclass(frozen=True, slots=True)
class ShownSetting:
    """One setting: its value in words, and where it came from."""

    name: str
    value: str
    source: str
    is_default: bool


@dataclass(frozen=True, slots=True)
class BackendState:
    """One backend: whether it answers, and what it does with a draft.

    ``detail`` are further words; ``problem`` is the error where it does not answer.
    """

    name: str
    answers: bool
    takes_prediction: bool | None
    prediction: str
    detail: str
    problem: FastApplyError | None = None


@dataclass(frozen=True, slots=True)
class Examination:
    """All that was found. ``problem`` is a setting that cannot be used."""

    versions: dict[str, str]
    folders: dict[str, str]
    settings: tuple[ShownSetting, ...]
    grammars: dict[str, bool]
    backend: str
    backends: tuple[BackendState, ...]
    problem: SettingsError | None = None


async def examine(environment: Mapping[str, str], named: str | None) -> Examination:
    """Look at everything; what cannot be used is in the result, nothing is raised."""
    problem: SettingsError | None = None
    shown: tuple[ShownSetting, ...] = ()
    states: tuple[BackendState, ...] = ()
    settings = Settings()
    try:
        loaded = load(environment, call={"backend": named} if named else None)
        settings = loaded.settings
        open_log(settings)
        shown = tuple(_shown(loaded))
        states = await _backends(settings)
    except SettingsError as error:
        problem = error
    return Examination(
        versions=_versions(),
        folders=folders(environment),
        settings=shown,
        grammars={one.id: has_grammar(one) for one in LANGUAGES if one.grammar is not None},
        backend=settings.backend,
        backends=states,
        problem=problem,
    )


def _versions() -> dict[str, str]:
    found = {
        "fastapply-lsp": __version__,
        "Python": platform.python_version(),
        "system": platform.platform(),
    }
    for name in LIBRARIES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "not installed"
    return found


def folders(environment: Mapping[str, str]) -> dict[str, str]:
    """Return where the program keeps things, by what it is."""
    return {
        "settings file": str(config_file(environment)),
        "journal": str(journal_folder(environment)),
        "log file": str(log_file(environment)),
    }


def _shown(loaded: Loaded) -> Iterator[ShownSetting]:
    values = dict(_flat(loaded.settings, ""))
    for row in describe():
        value = values[row.name]
        origin = loaded.origins[row.name]
        yield ShownSetting(
            name=row.name,
            value=_words(value, secret=row.secret),
            source=origin.place,
            is_default=value == row.default,
        )


def _flat(settings: object, prefix: str) -> Iterator[tuple[str, object]]:
    if is_dataclass(settings):
        for one in fields(settings):
            value = getattr(settings, one.name)
            if is_dataclass(value):
                yield from _flat(value, f"{prefix}{one.name}.")
            else:
                yield prefix + one.name, value


def _words(value: object, *, secret: bool) -> str:
    if value is None or value == ():
        return "not set"
    if secret:
        return "set, not shown"
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)


async def _backends(settings: Settings) -> tuple[BackendState, ...]:
    """Ask every backend that the settings may come to."""
    names: list[Concrete] = []
    if settings.backend in ("auto", "embedded"):
        names.append("embedded")
    if settings.backend == "completions":
        names.append("completions")  # its server need not have a chat
    elif settings.backend == "openai" or settings.openai.base_url is not None:
        names.append("openai")
    if settings.backend == "scripted" or settings.scripted.script is not None:
        names.append("scripted")
    return tuple([await _state(settings, name) for name in names])


async def _state(settings: Settings, name: Concrete) -> BackendState:
    match name:
        case "embedded":
            return _embedded()
        case "openai":
            return await _openai(settings)
        case "completions":
            return await _completions(settings)
        case "scripted":
            Backends(settings).named("scripted")  # reads the script
            return BackendState(name, True, False, "plays a script", "the script can be read")


def _embedded() -> BackendState:
    began = time.perf_counter()
    call = EditFile("x.py", "", "# ... existing code ...\nb = 3\n")
    placed = merge("a = 1\nb = 2\n", call).placed
    ms = 1000 * (time.perf_counter() - began)
    return BackendState("embedded", placed, False, "needs none", f"merged a sample in {ms:.0f} ms")


async def _openai(settings: Settings) -> BackendState:
    from fastapply_lsp.backends.probe import Prediction, probe  # noqa: PLC0415 - httpx is slow to load

    if settings.openai.base_url is None:
        problem = "it names a model, but openai.base_url says no address"
        raise SettingsError("backend", problem, "the settings")
    found = await probe(settings.openai)
    detail = [found.url]
    if found.models:
        detail.append(f"models: {', '.join(found.models[:5])}")
    if found.first_text_ms is not None:
        detail.append(f"first text after {found.first_text_ms:.0f} ms")
    return BackendState(
        name="openai",
        answers=found.answers,
        takes_prediction={Prediction.TAKEN: True, Prediction.REFUSED: False}.get(found.prediction),
        prediction=found.prediction.value,
        detail="; ".join(detail),
        problem=found.problem,
    )


async def _completions(settings: Settings) -> BackendState:
    from fastapply_lsp.backends.probe_scores import probe_scores  # noqa: PLC0415 - as above

    if settings.openai.base_url is None:
        problem = "it names a model, but openai.base_url says no address"
        raise SettingsError("backend", problem, "the settings")
    found = await probe_scores(settings.openai, settings.completions)
    detail = found.url
    if found.tokens is not None and found.whole_ms is not None:
        detail += f"; scored {found.tokens} tokens in {found.whole_ms:.0f} ms"
    works = found.problem is None
    prediction = "verifies it call by call" if works else "could not be found out"
    return BackendState(
        "completions", works, True if works else None, prediction, detail, found.problem
    )
