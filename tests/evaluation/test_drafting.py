"""Passes are counted right, each method is what it says, and ours is ahead on real commits."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest
import tokenizers
from hypothesis import given
from hypothesis import strategies as st

from fastapply_lsp.draft.drafter import Drafter
from fastapply_lsp.draft.vocabulary import Kind, Vocabulary
from fastapply_lsp.errors import Unreadable
from fastapply_lsp.evaluation.cases import Case
from fastapply_lsp.evaluation.drafters import Ceiling, Nothing, PromptLookup, SuffixMatch
from fastapply_lsp.evaluation.drafting import (
    CEILING,
    CEILING_ENDLESS,
    OURS,
    OURS_ENDLESS,
    count_passes,
    draft_cases,
)
from fastapply_lsp.evaluation.tokenizer import read_tokenizer
from tests.cases import cases, needs_cases

if TYPE_CHECKING:
    from pathlib import Path

LETTERS = Vocabulary.of(bytes([byte]) for byte in range(256))


@dataclass(frozen=True)
class Bytes:
    """A tokenizer whose tokens are bytes."""

    vocabulary: Vocabulary = LETTERS

    def encode(self, text: str) -> list[int]:
        return list(text.encode())


files = st.lists(st.integers(0, 3), max_size=40)


@given(files, files, st.integers(1, 9))
def test_a_pass_takes_between_one_token_and_the_draft_and_one(
    source: list[int], written: list[int], most: int
) -> None:
    for drafter in (
        Nothing(),
        PromptLookup(source),
        SuffixMatch(source),
        Drafter([source], LETTERS),
        Ceiling(source, written),
    ):
        passes = count_passes(drafter, written, most)
        assert -(-len(written) // (most + 1)) <= passes <= len(written)


@given(files, st.integers(1, 9))
def test_the_expected_file_itself_is_drafted_without_a_miss(file: list[int], most: int) -> None:
    assert count_passes(Ceiling(file, file), file, most) == -(-len(file) // (most + 1))
    assert count_passes(Nothing(), file, most) == len(file)


def test_prompt_lookup_takes_the_first_place_and_the_longest_gram() -> None:
    drafter = PromptLookup([1, 2, 3, 4, 5, 9, 3, 4, 5, 8])
    drafter.observe([3, 4, 5])
    assert list(drafter.propose(2)) == [9, 3]
    drafter.observe([9, 3, 4, 5, 8])
    drafter.observe([7, 5, 8])
    assert list(drafter.propose(2)) == [3, 4]  # "5, 8" came first before the rewrite's own "3, 4"
    drafter.observe([6, 6])
    assert list(drafter.propose(2)) == []


def test_the_suffix_match_takes_the_longest_and_of_equal_ones_the_last() -> None:
    drafter = SuffixMatch([1, 2, 3, 4, 9, 2, 3, 5, 1, 2, 3, 6])
    drafter.observe([1, 2, 3])
    assert list(drafter.propose(1)) == [6]
    drafter.observe([4, 9, 2, 3])
    assert list(drafter.propose(1)) == [5]


def case(original: str, code_edit: str, expected: str, number: str = "1") -> Case:
    return Case(number, original, code_edit, expected, path="x.py", style="lazy")


FILE = "".join(f"def f{n}(a):\n    return a + {n}\n\n\n" for n in range(30))
CASE = case(
    FILE,
    "# ... existing code ...\ndef f7(a):\n    return 7 * a\n# ... existing code ...\n",
    FILE.replace("return a + 7", "return 7 * a"),
)


def test_the_merge_makes_the_draft_right() -> None:
    drafted = draft_cases([CASE], Bytes(), 64)
    assert drafted.counts[OURS].tokens_per_pass == drafted.counts[CEILING].tokens_per_pass
    assert drafted.counts["original file"].passes > drafted.counts[OURS].passes
    assert drafted.counts["no draft"].passes == len(CASE.expected)
    assert drafted.by_style == {"lazy": drafted.counts}


def test_another_file_is_written_than_expected() -> None:
    deviating = {"1": CASE.expected.replace("def f3(a)", "def third(a)")}
    drafted = draft_cases([CASE], Bytes(), 64, deviating)
    assert drafted.counts[OURS].tokens == len(deviating["1"])
    straight = draft_cases([CASE], Bytes(), 64).counts[OURS].passes
    assert straight < drafted.counts[OURS].passes <= straight + len("third") + 4
    assert draft_cases([CASE], Bytes(), 64, {}).cases == 0


def test_a_tokenizer_of_the_hub_gives_its_bytes(tmp_path: Path) -> None:
    alphabet = tokenizers.pre_tokenizers.ByteLevel.alphabet()
    vocabulary = {letter: number for number, letter in enumerate(sorted(alphabet))}
    made = tokenizers.Tokenizer(tokenizers.models.BPE(vocabulary, []))
    made.pre_tokenizer = tokenizers.pre_tokenizers.ByteLevel(add_prefix_space=False)
    path = tmp_path / "tokenizer.json"
    made.save(str(path))
    tokenizer = read_tokenizer(str(path))
    text = "é = [1]\n"
    tokens = tokenizer.encode(text)
    assert len(tokens) == len(text.encode())
    kinds = [Kind(tokenizer.vocabulary.kinds[token]) for token in tokens]
    assert kinds == [
        Kind.WORD, Kind.WORD, Kind.SPACE, Kind.SIGN, Kind.SPACE, Kind.SIGN, Kind.WORD, Kind.SIGN,
        Kind.LINE,
    ]  # fmt: skip


def test_the_tokenizer_of_mistral_common_is_there_without_a_file() -> None:
    tokenizer = read_tokenizer(None)
    tokens = tokenizer.encode(FILE)
    assert sum(tokenizer.vocabulary.lengths[token] for token in tokens) == len(FILE.encode())


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"config": {}}'])
def test_what_is_no_tokenizer_is_said_to_be_none(tmp_path: Path, content: str) -> None:
    path = tmp_path / "tokenizer.json"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(Unreadable, match="neither"):
        read_tokenizer(str(path))


@needs_cases
@pytest.mark.parametrize("draft_tokens", [64, 128])
@pytest.mark.parametrize(
    ("written", "share"), [(None, 0.97), ("deviations-40", 0.88), ("deviations-10", 0.80)]
)
def test_ours_is_near_the_ceiling_and_ahead_of_every_other(
    written: str | None, share: float, draft_tokens: int
) -> None:
    some = [
        Case(row["id"], row["original"], row["code_edit"], row["expected"], row["path"])
        for row in cases("apply-dev")[::6]
    ]
    texts = None if written is None else {row["id"]: row["written"] for row in cases(written)}
    drafted = draft_cases(some, read_tokenizer(None), draft_tokens, texts)
    figures = {name: count.tokens_per_pass for name, count in drafted.counts.items()}
    ceiling, ours = figures.pop(CEILING), figures.pop(OURS)
    endless, highest = figures.pop(OURS_ENDLESS), figures.pop(CEILING_ENDLESS)
    assert ours < endless <= highest
    assert ours >= share * ceiling
    assert ours > max(figures.values()), json.dumps(figures)
