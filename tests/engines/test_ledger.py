"""A batch as an engine steps it: which draft does each request get?"""

from __future__ import annotations

import math
from concurrent.futures import Future
from dataclasses import dataclass, field
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fastapply_lsp.draft.load import ROWS
from fastapply_lsp.draft.vocabulary import Vocabulary
from fastapply_lsp.engines.ledger import Ledger, Row, Sharing
from fastapply_lsp.engines.sources import ready

SIZE = 500
VOCABULARY = Vocabulary.of([b"a"] * SIZE)
LIMIT = 32
CONTEXT = 4000


@dataclass(eq=False)
class Request:
    """One answer that is written whatever is drafted."""

    prompt: list[int]
    answer: list[int]
    sources: Future[list[list[int]]]
    written: list[int] = field(default_factory=list)
    steps: int = 0

    @property
    def ids(self) -> list[int]:
        return [*self.prompt, *self.written, 0, 0, 0]

    @property
    def done(self) -> bool:
        return self.written == self.answer

    def write(self, draft: list[int]) -> None:
        """As an engine: what comes true of the draft, and one token more."""
        rest = self.answer[len(self.written) :]
        agreed = 0
        while agreed < min(len(draft), len(rest) - 1) and draft[agreed] == rest[agreed]:
            agreed += 1
        self.written += rest[: agreed + 1]
        self.steps += 1

    def row(self, name: str, *, writes: bool = True, most: int | None = None) -> Row:
        length = len(self.prompt) + len(self.written)
        return Row(name, self, self.ids, len(self.prompt), length, writes=writes, most=most)


def tokens(random: Random, count: int) -> list[int]:
    return [random.randrange(SIZE) for _ in range(count)]


def new_ledger(
    told: list[Exception] | None = None, limit: int = LIMIT, sharing: Sharing = "rows"
) -> Ledger:
    return Ledger(
        VOCABULARY,
        limit=limit,
        context=CONTEXT,
        begin=lambda request: request.sources,
        tell=([] if told is None else told).append,
        sharing=sharing,
    )


@given(st.integers(0, 1 << 30), st.integers(1, 6))
def test_right_drafts_come_true_whoever_comes_goes_and_changes_places(
    seed: int, count: int
) -> None:
    random = Random(seed)
    answers = [tokens(random, random.randrange(1, 300)) for _ in range(count)]
    requests = {
        f"r{n}": Request(tokens(random, 5), answer, ready([list(answer)]))
        for n, answer in enumerate(answers)
    }
    ledger = new_ledger()
    drafts: dict[str, list[int]] = {}
    while waiting := [name for name, request in requests.items() if not request.done]:
        present = random.sample(waiting, random.randrange(1, len(waiting) + 1))
        for name in present:
            requests[name].write(drafts.get(name, []))
        present = [name for name in present if not requests[name].done]
        proposed = ledger.propose([requests[name].row(name) for name in present])
        drafts.update(zip(present, proposed, strict=True))
        assert all(len(draft) <= LIMIT for draft in proposed)
        ledger.forget_all_but([name for name, request in requests.items() if not request.done])
    assert len(ledger) == 0
    for request in requests.values():
        assert request.steps <= math.ceil(len(request.answer) / LIMIT) + 1


@given(st.integers(0, 1 << 30))
def test_an_engine_may_cut_drafts(seed: int) -> None:
    random = Random(seed)
    answer = tokens(random, 400)
    request = Request([1], answer, ready([list(answer)]))
    ledger = new_ledger()
    draft: list[int] = []
    while not request.done:
        request.write(draft[: random.randrange(8, LIMIT + 1)])
        if not request.done:
            [draft] = ledger.propose([request.row("r")])
            assert len(draft) == min(LIMIT, len(answer) - len(request.written))  # trust stays


@pytest.mark.parametrize("right", [True, False], ids=["right drafts", "wrong drafts"])
def test_several_share_the_rows_that_are_free(right: bool) -> None:  # noqa: FBT001 - a test's case
    random = Random(1)
    answers = [tokens(random, 3000) for _ in range(12)]
    sources = [answer if right else tokens(random, 3000) for answer in answers]
    requests = [
        Request([1], answer, ready([list(source)]))
        for answer, source in zip(answers, sources, strict=True)
    ]
    ledger = new_ledger(limit=128)
    drafts: list[list[int]] = [[] for _ in requests]
    for _ in range(20):
        for request, draft in zip(requests, drafts, strict=True):
            request.write(draft)
        drafts = ledger.propose([request.row(str(n)) for n, request in enumerate(requests)])
        assert sum(len(draft) + 1 for draft in drafts) <= ROWS
        assert all(drafts)


