"""What the pieces of a streamed chat completion say, and nothing about how they came.

Source: OpenAI's chat completions API, as vLLM, SGLang, llama.cpp, Fireworks, Morph and others
serve it. Where servers differ, the reader takes every form that was seen in use.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from fastapply_lsp.backends.model import Text, Usage

if TYPE_CHECKING:
    from fastapply_lsp.backends.model import EndReason
    from fastapply_lsp.backends.sse import Event

DONE = "[DONE]"

_ENDS: dict[str, EndReason] = {
    "stop": "stop",
    "eos": "stop",
    "length": "length",
    "max_tokens": "length",
}


@dataclass(frozen=True, slots=True)
class Finish:
    """Why the model ended."""

    reason: EndReason


@dataclass(frozen=True, slots=True)
class Done:
    """The stream's own last word."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """The server, or the model, says no in the middle of a stream that began well."""

    status: int
    detail: str


@dataclass(frozen=True, slots=True)
class Unreadable:
    """Not in the form of the protocol."""

    problem: str


Piece = Text | Usage | Finish | Done | Refusal | Unreadable


def pieces_of_event(event: Event) -> list[Piece]:
    """Return what one event of the stream says; often nothing."""
    if event.data.strip() == DONE:
        return [Done()]
    try:
        data = json.loads(event.data)
    except ValueError:
        return [Unreadable("an event of the stream is no JSON")]
    return pieces_of_chunk(data)


def pieces_of_chunk(data: Any) -> list[Piece]:  # noqa: ANN401 - whatever the server sent
    """Return what a chunk says, or a whole completion that was not streamed."""
    match data:
        case {"error": error} if error:
            return [_refusal(error)]
        case {"choices": [*choices]}:
            pieces = _of_choice(choices[0]) if choices else []
            usage = _usage(data.get("usage"), data.get("metrics"))
            return pieces if usage is None else [*pieces, usage]
        case {"usage": dict()}:
            usage = _usage(data["usage"], data.get("metrics"))
            return [] if usage is None else [usage]
        case _:
            return [Unreadable("it has no choices")]


def _of_choice(choice: Any) -> list[Piece]:  # noqa: ANN401 - whatever the server sent
    if not isinstance(choice, dict):
        return [Unreadable("a choice is no object")]
    said = choice.get("delta") or choice.get("message") or {}
    pieces: list[Piece] = []
    match said:
        case {"refusal": str(words)} if words:
            return [Refusal(200, words)]
        case {"content": str(text)} if text:
            pieces.append(Text(text))
        case {"content": [*parts]}:
            texts = [part["text"] for part in parts if isinstance(part, dict) and "text" in part]
            pieces += [Text(str(text)) for text in texts if text]
        case _:
            pass  # the opening chunk, reasoning apart from the answer, or a keep-alive
    reason = choice.get("finish_reason")
    if isinstance(reason, str):
        known = reason in _ENDS
        pieces.append(Finish(_ENDS[reason]) if known else Refusal(200, f"it ended with {reason}"))
    return pieces


def _refusal(error: Any) -> Refusal:  # noqa: ANN401 - whatever the server sent
    status = error.get("code") if isinstance(error, dict) else None
    return Refusal(status if isinstance(status, int) else 200, words_of_error(error))


def words_of_error(error: Any) -> str:  # noqa: ANN401 - whatever the server sent
    """Return the words of an error body: OpenAI's form, FastAPI's, or plain text.

    >>> words_of_error({"error": {"message": "no such model", "code": 404}})
    'no such model'
    """
    match error:
        case str():
            return error
        case {"error": inner} | {"message": inner} | {"detail": inner} | {"msg": inner} if inner:
            return words_of_error(inner)
        case [first, *_]:
            return words_of_error(first)
        case _:
            return json.dumps(error)


def _usage(usage: Any, metrics: Any) -> Usage | None:  # noqa: ANN401 - whatever the server sent
    if not isinstance(usage, dict):
        return None
    details = usage.get("completion_tokens_details")
    details = details if isinstance(details, dict) else {}
    told = Usage(
        prompt_tokens=_count(usage.get("prompt_tokens")),
        completion_tokens=_count(usage.get("completion_tokens")),
        accepted=_count(details.get("accepted_prediction_tokens")),
        rejected=_count(details.get("rejected_prediction_tokens")),
        passes=_count(details.get("forward_passes")),  # of `fastapply serve` alone
    )
    match metrics:
        case {"speculative_decoding": dict(drafts)} if told.accepted is None:
            return _with_drafts(told, drafts)
        case _:
            return told


def _with_drafts(told: Usage, drafts: dict[str, Any]) -> Usage:
    """Take in vLLM's figures of one request (``--per-request-spec-decode-metrics``).

    Every pass that writes, writes one token beside those of its draft that came true.
    """
    accepted = _count(drafts.get("num_accepted_draft_tokens"))
    drafted = _count(drafts.get("num_draft_tokens"))
    if accepted is None or drafted is None:
        return told
    written = told.completion_tokens
    passes = None if written is None else max(1, written - accepted)
    return replace(told, accepted=accepted, rejected=drafted - accepted, passes=passes)


def _count(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None
