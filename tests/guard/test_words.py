"""What the model said is taken out, to the letter; what the file says stays."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fastapply_lsp.guard import ends, words
from fastapply_lsp.guard.context import Context
from fastapply_lsp.guard.model import FaultKind
from fastapply_lsp.guard.speech import Sound, sound
from fastapply_lsp.guard.verdict import verdict
from fastapply_lsp.merge.model import Merge
from fastapply_lsp.syntax.languages import language_named
from fastapply_lsp.text.replacement import Replacement
from tests.guard.merges import placed

PYTHON = """\
import os


def first(a):
    \"\"\"Explain.

    ```
    first(1)
    ```
    \"\"\"
    return a + 1


print(first(2))
"""
GO = 'package a\n\nimport "fmt"\n\nfunc First() {\n\tfmt.Println("x")\n}\n'
BASH = "#!/bin/sh\nset -e\n\nrun() {\n  echo done\n}\n\nrun\n"
YAML = "name: ci\non: push\njobs:\n  test:\n    steps: []\n"
MARKDOWN = "# Title\n\nSome words.\n\n```sh\nls\n```\n\nThe end.\n"
FILES = {"python": PYTHON, "go": GO, "bash": BASH, "yaml": YAML, "markdown": MARKDOWN}


def context(
    rewrite: str, language: str, merge: Merge | None = None, original: str | None = None
) -> Context:
    text = FILES[language] if original is None else original
    return Context(text, rewrite, merge, language_named(language), "")


def mended(rewrite: str, language: str, merge: Merge | None = None) -> str:
    found = words.mend(context(rewrite, language, merge))
    if found is None:
        return rewrite
    assert all(repair.kind is FaultKind.PROSE for repair in found.repairs)
    assert found.repairs
    return "".join(found.lines)


def merges(text: str) -> list[Merge | None]:
    same = (Replacement(0, 0, ()),)
    return [None, placed(text, same), placed(text, same, unsure=True)]


@pytest.mark.parametrize("language", FILES)
@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("Here is the updated file:\n\n", ""),
        ("Sure! I've applied the edit. Here is the full file:\n", "\nLet me know if it fits.\n"),
        ("<think>\nThe user wants x.\n\nI keep the rest.\n</think>\n", ""),
        ("<think>The user wants x.</think>\n\n", ""),
        ("I write out all of it.\n</think>\n\n", ""),
        ("<|channel|>analysis<|message|>Short.<|end|>\n", ""),
        ("<|channel|>final<|message|>", "<|return|>"),
        ("", "<|im_end|>\n"),
        ("", "</s>\n"),
        ("<updated-code>\n", "</updated-code>\n"),
        ("", "\nHope this helps!\n"),
        ("", "\nThe rest of the file is unchanged.\n\n- Added the check\n- Kept the rest\n"),
    ],
)
def test_what_is_said_around_the_file_goes(language: str, before: str, after: str) -> None:
    text = FILES[language]
    if after.startswith("<|"):
        text = text.rstrip("\n")
    for merge in merges(FILES[language]):
        assert mended(before + text + after, language, merge).rstrip("\n") == text.rstrip("\n")


@pytest.mark.parametrize("language", ["python", "go", "bash"])
@pytest.mark.parametrize(
    "said",
    [
        "```\n",
        "```\n```go\n",
        "```\n\nThe file goes on:\n\n```python\n",
        "```\nNow the second half of it.\n```\n",
        "<think>\nHalf of it.\n</think>\n",
        "<|fim_middle|>\n",
    ],
)
def test_what_is_said_in_the_midst_goes(language: str, said: str) -> None:
    text = FILES[language]
    for cut in [at + 1 for at, sign in enumerate(text) if sign == "\n"]:
        for merge in merges(text):
            if '"""' in text[:cut] and not (merge and merge.certain):
                continue  # in or behind a docstring, which has fences of its own
            assert mended(text[:cut] + said + text[cut:], language, merge) == text


def test_a_fence_around_a_document_goes_and_its_own_stay() -> None:
    for merge in merges(MARKDOWN):
        assert mended(f"````markdown\n{MARKDOWN}````\n", "markdown", merge) == MARKDOWN
        said = (
            f"Here is the updated file:\n\n```markdown\n{MARKDOWN}```\n\nLet me know if it fits.\n"
        )
        assert mended(said, "markdown", merge) == MARKDOWN


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("Some words.\n", "Here is the updated text:\n\n```py\nx\n```\n"),
        ("The end.\n", "The end.\n\n```py\nx\n```\n"),
        ("# Title\n", "# Another title\n\nFirst, some words on it.\n"),
    ],
)
def test_a_document_may_say_what_models_say(old: str, new: str) -> None:
    assert old in MARKDOWN
    rewrite = MARKDOWN.replace(old, new)
    assert mended(rewrite, "markdown") == rewrite


