"""A draft changes speed, never output."""

from __future__ import annotations

import math
import random
from collections import Counter
from typing import Any, cast

import pytest
import torch
from transformers import (
    GenerationConfig,
    LogitsProcessor,
    LogitsProcessorList,
    StoppingCriteria,
    StoppingCriteriaList,
    TemperatureLogitsWarper,
    TopKLogitsWarper,
    TopPLogitsWarper,
)
from transformers.generation.stopping_criteria import EosTokenCriteria
from transformers.generation.streamers import BaseStreamer

from fastapply_lsp.draft.drafter import Drafter
from fastapply_lsp.engines.kv_cache import new_cache
from fastapply_lsp.engines.speculation import UNLIMITED, Course, Streamed, speculate
from fastapply_lsp.engines.verification import ONE_BY_ONE_MOST
from tests.engines.random_models import (
    DRAFTS,
    KNOWN,
    STOP,
    VOCABULARY,
    plain,
    random_model,
    random_prompt,
)

MOST = 24
LIMITS = (UNLIMITED, 128, 16, 3, 1)


def drafted(
    model: Any,
    prompt: torch.Tensor,
    *drafts: list[int],
    limit: int = UNLIMITED,
    course: Course | None = None,
    **how: Any,
) -> list[int]:
    how.setdefault("max_new_tokens", MOST)
    how.setdefault("do_sample", False)
    out = model.generate(
        prompt,
        custom_generate=speculate,
        drafter=Drafter(drafts, KNOWN),
        course=course,
        draft_limit=limit,
        **how,
    )
    new: list[int] = out[0, prompt.shape[1] :].tolist()
    return new


@pytest.mark.parametrize("seed", range(100))
def test_any_draft_gives_what_plain_greedy_decoding_gives(seed: int) -> None:
    rng = random.Random(seed)
    model, prompt = random_model(seed), random_prompt(seed)
    right = plain(model, prompt, MOST)
    for draft in DRAFTS:
        limit = rng.choice(LIMITS)
        texts = [draft(right, rng), draft(right, rng)][: rng.randrange(1, 3)]
        assert drafted(model, prompt, *texts, limit=limit) == right, (texts, limit)


@pytest.mark.parametrize("limit", [1, 4, 16, 64])
@pytest.mark.parametrize("seed", range(5))
def test_a_right_draft_takes_few_passes(seed: int, limit: int) -> None:
    model, prompt = random_model(seed, eos_token_id=None), random_prompt(seed)
    right = plain(model, prompt, 200)
    course = Course()
    assert drafted(model, prompt, right, limit=limit, course=course, max_new_tokens=200) == right
    assert course.passes <= math.ceil(200 / (limit + 1)) <= 200 / limit + 2
    assert course.written == right
    assert course.accepted == course.drafted


def test_a_draft_of_a_megabyte_costs_little() -> None:
    model, prompt = random_model(7), random_prompt(7)
    right = plain(model, prompt, MOST)
    rng = random.Random(7)
    course = Course()
    huge = [rng.randrange(VOCABULARY) for _ in range(1_000_000)]
    assert drafted(model, prompt, huge, course=course) == right
    assert course.drafted <= 3_000


class _AfterToken(StoppingCriteria):
    """Ends at a token, as a criterion of somebody else's would."""

    def __init__(self, token: int) -> None:
        self.token = token

    def __call__(self, input_ids: torch.Tensor, scores: object, **kwargs: object) -> torch.Tensor:
        return input_ids[:, -1] == self.token


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize(
    "how",
    [
        {"repetition_penalty": 1.3},
        {"no_repeat_ngram_size": 2},
        {"stopping_criteria": StoppingCriteriaList([_AfterToken(9)])},
        {"eos_token_id": [STOP, 5, 6]},
        {"max_new_tokens": 1},
        {"min_new_tokens": 10},
        {"suppress_tokens": [2, 3, 4]},
    ],
    ids=lambda how: next(iter(how)),
)
def test_what_generate_can_do_it_does_with_a_draft(seed: int, how: dict[str, Any]) -> None:
    model, prompt = random_model(seed), random_prompt(seed)
    most = how.get("max_new_tokens", MOST)
    rest = {name: value for name, value in how.items() if name != "max_new_tokens"}
    right = plain(model, prompt, most, **rest)
    for draft in DRAFTS[:4]:
        text = draft(right, random.Random(seed))
        assert drafted(model, prompt, text, limit=8, max_new_tokens=most, **rest) == right


