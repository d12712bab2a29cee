"""The edit_file call as a value."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Role = Literal["system", "user", "assistant"]


@dataclass(frozen=True, slots=True)
class Message:
    """One turn of the dialogue that led to the edit."""

    role: Role
    content: str


@dataclass(frozen=True, slots=True)
class EditFile:
    """A call of ``edit_file``: the tool's three parameters, plus the dialogue.

    ``target_file`` is a path relative to a workspace folder, an absolute path, or a file URI.
    ``code_edit`` is verbatim what the chat wrote inside its fence (or the fence included).
    ``backend`` names one backend of the settings; ``None`` leaves the choice to them.
    """

    target_file: str
    instructions: str
    code_edit: str
    messages: tuple[Message, ...] = ()
    backend: str | None = None
