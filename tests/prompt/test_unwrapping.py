"""The dialect's tags go, and nothing of the file does."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fastapply_lsp.prompt.build import draft_text
from fastapply_lsp.prompt.dialects import DIALECTS, Wrapper
from fastapply_lsp.prompt.unwrapping import Unwrapping

CODE = Wrapper("<code>\n", "</code>")


def bare(*pieces: str, wrapper: Wrapper = CODE) -> str:
    stage = Unwrapping(wrapper)
    return "".join([*map(stage.push, pieces), stage.finish()])


answers = st.lists(
    st.sampled_from(
        [
            "<code>",
            "</code>",
            "<think>",
            "</think>",
            "</",
            "<",
            "co",
            "\n",
            "\r\n",
            "\r",
            " ",
            "x = 1\n",
            "x",
        ]
    ),
    max_size=12,
).map("".join)


@given(answers, st.data())
def test_cutting_changes_nothing(answer: str, data: st.DataObject) -> None:
    cuts = sorted(data.draw(st.lists(st.integers(0, len(answer)), max_size=6)))
    pieces = [answer[a:b] for a, b in itertools.pairwise([0, *cuts, len(answer)])]
    assert bare(*pieces) == bare(answer) == bare(*answer)


@pytest.mark.parametrize("name", [name for name, one in DIALECTS.items() if one.wrapper])
@given(answers.filter(lambda text: not text.lstrip().startswith("<") and text.strip()))
def test_what_the_dialect_wraps_comes_out(name: str, text: str) -> None:
    wrapper = DIALECTS[name].wrapper
    assert wrapper is not None
    text = text.replace("\r", "").lstrip("\n")
    assert bare(draft_text(DIALECTS[name], text), wrapper=wrapper) == text


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ("<code>\nx\n</code>", "x\n"),
        ("\n <code>x\n</code>\n\n", "x\n"),
        ("<code>\r\nx\r\n</code>", "x\r\n"),
        ("<code>\n\nx\n</code>", "\nx\n"),
        ("<think>\n\n</think>\n\n<code>\nx\n</code>", "x\n"),
        ("<think>a <code></think><think></think><code>\nx\n</code>", "x\n"),
        ("<think>a</think>\nx\n", "<think>a</think>\nx\n"),
        ("<think>a <code>x", "<think>a <code>x"),
        ("x\n", "x\n"),
        ("  x\n", "  x\n"),
        ("<code>\nx\n", "x\n"),
        ("<code>\n<code>a</code>\nb\n</code>", "<code>a</code>\nb\n"),
        ("<code>\na</code>b\n", "a</code>b\n"),
        ("<cod", "<cod"),
        ("<code>", ""),
        ("", ""),
        ("<code>\nx</cod", "x</cod"),
    ],
)
def test_where_tags_count(answer: str, expected: str) -> None:
    assert bare(answer) == expected


def test_text_leaves_at_once() -> None:
    stage = Unwrapping(CODE)
    assert stage.push("<code>\nx = 1\n") == "x = 1\n"
    assert stage.push("y < 2") == "y < 2"
    assert stage.push("z <") == "z "
    assert stage.push("= 3") == "<= 3"
