"""What is the file in an answer, and what is around it?"""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fastapply_lsp.rewrite.unwrap import Unwrapper
from fastapply_lsp.text.lines import split_lines

CODE = "import os\n\nx = 1\n"
NEW = "import os\n\nx = 2\n"
CHANNELS = (
    "<|channel|>analysis<|message|>hm\nhm<|end|><|start|>assistant<|channel|>final<|message|>"
)
README = "# Title\n\n```bash\nmake\n```\n\nText.\n"


def unwrap(answer: str, original: str = CODE) -> tuple[str, list[str]]:
    """Return the file and the kinds of what was stripped."""
    stage = Unwrapper(split_lines(original))
    lines = [line for part in split_lines(answer) for line in stage.push([part])]
    lines += stage.finish()
    whole = Unwrapper(split_lines(original))
    assert whole.push(split_lines(answer)) + whole.finish() == lines
    assert whole.stripped == stage.stripped
    return "".join(lines), [piece.kind for piece in stage.stripped]


WRAPPED = {
    "bare": (NEW, []),
    "fence": (f"```python\n{NEW}```\n", ["fence", "fence"]),
    "fence without a last line end": (f"```\n{NEW}```", ["fence", "fence"]),
    "long fence": (f"`````py title=x\n{NEW}`````\n", ["fence", "fence"]),
    "tildes": (f"~~~\n{NEW}~~~\n\n", ["fence", "fence", "prose"]),
    "fence never closed": (f"```python\n{NEW}", ["fence"]),
    "blank lines before": (f"\n\n```python\n{NEW}```", ["fence", "fence"]),
    "sentence before": (
        f"Here is the file:\n\n```python\n{NEW}```\n",
        ["prose", "fence", "fence"],
    ),
    "sentences around": (
        f"Sure!\nHere it is.\n```python\n{NEW}```\n\nI changed x.\nDone.\n",
        ["prose", "fence", "fence", "prose"],
    ),
    "tag": (f"<updated-code>\n{NEW}</updated-code>", ["tag", "tag"]),
    "tag, nothing on lines of its own": (
        f"<updated_code>{NEW.rstrip()}</updated_code>\n",
        ["tag", "tag"],
    ),
    "tag around a fence": (
        f"<updated-code>\n```python\n{NEW}```\n</updated-code>\n",
        ["tag", "fence", "fence", "prose"],
    ),
    "thinking": (f"<think>\nWell, x\n```\n</think>\n\n{NEW}", ["reasoning"]),
    "thinking on one line": (f"<think>hm</think>{NEW}", ["reasoning"]),
    "thinking before a fence": (
        f"<think>hm</think>\n\n```python\n{NEW}```",
        ["reasoning", "fence", "fence"],
    ),
    "thinking, then a sentence": (
        f"<thinking>hm</thinking>\nDone:\n```\n{NEW}```",
        ["reasoning", "prose", "fence", "fence"],
    ),
    "channels": (
        f"{CHANNELS}{NEW.rstrip()}<|return|>",
        ["reasoning", "tag"],
    ),
}


@pytest.mark.parametrize(("answer", "kinds"), WRAPPED.values(), ids=WRAPPED)
def test_the_file_comes_out_of_its_wrapper(answer: str, kinds: list[str]) -> None:
    file, found = unwrap(answer)
    assert file.rstrip() == NEW.rstrip()
    assert found == kinds


@pytest.mark.parametrize(("answer", "kinds"), WRAPPED.values(), ids=WRAPPED)
def test_nothing_vanishes_without_a_record(answer: str, kinds: list[str]) -> None:
    stage = Unwrapper(split_lines(CODE))
    file = "".join(stage.push(split_lines(answer)) + stage.finish())
    kept = file + "".join(piece.text for piece in stage.stripped)
    assert sorted("".join(kept.split())) == sorted("".join(answer.split()))
    assert len(stage.stripped) == len(kinds)


FILES = {
    "a README that begins with a fence": "```toml\na = 1\n```\n\nText.\n",
    "a README that begins with a tag": "<updated-code>\nhm\n</updated-code>\nText.\n",
    "a prompt that begins with reasoning": "<think>\nhm\n</think>\nText.\n",
    "a README with fences": README,
    "a docstring with a fence": 'def f():\n    """Do.\n\n```python\nf()\n```\n    """\n',
    "a file that is blank at first": "\n\nimport os\n",
    "an empty file": "",
    "blank lines only": "\n\n",
}


