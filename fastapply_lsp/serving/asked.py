"""What does a request ask for? From OpenAI's JSON to values, or to a sentence that says no.

Sources: OpenAI's references of /v1/chat/completions and /v1/completions; `top_k`,
`repetition_penalty`, `add_generation_prompt` and `continue_final_message` as vLLM takes them.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

from fastapply_lsp.engines.model import Sampling
from fastapply_lsp.engines.prediction import NoPredictionError, prediction_text
from fastapply_lsp.serving.fields import Fields, shown, wrong
from fastapply_lsp.serving.refusals import Refused

LEGACY_MOST = 16
"""Tokens that /v1/completions writes where nothing is said, as at OpenAI."""
_COLD = 1e-5
"""A lower temperature leaves the likeliest token alone, and is too small to divide by."""
_TOP_MOST = 20
_STOPS_MOST = 16
_ONE = "one answer is written at a time"
_NO_TOOLS = "it writes text, and calls no tools"
_NO_PENALTY = "`repetition_penalty` is"


@dataclass(frozen=True, slots=True)
class Asked:
    """What both kinds of request have in common.

    ``most`` is ``None`` for what the context leaves; ``top`` is the number of likely tokens to
    report beside each one, ``None`` for no probabilities at all.
    """

    model: str | None
    most: int | None
    sampling: Sampling
    stops: tuple[str, ...]
    prediction: str | None
    stream: bool
    usage_at_end: bool
    top: int | None
    draft_tokens: int | None


@dataclass(frozen=True, slots=True)
class Chat:
    """A request to /v1/chat/completions."""

    asked: Asked
    messages: tuple[dict[str, str], ...]
    continues: bool
    begins_answer: bool


@dataclass(frozen=True, slots=True)
class Completion:
    """A request to /v1/completions; the prompt as text or as token ids."""

    asked: Asked
    prompt: str | tuple[int, ...]
    echo: bool


def read_chat(body: object) -> Chat:
    """Return what the body of a chat request asks.

    Raises:
        Refused: it asks for what it cannot get, or does not make sense.
    """
    fields = _fields(body)
    fields.absent("tools", ([],), _NO_TOOLS)
    fields.absent("functions", ([],), _NO_TOOLS)
    fields.absent("response_format", ({"type": "text"},), "it writes plain text")
    fields.absent("modalities", (["text"],), "it writes plain text")
    probabilities = fields.flag("logprobs")
    top = fields.whole("top_logprobs", 0, _TOP_MOST)
    if top is not None and not probabilities:
        raise Refused("`top_logprobs` needs `logprobs` to be true.", param="top_logprobs")
    most = fields.whole("max_completion_tokens", 1)
    if most is None:
        most = fields.whole("max_tokens", 1)
    continues = fields.flag("continue_final_message")
    return Chat(
        _asked(fields, most, (top or 0) if probabilities else None),
        _messages(fields.raw("messages")),
        continues,
        fields.flag("add_generation_prompt", default=not continues),
    )


def read_completion(body: object) -> Completion:
    """Return what the body of a completion request asks.

    Raises:
        Refused: it asks for what it cannot get, or does not make sense.
    """
    fields = _fields(body)
    fields.absent("suffix", ("",), "nothing is filled in the middle")
    fields.absent("best_of", (1,), _ONE)
    echo = fields.flag("echo")
    most = fields.whole("max_tokens", 0 if echo else 1)
    return Completion(
        _asked(
            fields, LEGACY_MOST if most is None else most, fields.whole("logprobs", 0, _TOP_MOST)
        ),
        _prompt(fields.raw("prompt")),
        echo,
    )


def _fields(body: object) -> Fields:
    if not isinstance(body, dict):
        raise Refused("The body must be a JSON object.")
    fields = Fields(body)
    fields.absent("n", (1,), _ONE)
    fields.absent("logit_bias", ({},), "no token is favoured")
    fields.absent("frequency_penalty", (0,), _NO_PENALTY)
    fields.absent("presence_penalty", (0,), _NO_PENALTY)
    return fields


def _asked(fields: Fields, most: int | None, top: int | None) -> Asked:
    options = fields.raw("stream_options")
    temperature = fields.number("temperature", 1.0, 0, 2)
    if options is not None and not isinstance(options, dict):
        raise wrong("stream_options", "an object", options)
    return Asked(
        model=fields.text("model"),
        most=most,
        sampling=Sampling(
            temperature=0.0 if temperature < _COLD else temperature,
            top_p=fields.number("top_p", 1.0, 1e-6, 1),
            top_k=max(0, fields.whole("top_k", -1) or 0),
            repetition_penalty=fields.number("repetition_penalty", 1.0, 0.01, 10),
            seed=fields.whole("seed", -(1 << 63), (1 << 63) - 1),
        ),
        stops=_stops(fields.raw("stop")),
        prediction=_prediction(fields.raw("prediction")),
        stream=fields.flag("stream"),
        usage_at_end=Fields(options or {}).flag("include_usage"),
        top=top,
        draft_tokens=fields.whole("draft_tokens", 0),
    )


def _prediction(value: object) -> str | None:
    try:
        return prediction_text(value)
    except NoPredictionError as error:
        raise wrong("prediction", error.form, error.value) from error


def _messages(value: object) -> tuple[dict[str, str], ...]:
    if not isinstance(value, list) or not value:
        raise wrong("messages", "a list of at least one message", value)
    return tuple(_message(each) for each in value)


def _message(value: object) -> dict[str, str]:
    match value:
        case {"role": str(role), "content": str(content)}:
            return {"role": role, "content": content}
        case {"role": str(role), "content": [*parts]}:
            return {"role": role, "content": "".join(_part(part) for part in parts)}
        case _:
            form = "messages with a `role` and a `content` of text"
            raise wrong("messages", form, value)


def _part(value: object) -> str:
    match value:
        case {"type": "text", "text": str(text)}:
            return text
        case _:
            raise wrong("messages", "made of text alone", value)


def _prompt(value: object) -> str | tuple[int, ...]:
    match value:
        case str(text) | [str(text)] if text:
            return text
        case [[*ids]] | [*ids] if ids and all(_is_token(one) for one in ids):
            return tuple(cast("list[int]", ids))
        case _:
            form = "one text or one list of token ids, and not empty"
            raise Refused(f"`prompt` must be {form}, not {shown(value)}.", param="prompt")


def _is_token(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _stops(value: object) -> tuple[str, ...]:
    match value:
        case None:
            return ()
        case str(text) if text:
            return (text,)
        case [*texts] if len(texts) <= _STOPS_MOST and all(
            isinstance(one, str) and one for one in texts
        ):
            return tuple(map(str, texts))
        case _:
            raise wrong("stop", f"a text or a list of up to {_STOPS_MOST} texts", value)
