"""A draft is what probably comes next, and its cursor is never lost for good."""

from __future__ import annotations

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fastapply_lsp.draft.drafter import Drafter
from fastapply_lsp.draft.realignment import SETTLED
from fastapply_lsp.draft.vocabulary import Kind, Vocabulary

# Ids 0 to 9 are signs, 10 to 19 blanks, 20 to 29 line ends, and all others words.
TEXTS = [
    *(b"+" * (1 + n % 3) for n in range(10)),
    *(b" " * (1 + n) for n in range(10)),
    *(b"," * (n % 3) + b"\n" for n in range(10)),
    *(b"w%d" % n for n in range(970)),
]
VOCABULARY = Vocabulary.of(TEXTS)
LINE_END = 20

tokens = st.integers(-5, 1_100)
texts = st.lists(st.integers(0, 40), max_size=60)


def source_file(seed: int, lines: int = 60) -> list[int]:
    """Lines of words, each line with a word of its own."""
    rng = random.Random(seed)
    file: list[int] = []
    for line in range(lines):
        words = [rng.randrange(30, 60) for _ in range(rng.randrange(2, 6))]
        file += [10 + line % 3, *words, 100 + line, rng.randrange(10), LINE_END]
    return file


def passes(drafter: Drafter, target: list[int], most: int) -> int:
    """Return how many forward passes an oracle that writes ``target`` would take."""
    at = count = 0
    while at < len(target):
        draft = drafter.propose(most)
        accepted = 0
        while (
            accepted < min(len(draft), len(target) - at)
            and draft[accepted] == target[at + accepted]
        ):
            accepted += 1
        drafter.observe(target[at : at + accepted + 1])
        at += accepted + 1
        count += 1
    return count


@given(st.lists(st.lists(tokens, max_size=50), max_size=3), st.lists(st.lists(tokens, max_size=9)))
def test_nothing_observed_is_an_error_and_drafts_are_of_the_vocabulary(
    sources: list[list[int]], pieces: list[list[int]]
) -> None:
    drafter = Drafter(sources, VOCABULARY)
    for piece in pieces:
        drafter.observe(piece)
        draft = drafter.propose(7)
        assert len(draft) <= 7
        assert all(VOCABULARY.knows(token) for token in draft)


@given(texts, st.lists(st.integers(1, 9), max_size=30))
def test_a_right_source_is_drafted_to_its_end_in_any_pieces(
    source: list[int], sizes: list[int]
) -> None:
    drafter = Drafter([source], VOCABULARY)
    at = 0
    for size in [*sizes, len(source)]:
        assert drafter.propose(len(source)) == source[at:]
        drafter.observe(source[at : at + size])
        at = min(len(source), at + size)
    assert drafter.propose(5) == []


@given(st.integers(0, 10_000), st.lists(texts, max_size=6), st.randoms(use_true_random=False))
def test_after_some_tokens_of_one_place_the_draft_goes_on_there(
    seed: int, noise: list[list[int]], rng: random.Random
) -> None:
    source = source_file(seed)
    drafter = Drafter([source], VOCABULARY)
    for piece in noise:
        drafter.observe(piece)
    at = rng.randrange(0, len(source) - 40)
    # Two lines and more: each holds a word that is nowhere else.
    for token in source[at : at + 24]:
        drafter.observe([token])
    assert drafter.propose(8) == source[at + 24 : at + 32]


def test_without_a_deviation_every_pass_takes_the_whole_draft() -> None:
    file = source_file(1)
    assert passes(Drafter([file], VOCABULARY), file, 64) == -(-len(file) // 65)


def edited(file: list[int], at: int, kind: str) -> list[int]:
    """Deviate once, at the start of the line that begins at ``at``."""
    line_ends = [number for number, token in enumerate(file) if token == LINE_END]
    line = line_ends.index(at - 1)
    return {
        "a name replaced": [*file[: at + 1], 900, *file[at + 2 :]],
        "a name put in": [*file[: at + 2], 900, *file[at + 2 :]],
        "a line put in": [*file[:at], file[at], 900, 901, 902, LINE_END, *file[at:]],
        "a line left out": [*file[:at], *file[line_ends[line + 1] + 1 :]],
        "a blank line": [*file[:at], LINE_END, *file[at:]],
        "forty lines left out": [*file[:at], *file[line_ends[line + 40] + 1 :]],
    }[kind]


@pytest.mark.parametrize(
    ("kind", "more"),
    [
        ("a name replaced", 1),
        ("a name put in", 1),
        ("a line put in", 6),
        ("a line left out", 3),
        ("a blank line", 1),
        ("forty lines left out", 4),
    ],
)
@pytest.mark.parametrize("seed", range(8))
def test_a_deviation_costs_its_own_tokens_and_few_more(kind: str, more: int, seed: int) -> None:
    file = source_file(seed, lines=80)
    line = [0, *(n + 1 for n, token in enumerate(file) if token == LINE_END)][20]
    target = edited(file, line, kind)
    straight = -(-len(target) // 129)
    assert passes(Drafter([file], VOCABULARY), target, 128) <= straight + 1 + more


def test_the_next_source_takes_over_where_the_first_is_wrong() -> None:
    first, second = source_file(1), source_file(2, lines=90)
    target = [*first[:100], *second[200:500]]
    drafter = Drafter([first, second], VOCABULARY)
    assert passes(drafter, target, 128) <= 1 + 6 + 300 // 129 + 1


def test_what_was_written_is_drafted_again() -> None:
    block = source_file(3, lines=8)
    drafter = Drafter([[]], VOCABULARY)
    first = passes(drafter, block, 128)
    assert first >= len(block) - 8
    assert passes(drafter, block, 128) <= 8


def test_tokens_that_disagree_find_back_by_their_bytes() -> None:
    """The model writes a word in two tokens that the source has as one, at each line."""
    halves = Vocabulary.of([*TEXTS, b"w9", b"99"])
    one, two = len(TEXTS), len(TEXTS) + 1
    whole = 30 + 969  # a word that the file below does not have
    file = source_file(4)
    source: list[int] = []
    target: list[int] = []
    for token in file:
        source.append(token)
        target.append(token)
        if token == LINE_END:
            source += [whole, 5]
            target += [one, two, 5]
    lines = file.count(LINE_END)
    assert passes(Drafter([source], halves), target, 128) <= 2 * lines + 4


def test_kinds() -> None:
    texts = [b"foo", b" ", b"\t\t", b"\n", b")\r\n", b"==", b"", b"\xc3\xa9", b"\r"]
    kinds = [Kind(kind) for kind in Vocabulary.of(texts).kinds]
    assert kinds == [
        Kind.WORD, Kind.SPACE, Kind.SPACE, Kind.LINE, Kind.LINE, Kind.SIGN, Kind.SPACE, Kind.WORD,
        Kind.LINE,
    ]  # fmt: skip


def test_lost_means_that_the_draft_is_a_guess() -> None:
    file = source_file(5)
    drafter = Drafter([file], VOCABULARY)
    lost = []
    for piece in (file[:20], [900], file[21 : 21 + SETTLED]):
        drafter.observe(piece)
        lost.append(drafter.lost)
    assert lost == [False, True, False]
