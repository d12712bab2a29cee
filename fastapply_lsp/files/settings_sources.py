"""Where settings come from, and which source wins.

Highest first: the call, the environment, the editor's workspace configuration, the editor's
initialization options, the user's file. Every value remembers its source.

**A key stays with its host.** The editor's settings can come from a repository that was only just
cloned. So a key or header from the user's file or environment goes to the host that the user's
file or environment names (its own source first), and to no other: whatever else asks for another
host is refused before anything is sent. An editor setting may not name an environment variable
to read a key from either.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from fastapply_lsp.errors import SettingsError
from fastapply_lsp.files.settings_loaded import Kind, Loaded, Origin
from fastapply_lsp.files.settings_values import flattened, parsed, parsed_text, unknown
from fastapply_lsp.settings import (
    CompletionsSettings,
    Lenses,
    Limits,
    OpenAISettings,
    ScriptedSettings,
    Secret,
    Settings,
    describe,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

__all__ = [
    "Kind",
    "Layer",
    "Loaded",
    "Origin",
    "config_file",
    "environment_layer",
    "file_layer",
    "load",
    "mapping_layer",
    "merged",
]

NO_SETTINGS = frozenset({"FASTAPPLY_CONFIG", "FASTAPPLY_STATE", "FASTAPPLY_LOG", "FASTAPPLY_CASES"})
"""Variables of this prefix that name a place and are no setting.

The last one is read by tests and benchmarks only; whoever sets it must still be able to run us.
"""

_OWN_ONLY = frozenset({"openai.api_key_env"})
_CREDENTIALS = ("openai.api_key", "openai.headers")


@dataclass(frozen=True, slots=True)
class Layer:
    """The values of one source, parsed; ``places`` says where each stands."""

    kind: Kind
    values: Mapping[str, Any]
    places: Mapping[str, str]


def config_file(environment: Mapping[str, str]) -> Path:
    """Return the user's settings file, whether it exists or not; ``FASTAPPLY_CONFIG`` names it."""
    named = environment.get("FASTAPPLY_CONFIG")
    if named:
        return Path(named).expanduser()
    import platformdirs  # noqa: PLC0415 - costs start-up time where it is not needed

    return Path(platformdirs.user_config_dir("fastapply-lsp", appauthor=False)) / "config.toml"


def load(
    environment: Mapping[str, str],
    *,
    call: Mapping[str, object] | None = None,
    workspace: Mapping[str, object] | None = None,
    initialization: Mapping[str, object] | None = None,
) -> Loaded:
    """Read every source and return what counts.

    ``workspace`` and ``initialization`` are the editor's objects, nested as the file is; one that
    is wrapped in a single key ``fastapply`` is unwrapped.

    Raises:
        SettingsError: an unknown key, a wrong value, or a key that would leave its host.
    """
    layers = [
        mapping_layer(Kind.CALL, call or {}),
        environment_layer(environment),
        mapping_layer(Kind.WORKSPACE, _unwrapped(workspace or {})),
        mapping_layer(Kind.INITIALIZATION, _unwrapped(initialization or {})),
        file_layer(config_file(environment), named=bool(environment.get("FASTAPPLY_CONFIG"))),
    ]
    return merged(layers, environment)


def mapping_layer(kind: Kind, values: Mapping[str, object], place: str | None = None) -> Layer:
    """Return the layer that a nested mapping makes; ``None`` inside it means unset."""
    where = kind.value if place is None else place
    flat = flattened(values, where)
    for name in flat:
        if name in _OWN_ONLY and not kind.own:
            problem = "only your own settings file or environment may set it"
            raise SettingsError(name, problem, where)
    rows = {row.name: row for row in describe()}
    known = {name: parsed(rows[name], value, where) for name, value in flat.items()}
    return Layer(kind, known, dict.fromkeys(known, where))


