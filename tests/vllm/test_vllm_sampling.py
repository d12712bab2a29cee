"""Sampled answers beside drafts: on a CPU vLLM 0.32.0 needs mending for them."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
import torch

from fastapply_lsp.engines.vllm import cpu_faults
from tests.engines.tiny_examples import DEVIATING, RIGHT
from tests.vllm.asking import OFF, SURE, K, ask, body, predicted
from tests.vllm.serving_vllm import Served
from tests.vllm.test_vllm_batch import together

DRAWS = 20_000
CHI2_LIMIT = {4: 23.5}
"""Exceeded once in 10,000 times, by degrees of freedom."""


@pytest.fixture(scope="module")
def sampler() -> Iterator[Any]:
    """vLLM's own module, in this process, with its kernels for CPUs."""
    with warnings.catch_warnings(), pytest.MonkeyPatch.context() as patch:
        warnings.simplefilter("ignore")
        from vllm.platforms import current_platform  # noqa: PLC0415 - it loads half of vLLM
        from vllm.v1.sample import rejection_sampler  # noqa: PLC0415 - as above
        from vllm.v1.sample.ops import topk_topp_sampler  # noqa: PLC0415 - as above

        current_platform.import_kernels()
        current_platform.register_triton_kernel_overrides()
        # Both are put back in the end.
        expand, top_k = rejection_sampler.expand_batch_to_tokens, topk_topp_sampler.apply_top_k_only
        patch.setattr(rejection_sampler, "expand_batch_to_tokens", expand)
        patch.setattr(topk_topp_sampler, "apply_top_k_only", top_k)
        assert len(cpu_faults.mend()) == 2, "is this vLLM without the faults? Then mend nothing."
        assert cpu_faults.mend() == []
        yield rejection_sampler


def sampling(requests: int, temperature: float, **fields: Any) -> SimpleNamespace:
    both = {"top_k": None, "top_p": None, "generators": {}, **fields}
    values = torch.full((requests,), temperature)
    return SimpleNamespace(all_greedy=False, all_random=True, temperature=values, **both)


@pytest.mark.parametrize("temperature", [1.0, 0.5])
def test_a_draft_leaves_the_distribution_as_it_is(sampler: Any, temperature: float) -> None:
    torch.manual_seed(1)
    logits = torch.tensor([[0.0, 1.0, 2.0, 1.5, -1.0], [1.0, 0.0, 0.5, 2.0, 1.5]])
    draft = torch.tensor([2, 3], dtype=torch.int32)
    ends = torch.arange(1, DRAWS + 1, dtype=torch.int32) * 2
    metadata = sampling(DRAWS, temperature)
    scaled = sampler.apply_sampling_constraints(logits.repeat(DRAWS, 1), ends, metadata)
    written = sampler.rejection_sample(
        draft.repeat(DRAWS),
        [2] * DRAWS,
        2,
        ends,
        None,
        scaled,
        torch.full((DRAWS, 1), 4, dtype=torch.int32),
        metadata,
    )
    expected = torch.softmax(logits / temperature, dim=-1)
    first = torch.bincount(written[:, 0].long(), minlength=5)
    assert chi2(first, expected[0]) < CHI2_LIMIT[4]
    second = torch.bincount(written[written[:, 0] == 2][:, 1].long(), minlength=5)
    assert chi2(second, expected[1]) < CHI2_LIMIT[4]


def chi2(counts: torch.Tensor, chances: torch.Tensor) -> float:
    expected = chances * counts.sum()
    return float(((counts - expected) ** 2 / expected).sum())


def test_each_rows_limits_are_its_own(sampler: Any) -> None:
    logits = torch.arange(5.0).repeat(3, 1)
    metadata = sampling(2, 1.0, top_k=torch.tensor([1, 3], dtype=torch.int32))
    kept = sampler.apply_sampling_constraints(logits, torch.tensor([1, 3]), metadata)
    assert torch.isfinite(kept).sum(dim=1).tolist() == [1, 3, 3]
    none = sampler.apply_sampling_constraints(logits[:0], torch.tensor([0, 0]), metadata)
    assert none.shape == (0, 5)


@pytest.mark.process
@pytest.mark.parametrize("fields", [{}, {"top_k": 5}, {"top_p": 0.9}, {"top_k": 5, "top_p": 0.9}])
def test_sampled_answers_make_sense_with_and_without_a_draft(
    server: Served, fields: dict[str, Any]
) -> None:
    drafted = ask(server, RIGHT, temperature=SURE, seed=1, **fields, **predicted(RIGHT.written))
    assert drafted.text == RIGHT.written
    assert drafted.steps <= drafted.tokens / K + 3
    plain = ask(server, RIGHT, temperature=SURE, seed=1, max_tokens=40, **fields, **OFF)
    assert (plain.drafted, plain.tokens) == (0, 40)
    assert RIGHT.written.startswith(plain.text)


@pytest.mark.process
def test_a_greedy_answer_does_not_mind_its_neighbours(server: Served) -> None:
    hot = {"temperature": 1.5, "top_k": 20, "max_tokens": 120}
    asked = [(RIGHT, predicted(RIGHT.written)), (DEVIATING, hot), (DEVIATING, {}), (RIGHT, hot)]
    texts = together(server, asked)
    assert texts[0] == RIGHT.written
    assert texts[2] == DEVIATING.written
    alone = server.post("/v1/chat/completions", **body(RIGHT, **hot))
    assert alone.status_code == 200
