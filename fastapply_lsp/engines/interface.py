"""Is an engine the one that its adapter knows? What it needs of it is looked for at start-up.

The hooks of engines are experimental. Where anything is missing, nothing is drafted, and one line in
the log says what it was (`diary.py`).
"""

from __future__ import annotations

import inspect
from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


class ChangedError(Exception):
    """The engine is not as expected; the message names what is missing."""


def expect(thing: object, names: Sequence[str], what: str) -> None:
    """Look for attributes, written with dots.

    Raises:
        ChangedError: one is missing.
    """
    for name in names:
        here = thing
        for part in name.split("."):
            if not hasattr(here, part):
                raise ChangedError(f"`{name}` in {what}")
            here = getattr(here, part)


def expect_parameters(function: Callable[..., Any], names: Sequence[str], what: str) -> None:
    """Look for parameters.

    Raises:
        ChangedError: one is missing, or it is no function at all.
    """
    try:
        parameters = inspect.signature(function).parameters
    except (TypeError, ValueError) as error:
        raise ChangedError(what) from error
    for name in names:
        if name not in parameters:
            raise ChangedError(f"parameter `{name}` of {what}")


def found(module: str, name: str) -> Any:  # noqa: ANN401 - a class or function of the engine
    """Return what a module of the engine holds.

    Raises:
        ChangedError: it does not.
    """
    try:
        return getattr(import_module(module), name)
    except (ImportError, AttributeError) as error:
        raise ChangedError(f"`{module}.{name}`") from error