@pytest.mark.parametrize(
    "line",
    [
        "# Here is the updated file, as it was.\n",
        "from typing import Any\n",
        "x = '<|end|>'\n",
        "class This(Code): ...\n",
        "def sure(): pass\n",
    ],
)
@pytest.mark.parametrize("at", ["first", "last"])
def test_code_that_sounds_like_it_stays(line: str, at: str) -> None:
    rewrite = line + PYTHON if at == "first" else PYTHON + line
    merge = placed(PYTHON, (Replacement(0, 0, (line,)),), unsure=True)
    assert mended(rewrite, "python", merge) == rewrite


def test_reasoning_that_holds_the_only_copy_of_code_stays() -> None:
    head, tail = PYTHON.split("def first")
    rewrite = f"{head}<think>\ndef first{tail}</think>\n"
    assert mended(rewrite, "python", None) != head


def test_a_fence_in_a_text_that_the_file_quotes_stays() -> None:
    rewrite = PYTHON.replace("    return a", '    """More:\n\n```py\nx\n```\n\n"""\n    return a')
    assert mended(rewrite, "python", None) == rewrite


def test_what_was_said_is_told() -> None:
    found = words.mend(context("Here is the updated file:\n\n" + GO + "\nLet me know!\n", "go"))
    assert found is not None
    assert [repair.message for repair in found.repairs] == [
        "took out 1 line of the model's own words before the file: `Here is the updated file:`",
        "took out 1 line of the model's own words after the file: `Let me know!`",
    ]


@pytest.mark.parametrize(
    ("line", "least", "most"),
    [
        ("Updated code:", Sound.STRONG, Sound.STRONG),
        ("**Explanation:** the edit was merged.", Sound.STRONG, Sound.STRONG),
        ("## Summary", Sound.USUAL, Sound.USUAL),
        ("- Renamed `a()` to `b()`", Sound.USUAL, Sound.USUAL),
        ("Each of them is tested.", Sound.PLAIN, Sound.PLAIN),
        ("    return None", Sound.NONE, Sound.NONE),
        ("else:", Sound.NONE, Sound.NONE),
        ("this.x = Here.is(the)", Sound.NONE, Sound.NONE),
        ("// Here is the updated file", Sound.NONE, Sound.NONE),
        ("include Sure", Sound.NONE, Sound.NONE),
    ],
)
def test_how_a_line_sounds(line: str, least: Sound, most: Sound) -> None:
    assert least <= sound(line) <= most


_LINES = st.sampled_from(
    ["x = 1\n", "\n", "    y()\n", "# note\n", "}\n", "call(a, b)\n", "it's ~ `so`\n", "<b>\n"]
)
_SAID = st.sampled_from(
    [
        "Here is the updated file:\n\n",
        "<think>\nLet me see.\n</think>\n",
        "```python\n",
        "\n```\n\n",
    ]
)


@settings(max_examples=200)
@given(lines=st.lists(_LINES, min_size=1, max_size=12), data=st.data())
def test_words_in_a_certain_rewrite_go_to_the_letter(lines: list[str], data: st.DataObject) -> None:
    text = "".join(["start = 0\n", *lines, "end = 1\n"])
    merge = placed(text, (Replacement(0, 0, ()),))
    rows = text.splitlines(keepends=True)
    for _ in range(data.draw(st.integers(1, 3))):
        rows.insert(data.draw(st.integers(0, len(rows))), data.draw(_SAID))
    found = verdict(text, "".join(rows), merge=merge, language=language_named("python"))
    assert (found.text, found.faults) == (text, ())


@settings(max_examples=200)
@given(old=st.lists(_LINES, max_size=12), new=st.lists(_LINES, max_size=12), unsure=st.booleans())
def test_a_rewrite_of_known_lines_stays(old: list[str], new: list[str], *, unsure: bool) -> None:
    original, rewrite = "".join(old), "".join(new)
    merge = placed(original, (Replacement(0, len(old), tuple(new)),), unsure=unsure)
    own = Context(original, rewrite, merge, language_named("python"), "")
    assert words.mend(own) is None
    assert ends.mend(own) is None
