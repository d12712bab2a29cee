"""The questions of docs/explanation/capacity.md, and what the simulation answers.

An answer takes minutes, so the answers lie in ``answers.json``, beside a fingerprint of what they
were made from. The page and its picture are drawn from there.
"""

from __future__ import annotations

import hashlib
import json
import math
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.capacity.assumptions import H200, MODELS, Engine, People
from benchmarks.capacity.costs import Work
from benchmarks.capacity.policies import (
    FIXED,
    PLAIN,
    POLICIES,
    SHARED,
    SURE,
    Policy,
)
from benchmarks.capacity.sizing import APPLIES, Setting, alone, held, outcome, replicas
from benchmarks.capacity.traces import CONDITIONS, TABLE, traces

if TYPE_CHECKING:
    from collections.abc import Callable

    from benchmarks.capacity.costs import Cost

ANSWERS = Path(__file__).parent / "answers.json"
USERS = (1, 10, 100, 1_000, 10_000)
TARGET_S = {"7b": 2.0, "70b": 8.0}
"""p95 of an apply, to be held; several times what one user alone has to wait."""
PLAIN_TARGET_S = {"7b": 60.0, "70b": 240.0}
"""Without drafts no GPU comes near; this is what is held instead."""
PLAIN_APPLIES = 204
"""Of a run without drafts; it takes a hundred times as many passes."""
RULE_APPLIES = 1_000
BUSY_PER_S = 6.0
"""More than one GPU with the 7B model holds."""
CURVE_USERS = (10, 30, 100, 200, 300, 400, 500, 600, 700, 800, 1_000, 1_300)
CURVE_MOST_S = 100.0
"""Where a curve leaves the picture."""
CURVES = (PLAIN, FIXED, SHARED, SURE)
SIZED = (FIXED, SHARED, SURE)
DIGITS = 3


@dataclass(frozen=True, slots=True)
class Question:
    """For which models, and with which costs in the place of the roofline's, if any."""

    cost: Cost | None = None
    models: tuple[str, ...] = tuple(TARGET_S)

    def setting(self, model: str, condition: str = "40", applies: int = APPLIES) -> Setting:
        """Return the setting of a run."""
        return Setting(MODELS[model], condition, cost=self.cost, applies=applies)


def answered(question: Question, tell: Callable[[str], None]) -> dict[str, Any]:
    """Answer everything; ``tell`` hears how far it is."""
    found: dict[str, Any] = {"fingerprint": fingerprint(), "passes": passes(question)}
    parts: dict[str, Callable[[Question], Any]] = {"gpus": gpus, "rules": rules}
    if question.cost is not None:
        found["measured"] = True
    elif "7b" in question.models:
        parts |= {"curves": curves, "sensitivity": sensitivity}
    for name, answer in parts.items():
        tell(name)
        found[name] = answer(question)
    return found


def fingerprint() -> dict[str, Any]:
    """Return all that the answers were made from, but the code."""
    return {
        "gpu": asdict(H200),
        "models": {name: asdict(model) for name, model in MODELS.items()},
        "engine": asdict(Engine()),
        "people": asdict(People()),
        "traces": hashlib.sha256(TABLE.read_bytes()).hexdigest()[:16],
    }


def passes(question: Question) -> dict[str, dict[str, float]]:
    """How long does a pass take, in seconds, by its rows?"""
    rows = (1, 129, 200, 1_024, 8_192)
    found = {}
    for name in question.models:
        cost = question.setting(name).servers(SHARED, 1)[0].cost
        found[name] = {str(each): rounded(cost.seconds(Work(each))) for each in rows}
    return found


def gpus(question: Question) -> dict[str, Any]:
    """How many GPUs do so many users need, and how long do they wait?"""
    return {name: _gpus(question, name) for name in question.models}


