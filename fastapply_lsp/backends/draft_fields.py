"""How does the draft go into a chat request?

Three ways, and none: OpenAI's ``prediction`` for the hosts in ``hosts.py`` and for servers of
which the settings say so; ``vllm_xargs`` for a vLLM with this project's plug-in, which carries
strings and numbers to it untouched: the draft's text, or a mark that lets the plug-in find the
file in the prompt, so that nothing is sent twice.

Law: a draft changes no other field of the request but those that the host refuses beside it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from fastapply_lsp.backends.hosts import host_of
from fastapply_lsp.prompt.budget import CHARACTERS_PER_TOKEN, estimated_tokens

if TYPE_CHECKING:
    from fastapply_lsp.settings import OpenAISettings

Way = Literal["no", "prediction", "vllm", "vllm_prompt"]

XARG_DRAFT = "fastapply_draft"
"""In ``vllm_xargs``: the text that the model will probably write from here on."""

XARG_SOURCE = "fastapply_source"
"""In ``vllm_xargs``: where the draft is; ``request`` (beside this mark) or ``prompt``."""


def way_of(settings: OpenAISettings) -> Way:
    """Return how this server gets its draft; the settings' word comes before the table's."""
    if settings.draft != "auto":
        return settings.draft
    if settings.takes_prediction:
        return "prediction"
    host = None if settings.base_url is None else host_of(settings.base_url)
    return "no" if host is None or not host.serves(settings.model) else "prediction"


def add_draft(body: dict[str, Any], settings: OpenAISettings, way: Way, draft: str) -> None:
    """Put a draft into the body of a request, in its way; an empty draft is none."""
    match way:
        case "prediction" if draft:
            _add_prediction(body, settings, draft)
        case "vllm" if draft:
            body["vllm_xargs"] = {XARG_SOURCE: "request", XARG_DRAFT: draft}
        case "vllm_prompt":
            body["vllm_xargs"] = {XARG_SOURCE: "prompt"}
        case _:
            pass


def _add_prediction(body: dict[str, Any], settings: OpenAISettings, draft: str) -> None:
    host = None if settings.base_url is None else host_of(settings.base_url)
    if host is not None:
        for field in host.forbidden & body.keys():
            del body[field]
        if host.within_limit and "max_tokens" in body:
            draft = _at_most(draft, body["max_tokens"])
    body["prediction"] = {"type": "content", "content": draft}


def _at_most(draft: str, tokens: int) -> str:
    """Return the whole lines at the start of a draft that fit."""
    if estimated_tokens(draft) <= tokens:
        return draft
    kept = draft[: tokens * CHARACTERS_PER_TOKEN] if draft.isascii() else draft[:tokens]
    return kept[: kept.rfind("\n") + 1] or kept
