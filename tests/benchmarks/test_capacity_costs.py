"""A pass costs what the roofline says, or what was measured."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.capacity.assumptions import H200, MODELS
from benchmarks.capacity.costs import Measured, Roofline, Work, read_costs
from fastapply_lsp.draft.load import ROWS

works = st.builds(Work, st.integers(1, 10_000), st.integers(0, 10**6), st.integers(0, 10**9))
ROOFLINES = [Roofline(H200, model) for model in MODELS.values()]
MEASURED = Measured([1, 64, 256], [0.003, 0.003, 0.006])


@given(st.sampled_from([*ROOFLINES, MEASURED]), works, works)
def test_more_work_never_takes_less_time(cost: Roofline | Measured, one: Work, more: Work) -> None:
    both = Work(one.rows + more.rows, one.attended + more.attended, one.pairs + more.pairs)
    assert 0 < cost.seconds(one) <= cost.seconds(both)


@pytest.mark.parametrize("cost", ROOFLINES, ids=lambda cost: cost.model.name)
def test_rows_are_free_until_computing_takes_as_long_as_reading(cost: Roofline) -> None:
    free = int(cost.free_rows)
    assert cost.seconds(Work(1)) == cost.seconds(Work(free)) < cost.seconds(Work(free + 1))
    assert cost.seconds(Work(10 * free)) == pytest.approx(10 * cost.seconds(Work(1)), rel=0.01)
    assert pytest.approx(free, rel=0.25) == ROWS  # "about 200"


def test_the_figures_of_the_7b_model() -> None:
    """7.07e9 weights in bf16 at 4.8 TB/s; 57,344 bytes of keys and values for a token."""
    model = MODELS["7b"]
    assert model.weights == pytest.approx(7.07e9, rel=0.001)
    assert model.kv_bytes == 57_344
    cost = Roofline(H200, model)
    assert cost.seconds(Work(1)) == pytest.approx(14.14e9 / 4.8e12, rel=0.001)
    assert cost.seconds(Work(8_192)) == pytest.approx(14.14e9 * 8_192 / 790e12, rel=0.001)
    attending = cost.seconds(Work(1, attended=1_000_000)) - cost.seconds(Work(1))
    assert attending == pytest.approx(57.344e9 / 4.8e12)


def test_eight_bit_halves_a_pass() -> None:
    eight = Roofline(H200, MODELS["70b"])
    model = MODELS["70b"]
    assert eight.seconds(Work(1)) == pytest.approx(model.weights / 4.8e12)
    assert eight.seconds(Work(4_096)) == pytest.approx(2 * model.weights * 4_096 / 1_580e12)


def test_measurements_are_joined_by_lines() -> None:
    assert MEASURED.seconds(Work(1)) == MEASURED.seconds(Work(30)) == 0.003
    assert MEASURED.seconds(Work(160)) == pytest.approx(0.0045)
    assert MEASURED.seconds(Work(448)) == pytest.approx(0.009)


def test_measurements_come_from_a_file(tmp_path: Path) -> None:
    path = tmp_path / "costs.json"
    path.write_text(json.dumps({"rows": [1, 64], "seconds": [0.003, 0.004], "gpu": "x"}))
    assert read_costs(path).seconds(Work(64)) == 0.004


@pytest.mark.parametrize(
    "held",
    [
        {},
        {"rows": [1], "seconds": [0.1]},
        {"rows": [1, 1], "seconds": [0.1, 0.1]},
        {"rows": [1, 2], "seconds": [0.1]},
        {"rows": [1, 2], "seconds": [0.2, 0.1]},
        {"rows": [1, 2], "seconds": [0, 0.1]},
    ],
)
def test_what_cannot_be_measurements_is_refused(tmp_path: Path, held: dict[str, object]) -> None:
    path = tmp_path / "costs.json"
    path.write_text(json.dumps(held))
    with pytest.raises(ValueError, match="rising"):
        read_costs(path)
