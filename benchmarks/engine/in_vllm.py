"""``python -m benchmarks.engine.in_vllm``: one method in one vLLM; JSON comes in, JSON goes out.

It runs in vLLM's own environment, which lacks what the benchmark has, so it imports little.
"""

from __future__ import annotations

import json
import os
import sys
import time
from typing import Any


def main() -> None:
    """Write every file of the job, and print what it took."""
    job: dict[str, Any] = json.load(sys.stdin)
    # vLLM and what it imports write to standard output, too.
    out, sys.stdout = os.fdopen(os.dup(1), "w"), sys.stderr
    os.dup2(2, 1)
    json.dump(_told(job), out)
    out.close()


def _told(job: dict[str, Any]) -> dict[str, Any]:
    from vllm import LLM  # noqa: PLC0415 - after standard output was set aside
    from vllm.version import __version__  # noqa: PLC0415 - as above

    engine = LLM(
        model=job["folder"],
        load_format="dummy",
        dtype="float32",
        max_model_len=job["context"],
        max_num_seqs=1,
        enforce_eager=True,
        disable_log_stats=True,
        worker_extension_cls="benchmarks.engine.vllm_oracle.Oracle",
        speculative_config=job["speculative"],
        seed=1,
    )
    engine.collective_rpc("attach")
    return {"version": __version__, "runs": [_run(engine, one) for one in job["rewrites"]]}


def _run(engine: Any, one: dict[str, Any]) -> dict[str, Any]:  # noqa: ANN401 - vLLM's
    from vllm import SamplingParams  # noqa: PLC0415 - as above

    prompt, answer = one["prompt"], one["answer"]
    stop = answer[-1]

    def written(most: int) -> list[int]:
        how = SamplingParams(
            temperature=0.0, max_tokens=most, stop_token_ids=[stop], detokenize=False
        )
        (answered,) = engine.generate({"prompt_token_ids": prompt}, how, use_tqdm=False)
        return [token for token in answered.outputs[0].token_ids if token != stop]

    engine.collective_rpc("will_write", args=(answer, len(prompt)))
    written(1)  # reads the prompt: its keys and values are kept
    engine.collective_rpc("will_write", args=(answer, len(prompt)))
    began = time.perf_counter()
    tokens = written(one["most"])
    seconds = time.perf_counter() - began
    return {"tokens": tokens, "seconds": seconds, "passes": engine.collective_rpc("counted")[0]}


if __name__ == "__main__":
    main()