def test_what_is_sure_may_go_beyond_them() -> None:
    random = Random(1)
    answers = [tokens(random, 3000) for _ in range(12)]
    requests = [Request([1], answer, ready([list(answer)])) for answer in answers]
    ledger = new_ledger(limit=128, sharing="sure")
    for request in requests:
        request.write([])
    drafts = ledger.propose([request.row(str(n)) for n, request in enumerate(requests)])
    assert [len(draft) for draft in drafts] == [128] * 12


def test_a_draft_leaves_room() -> None:
    answer = list(range(100))
    request = Request([1] * (CONTEXT - 20), answer, ready([answer]))
    request.write([])
    ledger = new_ledger()
    [draft] = ledger.propose([request.row("r")])
    assert len(draft) == 18  # the token of the step itself takes the last place
    [draft] = ledger.propose([request.row("r", most=5)])
    assert len(draft) == 3
    [draft] = ledger.propose([request.row("r", most=1)])
    assert draft == []


def test_a_prompt_that_is_still_read_has_no_draft() -> None:
    answer = list(range(9))
    request = Request([1, 2], answer, ready([answer]))
    ledger = new_ledger()
    assert ledger.propose([request.row("r", writes=False)]) == [[]]
    assert ledger.propose([request.row("r")]) == [[]]  # nothing is written yet
    request.write([])
    assert ledger.propose([request.row("r", writes=False)]) == [[]]
    assert ledger.propose([request.row("r")]) == [answer[1:]]


def test_a_draft_may_come_late() -> None:
    answer = list(range(40))
    late: Future[list[list[int]]] = Future()
    request = Request([1], answer, late)
    ledger = new_ledger()
    for _ in range(5):
        request.write([])
        assert ledger.propose([request.row("r")]) == [[]]
    late.set_result([answer])
    assert ledger.propose([request.row("r")]) == [answer[5 : 5 + LIMIT]]


def test_one_that_leaves_takes_its_search_along() -> None:
    search: Future[list[list[int]]] = Future()
    ledger = new_ledger()
    ledger.propose([Request([1], [2, 3], search).row("r")])
    ledger.forget_all_but(["r"])
    assert len(ledger) == 1
    ledger.forget_all_but([])
    assert len(ledger) == 0
    assert search.cancelled()


def test_the_same_name_may_be_another_request() -> None:
    ledger = new_ledger()
    for answer in ([1, 2, 3, 4, 5], [9, 8, 7, 6, 5]):
        request = Request([1], answer, ready([answer]))
        request.write([])
        assert ledger.propose([request.row("r")]) == [answer[1:]]


@pytest.mark.parametrize("sources", [[], [[]], [[-1, SIZE, 1 << 40]]])
def test_what_is_no_draft_is_none(sources: list[list[int]]) -> None:
    request = Request([1], [2, 3, 4], ready(sources))
    ledger = new_ledger()
    request.write([])
    ledger.propose([request.row("r")])
    request.write([])
    [draft] = ledger.propose([request.row("r")])
    assert all(0 <= token < SIZE for token in draft)


def test_one_that_fails_goes_on_without_and_the_others_with() -> None:
    answer = list(range(50))
    broken: Future[list[list[int]]] = Future()
    broken.set_exception(OSError("lost"))
    told: list[Exception] = []
    ledger = new_ledger(told)
    requests = {"bad": Request([1], answer, broken), "good": Request([1], answer, ready([answer]))}
    for _ in range(3):
        for request in requests.values():
            request.write([])
        drafts = ledger.propose([request.row(name) for name, request in requests.items()])
        assert drafts[0] == []
        assert len(drafts[1]) == LIMIT
    assert [str(error) for error in told] == ["lost"]


def test_a_search_that_cannot_begin_is_told() -> None:
    def begin(request: Request) -> Future[list[list[int]]]:
        raise KeyError(request.prompt[0])

    told: list[Exception] = []
    ledger = Ledger(VOCABULARY, limit=LIMIT, context=CONTEXT, begin=begin, tell=told.append)
    request = Request([7], [1, 2, 3], ready([]))
    for _ in range(2):
        request.write([])
        assert ledger.propose([request.row("r")]) == [[]]
    assert [repr(error) for error in told] == ["KeyError(7)"]


def test_no_rows_no_drafts() -> None:
    assert new_ledger().propose([]) == []