def _gpus(question: Question, model: str) -> dict[str, Any]:
    target_s = TARGET_S[model]
    setting = question.setting(model)
    plain = question.setting(model, applies=PLAIN_APPLIES)
    ones = {policy.name: held(setting, policy, target_s) for policy in SIZED}
    ones[PLAIN.name] = held(plain, PLAIN, PLAIN_TARGET_S[model])
    rows = []
    for users in USERS:
        per_s = users * setting.people.rate
        needed = {
            policy.name: replicas(setting, policy, per_s, target_s, ones[policy.name])
            for policy in SIZED
        }
        needed[PLAIN.name] = max(1, math.ceil(per_s / ones[PLAIN.name]))
        came = outcome(setting, SURE, per_s, needed[SURE.name])
        rows.append(
            {
                "users": users,
                "per_s": rounded(per_s),
                "gpus": needed,
                "p50_s": rounded(came.p50_s),
                "p95_s": rounded(came.p95_s),
            }
        )
    found = {}
    for policy in (PLAIN, *SIZED):
        came = alone(setting, policy)
        found[policy.name] = {"p50_s": rounded(came.p50_s), "p95_s": rounded(came.p95_s)}
    return {
        "held_per_s": {name: rounded(one) for name, one in ones.items()},
        "alone": found,
        "rows": rows,
    }


def rules(question: Question) -> dict[str, Any]:
    """How much does one GPU hold by each rule, and what when more comes?"""
    found: dict[str, Any] = {}
    for model in question.models:
        for condition in CONDITIONS:
            setting = question.setting(model, condition, RULE_APPLIES)
            for policy in POLICIES[1:]:
                row = found.setdefault(policy.name, {}).setdefault(model, {})
                row[condition] = {"held_per_s": rounded(held(setting, policy, TARGET_S[model]))}
                if model == "7b":
                    busy = outcome(setting, policy, BUSY_PER_S)
                    row[condition]["busy_p95_s"] = rounded(busy.p95_s)
                    row[condition]["wasted"] = rounded(busy.tally.wasted / busy.tally.written)
    return found


def curves(question: Question) -> dict[str, Any]:
    """How long does an apply take on one GPU, by the users that share it?"""
    return {
        condition: {policy.name: _curve(question, condition, policy) for policy in CURVES}
        for condition in CONDITIONS
    }


def _curve(question: Question, condition: str, policy: Policy) -> list[list[float]]:
    applies = PLAIN_APPLIES if policy is PLAIN else RULE_APPLIES
    setting = question.setting("7b", condition, applies)
    points = []
    for users in CURVE_USERS:
        came = outcome(setting, policy, users * setting.people.rate)
        points.append([users, rounded(came.p95_s)])
        if came.p95_s > CURVE_MOST_S:
            break
    return points


def sensitivity(question: Question) -> list[dict[str, Any]]:
    """What if an assumption is wrong? The 7B model, one line in 40."""
    base = question.setting("7b", applies=RULE_APPLIES)
    slower = replace(H200, bytes_per_s=0.7 * H200.bytes_per_s, flop_per_s=0.7 * H200.flop_per_s)
    settings = {
        "as assumed": base,
        "other arrivals": replace(base, seed=base.seed + 1),
        "half of each prompt in the prefix cache": replace(base, people=People(cached=0.5)),
        "passes of at most 2,048 rows": replace(base, engine=Engine(rows_most=2_048)),
        "5 ms beside the GPU's work in each pass": replace(base, engine=Engine(pass_s=0.005)),
        "0.5 ms for each draft": replace(base, engine=Engine(draft_s=0.000_5)),
        "a GPU that reaches 70 % of both limits": replace(base, gpu=slower),
        "Llama-3-8B": replace(base, model=MODELS["8b"]),
    }
    return [
        {
            "what": what,
            "held_per_s": {
                policy.name: rounded(held(setting, policy, TARGET_S["7b"])) for policy in SIZED
            },
        }
        for what, setting in settings.items()
    ]


def workload() -> dict[str, dict[str, float]]:
    """What is read and written, in tokens?"""
    found = {}
    for condition in CONDITIONS:
        files = traces(condition)
        prompts, tokens = sorted(one.prompt for one in files), sorted(one.tokens for one in files)
        found[condition] = {
            "prompt_median": prompts[len(prompts) // 2],
            "prompt_mean": sum(prompts) / len(files),
            "tokens_median": tokens[len(tokens) // 2],
            "tokens_mean": sum(tokens) / len(files),
            "tokens_p95": tokens[math.ceil(0.95 * len(tokens)) - 1],
            "files": len(files),
        }
    return found


def rounded(value: float) -> float:
    """Return a figure with as many digits as it is worth.

    >>> rounded(0.123456), rounded(1234.5)
    (0.123, 1230.0)
    """
    return float(f"{value:.{DIGITS}g}")


def read_answers() -> dict[str, Any]:
    """Return what ``answers.json`` says."""
    found: dict[str, Any] = json.loads(ANSWERS.read_text(encoding="utf-8"))
    return found
