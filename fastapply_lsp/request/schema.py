"""What does an ``edit_file`` call look like? Its one schema, the text that teaches it, its reader.

Everything that describes the tool to a model or to a client takes it from here: the MCP server,
the prompts, the documentation, the LSP requests.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, get_args

from fastapply_lsp.errors import MalformedEdit
from fastapply_lsp.request.model import EditFile, Message, Role

TOOL_NAME: Final = "edit_file"

TEACHING: Final = """\
Propose an edit to one existing file, or write a new one.

A fast model merges `code_edit` into the file, so write only what changes, in the file's order:
- Put one comment with the words `... existing code ...`, in the comment style of the language, in
  place of every run of unchanged lines that you leave out (`// ... existing code ...`,
  `# ... existing code ...`, `<!-- ... existing code ... -->`). Never leave code out without it: code
  that is neither shown nor covered by such a comment will be deleted.
- Around each change repeat one or two unchanged lines exactly as they are, so that its place is
  unmistakable. A line that occurs many times is no such line; a function's header is a good one.
- To delete something, show the lines before and after it with nothing in between.
- Keep the file's indentation. Do not repeat the whole file for a small change.
- For a new file, or to replace a file, write it whole and without such comments.

Make all edits to one file in one call."""
"""How a model should write a lazy edit; the description of the tool."""

_INSTRUCTIONS: Final = (
    "One sentence in the first person that says what this edit does, so that the model which merges"
    " it can settle what code_edit leaves open."
)
_CODE_EDIT: Final = (
    "Only the lines that change, with a little of the unchanged code around them, and"
    " `... existing code ...` comments for everything that is left out."
)
_PROPERTIES: Final[Mapping[str, Mapping[str, object]]] = {
    "target_file": {
        "type": "string",
        "description": "The file to edit: a path relative to the workspace, or an absolute one.",
    },
    "instructions": {"type": "string", "description": _INSTRUCTIONS},
    "code_edit": {"type": "string", "description": _CODE_EDIT},
}
_MORE_PROPERTIES: Final[Mapping[str, Mapping[str, object]]] = {
    "messages": {
        "type": "array",
        "description": "The dialogue that led to the edit, oldest message first.",
        "items": {
            "type": "object",
            "properties": {
                "role": {"type": "string", "enum": list(get_args(Role))},
                "content": {"type": "string"},
            },
            "required": ["role", "content"],
        },
    },
    "backend": {"type": "string", "description": "The name of a backend in the settings."},
}
_ROLES: Final[Mapping[str, Role]] = {
    "system": "system",
    "developer": "system",
    "user": "user",
    "human": "user",
    "assistant": "assistant",
    "model": "assistant",
}
_FORM: Final = "an edit_file call"


def tool_schema() -> dict[str, object]:
    """Return the JSON schema of the tool's three parameters, as a model sees them."""
    return {
        "type": "object",
        "properties": {name: dict(value) for name, value in _PROPERTIES.items()},
        "required": list(_PROPERTIES),
        "additionalProperties": False,
    }


def call_schema() -> dict[str, object]:
    """Return the JSON schema of our own requests: the three parameters, the dialogue, the backend.

    ``instructions`` may be left out there.
    """
    more = {name: dict(value) for name, value in (_PROPERTIES | _MORE_PROPERTIES).items()}  # type: ignore[operator]
    return {"type": "object", "properties": more, "required": ["target_file", "code_edit"]}


def tool_definition() -> dict[str, object]:
    """Return the tool as chat completion servers take it in ``tools``."""
    function = {"name": TOOL_NAME, "description": TEACHING, "parameters": tool_schema()}
    return {"type": "function", "function": function}


def parse_edit_file(params: object) -> EditFile:
    """Read the parameters of a call; keys that the schema does not know are ignored.

    Raises:
        MalformedEdit: a parameter is missing or of the wrong kind; the sentence names it.

    >>> parse_edit_file({"target_file": "a.py", "code_edit": "x = 1"}).instructions
    ''
    """
    if not isinstance(params, Mapping):
        raise MalformedEdit(_FORM, f"its parameters are {_kind(params)}, not an object")
    target = _text(params, "target_file").strip()
    if not target or "\0" in target:
        raise MalformedEdit(_FORM, "its target_file names no file")
    code_edit = _text(params, "code_edit")
    if not code_edit.strip():
        raise MalformedEdit(_FORM, "its code_edit is empty")
    backend = params.get("backend")
    if backend is not None and not isinstance(backend, str):
        raise MalformedEdit(_FORM, f"its backend is {_kind(backend)}, not a string")
    return EditFile(
        target_file=target,
        instructions=_text(params, "instructions", default=""),
        code_edit=code_edit,
        messages=_messages(params.get("messages")),
        backend=backend or None,
    )


def _text(params: Mapping[object, object], name: str, default: str | None = None) -> str:
    value = params.get(name, default)
    if value is None and default is not None:
        return default
    if value is None:
        raise MalformedEdit(_FORM, f"its {name} is missing")
    if not isinstance(value, str):
        raise MalformedEdit(_FORM, f"its {name} is {_kind(value)}, not a string")
    return value


def _messages(value: object) -> tuple[Message, ...]:
    if value is None:
        return ()
    if not isinstance(value, list | tuple):
        raise MalformedEdit(_FORM, f"its messages are {_kind(value)}, not a list")
    return tuple(_message(one, number) for number, one in enumerate(value, start=1))


def _message(value: object, number: int) -> Message:
    if not isinstance(value, Mapping):
        raise MalformedEdit(_FORM, f"its message {number} is {_kind(value)}, not an object")
    role = value.get("role")
    if not isinstance(role, str) or role not in _ROLES:
        known = ", ".join(get_args(Role))
        raise MalformedEdit(_FORM, f"the role of its message {number} is none of {known}")
    return Message(_ROLES[role], _content(value.get("content"), number))


def _content(value: object, number: int) -> str:
    """Return a message's text; a list of parts, as chat servers take it, becomes its texts."""
    match value:
        case None:
            return ""
        case str():
            return value
        case list() | tuple():
            texts = (part.get("text") for part in value if isinstance(part, Mapping))
            return "".join(text for text in texts if isinstance(text, str))
        case _:
            problem = f"the content of its message {number} is {_kind(value)}, not a string"
            raise MalformedEdit(_FORM, problem)


def _kind(value: object) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return "a boolean"
        case int() | float():
            return "a number"
        case str():
            return "a string"
        case list() | tuple():
            return "a list"
        case _:
            return "an object"