@pytest.mark.parametrize("original", FILES.values(), ids=FILES)
def test_a_file_alone_is_never_unwrapped(original: str) -> None:
    changed = original + "More.\n"
    assert unwrap(original, original) == (original, [])
    assert unwrap(changed, original)[0] == changed


@pytest.mark.parametrize("original", [text for text in FILES.values() if text.strip()])
def test_a_wrapped_file_is_unwrapped_whatever_it_holds(original: str) -> None:
    for before, after in (
        ("````markdown\n", "````\n"),
        ("```markdown\n", "```\n"),
        ("Here it is:\n\n````\n", "````\n\nI hope it helps.\n"),
    ):
        assert unwrap(before + original + after, original)[0] == original


def test_an_inner_fence_does_not_end_the_file() -> None:
    new = README.replace("Text.", "More text.\n\n```\nbare\n```\n\nEnd.")
    assert unwrap(f"```markdown\n{new}```\n", README)[0] == new


def test_the_fence_closes_right_behind_an_inner_one() -> None:
    new = "# Title\n\nText.\n\n ```bash\nmake test\n ```\n"
    for end in ("```\n", "\n```", "```\n\nDone.\n"):
        file, _ = unwrap(f"```markdown\n{new}{end}", README)
        assert file.rstrip() == new.rstrip()


def test_a_sentence_before_a_readme_with_a_new_title_is_prose() -> None:
    new = README.replace("# Title", "# New title")
    for before in ("Here it is:\n\n```markdown\n", "Here it is:\n````\n"):
        fence = before.split("\n")[-2].rstrip("markdown")
        assert unwrap(f"{before}{new}{fence}\n", README)[0] == new


def test_an_unclosed_fence_around_a_readme_keeps_its_end() -> None:
    assert unwrap(f"```markdown\n{README}", README)[0] == README
    bare = README.replace("bash", "")
    assert unwrap(f"````markdown\n{bare}", bare)[0] == bare


def test_a_new_title_before_a_fence_is_no_prose() -> None:
    new = README.replace("# Title", "# New title")
    assert unwrap(new, README) == (new, [])


def test_new_first_lines_are_kept_when_the_file_follows() -> None:
    new = "# A comment.\nimport sys\n" + CODE
    assert unwrap(new) == (new, [])
    assert unwrap("one\n\ntwo\nthree\nfour\n```\nx\n```\n")[1] == []


def test_reasoning_without_an_end_is_no_file() -> None:
    assert unwrap("<think>\nhm\nx = 2\n") == ("", ["unclosed"])


def test_the_first_line_is_held_no_longer_than_needed() -> None:
    stage = Unwrapper(split_lines(CODE))
    assert stage.push(["import os\n"]) == ["import os\n"]
    fenced = Unwrapper(split_lines(CODE))
    assert fenced.push(["```python\n"]) == []
    assert fenced.push(["import os\n"]) == ["import os\n"]
    prose = Unwrapper(split_lines(CODE))
    assert prose.push(["# new\n"]) == []
    assert prose.push(["import os\n"]) == ["# new\n", "import os\n"]


PIECES = st.sampled_from(
    [
        "```\n",
        "```python\n",
        "````\n",
        "~~~\n",
        "<updated-code>\n",
        "</updated-code>\n",
        "<think>\n",
        "</think>\n",
        "Here it is:\n",
        "import os\n",
        "x = 2\n",
        "\n",
        "last",
    ]
)


@given(st.lists(PIECES, max_size=10), st.lists(PIECES, max_size=6), st.randoms())
def test_chunking_changes_nothing_and_what_is_stripped_is_recorded(
    answer: list[str], original: list[str], rng: random.Random
) -> None:
    lines = split_lines("".join(answer))
    whole = Unwrapper(original)
    expected = whole.push(lines) + whole.finish()
    stage, found, at = Unwrapper(original), list[str](), 0
    while at < len(lines):
        size = rng.randrange(1, 4)
        found += stage.push(lines[at : at + size])
        at += size
    assert found + stage.finish() == expected
    assert stage.stripped == whole.stripped
    kept = "".join([*expected, *(piece.text for piece in stage.stripped)])
    assert sorted("".join(kept.split())) == sorted("".join("".join(answer).split()))
