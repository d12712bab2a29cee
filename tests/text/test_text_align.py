"""The diff of two whole texts keeps what the third invariant promises."""

from collections import Counter
from functools import cache
from itertools import pairwise, product

from hypothesis import given
from hypothesis import strategies as st

from fastapply_lsp.text import lcs
from fastapply_lsp.text.align import common_prefix, diff_between, diff_lines, ordered
from fastapply_lsp.text.lcs import longest_common
from fastapply_lsp.text.replacement import Replacement, apply_replacements

LINES = st.lists(st.sampled_from("abcdefghij"), max_size=14)


def length_of_lcs(old: tuple[str, ...], new: tuple[str, ...]) -> int:
    @cache
    def best(i: int, j: int) -> int:
        if i == len(old) or j == len(new):
            return 0
        if old[i] == new[j]:
            return 1 + best(i + 1, j + 1)
        return max(best(i + 1, j), best(i, j + 1))

    return best(0, 0)


def check_laws(old: list[str], new: list[str]) -> None:
    series = diff_lines(old, new)
    assert apply_replacements(old, series) == new
    assert all(one.end < two.start for one, two in pairwise(series))
    assert all(one.start < one.end or one.lines for one in series)
    prefix = common_prefix(old, new)
    suffix = common_prefix(old[prefix:][::-1], new[prefix:][::-1])
    removed = {index for one in series for index in range(one.start, one.end)}
    assert all(prefix <= index < len(old) - suffix for index in removed)
    counts, new_counts = Counter(old), Counter(new)
    unique = [
        (old.index(line), index)
        for index, line in enumerate(new)
        if counts[line] == 1 == new_counts[line]
    ]
    for one, two in unique:
        crossed = any((one < i) != (two < j) for i, j in unique if i != one)
        assert crossed or one not in removed
    kept = sum(one not in removed for one, _ in unique)
    assert kept >= len(ordered(unique))


@given(LINES, LINES)
def test_diff_obeys_its_laws(old: list[str], new: list[str]) -> None:
    check_laws(old, new)


def test_diff_obeys_its_laws_on_every_pair_of_small_files() -> None:
    files = [list(f) for n in range(5) for f in product("abc", repeat=n)]
    for old in files:
        for new in files:
            check_laws(old, new)


@given(LINES, LINES)
def test_the_subsequence_is_common_and_longest(old: list[str], new: list[str]) -> None:
    matches = longest_common(old, new)
    assert all(one[0] < two[0] and one[1] < two[1] for one, two in pairwise(matches))
    assert all(old[one] == new[two] for one, two in matches)
    assert len(matches) == length_of_lcs(tuple(old), tuple(new))


@given(st.permutations(range(9)))
def test_ordered_is_a_longest_increasing_subsequence(values: list[int]) -> None:
    chain = ordered((value, index) for index, value in enumerate(values))
    assert chain == sorted(chain)
    ranked = tuple(map(str, range(9)))
    assert len(chain) == length_of_lcs(tuple(map(str, values)), ranked)


@given(LINES, LINES)
def test_without_anchors_the_fewest_lines_change(old: list[str], new: list[str]) -> None:
    series = diff_between(old, new, [], first=3)
    changed = sum(one.end - one.start + len(one.lines) for one in series)
    assert changed == len(old) + len(new) - 2 * length_of_lcs(tuple(old), tuple(new))
    shifted = [Replacement(one.start - 3, one.end - 3, one.lines) for one in series]
    assert apply_replacements(old, shifted) == new


@given(st.text(alphabet="ab", max_size=80), st.text(alphabet="ab", max_size=80))
def test_common_prefix_is_the_longest(one: str, two: str) -> None:
    length = common_prefix(one, two)
    assert one[:length] == two[:length]
    assert one[length : length + 1] != two[length : length + 1] or length == len(one) == len(two)


def test_files_beyond_one_window_still_replay_and_keep_nearly_all() -> None:
    old = [f"{index % 97}\n" for index in range(2 * lcs._WINDOW)]
    new = [line for index, line in enumerate(old) if index % 50]
    new[3000:3000] = ["new\n"] * 5
    # Neither end agrees, so that the window has to walk.
    old, new = ["x\n", *old, "y\n"], ["u\n", *new, "v\n"]
    series = diff_lines(old, new)
    assert apply_replacements(old, series) == new
    changed = sum(one.end - one.start + len(one.lines) for one in series)
    assert changed < 1.1 * (len(old) // 50 + 9)


def test_a_moved_block_keeps_the_longer_part() -> None:
    old = [*"abcdefgh"]
    new = [*"fghabcde"]
    assert diff_lines(old, new) == [Replacement(0, 0, ("f", "g", "h")), Replacement(5, 8, ())]