class _Unknown(LogitsProcessor):
    """Changes nothing, but nobody can know that: so rows are judged one by one."""

    def __call__(self, input_ids: torch.Tensor, scores: torch.Tensor) -> torch.Tensor:
        return scores


@pytest.mark.parametrize(
    "how",
    [{"repetition_penalty": 1.01}, {"logits_processor": LogitsProcessorList([_Unknown()])}],
    ids=lambda how: next(iter(how)),
)
def test_rows_that_go_one_by_one_are_few(how: dict[str, Any]) -> None:
    model, prompt = random_model(3, eos_token_id=None), random_prompt(3)
    right = plain(model, prompt, 150, **how)
    course = Course()
    assert drafted(model, prompt, right, course=course, max_new_tokens=150, **how) == right
    assert course.passes == math.ceil(150 / (ONE_BY_ONE_MOST + 1))
    shorter = Course()
    drafted(model, prompt, right, course=shorter, limit=9, max_new_tokens=150, **how)
    assert shorter.passes == 150 / (9 + 1)


def test_a_window_of_attention_is_kept_in_step() -> None:
    for seed in range(1, 12):
        model = random_model(
            3 * seed, use_sliding_window=True, sliding_window=8, max_window_layers=0
        )
        prompt = random_prompt(seed)
        right = plain(model, prompt, MOST)
        for draft in DRAFTS:
            assert drafted(model, prompt, draft(right, random.Random(seed)), limit=16) == right


def test_a_streamer_gets_each_token_once() -> None:
    class Heard(BaseStreamer):
        def __init__(self) -> None:
            self.tokens: list[int] = []

        def put(self, value: torch.Tensor) -> None:
            self.tokens += value.tolist()

        def end(self) -> None:
            raise AssertionError

    model, prompt, heard = random_model(4), random_prompt(4), Heard()
    right = plain(model, prompt, MOST)
    drafted(model, prompt, right[:9], course=Streamed(heard))
    assert heard.tokens == right


class _Shared(Course):
    """Has others beside it in all passes but the first ones."""

    def __init__(self, alone: int, most: int) -> None:
        super().__init__()
        self.alone, self.most = alone, most

    @property
    def draft_most(self) -> int | None:
        return None if self.passes < self.alone else self.most


@pytest.mark.parametrize("most", [0, 1, 3])
@pytest.mark.parametrize("alone", [0, 2, MOST])
def test_others_make_drafts_shorter_and_change_nothing(alone: int, most: int) -> None:
    model, prompt = random_model(4, eos_token_id=None), random_prompt(4)
    right = plain(model, prompt, MOST)
    for limit in (UNLIMITED, 5):
        course = _Shared(alone, most)
        assert drafted(model, prompt, right, limit=limit, course=course) == right
        passes = _shares(MOST, limit, alone, most)
        assert course.passes == len(passes)
        assert course.drafted == sum(passes)
    for draft in DRAFTS:
        text = draft(right, random.Random(alone))
        assert drafted(model, prompt, text, course=_Shared(alone, most)) == right


def _shares(tokens: int, limit: int, alone: int, most: int) -> list[int]:
    """The drafts of a right rewrite: each pass writes its draft and one token more."""
    passes: list[int] = []
    while tokens:
        passes.append(min(limit, tokens - 1, *([] if len(passes) < alone else [most])))
        tokens -= passes[-1] + 1
    return passes


class _Cancelled(Course):
    """Cancels after some passes."""

    def __init__(self, after: int) -> None:
        super().__init__()
        self.after = after

    @property
    def cancelled(self) -> bool:
        return self.passes >= self.after


@pytest.mark.parametrize("after", [0, 1, 3])
def test_it_stops_when_it_is_cancelled(after: int) -> None:
    model, prompt = random_model(4, eos_token_id=None), random_prompt(4)
    course = _Cancelled(after)
    right = plain(model, prompt, MOST)
    assert drafted(model, prompt, right, limit=5, course=course) == right[: 6 * after]


