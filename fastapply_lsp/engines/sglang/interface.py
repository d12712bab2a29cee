"""What does the adapter need of SGLang? Read in the sources of 0.5.23; not run.

Where anything is missing, SGLang's own n-grams draft alone, and one line in the log says why.
"""

from __future__ import annotations

NAME = "FASTAPPLY"
"""For ``--speculative-algorithm``."""

ALGORITHMS = ("sglang.srt.speculative.spec_info", "SpeculativeAlgorithm")
CUSTOM = ("sglang.srt.speculative.spec_registry", "CustomSpecAlgo")
WORKER = ("sglang.srt.speculative.ngram_worker", "NGRAMWorker")

REGISTER = ("name", "supports_overlap", "spec_class")
"""Parameters of ``SpeculativeAlgorithm.register``."""
PREPARE = ("self", "batch")
"""Parameters of ``NGRAMWorker._prepare_draft_tokens``."""
MADE = ("server_args", "gpu_id", "nccl_port", "target_worker")
"""Parameters with which a worker is made."""

MODEL = (
    "draft_token_num",
    "target_worker.tokenizer",
    "model_runner.model_config.vocab_size",
    "model_runner.model_config.context_len",
)
"""Of a worker."""
STAGED = ("enable_overlap", "prev_token_ids", "prev_accept_lens")
"""Of a worker that has prepared a batch: what the step before wrote and no request knows yet."""
REQUEST = (
    "rid",
    "origin_input_ids_unpadded",
    "output_ids",
    "sampling_params.custom_params",
    "sampling_params.max_new_tokens",
)
"""Of each request of a batch."""
