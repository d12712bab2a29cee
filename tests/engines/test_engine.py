"""The engine: it writes the file, keeps what it knows of a prompt, and refuses what does not fit."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import pytest
import torch

from fastapply_lsp.engines.model import (
    GREEDY,
    ContextExceeded,
    Counts,
    Sampling,
    Scored,
    Task,
    Watcher,
)
from fastapply_lsp.engines.transformers import Engine
from tests.engines import tiny
from tests.engines.tiny_examples import DEVIATING, EXAMPLES, RIGHT, Example


@dataclass
class Reader(Watcher):
    """Remembers what is written; ``after`` counts the pieces before it cancels."""

    after: int = 1 << 30
    tokens: list[int] = field(default_factory=list)
    scores: list[Scored] = field(default_factory=list)
    pieces: int = 0

    @property
    def cancelled(self) -> bool:
        return self.pieces >= self.after

    def wrote(self, tokens: Sequence[int], scores: Sequence[Scored]) -> None:
        self.pieces += 1
        self.tokens += tokens
        self.scores += scores


def ids(engine: Engine, text: str) -> tuple[int, ...]:
    return tuple(engine.tokenizer(text)["input_ids"])


def task_of(engine: Engine, example: Example, *drafts: str) -> Task:
    prompt = tuple(tiny.prompt_ids(engine.tokenizer, example))
    return Task(prompt, drafts=tuple(ids(engine, draft) for draft in drafts))


def written(engine: Engine, task: Task) -> tuple[str, Counts]:
    reader = Reader()
    counts = engine.write(task, reader)
    return str(engine.tokenizer.decode(reader.tokens)), counts


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.path)
def test_a_real_transformer_writes_the_right_file(engine: Engine, example: Example) -> None:
    text, counts = written(engine, task_of(engine, example))
    assert text == example.written
    assert (counts.accepted, counts.rejected) == (0, 0)
    assert counts.passes == counts.written == len(ids(engine, example.written)) + 1
    assert counts.stopped


@pytest.mark.parametrize("limit", [16, 64, None])
@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.path)
def test_a_right_draft_takes_a_few_passes(
    engine: Engine, example: Example, limit: int | None
) -> None:
    task = replace(task_of(engine, example, example.written), draft_limit=limit)
    text, counts = written(engine, task)
    assert text == example.written
    assert counts.passes <= math.ceil(counts.written / ((limit or 2048) + 1))
    assert (counts.accepted, counts.rejected) == (counts.written - counts.passes, 0)


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.path)
def test_a_draft_that_is_wrong_in_places_costs_a_few_more(engine: Engine, example: Example) -> None:
    text, counts = written(engine, task_of(engine, example, example.original, example.code_edit))
    assert text == example.written
    assert counts.passes < counts.written / 3
    assert counts.accepted + counts.passes == counts.written


def test_the_next_prompt_begins_with_what_is_known(engine: Engine) -> None:
    task = task_of(engine, RIGHT, RIGHT.written)
    first, counts = written(engine, task)
    assert counts.reused == 0
    again, counts = written(engine, task)
    assert (again, counts.reused) == (first, len(task.prompt) - 1)
    other = task_of(engine, DEVIATING, DEVIATING.original)
    alone, _ = written(engine, other)
    engine.forget()
    written(engine, task)
    after, counts = written(engine, other)
    assert after == alone == DEVIATING.written
    assert 0 < counts.reused < len(other.prompt) - 1
    common = task.prompt[: counts.reused], other.prompt[: counts.reused]
    assert common[0] == common[1]


def test_what_was_written_is_known_to_the_next_turn_of_a_dialogue(engine: Engine) -> None:
    task = task_of(engine, RIGHT, RIGHT.written)
    _, counts = written(engine, task)
    longer = Task((*task.prompt, *ids(engine, RIGHT.written), 5, 6, 7), most=1)
    _, next_counts = written(engine, longer)
    assert next_counts.reused >= len(task.prompt) + counts.written - 2


def test_the_caches_that_are_kept_are_counted(engine: Engine) -> None:
    for example in EXAMPLES:
        written(engine, task_of(engine, example, example.written))
    # The last two prompts with their files, and not the three of them.
    sizes = [len(tiny.prompt_ids(engine.tokenizer, one)) for one in EXAMPLES]
    assert sum(sizes[1:]) < engine.kept_tokens < sum(sizes) + sum(sizes[1:])


def test_a_cancelled_text_ends_and_its_cache_is_freed(engine: Engine) -> None:
    reader = Reader(after=3)
    counts = engine.write(task_of(engine, RIGHT), reader)
    assert (counts.passes, len(reader.tokens), counts.stopped) == (3, 3, False)
    assert engine.kept_tokens == 0


def test_where_memory_runs_out_the_kept_caches_are_given_back(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    task = task_of(engine, RIGHT)
    engine.write(task, Watcher())
    assert engine.kept_tokens

    def full(*_: object, **__: object) -> None:
        raise torch.OutOfMemoryError

    monkeypatch.setattr(engine.model, "generate", full)
    with pytest.raises(torch.OutOfMemoryError):
        engine.write(replace(task, prompt=task.prompt[:9]), Watcher())
    assert engine.kept_tokens == 0


def test_what_does_not_fit_is_refused_with_numbers_before_any_work(engine: Engine) -> None:
    reader = Reader()
    task = Task((5,) * 4_000, most=200)
    with pytest.raises(ContextExceeded, match=r"4,096 tokens.*4,200.*4,000.*200") as caught:
        engine.write(task, reader)
    error = caught.value
    assert (error.prompt, error.answer, error.limit) == (4_000, 200, 4_096)
    with pytest.raises(ContextExceeded):
        engine.write(Task((5,) * 4_096), reader)
    with pytest.raises(ContextExceeded):
        engine.score((5,) * 4_097, 1, reader)
    assert reader.pieces == 0
    assert engine.room(Task((5,) * 4_000)) == 96


def test_a_limit_ends_it(engine: Engine) -> None:
    text, counts = written(engine, replace(task_of(engine, RIGHT, RIGHT.written), most=20))
    assert RIGHT.written.startswith(text)
    assert (counts.written, counts.stopped) == (20, False)


def test_the_scores_of_a_text_are_those_of_its_writing(engine: Engine) -> None:
    task = replace(task_of(engine, RIGHT, RIGHT.written), top=3)
    reader = Reader()
    engine.write(task, reader)
    scores = engine.score((*task.prompt, *reader.tokens), 3, reader)
    own = scores[len(task.prompt) - 1 :]
    assert [one.token for one in own] == reader.tokens == [one.token for one in reader.scores]
    assert [one.top[0].token for one in own] == reader.tokens
    for one, other in zip(own, reader.scores, strict=True):
        assert one.logprob == pytest.approx(other.logprob, abs=1e-3)
        assert len(one.top) == 3


def test_sampling_is_repeatable_with_a_seed(engine: Engine) -> None:
    hot = Sampling(temperature=2.0, seed=3)
    task = replace(task_of(engine, RIGHT, RIGHT.written), sampling=hot, most=60)
    one, _ = written(engine, task)
    assert written(engine, task)[0] == one
    assert written(engine, replace(task, sampling=replace(hot, seed=4)))[0] != one
    assert written(engine, replace(task, sampling=GREEDY))[0] != one


def test_the_tokens_have_their_bytes(engine: Engine) -> None:
    text = "naïve = '→ 漢'\n\tx  = 1\r\n"
    assert b"".join(engine.texts[token] for token in ids(engine, text)) == text.encode()
    assert engine.texts[engine.tokenizer.eos_token_id] == b""


@pytest.mark.parametrize("draft", [(), (10**9, -1, 2**40), (-(2**40),) * 50, (0, 1, 2) * 400_000])
def test_a_draft_of_ids_that_no_token_has_changes_nothing(
    engine: Engine, draft: tuple[int, ...]
) -> None:
    right = ids(engine, RIGHT.written)
    task = replace(task_of(engine, RIGHT), drafts=(draft, right[:40] + draft[:9] + right[40:]))
    assert written(engine, task)[0] == RIGHT.written
