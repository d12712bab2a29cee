"""The GPU's benchmark, on a CPU: its model is a Llama, its checks find what is wrong, it counts right."""

from __future__ import annotations

import json
import subprocess
import sys
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
import torch
from transformers import LlamaConfig, LlamaForCausalLM, Qwen2Config, Qwen2ForCausalLM

from benchmarks.gpu import checks, reporting
from benchmarks.gpu.attention import Masked
from benchmarks.gpu.decoder import Decoder
from benchmarks.gpu.hf import TransformersWriter, model_of
from benchmarks.gpu.making import made
from benchmarks.gpu.measuring import Clock, steps
from benchmarks.gpu.ops import TorchOps
from benchmarks.gpu.passes import Passes
from benchmarks.gpu.reporting import BEGIN, END, NOT_RUN, PAGE, RESULTS, inserted, section
from benchmarks.gpu.running import Order, run
from benchmarks.gpu.shapes import SHAPES, Shape
from benchmarks.gpu.traces import Trace, Traces, invented, read
from benchmarks.gpu.weights import Random, taken_from
from benchmarks.gpu.writing import POLICIES, Policy, agreeing, greedy, speculated, write
from fastapply_lsp.draft.vocabulary import Vocabulary
from fastapply_lsp.evaluation.cases import Case

torch.set_num_threads(1)
CPU = torch.device("cpu")
SMALL = Shape("small", 2_100, 32, 48, 2, 4, 2, 8, 10_000.0, 1e-6, bias=True)
TRACES = invented((6, 25))
OF_TRANSFORMERS = {"httpx", "rich"}
"""It needs them for its hub."""


class Shifted(Masked):
    """Wrong by one: each row misses itself, but for the first."""

    def __call__(
        self,
        queries: torch.Tensor,
        keys: torch.Tensor,
        values: torch.Tensor,
        position: torch.Tensor,
    ) -> torch.Tensor:
        return super().__call__(queries, keys, values, (position - 1).clamp(min=0))


class Careless(TorchOps):
    """Wrong: the residual is not kept."""

    def norm(
        self, x: torch.Tensor, residual: torch.Tensor, weight: torch.Tensor, epsilon: float
    ) -> torch.Tensor:
        return super().norm(x, residual.clone(), weight, epsilon)


def passes(room: int = 2_600, seed: int = 1) -> Passes:
    weights = Random(SMALL, CPU, torch.float32, seed=seed, spread=0.3).make()
    return Passes(Decoder(SMALL, weights, room, attention=lambda _rows: Masked()), (1, 8, 64, 600))


@pytest.mark.parametrize("kind", ["llama", "qwen2"])
def test_the_model_is_what_transformers_has(kind: str) -> None:
    torch.manual_seed(2)
    bias = kind == "qwen2"
    shape = Shape("x", 90, 64, 96, 2, 4, 2, 16, 10_000.0, 1e-6, bias=bias)
    config: dict[str, Any] = {
        "vocab_size": 90,
        "hidden_size": 64,
        "intermediate_size": 96,
        "num_hidden_layers": 2,
        "num_attention_heads": 4,
        "num_key_value_heads": 2,
        "rms_norm_eps": 1e-6,
        "initializer_range": 0.3,
    }
    model: Any = (
        Qwen2ForCausalLM(Qwen2Config(**config)) if bias else LlamaForCausalLM(LlamaConfig(**config))
    )
    for name, weight in model.named_parameters():
        if name.endswith("bias"):
            torch.nn.init.normal_(weight)
    decoder = Decoder(
        shape, taken_from(model.state_dict(), shape), 64, attention=lambda _: Masked()
    )
    ids = torch.randint(0, 90, (40,))
    with torch.inference_mode():
        right = model.eval()(ids[None]).logits[0]
        parts = [
            decoder.logits(ids[first:end], torch.tensor([first], dtype=torch.int32))
            for first, end in pairwise((0, 17, 18, 40))
        ]
    assert checks.off(torch.cat(parts), right) < 1e-4


def test_attention_that_is_wrong_is_found() -> None:
    assert checks.attention(Masked(), CPU, torch.float32, 16, room=64).wrong == ""
    assert "off by" in checks.attention(Shifted(), CPU, torch.float32, 16, room=64).wrong


def test_operations_that_are_wrong_are_found() -> None:
    assert checks.operations(TorchOps(), CPU, torch.float32).wrong == ""
    assert "off by" in checks.operations(Careless(), CPU, torch.float32).wrong


