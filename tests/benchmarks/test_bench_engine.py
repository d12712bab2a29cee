"""The engines' benchmark: the oracle, the methods on transformers, and the table."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import pytest
import torch

from benchmarks.engine import on_vllm
from benchmarks.engine.model import COLUMNS, Differs, Missing, Rewrite, Run, expect_equal, grid
from benchmarks.engine.on_transformers import Bench
from benchmarks.engine.one_pass import one_pass
from benchmarks.engine.oracle import Oracle, Shape
from benchmarks.engine.rewrites import rewrites
from benchmarks.engine.vllm_oracle import Oracle as VllmOracle
from benchmarks.engine.vocabulary import SIZE, encoded, file, prompt_ids, tokenizer
from fastapply_lsp.evaluation.tokenizer import Tekken

TINY = Shape(layers=1, width=64, kv_heads=1, inner=64)
FILE = Rewrite(
    "a file",
    "sum.py",
    "def total(xs):\n    t = 0\n    for x in xs:\n        t += x\n    return t\n",
    "def total(xs):\n    return sum(xs)\n",
    "def total(xs):\n    return sum(xs)\n",
)


@pytest.fixture(scope="module")
def bench() -> Bench:
    torch.set_num_threads(1)
    return Bench(TINY)


def test_every_method_writes_the_file_and_drafts_save_passes(bench: Bench) -> None:
    answer = encoded(FILE.written)
    runs = {run.method: run for run in bench.runs(FILE)}
    plain = [run for run in runs.values() if not run.drafted]
    assert len(plain) == 2
    assert all(run.tokens == len(answer) for run in runs.values())
    assert all(run.characters == len(FILE.written) for run in runs.values())
    # One pass for each token, and one for the stop token.
    assert all(run.passes == len(answer) + 1 for run in plain)
    assert all(run.passes < len(answer) for run in runs.values() if run.drafted)
    assert runs["this engine: merge, edit, original"].passes == 1


def test_a_pass_takes_its_time() -> None:
    (row,) = one_pass([TINY], 8).rows
    assert row[0] == "1 layers of 64"
    assert len(row) == 5
    assert all(float(cell.partition(" ")[0].replace(",", "")) > 0 for cell in row[1:])


def test_an_engine_that_loses_count_writes_something_else() -> None:
    answer = encoded(FILE.written)
    stop = int(tokenizer().eos_token_id or 0)
    oracle = Oracle(TINY, SIZE, stop)
    prompt = prompt_ids(FILE.messages)
    oracle.will_write(answer, prompt)
    with torch.inference_mode():
        model: Any = oracle.model
        told = model(input_ids=torch.tensor([[*prompt, *answer[:3]]]), use_cache=True)
        assert told.logits[0, -4:].argmax(-1).tolist() == answer[:4]
        told.past_key_values.crop(-1)  # a token is forgotten, and never read again
        told = model(input_ids=torch.tensor([[answer[3]]]), past_key_values=told.past_key_values)
    wrong = told.logits[0].argmax(-1).tolist()
    assert wrong == [answer[3]]
    assert oracle.passes == 2
    with pytest.raises(Differs, match="token 4 is not"):
        expect_equal("this one", "a file", [*answer[:4], *wrong], answer)
    with pytest.raises(Differs):
        expect_equal("this one", "a file", [*answer, 1], answer)


def test_the_vocabulary_is_a_real_one_cut_short() -> None:
    text = "def größe(x: int) -> str:\n\treturn f'{x:>10}'  # 12345 \U0001f600\r\n"
    assert len(tokenizer()) == SIZE
    assert tokenizer().decode(encoded(text)) == text
    described = json.loads(file().read_text(encoding="utf-8"))
    config = described["config"]
    config["default_vocab_size"] = SIZE - 3 + config["default_num_special_tokens"]
    assert encoded(text) == list(Tekken(described).encode(text))


def test_files_of_three_lengths_and_one_in_other_words() -> None:
    files = rewrites()
    assert len({one.name for one in files}) == 4
    lengths = [one.original.count("\n") for one in files]
    assert lengths == sorted(lengths)
    assert files[1].original == files[2].original
    changed = sum(
        one != other
        for one, other in zip(
            files[1].written.split("\n"), files[2].written.split("\n"), strict=False
        )
    )
    assert changed > 0


def test_the_factor_is_over_the_fastest_without_drafts_on_the_same_engine() -> None:
    runs: list[Run | Missing] = [
        Run("one", "slow", False, 100, 400, 300, 100, 10.0),
        Run("one", "plain", False, 100, 400, 300, 100, 5.0),
        Run("one", "ours", True, 400, 400, 1200, 4, 1.0),
        Run("two", "alone", True, 400, 400, 1200, 4, 1.0),
        Missing("gone", "not measured"),
    ]
    rows = grid("Title", "How.", runs).rows
    assert [row[-1] for row in rows] == ["0.50", "1.00", "20.0", "", ""]
    assert rows[0][1] == "100 of 400"
    assert rows[2] == ("ours", "400", "4", "100.0", "1.00", "400", "1,200", "20.0")
    assert rows[4][0] == "gone: not measured"
    assert {len(row) for row in rows} == {len(COLUMNS)}


class _Model(torch.nn.Module):
    """As vLLM calls one: hidden states for all tokens, logits for some of them."""

    def forward(self, *, input_ids: torch.Tensor, positions: torch.Tensor) -> torch.Tensor:
        return torch.zeros(len(input_ids), 8)

    def compute_logits(self, hidden: torch.Tensor) -> torch.Tensor:
        return torch.rand(len(hidden), 50)


def test_in_vllm_the_place_of_a_row_reaches_its_logits() -> None:
    oracle = VllmOracle()
    model: Any = _Model()
    oracle.model_runner = type("Runner", (), {"model": model})
    oracle.attach()
    oracle.will_write([7, 8, 9], 100)
    hidden = model(input_ids=torch.zeros(4), positions=torch.tensor([98, 99, 100, 5_000]))
    assert model.compute_logits(hidden[1:]).argmax(-1).tolist() == [7, 8, 9]
    assert oracle.counted() == 1


def test_where_vllm_is_not_the_table_says_so(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(on_vllm, "PLACE", tmp_path)
    (told,) = on_vllm.measured([FILE], TINY, 1, on_vllm.METHODS[:1])
    (row,) = told.rows
    assert isinstance(row, Missing)
    assert "make test-vllm" in row.why
    (tmp_path / "bin").mkdir()
    failing = tmp_path / "bin" / "python"
    failing.write_text(f"#!{sys.executable}\nraise SystemExit('it is broken')\n")
    failing.chmod(0o755)
    (told,) = on_vllm.measured([FILE], TINY, 1, on_vllm.METHODS[:1])
    (row,) = told.rows
    assert isinstance(row, Missing)
    assert row.why == "not measured: it is broken"
