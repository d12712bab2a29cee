"""What does a request to vLLM ask for? The draft that it brings, where to find one, or none.

Two fields say it: OpenAI's ``prediction``, and ``vllm_xargs``, which vLLM hands to the engine as
``SamplingParams.extra_args``. Nothing here imports vLLM.
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

XARG_SOURCE = "fastapply_source"
XARG_DRAFT = "fastapply_draft"
XARG_TOKENS = "fastapply_draft_tokens"
XARG_PREPARED = "fastapply_prepared"
"""What the API server's process has made of the request for the engine's; a client cannot send it,
for vLLM takes no lists of lists from clients."""
DEFAULT_VARIABLE = "FASTAPPLY_VLLM_DRAFT"
"""``prompt`` or ``off``: what becomes of requests that say nothing."""
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


def default_of(environment: Mapping[str, str]) -> Where:
    """Return what becomes of requests that say nothing; drafts are found where nobody says.

    Raises:
        WrongFieldError: the variable has another value.

    >>> default_of({}), default_of({"FASTAPPLY_VLLM_DRAFT": "off"})
    ('prompt', 'off')
    """
    word = environment.get(DEFAULT_VARIABLE, "prompt")
    if word not in {"prompt", "off"}:
        raise WrongFieldError(DEFAULT_VARIABLE, "`prompt` or `off`", word)
    return cast("Where", word)


def asked_of(prediction: object, xargs: Mapping[str, object] | None, default: Where) -> Asked:
    """Return what a request asks for.

    An empty draft is none. A draft that the request brings is used whatever the default is.

    Args:
        prediction: the field of that name, as it came.
        xargs: ``vllm_xargs``, as it came.
        default: for a request that says nothing.

    Raises:
        WrongFieldError: with the sentence for the client.

    >>> asked_of({"type": "content", "content": "a = 1"}, None, "off")
    Asked(where='request', text='a = 1', tokens=())
    >>> asked_of(None, {"fastapply_source": "off"}, "prompt")
    Asked(where='off', text=None, tokens=())
    """
    xargs = xargs or {}
    text = _draft(xargs.get(XARG_DRAFT)) or _prediction(prediction) or None
    tokens = _tokens(xargs.get(XARG_TOKENS))
    where = _where(xargs.get(XARG_SOURCE))
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


def _where(value: object) -> Where | None:
    if value is None:
        return None
    words = get_args(Where)
    if value not in words:
        form = ", ".join(f'"{word}"' for word in words)
        raise WrongFieldError(f"vllm_xargs.{XARG_SOURCE}", f"one of {form}", value)
    return cast("Where", value)


def _draft(value: object) -> str | None:
    if value is not None and not isinstance(value, str):
        raise WrongFieldError(f"vllm_xargs.{XARG_DRAFT}", "a text", value)
    return value


def _tokens(value: object) -> tuple[int, ...]:
    match value:
        case None:
            return ()
        case [*ids] if all(type(one) is int for one in ids):
            return tuple(cast("list[int]", ids))
        case _:
            raise WrongFieldError(f"vllm_xargs.{XARG_TOKENS}", "a list of token ids", value)


def prepared_of(xargs: Mapping[str, object] | None) -> list[list[int]] | None:
    """Return the sources that another process has prepared; ``None`` if none has."""
    match (xargs or {}).get(XARG_PREPARED):
        case [*sources] if all(isinstance(source, list) for source in sources):
            return cast("list[list[int]]", sources)
        case _:
            return None


def with_prepared(
    xargs: Mapping[str, object] | None, sources: list[list[int]]
) -> dict[str, object]:
    """Return ``extra_args`` that carry the prepared sources in place of what they are made of."""
    rest = {name: value for name, value in (xargs or {}).items() if name not in _TAKEN_IN}
    return {**rest, XARG_PREPARED: sources}


_TAKEN_IN = frozenset({XARG_SOURCE, XARG_DRAFT, XARG_TOKENS})
