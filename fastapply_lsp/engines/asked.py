"""What does a request ask for? The draft that it brings, where to find one, or none.

Two fields say it: OpenAI's ``prediction``, and the one that an engine has for extras
(``vllm_xargs`` of vLLM, ``custom_params`` of SGLang).
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, cast, get_args

from fastapply_lsp.engines.prediction import NoPredictionError, prediction_text

if TYPE_CHECKING:
    from collections.abc import Mapping

Where = Literal["request", "prompt", "off"]
"""Where the draft is: in the request itself, in its prompt (file and edit), or nowhere."""

SOURCE = "fastapply_source"
DRAFT = "fastapply_draft"
TOKENS = "fastapply_draft_tokens"
PREPARED = "fastapply_prepared"
"""What the API server's process has made of the request for the engine's; a client cannot send it,
for vLLM takes no lists of lists from clients."""
_SHOWN = 60


class WrongFieldError(ValueError):
    """A field of the request makes no sense; ``field`` names it, the message is a sentence."""

    def __init__(self, field: str, form: str, value: object) -> None:
        text = json.dumps(value, ensure_ascii=False, default=repr)
        text = text if len(text) <= _SHOWN else f"{text[:_SHOWN]}…"
        super().__init__(f"`{field}` must be {form}, not {text}.")
        self.field = field


@dataclass(frozen=True, slots=True)
class Asked:
    """What a request asks for; ``text`` and ``tokens`` are its own draft."""

    where: Where
    text: str | None = None
    tokens: tuple[int, ...] = ()


def asked_of(
    prediction: object,
    extras: Mapping[str, object] | None,
    default: Where,
    holder: str = "vllm_xargs",
) -> Asked:
    """Return what a request asks for.

    An empty draft is none. A draft that the request brings is used whatever the default is.

    Args:
        prediction: the field of that name, as it came.
        extras: the engine's own field, as it came.
        default: for a request that says nothing.
        holder: the name of that field, for the sentences.

    Raises:
        WrongFieldError: with the sentence for the client.

    >>> asked_of({"type": "content", "content": "a = 1"}, None, "off")
    Asked(where='request', text='a = 1', tokens=())
    >>> asked_of(None, {"fastapply_source": "off"}, "prompt")
    Asked(where='off', text=None, tokens=())
    """
    extras = extras or {}
    text = _draft(extras.get(DRAFT), holder) or _prediction(prediction) or None
    tokens = _tokens(extras.get(TOKENS), holder)
    where = _where(extras.get(SOURCE), holder)
    if where is None:
        where = "request" if text or tokens else default
    match where:
        case "request":
            return Asked("request", text, tokens)
        case "prompt" | "off":
            return Asked(where)


def _prediction(value: object) -> str | None:
    try:
        return prediction_text(value)
    except NoPredictionError as error:
        raise WrongFieldError("prediction", error.form, error.value) from error


def _where(value: object, holder: str) -> Where | None:
    if value is None:
        return None
    words = get_args(Where)
    if value not in words:
        form = ", ".join(f'"{word}"' for word in words)
        raise WrongFieldError(f"{holder}.{SOURCE}", f"one of {form}", value)
    return cast("Where", value)


def _draft(value: object, holder: str) -> str | None:
    if value is not None and not isinstance(value, str):
        raise WrongFieldError(f"{holder}.{DRAFT}", "a text", value)
    return value


def _tokens(value: object, holder: str) -> tuple[int, ...]:
    match value:
        case None:
            return ()
        case [*ids] if all(type(one) is int for one in ids):
            return tuple(cast("list[int]", ids))
        case _:
            raise WrongFieldError(f"{holder}.{TOKENS}", "a list of token ids", value)


def prepared_of(extras: Mapping[str, object] | None) -> list[list[int]] | None:
    """Return the sources that another process has prepared; ``None`` if none has."""
    match (extras or {}).get(PREPARED):
        case [*sources] if all(isinstance(source, list) for source in sources):
            return cast("list[list[int]]", sources)
        case _:
            return None


def with_prepared(
    extras: Mapping[str, object] | None, sources: list[list[int]]
) -> dict[str, object]:
    """Return extras that carry the prepared sources in place of what they are made of."""
    rest = {name: value for name, value in (extras or {}).items() if name not in _TAKEN_IN}
    return {**rest, PREPARED: sources}


_TAKEN_IN = frozenset({SOURCE, DRAFT, TOKENS})
