"""The body of one chat completion request."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from fastapply_lsp.backends.draft_fields import add_draft
from fastapply_lsp.prompt.build import build_messages, draft_text
from fastapply_lsp.prompt.dialects import DIALECTS

if TYPE_CHECKING:
    from fastapply_lsp.backends.draft_fields import Way
    from fastapply_lsp.backends.model import Request
    from fastapply_lsp.settings import Continuation, OpenAISettings


@dataclass(frozen=True, slots=True)
class ContinuationForm:
    """How a server is asked to go on: what the half-written message and the request hold more."""

    message: dict[str, Any]
    body: dict[str, Any]


CONTINUATIONS: dict[Continuation, ContinuationForm] = {
    # vLLM, SGLang: extra parameters of the chat endpoint.
    "continue_final_message": ContinuationForm(
        {}, {"continue_final_message": True, "add_generation_prompt": False}
    ),
    # DeepSeek (beta), Mistral: a mark on the message.
    "prefix": ContinuationForm({"prefix": True}, {}),
}


def request_body(
    settings: OpenAISettings, request: Request, *, way: Way, limit: int, written: str
) -> dict[str, Any]:
    """Return the body, ready for JSON.

    Args:
        settings: which dialect, which model.
        request: what to rewrite.
        way: how the draft goes along.
        limit: the output limit, in tokens.
        written: what the model wrote before its limit cut it off; empty at first.
    """
    dialect = DIALECTS[settings.dialect]
    messages: list[dict[str, Any]] = [
        {"role": message.role, "content": message.content}
        for message in build_messages(
            dialect,
            request.call,
            request.path,
            request.original,
            dialogue_tokens=settings.dialogue_tokens,
            refused=request.refused,
        )
    ]
    body: dict[str, Any] = {
        "messages": messages,
        "temperature": 0,
        "max_tokens": limit,
        "stream": True,
        "stream_options": {"include_usage": True},
    }
    if settings.model is not None:
        body["model"] = settings.model
    if written:
        form = CONTINUATIONS[settings.continuation]
        messages.append({"role": "assistant", "content": written, **form.message})
        body.update(form.body)
    if dialect.answers == "file":
        draft = draft_text(dialect, request.merge.predicted)
        left = draft[len(written) :] if draft.startswith(written) else ""
        add_draft(body, settings, way, left)
    return body
