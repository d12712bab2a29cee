"""Long prompts in parts, texts that grow, models on several devices: speed, never other results."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any

import pytest
import torch
from transformers import AutoModelForCausalLM

from fastapply_lsp.engines import loading
from fastapply_lsp.engines.model import Scored, Task, Watcher
from fastapply_lsp.engines.scoring import ScoreCache
from fastapply_lsp.engines.speculation import Course
from fastapply_lsp.engines.transformers import SCORED_AT_ONCE, Engine
from tests.engines import tiny
from tests.engines.random_models import DRAFTS, plain, random_model, random_prompt
from tests.engines.test_speculation import MOST, drafted
from tests.engines.tiny_examples import RIGHT

torch.set_num_threads(1)


# Prompts


@pytest.mark.parametrize("part", [1, 2, 5, 19])
@pytest.mark.parametrize("seed", range(12))
def test_a_prompt_in_parts_gives_what_it_gives_at_once(seed: int, part: int) -> None:
    rng = random.Random(seed)
    changes = {"use_sliding_window": True, "sliding_window": 8, "max_window_layers": 0}
    model = random_model(seed, **(changes if seed % 6 == 0 else {}))
    prompt = random_prompt(seed)
    right = plain(model, prompt, MOST)
    for draft in DRAFTS[:6]:
        written = drafted(model, prompt, draft(right, rng), limit=16, read_at_once=part)
        assert written == right


class Counted(Course):
    """Counts its turns, and may cancel after some."""

    def __init__(self, most: int = 1 << 30) -> None:
        super().__init__()
        self.turns, self.most = 0, most

    @property
    def cancelled(self) -> bool:
        return self.turns >= self.most

    def turn(self) -> AbstractContextManager[object]:
        self.turns += 1
        return nullcontext()


def test_each_part_has_its_turn_and_a_client_that_left_is_noticed() -> None:
    model = random_model(4)
    prompt = torch.randint(2, 40, (1, 31))
    course = Counted()
    drafted(model, prompt, course=course, read_at_once=10, max_new_tokens=1)
    assert (course.turns, course.passes) == (4, 1)  # 10, 10 and 10, then 1 with the first row
    course = Counted(most=2)
    assert drafted(model, prompt, course=course, read_at_once=10) == []
    assert (course.turns, course.passes) == (2, 0)


# Scores


@pytest.fixture(scope="module")
def engine() -> Engine:
    return Engine.load(tiny.folder())


@pytest.fixture
def read(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[int]]:
    """How many tokens each pass read."""
    counts: list[int] = []
    forward = engine.model.forward

    def spy(*args: Any, **kwargs: Any) -> Any:
        counts.append(kwargs["input_ids"].shape[1])
        return forward(*args, **kwargs)

    monkeypatch.setattr(engine.model, "forward", spy)
    engine.forget()
    yield counts
    engine.forget()


def same(one: Sequence[Scored], other: Sequence[Scored]) -> bool:
    return len(one) == len(other) and all(
        a.token == b.token
        and a.logprob == pytest.approx(b.logprob, abs=2e-3)
        and [each.logprob for each in a.top]
        == pytest.approx([each.logprob for each in b.top], abs=2e-3)
        for a, b in zip(one, other, strict=True)
    )


def anew(engine: Engine, ids: Sequence[int], top: int) -> list[Scored]:
    engine.forget()
    return engine.score(ids, top, Watcher())


def text_of(engine: Engine, answer: str) -> tuple[int, ...]:
    prompt = tiny.prompt_ids(engine.tokenizer, RIGHT)
    return (*prompt, *engine.tokenizer(answer)["input_ids"])


def test_a_text_that_grows_is_scored_from_where_it_grew(engine: Engine, read: list[int]) -> None:
    whole = text_of(engine, RIGHT.written)
    prompt = len(tiny.prompt_ids(engine.tokenizer, RIGHT))
    first = engine.score(whole[: prompt + 20], 2, Watcher())
    assert sum(read) == prompt + 20
    read.clear()
    second = engine.score(whole[: prompt + 60], 2, Watcher())
    # The last row of the first call is known, too; only its follower was not scored.
    assert sum(read) == 41
    assert second[: len(first)] == first
    assert same(second, anew(engine, whole[: prompt + 60], 2))


def test_a_draft_that_was_wrong_is_read_anew_from_there(engine: Engine, read: list[int]) -> None:
    whole = list(text_of(engine, RIGHT.written))
    prompt = len(tiny.prompt_ids(engine.tokenizer, RIGHT))
    wrong = [*whole[: prompt + 30], *reversed(whole[prompt + 30 : prompt + 90])]
    engine.score(wrong, 1, Watcher())
    read.clear()
    again = engine.score(whole[: prompt + 80], 1, Watcher())
    assert sum(read) <= 51
    assert same(again, anew(engine, whole[: prompt + 80], 1))


@pytest.mark.parametrize("seed", range(8))
def test_scores_do_not_depend_on_what_came_before(engine: Engine, seed: int) -> None:
    rng = random.Random(seed)
    texts: list[list[int]] = [[]]
    asked = []
    for _ in range(9):
        before = rng.choice(texts)
        ids = before[: rng.randrange(len(before) + 1)]
        ids = [*ids, *(rng.randrange(3, 400) for _ in range(rng.randrange(1, 40)))]
        texts.append(ids)
        asked.append((ids, rng.randrange(4)))
    engine.forget()
    found = []
    for ids, top in asked:
        found.append(engine.score(ids, top, Watcher()))
        if rng.random() < 0.3:
            engine.write(Task(tuple(ids), most=5), Watcher())
    for (ids, top), scores in zip(asked, found, strict=True):
        assert [one.token for one in scores] == ids[1:]
        assert all(len(one.top) == top for one in scores)
        assert same(scores, anew(engine, ids, top))


def test_the_same_text_again_is_read_for_one_row(engine: Engine, read: list[int]) -> None:
    ids = text_of(engine, RIGHT.written)
    first = engine.score(ids, 3, Watcher())
    read.clear()
    assert engine.score(ids, 3, Watcher()) == first
    assert sum(read) <= 1
    fewer = engine.score(ids, 1, Watcher())
    assert [len(one.top) for one in fewer] == [1] * len(fewer)
    assert sum(read) <= 2
    engine.score(ids, 4, Watcher())  # more than was kept
    assert sum(read) >= len(ids) - 1


def test_what_is_written_after_a_score_reads_one_row(engine: Engine, read: list[int]) -> None:
    ids = text_of(engine, RIGHT.written[:40])
    engine.score(ids, 1, Watcher())
    read.clear()
    counts = engine.write(Task(ids, most=1), Watcher())
    assert counts.reused == len(ids) - 1
    assert sum(read) == 1


class Leaves(Watcher):
    """Is there for one pass."""

    def __init__(self) -> None:
        self.left = 1

    @property
    def cancelled(self) -> bool:
        self.left -= 1
        return self.left < 0


def test_half_a_score_is_not_kept(engine: Engine, read: list[int]) -> None:
    ids = [5 + at % 300 for at in range(SCORED_AT_ONCE + 50)]
    assert len(engine.score(ids, 1, Leaves())) == SCORED_AT_ONCE
    assert engine.kept_tokens == 0
    read.clear()
    assert same(engine.score(ids, 1, Watcher()), anew(engine, ids, 1))
    assert read[0] == SCORED_AT_ONCE


def test_scores_are_kept_of_a_few_texts_and_of_no_beginnings() -> None:
    cache = ScoreCache(2)
    for end in (3, 5, 9):
        cache.keep(range(end), 1, [Scored(at, -1.0, ()) for at in range(1, end)])
    cache.keep([7, 8], 1, [Scored(8, -2.0, ())])
    assert [one.token for one in cache.known(range(6), 1)] == [1, 2, 3, 4, 5]
    assert [one.token for one in cache.known([7, 8, 9], 0)] == [8]
    assert cache.known([7, 8], 2) == cache.known([9], 1) == []
    cache.keep([1], 1, [])
    assert cache.known(range(6), 1) == []
    cache.clear()
    assert cache.known([7, 8], 1) == []


# Several GPUs


class Told:
    """What transformers is told, in place of loading a model."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, gpus: int, *, accelerate: bool) -> None:
        self.asked: dict[str, Any] = {}
        self.moved: list[str] = []
        self.full = False
        model = random_model(1)
        told = self

        def load(_folder: str, **asked: Any) -> Any:
            told.asked = asked
            return model

        def to(device: str) -> Any:
            told.moved.append(device)
            if told.full:
                raise torch.OutOfMemoryError
            return model

        monkeypatch.setattr(model, "to", to)
        monkeypatch.setattr(AutoModelForCausalLM, "from_pretrained", load)
        monkeypatch.setattr(torch.cuda, "device_count", lambda: gpus)
        monkeypatch.setattr(torch.cuda, "is_available", lambda: gpus > 0)
        found = object() if accelerate else None
        monkeypatch.setattr(loading, "find_spec", lambda _name: found)
        monkeypatch.setattr(loading, "_demand", lambda *_asked: None)


def test_several_gpus_share_a_model_where_accelerate_is(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    folder = tiny.folder()
    told = Told(monkeypatch, 2, accelerate=True)
    Engine.load(folder)
    assert (told.asked["device_map"], told.moved) == ("auto", [])
    Engine.load(folder, device="cuda:1")
    assert ("device_map" in told.asked, told.moved) == (False, ["cuda:1"])


@pytest.mark.parametrize(("gpus", "device"), [(0, "cpu"), (1, "cuda"), (2, "cuda")])
def test_else_one_device_has_it(monkeypatch: pytest.MonkeyPatch, gpus: int, device: str) -> None:
    folder = tiny.folder()
    told = Told(monkeypatch, gpus, accelerate=gpus < 2)
    Engine.load(folder)
    assert ("device_map" in told.asked, told.moved) == (False, [device])
    told.full = True
    advice = "accelerate" if gpus == 2 else "bfloat16"
    with pytest.raises(ValueError, match=f"does not fit on {device}.*{advice}"):
        Engine.load(folder)
