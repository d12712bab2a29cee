"""One setting's value: from what a source says to what the program uses."""

from __future__ import annotations

import difflib
import json
import math
import re
from typing import TYPE_CHECKING, Any, Literal, get_args, get_origin
from urllib.parse import urlsplit

from fastapply_lsp.errors import SettingsError
from fastapply_lsp.settings import Header, Secret, describe

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fastapply_lsp.settings import Setting

_WORDS_FOR_BOOL = {
    "true": True,
    "yes": True,
    "on": True,
    "1": True,
    "false": False,
    "no": False,
    "off": False,
    "0": False,
}
_PLAIN = re.compile(r"[A-Za-z0-9:/?#\[\]@!$&'()*+,;=._~%-]+")
_SHOWN = 60
"""Characters of a wrong value that an error quotes."""


def flattened(values: Mapping[str, object], source: str) -> dict[str, object]:
    """Return nested values under dotted names, without the unset ones (``None`` and ``""``).

    Raises:
        SettingsError: a name that no setting has, or a value where a table must stand.

    >>> flattened({"openai": {"model": "m", "dialect": None}}, "a file")
    {'openai.model': 'm'}
    """
    names = {row.name for row in describe()}
    tables = {name.split(".")[0] for name in names if "." in name}
    flat: dict[str, object] = {}
    for key, value in values.items():
        if key in tables:
            if value is None:
                continue
            if not isinstance(value, dict):
                raise SettingsError(key, "it must be a table", source)
            flat.update({f"{key}.{inner}": one for inner, one in value.items()})
        else:
            flat[key] = value
    for name in flat:
        if name not in names:
            raise SettingsError(name, unknown(name, names, tables), source)
    return {name: value for name, value in flat.items() if value not in (None, "")}


def unknown(name: str, names: set[str], tables: set[str]) -> str:
    """Return what to say of a name that no setting has; a name of a table may be meant as well."""
    likely = names if "." in name else {*tables, *(one for one in names if "." not in one)}
    near = difflib.get_close_matches(name, sorted(likely), n=1)
    meant = f" (is {near[0]} meant?)" if near else ""
    return f"there is no setting of this name{meant}"


def parsed(row: Setting, value: object, source: str) -> Any:  # noqa: ANN401 - as the row's kind says
    """Return the value that a table holds, checked.

    Raises:
        SettingsError: it has the wrong type or is out of bounds.
    """
    return _checked(row, _of_kind(row, value), value, source)


def parsed_text(row: Setting, text: str, source: str) -> Any:  # noqa: ANN401 - as the row's kind says
    """Return the value that an environment variable's text means, checked.

    Raises:
        SettingsError: it has no such meaning or is out of bounds.
    """
    value: object = text
    try:
        if row.kind is bool:
            value = _WORDS_FOR_BOOL.get(text.strip().lower(), text)
        elif row.kind is int:
            value = int(text)
        elif row.kind is float:
            value = float(text)
        elif Header in _parts(row.kind):
            value = json.loads(text)
    except ValueError:
        value = text
    return _checked(row, _of_kind(row, value), value, source)


def _parts(kind: Any) -> tuple[Any, ...]:  # noqa: ANN401 - a type, of whatever sort
    return get_args(kind) or (kind,)


def _of_kind(row: Setting, value: object) -> object | None:
    """The value in the row's type, ``None`` where it has none."""
    kinds = _parts(row.kind)
    found: object | None = None
    match value:
        case str() if get_origin(row.kind) is Literal:
            found = value if value in kinds else None
        case str() if Secret in kinds:
            # A line end that came along with a key would break the request, and show the key.
            found = Secret(value.strip()) if _fits_header(value.strip()) else None
        case bool() if bool not in kinds:
            pass  # Python counts a bool as an int; a reader does not
        case str() | bool() | int() if type(value) in kinds:
            found = value
        case int() | float() if float in kinds and math.isfinite(value):
            found = float(value)
        case dict() if Header in kinds and all(map(_fits_header, (*value, *value.values()))):
            found = tuple(Header(name, Secret(text)) for name, text in value.items())
        case _:
            pass
    return found


def _fits_header(text: object) -> bool:
    return isinstance(text, str) and text.isascii() and text.isprintable()


def _checked(row: Setting, found: object | None, value: object, source: str) -> object:
    shown = "" if row.secret else f", not {value!r}"[:_SHOWN]
    article = "a " if row.form.startswith(("whole number", "number", "table")) else ""
    problem = f"it must be {article}{row.form}{shown}"
    if found is None:
        raise SettingsError(row.name, problem, source)
    if row.minimum is not None and isinstance(found, int | float) and found < row.minimum:
        raise SettingsError(row.name, problem, source)
    if row.name == "openai.base_url":
        return _checked_url(str(found), source)
    return found


def _checked_url(url: str, source: str) -> str:
    """Return the address without a last slash; never quote it, it may hold a password."""
    name = "openai.base_url"
    if not _PLAIN.fullmatch(url):
        # Where two parsers of addresses disagree, a key goes to the wrong host.
        raise SettingsError(name, "it holds characters that no address needs", source)
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        raise SettingsError(name, "it is no address", source) from None
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise SettingsError(name, "it must begin with http:// or https:// and name a host", source)
    if parts.username is not None or parts.password is not None:
        problem = "it must not hold a user or password; use openai.api_key or openai.headers"
        raise SettingsError(name, problem, source)
    if parts.query or parts.fragment:
        raise SettingsError(name, "it must not hold a query or fragment", source)
    return url.rstrip("/")
