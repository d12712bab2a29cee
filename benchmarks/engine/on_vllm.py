"""How fast are vLLM's own methods, and this project's plug-in in vLLM? A process for each.

Each starts vLLM in its own environment (`make test-vllm` makes it), with the oracle in its worker.
The prompt's keys and values are kept from a request before, but for the last block of them.
"""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from benchmarks.engine.model import Missing, Run, expect_equal, most_of
from benchmarks.engine.vocabulary import encoded, prompt_ids, tokenizer

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from benchmarks.engine.model import Rewrite
    from benchmarks.engine.oracle import Shape

ROOT = Path(__file__).resolve().parents[2]
PLACE = ROOT / ".venv-vllm"
SUFFIX = ROOT / ".cache" / "arctic-inference"
"""Where `make bench-engine` installs the package that vLLM's method ``suffix`` needs."""
ENGINE = "vllm"
_SECONDS_MOST = 600.0
_SPARE = 1_024
_SUFFIX_USUAL = 24
_PROPOSER = "fastapply_lsp.engines.vllm.proposer.Proposer"


@dataclass(frozen=True, slots=True)
class Method:
    """A way to draft in vLLM; ``speculative`` is its ``--speculative-config``."""

    name: str
    speculative: dict[str, Any] | None

    @property
    def draft(self) -> int:
        """The longest draft, in tokens; 0 for none."""
        if self.speculative is None:
            return 0
        return int(self.speculative.get("num_speculative_tokens", _SUFFIX_USUAL))


METHODS = (
    Method("no draft", None),
    Method(
        "ngram, 5 tokens, n ≤ 4",  # as in vLLM's own examples
        {"method": "ngram", "num_speculative_tokens": 5, "prompt_lookup_max": 4},
    ),
    Method(
        "ngram, 128 tokens, n ≤ 16",
        {
            "method": "ngram",
            "num_speculative_tokens": 128,
            "prompt_lookup_max": 16,
            "prompt_lookup_min": 2,
        },
    ),
    # Answers of other requests are no draft here: the same file comes more than once.
    Method("suffix, as it comes", {"method": "suffix", "suffix_decoding_max_cached_requests": 0}),
    Method(
        "suffix, 128 tokens",
        {
            "method": "suffix",
            "num_speculative_tokens": 128,
            "suffix_decoding_max_tree_depth": 128,
            "suffix_decoding_max_spec_factor": 8.0,
            "suffix_decoding_max_cached_requests": 0,
        },
    ),
    Method(
        "this plug-in, 128 tokens",
        {"method": "custom_class", "model": _PROPOSER, "num_speculative_tokens": 128},
    ),
)


@dataclass(frozen=True, slots=True)
class Told:
    """What one method did, for each file; and which vLLM it was, where one ran."""

    version: str
    rows: tuple[Run | Missing, ...]


def measured(
    rewrites: Sequence[Rewrite], shape: Shape, threads: int, methods: Sequence[Method] = METHODS
) -> Iterator[Told]:
    """Yield what each method did.

    Raises:
        Differs: one wrote something else.
    """
    tokens = tokenizer()
    with tempfile.TemporaryDirectory() as folder:
        config = shape.config(len(tokens), cast("int", tokens.eos_token_id))
        config.architectures = ["LlamaForCausalLM"]
        config.save_pretrained(folder)
        tokens.save_pretrained(folder)
        for method in methods:
            yield _one(method, rewrites, folder, threads)


def _one(method: Method, rewrites: Sequence[Rewrite], folder: str, threads: int) -> Told:
    name = f"vLLM: {method.name}"
    stop = cast("int", tokenizer().eos_token_id)
    asked: list[dict[str, Any]] = []
    for rewrite in rewrites:
        answer = [*encoded(rewrite.written), stop]
        most = most_of(len(answer), method.draft)
        asked.append({"prompt": prompt_ids(rewrite.messages), "answer": answer, "most": most})
    job = {
        "folder": folder,
        "context": max(len(one["prompt"]) + len(one["answer"]) for one in asked) + _SPARE,
        "speculative": method.speculative,
        "rewrites": asked,
    }
    answered = _answer(job, threads)
    if isinstance(answered, str):
        return Told("", tuple(Missing(name, answered) for _ in rewrites))
    runs = []
    for rewrite, one, run in zip(rewrites, asked, answered["runs"], strict=True):
        written = run["tokens"]
        expect_equal(name, rewrite.name, written, one["answer"][:-1][: one["most"]])
        runs.append(
            Run(
                engine=ENGINE,
                method=name,
                drafted=method.draft > 0,
                tokens=len(written),
                of=len(one["answer"]) - 1,
                characters=len(cast("str", tokenizer().decode(written))),
                passes=run["passes"],
                seconds=run["seconds"],
            )
        )
    return Told(answered["version"], tuple(runs))


def _answer(job: dict[str, Any], threads: int) -> dict[str, Any] | str:
    """Return what the process prints, or why there is nothing."""
    python = PLACE / "bin" / "python"
    if not python.exists():
        return "not measured, for vLLM is not here (make test-vllm installs it)"
    suffix = (job["speculative"] or {}).get("method") == "suffix"
    if suffix and not SUFFIX.exists():
        return "not measured, for arctic-inference is not here (make bench-engine builds it)"
    try:
        ran = subprocess.run(
            [str(python), "-m", "benchmarks.engine.in_vllm"],
            input=json.dumps(job),
            capture_output=True,
            text=True,
            check=False,
            cwd=ROOT,
            env=_environment(threads, SUFFIX if suffix else None),
            timeout=_SECONDS_MOST,
        )
    except subprocess.TimeoutExpired:
        return f"not measured, for it took more than {_SECONDS_MOST:.0f} s"
    if ran.returncode:
        lines = [line for line in ran.stderr.splitlines() if line.strip()]
        return f"not measured: {lines[-1] if lines else 'it ended without a word'}"
    answered: dict[str, Any] = json.loads(ran.stdout)
    return answered


def _environment(threads: int, more: Path | None) -> dict[str, str]:
    # vLLM wants Intel's OpenMP on a CPU, above all for speculation, and brings it along.
    found = next((PLACE / "lib").glob("libiomp5.so"), None)
    return {
        **os.environ,
        "HF_HUB_OFFLINE": "1",
        "LD_PRELOAD": str(found or ""),
        "OMP_NUM_THREADS": str(threads),
        "PYTHONPATH": "" if more is None else str(more),
        "VLLM_CPU_KVCACHE_SPACE": "1",
        "VLLM_CPU_OMP_THREADS_BIND": "nobind",
        "VLLM_ENABLE_V1_MULTIPROCESSING": "0",
        "VLLM_LOGGING_LEVEL": "ERROR",
        "VLLM_NO_USAGE_STATS": "1",
        "VLLM_PLUGINS": "fastapply",
    }
