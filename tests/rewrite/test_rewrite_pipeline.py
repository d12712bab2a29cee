"""The laws of the whole row of stages: replay, chunking, line ends."""

import random
from itertools import pairwise, product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fastapply_lsp.rewrite.lines import LineReader
from fastapply_lsp.rewrite.pipeline import Rewriter
from fastapply_lsp.text.contract import fit_line_ends
from fastapply_lsp.text.lines import has_line_end, split_lines
from fastapply_lsp.text.replacement import Replacement, apply_replacements

ODD = ["a", "b", "c\x0c", "\u2028d", "e\x85", "\U0001f600", "", "}", "```", "own line"]
ENDS = ("\n", "\r\n", "\r")


def stream(original: str, chunks: list[str]) -> tuple[list[Replacement], str]:
    rewriter = Rewriter(original)
    series: list[Replacement] = []
    for chunk in chunks:
        series += rewriter.push(chunk)
        # What has left stays true of every later text.
        settled = rewriter.lines_settled
        assert all(one.end <= settled for one in series)
    series += rewriter.finish()
    assert "".join(apply_replacements(rewriter.original, series)) == rewriter.text
    assert all(one.end < two.start for one, two in pairwise(series))
    assert rewriter.lines_read == len(rewriter.lines)
    return series, rewriter.text


def cut(text: str, rng: random.Random) -> list[str]:
    chunks = []
    while text:
        size = rng.randrange(1, 12)
        chunks.append(text[:size])
        text = text[size:]
    return chunks


@st.composite
def texts(draw: st.DrawFn) -> str:
    end = draw(st.sampled_from(ENDS))
    ends = draw(st.sampled_from([st.just(end), st.sampled_from(ENDS)]))
    parts = draw(st.lists(st.tuples(st.sampled_from(ODD), ends), max_size=12))
    mark = draw(st.sampled_from(["", "\ufeff"]))
    return mark + "".join(map("".join, parts)) + draw(st.sampled_from(["", "", "last"]))


@given(texts(), texts(), st.randoms())
def test_any_chunking_gives_the_same_series_and_its_replay_is_the_rewrite(
    original: str, answer: str, rng: random.Random
) -> None:
    whole = stream(original, [answer])
    assert stream(original, list(answer)) == whole
    assert stream(original, cut(answer, rng)) == whole
    text = whole[1]
    if original and text:
        assert text.startswith("\ufeff") == original.startswith("\ufeff")


@given(texts())
def test_the_original_gives_no_replacement(original: str) -> None:
    assert stream(original, [original]) == ([], original)
    if "\r\r" not in original and "\n\r" not in original:
        plain = original.replace("\r\n", "\n").replace("\r", "\n").removeprefix("\ufeff")
        assert stream(original, [plain]) == ([], original)


@given(texts(), st.lists(st.sampled_from([*ODD, "new"]), max_size=12))
def test_the_rewrite_is_the_answer_with_the_originals_line_ends(
    original: str, contents: list[str]
) -> None:
    answer = "first\n" + "".join(f"{content}\n" for content in contents if content != "```")
    _, text = stream(original, [answer])
    assert text.removeprefix("\ufeff") == fit_line_ends(answer, original.removeprefix("\ufeff"))


@pytest.mark.parametrize("end", ENDS)
def test_every_pair_of_small_texts(end: str) -> None:
    small = [list(f) for n in range(4) for f in product("ab", repeat=n)]
    for old, new in product(small, small):
        for old_last, new_last in product(("", end), repeat=2):
            original = end.join(old) + (old_last if old else "")
            answer = "\n".join(new) + (new_last if new else "")
            whole = stream(original, [answer])
            assert stream(original, list(answer)) == whole
            if original and new:
                assert has_line_end(whole[1]) == has_line_end(original)
                used = end if end in original else "\n"
                assert whole[1].rstrip(end) == used.join(new)


def test_only_the_changed_line_is_replaced_and_it_keeps_the_line_ends() -> None:
    original = "\ufeffa = 1\r\nb = 2\r\nc = 3"
    series, text = stream(original, ["```python\na = 1\nb =", " 5\nc = 3\n```\n"])
    assert series == [Replacement(1, 2, ("b = 5\r\n",))]
    assert text == "\ufeffa = 1\r\nb = 5\r\nc = 3"


def test_what_is_around_the_file_is_told() -> None:
    rewriter = Rewriter("x = 1\n")
    rewriter.push("<think>Hm.</think>\nHere:\n```python\nx = 2\n```\nDone.\n")
    assert rewriter.finish() == [Replacement(0, 1, ("x = 2\n",))]
    assert [piece.kind for piece in rewriter.stripped] == [
        "reasoning",
        "prose",
        "fence",
        "fence",
        "prose",
    ]
    assert rewriter.words_around == "<think>Hm.</think>\nHere:\nDone.\n"


def test_an_empty_answer_removes_everything() -> None:
    assert stream("a\nb\n", []) == ([Replacement(0, 2, ())], "")
    assert stream("", ["a\n"]) == ([Replacement(0, 0, ("a\n",))], "a\n")
    assert stream("\ufeffa\n", []) == ([Replacement(0, 1, ("\ufeff",))], "\ufeff")


@given(texts(), st.randoms())
def test_lines_are_read_as_they_are_split(text: str, rng: random.Random) -> None:
    reader = LineReader()
    lines = [line for chunk in cut(text, rng) for line in reader.push(chunk)]
    assert lines + reader.finish() == split_lines(text)


def test_a_line_leaves_as_soon_as_its_end_is_certain() -> None:
    reader = LineReader()
    assert reader.push("a\r") == []
    assert reader.push("") == []
    assert reader.push("b") == ["a\r"]
    assert reader.push("\n\r\n") == ["b\n", "\r\n"]
    assert reader.finish() == []


def test_what_is_known_to_be_bare_is_not_unwrapped() -> None:
    text = "# Guide\n\n```sh\npip install x\n```\n"
    rewriter = Rewriter("", wrapped=False)
    rewriter.push(text)
    rewriter.finish()
    assert (rewriter.text, rewriter.stripped) == (text, ())