def test_what_does_not_run_is_not_used() -> None:
    assert checks.judged("it", lambda: str(1 // 0)).wrong.startswith("ZeroDivisionError")


def test_eight_bits_are_what_they_stand_for() -> None:
    assert checks.scaling(TorchOps(), CPU).wrong == ""
    assert checks.eight_bit(CPU).wrong == ""


def test_a_model_in_eight_bit_says_about_the_same() -> None:
    at = torch.tensor([0], dtype=torch.int32)
    exact, eight = (
        Decoder(
            SMALL,
            Random(SMALL, CPU, torch.float32, eight=eight, spread=0.2).make(),
            16,
            attention=lambda _rows: Masked(),
        ).logits(torch.arange(9), at)
        for eight in (False, True)
    )
    assert 1e-4 < checks.off(eight, exact) < 0.2


def test_a_draft_changes_nothing() -> None:
    assert checks.identity(CPU, Masked(), TorchOps(), texts=1, length=40).wrong == ""


def test_rows_past_the_draft_do_no_harm() -> None:
    one, two = passes(), passes()
    prompt = list(range(1, 20))
    right = greedy(one, prompt, 70)
    # 63 tokens of draft are 64 rows, 64 are filled up to 600.
    for most in (63, 64):
        assert speculated(two, prompt, right, 70, most) == right


def test_a_cache_that_is_full_says_so() -> None:
    with pytest.raises(ValueError, match="in a cache of 100"):
        passes(room=100).likeliest([1], 100)


@pytest.mark.parametrize("policy", POLICIES, ids=lambda policy: policy.name)
def test_every_case_is_written_whole(policy: Policy) -> None:
    model = passes()
    for trace in TRACES.cases:
        course = write(model, trace, TRACES.vocabulary, policy)
        assert course.whole
        assert course.tokens == len(trace.target) + 1
        assert course.accepted + course.passes == course.tokens
        assert len(course.rows) == len(course.pass_s) == course.passes
        assert max(course.rows) <= min(policy.most, 599) + 1
        if policy.most == 0:
            assert course.passes == course.tokens


def test_fewer_passes_are_needed_with_longer_drafts() -> None:
    trace = TRACES.cases[1]
    counts = [write(passes(), trace, TRACES.vocabulary, each).passes for each in POLICIES[:4]]
    assert counts == sorted(counts, reverse=True)
    assert counts[-1] < counts[0] / 5


def test_a_rate_needs_no_whole_file() -> None:
    course = write(passes(), TRACES.cases[1], TRACES.vocabulary, POLICIES[0], passes=7)
    assert (course.tokens, course.passes, course.whole) == (7, 7, False)


def test_agreement_is_counted_to_the_first_difference() -> None:
    likeliest = torch.tensor([4, 5, 6, 9]).numpy()
    assert [agreeing(likeliest, draft) for draft in ([4, 5, 6], [4, 5, 7], [1], [])] == [3, 2, 0, 0]


def test_transformers_takes_the_same_passes() -> None:
    model = model_of(SMALL, CPU, torch.float32, 1_000)
    assert model.config.rope_parameters["rope_theta"] == SMALL.theta
    writer = TransformersWriter(model, TRACES.vocabulary)
    for policy in (POLICIES[1], POLICIES[-1]):
        for trace in TRACES.cases:
            ours = write(passes(), trace, TRACES.vocabulary, policy)
            theirs = writer(trace, policy, None)
            assert (theirs.tokens, theirs.rows) == (ours.tokens, ours.rows)
            assert (theirs.accepted, theirs.rejected) == (ours.accepted, ours.rejected)
            assert theirs.whole
    assert not writer(TRACES.cases[1], POLICIES[0], 5).whole


def test_traces_come_back_as_they_were(tmp_path: Path) -> None:
    TRACES.save(tmp_path / "t.npz")
    again = read(tmp_path / "t.npz")
    assert again.cases == TRACES.cases
    assert list(again.vocabulary.lengths) == list(TRACES.vocabulary.lengths)
    assert again.vocabulary.kinds == TRACES.vocabulary.kinds


def test_sizes_are_spread_over_all_cases() -> None:
    cases = tuple(Trace(str(at), 60 + at, [1], [], [], [], [1]) for at in range(200))
    traces = Traces(cases, Vocabulary([1], b"\0"))
    assert [case.lines for case in traces.some("short", 4)] == [60, 75, 90, 105]
    assert len(traces.some("short", 100)) == 61
    assert traces.some("long", 4) == ()


class Words:
    """A tokenizer of single bytes."""

    vocabulary = Vocabulary.of([bytes([byte]) for byte in range(256)])

    def encode(self, text: str) -> list[int]:
        return list(text.encode())


def test_cases_are_numbered_anew_and_keep_their_texts() -> None:
    edit = "<<<<<<< SEARCH\nb = 1\n=======\nb = 2\n>>>>>>> REPLACE\n"
    case = Case("c", "a = 0\nb = 1\n", edit, "a = 0\nb = 2\n", path="a.py")
    traces = made([case], Words())
    (trace,) = traces.cases
    assert trace.predicted == trace.target != trace.original
    assert trace.lines == 2
    assert len(traces.vocabulary) == max(trace.prompt + trace.target) + 1
    # The order of first occurrence: the prompt comes first.
    assert trace.prompt[0] == 0
    assert traces.vocabulary.kinds[trace.target[5]] == Words.vocabulary.kinds[ord("\n")]
    broken = made([Case("c", "a\n", "@@ -1 +1 @@\n", "b\n")], Words()).cases[0]
    assert broken.predicted == broken.original


def test_a_step_costs_something_and_one_that_does_not_fit_is_left_out() -> None:
    found = steps(passes(), Clock(60), rows=(1, 8), contexts=(16, 2_500), times=1)
    assert [(step.rows, step.context) for step in found] == [(1, 16), (8, 16)]
    assert all(step.ms_p50 > 0 for step in found)
    assert steps(passes(), Clock(0), rows=(1,), contexts=(16,)) == []


def test_a_run_writes_what_it_finds_and_adds_to_it(tmp_path: Path) -> None:
    TRACES.save(tmp_path / "t.npz")
    order = Order(
        (SHAPES["tiny"],), (SHAPES["tiny"],), ("graphs", "transformers"), tmp_path / "t.npz", tmp_path / "r.json", 120,
        device="cpu", cases=1,
    )  # fmt: skip
    results = run(order, python="3")
    assert results["errors"] == []
    assert all(check["wrong"] == "" for check in results["checks"])
    assert json.loads((tmp_path / "r.json").read_text()) == json.loads(json.dumps(results))
    assert {cell["engine"] for cell in results["cells"]} == {"graphs", "transformers"}
    assert {cell["draft"] for cell in results["cells"]} == {policy.name for policy in POLICIES}
    for cell in results["cells"]:
        assert cell["tokens_per_s"] > 0
        assert (cell["tokens_per_s_with_prompt"] is None) == (not cell["whole"])
    page = section(results)
    assert "tiny, float32" in page
    assert "tiny, 8 bit" in page
    again = run(Order((), (), (), None, tmp_path / "r.json", 120, device="cpu"), python="3")
    assert again["cells"] == results["cells"]


def test_what_fails_is_noted_and_the_rest_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    TRACES.save(tmp_path / "t.npz")
    monkeypatch.setattr("benchmarks.gpu.running.Random", lambda *_args, **_how: 1 // 0)
    order = Order((SHAPES["tiny"],), (), ("graphs",), tmp_path / "t.npz", None, 60, device="cpu")
    results = run(order, python="3")
    assert results["cells"] == []
    assert "ZeroDivisionError" in results["errors"][0]
    assert "failed: tiny" in section(results)


def test_without_a_run_no_cell_has_a_figure() -> None:
    page = section(None)
    rows = [line for line in page.split("\n") if line.startswith(("| qwen", "| llama"))]
    assert len(rows) > 12
    assert all(NOT_RUN in row for row in rows)
    assert "tokens/s" in page


def test_targets_are_met_or_not() -> None:
    cell = {
        "model": "qwen2.5-coder-7b",
        "precision": "bf16",
        "engine": "graphs",
        "size": reporting.ALL,
        "draft": "adaptive",
        "cases": 3,
        "asked": 4,
        "tokens_per_s": 30_123.0,
        "tokens_per_s_with_prompt": 20_000.0,
    }
    page = section({"machine": "an H200", "cells": [cell]})
    assert "| qwen2.5-coder-7b, bf16 | 30,123 | ≥ 25,000 | ok |" in page
    assert "30,123 / 20,000 (3 of 4 cases)" in page
    page = section({"machine": "an H200", "cells": [{**cell, "tokens_per_s": 24_000.0}]})
    assert "| qwen2.5-coder-7b, bf16 | 24,000 | ≥ 25,000 | short |" in page


def test_several_runs_become_one_page(tmp_path: Path) -> None:
    runs = [
        {"machine": "an H200", "cells": [{"a": 1}], "errors": []},
        {"machine": "an H200, later", "cells": [{"a": 2}], "errors": ["one"]},
    ]
    files = [tmp_path / "1.json", tmp_path / "2.json"]
    for file, told in zip(files, runs, strict=True):
        file.write_text(json.dumps(told), encoding="utf-8")
    reporting.take(files, tmp_path / "all.json")
    whole = json.loads((tmp_path / "all.json").read_text(encoding="utf-8"))
    assert whole == {
        "machine": "an H200, later",
        "cells": [{"a": 1}, {"a": 2}],
        "errors": ["one"],
    }


def test_the_machine_with_the_gpu_needs_little() -> None:
    """Neither a parser nor a tokenizer, nor what the language server is made of."""
    code = (
        "import sys, benchmarks.gpu.__main__, benchmarks.gpu.hf\n"
        "print(*({'tree_sitter', 'pygls', 'httpx', 'rich', 'tiktoken', 'starlette'}"
        " & {name.partition('.')[0] for name in sys.modules if 'fastapply' not in name}))"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert set(ran.stdout.split()) <= OF_TRANSFORMERS


def test_the_page_has_the_last_results() -> None:
    told = json.loads(RESULTS.read_text(encoding="utf-8")) if RESULTS.exists() else None
    page = PAGE.read_text(encoding="utf-8")
    assert page == inserted(page, section(told)), "python -m benchmarks.gpu --write-docs"
    assert page.count(BEGIN) == page.count(END) == 1
