"""The page on capacity says what the simulation says now."""

from __future__ import annotations

import json

import pytest

from benchmarks.capacity.answers import (
    BUSY_PER_S,
    RULE_APPLIES,
    Question,
    fingerprint,
    passes,
    read_answers,
    rounded,
)
from benchmarks.capacity.assumptions import MODELS, People
from benchmarks.capacity.costs import Measured
from benchmarks.capacity.page import PAGE, tables, with_tables
from benchmarks.capacity.policies import FIXED, PLAIN, POLICIES, SHARED, SURE, Policy
from benchmarks.capacity.sizing import Setting, alone, arrivals, held, outcome, replicas
from fastapply_lsp.draft.load import ROWS

ANEW = "run: python -m benchmarks.capacity --write-docs"


def test_the_tables_are_those_of_the_answers() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert with_tables(page, read_answers()) == page, "run: python -m benchmarks.capacity.page"


def test_every_table_of_simulated_figures_says_that_they_are_not_measured() -> None:
    page = PAGE.read_text(encoding="utf-8")
    generated = page.partition("<!-- generated: begin -->")[2].partition("<!-- generated: end -->")
    parts = generated[0].split("### ")[1:]
    assert len(parts) >= 6
    for part in parts:
        assert "not measured on a GPU" in part or part.startswith("What is read")


def test_the_answers_were_made_from_what_is_assumed_now() -> None:
    assert read_answers()["fingerprint"] == json.loads(json.dumps(fingerprint())), ANEW
    assert read_answers()["passes"] == passes(Question()), ANEW


@pytest.mark.parametrize(
    ("policy", "condition"), [(FIXED, "clean"), (SURE, "10")], ids=["fixed", "sure"]
)
def test_the_answers_are_what_the_simulation_says_now(policy: Policy, condition: str) -> None:
    came = outcome(Question().setting("7b", condition, RULE_APPLIES), policy, BUSY_PER_S)
    then = read_answers()["rules"][policy.name]["7b"][condition]
    assert then["busy_p95_s"] == pytest.approx(rounded(came.p95_s), rel=0.02), ANEW
    wasted = came.tally.wasted / came.tally.written
    assert then["wasted"] == pytest.approx(rounded(wasted), rel=0.02), ANEW


def test_drafts_need_fewer_gpus_and_the_policies_are_on_the_page() -> None:
    answers = read_answers()
    for found in answers["gpus"].values():
        for row in found["rows"]:
            assert row["gpus"][SURE.name] <= row["gpus"][PLAIN.name]
    page = PAGE.read_text(encoding="utf-8")
    assert all(policy.name in page for policy in POLICIES)
    assert f"{ROWS} rows" in page


SMALL = Setting(applies=102)


def test_one_user_alone_waits_as_long_as_on_an_idle_gpu() -> None:
    idle = alone(SMALL, SHARED)
    seldom = outcome(SMALL, SHARED, People().rate)
    assert seldom.p50_s == pytest.approx(idle.p50_s, rel=0.25)


def test_what_is_held_is_held_and_a_tenth_more_is_not() -> None:
    most = held(SMALL, FIXED, 1.5)
    assert outcome(SMALL, FIXED, most).p95_s <= 1.5 < outcome(SMALL, FIXED, 1.1 * most).p95_s
    assert held(SMALL, PLAIN, 0.001) == 0.0


def test_so_many_gpus_hold_it_and_one_fewer_does_not() -> None:
    one = held(SMALL, FIXED, 1.5)
    per_s = 5 * one
    count = replicas(SMALL, FIXED, per_s, 1.5, one)
    assert 1 < count <= 5
    assert outcome(SMALL, FIXED, per_s, count).p95_s <= 1.5
    assert outcome(SMALL, FIXED, per_s, count - 1).p95_s > 1.5


def test_the_same_applies_come_faster() -> None:
    slow, fast = arrivals(SMALL, 0.1), arrivals(SMALL, 1.0)
    assert [one.trace for one in slow] == [one.trace for one in fast]
    assert [one.at_s for one in fast] == pytest.approx([one.at_s / 10 for one in slow])
    cached = arrivals(Setting(applies=102, people=People(cached=0.5)), 0.1)
    assert [one.cached for one in cached] == [one.trace.prompt // 2 for one in slow]


def test_measured_passes_take_the_place_of_the_roofline() -> None:
    cost = Measured([1, 2], [1.0, 1.0])
    question = Question(cost, ("7b",))
    assert passes(question) == {"7b": dict.fromkeys(["1", "129", "200", "1024", "8192"], 1.0)}
    assert question.setting("7b").model is MODELS["7b"]


def test_figures_from_measured_passes_do_not_say_that_they_are_from_a_roofline() -> None:
    found = read_answers()
    one = {**found, "gpus": {"7b": found["gpus"]["7b"]}, "measured": True}
    told = tables(one)
    assert "roofline" not in told
    assert "GPUs for Llama-3-70B" not in told
    assert told.count("measured times of passes") == tables(found).count("roofline") - 1
