"""What does the environment of a vLLM server say to the plug-in? What its operator decides once."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from fastapply_lsp.engines.asked import WrongFieldError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fastapply_lsp.engines.asked import Where
    from fastapply_lsp.engines.ledger import Sharing

DEFAULT_VARIABLE = "FASTAPPLY_VLLM_DRAFT"
"""``prompt`` or ``off``: what becomes of requests that say nothing."""
SHARING_VARIABLE = "FASTAPPLY_VLLM_SHARING"
"""``rows`` or ``sure``: how the requests of a batch share a pass."""


def default_of(environment: Mapping[str, str]) -> Where:
    """Return what becomes of requests that say nothing; drafts are found where nobody says.

    Raises:
        WrongFieldError: the variable has another value.

    >>> default_of({}), default_of({"FASTAPPLY_VLLM_DRAFT": "off"})
    ('prompt', 'off')
    """
    return cast("Where", _word(environment, DEFAULT_VARIABLE, ("prompt", "off")))


def sharing_of(environment: Mapping[str, str]) -> Sharing:
    """Return how the requests of a batch share a pass.

    Raises:
        WrongFieldError: the variable has another value.

    >>> sharing_of({}), sharing_of({"FASTAPPLY_VLLM_SHARING": "sure"})
    ('rows', 'sure')
    """
    return cast("Sharing", _word(environment, SHARING_VARIABLE, ("rows", "sure")))


def _word(environment: Mapping[str, str], variable: str, words: tuple[str, str]) -> str:
    word = environment.get(variable, words[0])
    if word not in words:
        raise WrongFieldError(variable, " or ".join(f"`{each}`" for each in words), word)
    return word