def test_the_result_can_be_asked_for_with_its_cache() -> None:
    model, prompt = random_model(4), random_prompt(4)
    cache = new_cache(model)
    out = model.generate(
        prompt,
        custom_generate=speculate,
        drafter=Drafter([], KNOWN),
        past_key_values=cache,
        generation_config=GenerationConfig(max_new_tokens=MOST, eos_token_id=STOP),
        return_dict_in_generate=True,
    )
    assert out.past_key_values is cache
    assert cache.get_seq_length() == out.sequences.shape[1] - 1


def test_the_mismatches_of_16_bit_are_few() -> None:
    """Rows that are verified together may round otherwise than one by one: near ties flip."""
    tokens = flips = 0
    for seed in range(12):
        model, prompt = (
            random_model(seed, eos_token_id=None).to(torch.bfloat16),
            random_prompt(seed),
        )
        right = plain(model, prompt, MOST)
        written = drafted(model, prompt, right)
        tokens += MOST
        flips += right != written
    assert flips <= 3, (flips, tokens)


# Sampling

WARPERS = (TemperatureLogitsWarper(1.4), TopKLogitsWarper(6), TopPLogitsWarper(0.95))
DRAWS = 1_200
LENGTH = 2


def _frequencies(
    model: Any, prompt: torch.Tensor, draft: list[int], *more: LogitsProcessor
) -> Counter[tuple[int, ...]]:
    generator = torch.Generator().manual_seed(11)
    most = prompt.shape[1] + LENGTH
    config = GenerationConfig(max_length=most, do_sample=True)
    seen: Counter[tuple[int, ...]] = Counter()
    for _ in range(DRAWS):
        course = Course()
        speculate(
            model,
            prompt,
            LogitsProcessorList([*WARPERS, *more]),
            StoppingCriteriaList([EosTokenCriteria(STOP)]),
            config,
            drafter=Drafter([draft], KNOWN),
            course=course,
            generator=generator,
        )
        seen[tuple(course.written)] += 1
    return seen


def _chances(model: Any, prompt: torch.Tensor) -> dict[tuple[int, ...], float]:
    """The distribution of what is written, from the logits of all that can be."""
    warp = LogitsProcessorList(WARPERS)
    written: dict[tuple[int, ...], float] = {(): 1.0}
    for _ in range(LENGTH):
        longer: dict[tuple[int, ...], float] = {}
        for tokens, chance in written.items():
            if STOP in tokens:
                longer[tokens] = chance
                continue
            ids = torch.cat([prompt, torch.tensor([tokens]).long().reshape(1, -1)], dim=1)
            with torch.inference_mode():
                row = torch.softmax(
                    warp(cast("torch.LongTensor", ids), model(ids).logits[:, -1]), dim=-1
                )[0]
            for token, share in enumerate(row.tolist()):
                if share:
                    longer[*tokens, token] = chance * share
        written = longer
    return written


def _chi_squared(
    seen: Counter[tuple[int, ...]], chances: dict[tuple[int, ...], float]
) -> tuple[float, int]:
    """The statistic, and its degrees of freedom; all that is rare is one class."""
    expected = {key: chance * DRAWS for key, chance in chances.items()}
    common = [key for key in expected if expected[key] >= 5]
    classes = [(seen[key], expected[key]) for key in common]
    rare = sum(expected.values()) - sum(expected[key] for key in common)
    if rare >= 5:
        classes.append((DRAWS - sum(seen[key] for key in common), rare))
    return sum((count - mean) ** 2 / mean for count, mean in classes), len(classes) - 1


@pytest.mark.parametrize("more", [(), (_Unknown(),)], ids=["all rows", "row by row"])
@pytest.mark.parametrize("rank", [None, 0, -1], ids=["none", "likely", "unlikely"])
def test_sampling_keeps_the_distribution(
    rank: int | None, more: tuple[LogitsProcessor, ...]
) -> None:
    model, prompt = random_model(2, initializer_range=0.2), random_prompt(2)
    chances = _chances(model, prompt)
    assert sum(chances.values()) == pytest.approx(1, abs=1e-4)
    ranked = sorted(chances, key=lambda key: -chances[key])
    seen = _frequencies(model, prompt, [] if rank is None else list(ranked[rank]), *more)
    assert set(seen) <= set(chances)
    value, freedom = _chi_squared(seen, chances)
    assert freedom >= 10
    # Four standard deviations above the mean of the distribution; the draws are seeded.
    assert value < freedom + 4 * math.sqrt(2 * freedom)
