"""One field of a request's body: is it what it should be? Each refusal is a sentence."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from fastapply_lsp.serving.refusals import Refused

if TYPE_CHECKING:
    from collections.abc import Mapping

_SHOWN = 60


def shown(value: object) -> str:
    """Return a value as JSON, short enough for a sentence."""
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"


class Fields:
    """The body of a request. ``null`` counts as absent everywhere, as it does at OpenAI.

    Raises:
        Refused: by every method, where the value is of the wrong type or out of its range.
    """

    def __init__(self, body: Mapping[str, Any]) -> None:
        self._body = body

    def raw(self, name: str) -> Any:  # noqa: ANN401 - whatever the client sent
        """Return the value, or ``None``."""
        return self._body.get(name)

    def flag(self, name: str, *, default: bool = False) -> bool:
        """Return true or false."""
        value = self.raw(name)
        if value is None:
            return default
        if isinstance(value, bool):
            return value
        raise wrong(name, "true or false", value)

    def text(self, name: str) -> str | None:
        """Return a text."""
        value = self.raw(name)
        if value is None or isinstance(value, str):
            return value
        raise wrong(name, "a text", value)

    def whole(self, name: str, least: int, most: int | None = None) -> int | None:
        """Return a whole number from ``least`` to ``most``."""
        value = self.raw(name)
        if value is None:
            return None
        if isinstance(value, int) and not isinstance(value, bool) and _within(value, least, most):
            return value
        raise wrong(name, f"a whole number {_range(least, most)}", value)

    def number(self, name: str, default: float, least: float, most: float | None = None) -> float:
        """Return a number from ``least`` to ``most``."""
        value = self.raw(name)
        if value is None:
            return default
        counts = isinstance(value, int | float) and not isinstance(value, bool)
        if counts and _within(value, least, most):  # what is no number (NaN) is not within
            return float(value)
        raise wrong(name, f"a number {_range(least, most)}", value)

    def absent(self, name: str, harmless: tuple[object, ...], why: str) -> None:
        """Refuse a field that this server cannot serve, unless its value asks for nothing."""
        value = self.raw(name)
        if value is not None and value not in harmless:
            raise Refused(f"`{name}` is not served here: {why}.", param=name)


def wrong(name: str, form: str, value: object) -> Refused:
    """Return the refusal of a value that is of another form."""
    return Refused(f"`{name}` must be {form}, not {shown(value)}.", param=name)


def _within(value: float, least: float, most: float | None) -> bool:
    return least <= value and (most is None or value <= most)


def _range(least: float, most: float | None) -> str:
    return f"of at least {least:g}" if most is None else f"from {least:g} to {most:g}"
