"""What came of all the sources: the settings that count, and where each came from."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from fastapply_lsp.settings import describe

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fastapply_lsp.settings import Setting, Settings


class Kind(StrEnum):
    """A source, as `fastapply doctor` names it."""

    CALL = "the call"
    ENVIRONMENT = "the environment"
    WORKSPACE = "the editor's workspace settings"
    INITIALIZATION = "the editor's initialization options"
    FILE = "the settings file"
    DEFAULT = "the default"

    @property
    def own(self) -> bool:
        """Whether only the user can have written it."""
        return self in (Kind.ENVIRONMENT, Kind.FILE)


@dataclass(frozen=True, slots=True)
class Origin:
    """Where one value came from: the kind of source, and its exact place in words."""

    kind: Kind
    place: str


@dataclass(frozen=True, slots=True)
class Loaded:
    """The settings that count, and where each came from, by dotted name."""

    settings: Settings
    origins: Mapping[str, Origin]

    def shown(self) -> tuple[Shown, ...]:
        """Return every setting as it may be printed, in the order of the reference."""
        return tuple(
            Shown(row.name, _printable(row, self.settings), self.origins[row.name])
            for row in describe()
        )


@dataclass(frozen=True, slots=True)
class Shown:
    """One setting for the user's eyes: no secret in it, ``not set`` where it has no value."""

    name: str
    value: str
    origin: Origin


def _printable(row: Setting, settings: Settings) -> str:
    value: Any = settings
    for part in row.name.split("."):
        value = getattr(value, part)
    match value:
        case None | ():
            return "not set"
        case tuple():
            return ", ".join(f"{header.name}: {header.value}" for header in value)
        case bool():
            return "true" if value else "false"
        case _:
            return str(value)
