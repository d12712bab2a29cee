"""Which public hosts take a draft as `prediction`, and under which conditions?

Only facts that the hosts' own pages state; each row names its page, as of November 2026. Azure's row
and OpenAI's list of refused parameters could not be read again when this was written; a wrong entry
there does no harm as long as no request of ours holds such a parameter. A host that is not in the
table takes no draft unless the settings say so (``openai.takes_prediction``).
"""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit


@dataclass(frozen=True, slots=True)
class Host:
    """One host and its conditions.

    ``suffixes`` are ends of its host names. ``models`` are the beginnings of the names of the
    models that take a draft, for a host that names them; empty where its page names none.
    ``forbidden`` are parameters that it refuses beside a draft. ``bills_rejected`` says that
    draft tokens which did not come true are paid for like output; ``None`` where the page does
    not say. ``within_limit`` says that the draft may have no more tokens than ``max_tokens``.
    """

    name: str
    suffixes: tuple[str, ...]
    source: str
    models: tuple[str, ...] = ()
    forbidden: frozenset[str] = frozenset()
    bills_rejected: bool | None = None
    within_limit: bool = False

    def serves(self, model: str | None) -> bool:
        """Whether the model takes a draft, as far as the page says.

        >>> openai = host_of("https://api.openai.com/v1")
        >>> openai.serves("gpt-4.1-mini"), openai.serves("o3"), openai.serves(None)
        (True, False, False)
        """
        if not self.models:
            return True
        return model is not None and model.lower().startswith(self.models)


_OPENAI_FORBIDS = frozenset(
    {
        "audio",
        "frequency_penalty",
        "function_call",
        "functions",
        "logprobs",
        "max_completion_tokens",
        "modalities",
        "n",
        "presence_penalty",
        "tool_choice",
        "tools",
        "top_logprobs",
    }
)

HOSTS = (
    Host(
        "OpenAI",
        ("api.openai.com",),
        "https://developers.openai.com/api/docs/guides/predicted-outputs",
        models=("gpt-4o", "gpt-4.1"),
        forbidden=_OPENAI_FORBIDS,
        bills_rejected=True,
    ),
    Host(
        # A deployment may have any name, so the model's name says nothing unless it is the same.
        "Azure OpenAI",
        (".openai.azure.com", ".services.ai.azure.com"),
        "https://learn.microsoft.com/azure/ai-foundry/openai/how-to/predicted-outputs",
        models=("gpt-4o", "gpt-4.1"),
        forbidden=_OPENAI_FORBIDS,
        bills_rejected=True,
    ),
    Host(
        "Fireworks",
        ("api.fireworks.ai",),
        "https://docs.fireworks.ai/guides/predicted-outputs",
        bills_rejected=False,
        within_limit=True,
    ),
    Host(
        "Cerebras",
        ("api.cerebras.ai",),
        "https://inference-docs.cerebras.ai/capabilities/predicted-outputs",
        models=("gpt-oss-120b", "zai-glm"),
        forbidden=frozenset({"logprobs", "n", "tools", "top_logprobs"}),
        bills_rejected=True,
    ),
    Host(
        "Mistral",
        ("api.mistral.ai",),
        "https://docs.mistral.ai/capabilities/predicted-outputs",
    ),
)
"""The table."""


def host_of(base_url: str) -> Host | None:
    """Return the row of an address, or ``None`` for a host that is not in the table.

    A name counts as a host's only at its end, and only from a dot on.

    >>> host_of("https://my-team.openai.azure.com/openai/v1").name
    'Azure OpenAI'
    >>> host_of("https://notapi.openai.com.example/v1") is None
    True
    """
    name = (urlsplit(base_url).hostname or "").lower()
    for host in HOSTS:
        for suffix in host.suffixes:
            if name == suffix.removeprefix(".") or name.endswith(f".{suffix.removeprefix('.')}"):
                return host
    return None
