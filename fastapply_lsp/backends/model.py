"""The contract between the driver and whoever writes the rewrite."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, Protocol

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from fastapply_lsp.merge.model import Merge
    from fastapply_lsp.request.model import EditFile

EndReason = Literal["stop", "length"]


@dataclass(frozen=True, slots=True)
class Request:
    """All that a backend may need to write the rewrite of one file.

    ``original`` is the whole current file; ``merge`` is what the merge makes of the call, whose
    ``predicted`` file serves as the draft. ``path`` is for the prompt only. ``refused`` is what
    was wrong with the last rewrite, where the backend is asked again.
    """

    call: EditFile
    path: str
    original: str
    merge: Merge
    refused: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Text:
    """A piece of the rewrite, cut anywhere."""

    text: str


@dataclass(frozen=True, slots=True)
class Usage:
    """What the backend reports of itself; ``None`` where it does not.

    ``accepted`` and ``rejected`` count draft tokens, ``passes`` forward passes of the model.
    """

    prompt_tokens: int | None = None
    completion_tokens: int | None = None
    accepted: int | None = None
    rejected: int | None = None
    passes: int | None = None


@dataclass(frozen=True, slots=True)
class End:
    """The backend is done; ``length`` means that a limit cut it off."""

    reason: EndReason


@dataclass(frozen=True, slots=True)
class Abilities:
    """What a backend can do, as data."""

    takes_prediction: bool = False
    can_continue: bool = False
    needs_network: bool = False
    is_model: bool = False
    limits: dict[str, int] = field(default_factory=dict)


class Backend(Protocol):
    """Writes rewrites. Errors: any ``BackendError``; the embedded merge raises ``NotPlaced``."""

    @property
    def name(self) -> str:
        """As the settings and figures call it."""
        ...

    @property
    def abilities(self) -> Abilities:
        """What it can do."""
        ...

    def stream(self, request: Request) -> AsyncGenerator[Text | Usage | End]:
        """Yield the rewrite; exactly one ``End``, last."""
        ...

    async def aclose(self) -> None:
        """Give back connections."""
        ...