def environment_layer(environment: Mapping[str, str]) -> Layer:
    """Return the layer of ``FASTAPPLY_*`` variables; an empty one is unset."""
    rows = {row.environment: row for row in describe()}
    values: dict[str, Any] = {}
    places: dict[str, str] = {}
    for variable, text in sorted(environment.items()):
        if not variable.startswith("FASTAPPLY_") or variable in NO_SETTINGS or not text:
            continue
        place = f"the environment variable {variable}"
        row = rows.get(variable)
        if row is None:
            raise SettingsError(variable, unknown(variable, set(rows), set()), place)
        values[row.name] = parsed_text(row, text, place)
        places[row.name] = place
    return Layer(Kind.ENVIRONMENT, values, places)


def file_layer(path: Path, *, named: bool) -> Layer:
    """Return the layer of the user's TOML file; absent is empty, unless it was ``named``."""
    try:
        content = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        if named:
            raise SettingsError("FASTAPPLY_CONFIG", "no such file", str(path)) from None
        content = ""
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError("", f"the file cannot be read ({error})", str(path)) from error
    try:
        values = tomllib.loads(content)
    except tomllib.TOMLDecodeError as error:
        raise SettingsError("", f"the file is no TOML ({error})", str(path)) from error
    return mapping_layer(Kind.FILE, values, str(path))


def merged(layers: Sequence[Layer], environment: Mapping[str, str]) -> Loaded:
    """Return what counts of ``layers``, highest first.

    ``environment`` resolves ``openai.api_key_env``.
    """
    values: dict[str, Any] = {row.name: row.default for row in describe()}
    origins = dict.fromkeys(values, Origin(Kind.DEFAULT, Kind.DEFAULT.value))
    for layer in reversed(layers):
        values.update(layer.values)
        origins.update({name: Origin(layer.kind, layer.places[name]) for name in layer.values})
    variable = values["openai.api_key_env"]
    if variable is not None and values["openai.api_key"] is None and environment.get(variable):
        values["openai.api_key"] = Secret(environment[variable])
        named_in = origins["openai.api_key_env"]
        place = f"the environment variable {variable}, named in {named_in.place}"
        origins["openai.api_key"] = Origin(named_in.kind, place)
    _hold_credentials(layers, values, origins)
    return Loaded(_built(values), origins)


def _hold_credentials(
    layers: Sequence[Layer], values: Mapping[str, Any], origins: Mapping[str, Origin]
) -> None:
    url = values["openai.base_url"]
    if url is None:
        return
    own = {layer.kind: layer.values.get("openai.base_url") for layer in layers if layer.kind.own}
    for name in _CREDENTIALS:
        source = origins[name].kind
        if not values[name] or not source.own:
            continue
        bound = own.get(source) or next((one for one in own.values() if one), None)
        if bound is None or _host(bound) != _host(url):
            to = "no host yet" if bound is None else f"{_host(bound)} only"
            problem = (
                f"your own settings bind {name} from {origins[name].place} to {to},"
                f" so it is not sent to {_host(url)}; if you trust that host, name it in your"
                " own file or environment"
            )
            raise SettingsError("openai.base_url", problem, origins["openai.base_url"].place)


def _host(url: str) -> str:
    """Scheme, host and port: a key for https must not go out over http either."""
    parts = urlsplit(url)
    port = parts.port or {"http": 80, "https": 443}.get(parts.scheme)
    return f"{parts.scheme}://{parts.hostname}:{port}"


def _built(values: Mapping[str, Any]) -> Settings:
    def under(prefix: str) -> dict[str, Any]:
        return {n.removeprefix(prefix): v for n, v in values.items() if n.startswith(prefix)}

    return Settings(
        openai=OpenAISettings(**under("openai.")),
        completions=CompletionsSettings(**under("completions.")),
        scripted=ScriptedSettings(**under("scripted.")),
        limits=Limits(**under("limits.")),
        lenses=Lenses(**under("lenses.")),
        **{name: value for name, value in values.items() if "." not in name},
    )


def _unwrapped(values: Mapping[str, object]) -> Mapping[str, object]:
    match values:
        case {"fastapply": dict(inner)} if len(values) == 1:
            return inner
        case _:
            return values
