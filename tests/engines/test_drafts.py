"""The draft that is found in a prompt, whoever wrote it, is the file that the merge predicts."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fastapply_lsp.engines.drafts import drafts_of
from fastapply_lsp.engines.prompt_blocks import blocks_of
from fastapply_lsp.merge import merge
from fastapply_lsp.prompt.build import build_messages
from fastapply_lsp.prompt.dialects import DIALECTS
from fastapply_lsp.prompt.parts import call_in, merge_in
from fastapply_lsp.prompt.windows import Window
from fastapply_lsp.request.chat import parse_chat
from fastapply_lsp.request.model import EditFile
from fastapply_lsp.text.lines import split_lines
from fastapply_lsp.text.replacement import Span
from tests.engines.prompt_shapes import SHAPES, Others
from tests.engines.tiny_examples import EXAMPLES

EXAMPLE_FILES = Path(__file__).parents[2] / "examples"


def edits_of_the_chats() -> list[tuple[str, str, str]]:
    """Return path, file and edit of each block in the examples' chats, where one file is named."""
    found = []
    files = [file for file in EXAMPLE_FILES.glob("*/*") if file.parent.name != "chats"]
    for chat in sorted((EXAMPLE_FILES / "chats").glob("*.md")):
        said = chat.read_text(encoding="utf-8")
        for block in parse_chat(said).blocks:
            named = [file for file in files if file.name in (block.info or said)]
            named = named or [file for file in files if file.name in said]
            if len(named) == 1:
                path = named[0].relative_to(EXAMPLE_FILES).as_posix()
                found.append((path, named[0].read_text(encoding="utf-8"), block.code_edit))
    return found


CASES = [*edits_of_the_chats(), *((one.path, one.original, one.code_edit) for one in EXAMPLES)]
OTHERS: Others = [(one.path, one.original) for one in EXAMPLES]
each_case = pytest.mark.parametrize(
    ("path", "file", "edit"), CASES, ids=[f"{at}-{case[0]}" for at, case in enumerate(CASES)]
)


def predicted(path: str, file: str, edit: str) -> str:
    return merge(file, EditFile(path, "", edit), path=path).predicted


def test_there_are_examples_enough() -> None:
    assert len(CASES) >= 6
    assert len({path.rpartition(".")[2] for path, _, _ in CASES}) >= 4


@each_case
@pytest.mark.parametrize("dialect", DIALECTS)
def test_in_every_dialect(dialect: str, path: str, file: str, edit: str) -> None:
    call = EditFile(path, "", edit)
    told = build_messages(DIALECTS[dialect], call, path, file, dialogue_tokens=0)
    drafts = drafts_of(None, [message.content for message in told])
    assert drafts[0].rstrip("\n") == predicted(path, file, edit).rstrip("\n")


@each_case
@pytest.mark.parametrize("shape", SHAPES)
def test_in_prompts_of_other_tools(shape: str, path: str, file: str, edit: str) -> None:
    others = [(name, text) for name, text in OTHERS if name != path]
    drafts = drafts_of(None, SHAPES[shape](path, file, edit, others))
    assert drafts[0] == predicted(path, file, edit)
    assert file in drafts


@pytest.mark.parametrize("before", ["", "[INST] ", "<|im_start|>user\n", "<|user|>"])
@pytest.mark.parametrize("after", ["", "<|im_end|>\n<|im_start|>assistant\n", " [/INST]"])
def test_the_words_of_a_chat_template_do_not_matter(before: str, after: str) -> None:
    path, file, edit = CASES[0]
    for dialect in ("osmosis", "kortix", "morph"):
        call = EditFile(path, "", edit)
        told = build_messages(DIALECTS[dialect], call, path, file, dialogue_tokens=0)
        drafts = drafts_of(None, [f"{before}{told[-1].content}{after}"])
        assert drafts[0].rstrip("\n") == predicted(path, file, edit).rstrip("\n")


PAGE = "<p>See\n<code>\nx = 1\n</code>\nand <update>no</update></p>\n<p>end</p>\n"
PAGE_EDIT = (
    "<p>See\n<code>\nx = 2\n</code>\nand <update>no</update></p>\n<!-- ... existing code ... -->\n"
)


@pytest.mark.parametrize("dialect", DIALECTS)
def test_tags_inside_the_file_and_the_edit(dialect: str) -> None:
    call = EditFile("page.html", "", PAGE_EDIT)
    told = build_messages(DIALECTS[dialect], call, "page.html", PAGE, dialogue_tokens=0)
    drafts = drafts_of(None, [message.content for message in told])
    assert drafts[0].rstrip("\n") == PAGE.replace("x = 1", "x = 2").rstrip("\n")


def test_a_file_that_begins_with_a_blank_line_keeps_it() -> None:
    prompt = "<code>\na = 1\nb = 2\n</code>\n<update>b = 3\n</update>"
    assert drafts_of(None, [prompt])[0] == "\na = 1\nb = 3\n"


def test_a_file_that_is_shown_again_counts_as_it_is_now() -> None:
    old, new = "a = 1\nb = 2\nc = 3\n", "a = 1\nb = 2\nc = 4\n"
    edit = "# ... existing code ...\nb = 5\n# ... existing code ...\n"
    prompts = [f"x.py\n```\n{old}```", f"x.py\n```\n{new}```", f"x.py\n```\n{edit}```"]
    assert drafts_of(None, prompts)[0] == "a = 1\nb = 5\nc = 4\n"


def test_a_window_gets_what_of_the_edit_belongs_to_it() -> None:
    one = "def one():\n    first = 1\n    return first\n"
    two = "def two():\n    second = 2\n    return second\n"
    between = "".join(f"\n\nstep_{number} = {number}\n" for number in range(40))
    file = f"{one}{between}\n\n{two}"
    edit = one.replace("= 1", "= 10") + "\n# ... existing code ...\n\n" + two.replace("= 2", "= 20")
    call = EditFile("x.py", "", edit)
    merged = merge(file, call)
    lines = split_lines(file)
    windows = [
        Window(Span(0, 3), merged.regions[:1]),
        Window(Span(len(lines) - 3, len(lines)), merged.regions[1:]),
    ]
    for window, expected in zip(
        windows, (one.replace("= 1", "= 10"), two.replace("= 2", "= 20")), strict=True
    ):
        shown = "".join(lines[window.span.start : window.span.end])
        part = call_in(call, window, len(lines))
        for dialect in ("fastapply", "morph"):
            told = build_messages(DIALECTS[dialect], part, "x.py", shown, dialogue_tokens=0)
            drafts = drafts_of(None, [message.content for message in told])
            assert drafts[0].rstrip("\n") == expected.rstrip("\n")
            assert merge_in(merged, lines, window).predicted == expected


def test_instructions_that_remove_something_are_followed() -> None:
    file = (
        "def one():\n    return 1\n\n\ndef two():\n    return 2\n\n\ndef three():\n    return 3\n"
    )
    edit = "def one():\n    return 1\n\n\ndef three():\n    return 3\n"
    call = EditFile("x.py", "Remove the function `two`.", edit)
    expected = merge(file, call).predicted
    assert "two" not in expected
    for dialect in ("fastapply", "morph"):
        told = build_messages(DIALECTS[dialect], call, "x.py", file, dialogue_tokens=0)
        drafts = drafts_of(None, [message.content for message in told])
        assert drafts[0].rstrip("\n") == expected.rstrip("\n")


def test_in_a_fence_is_not_in_a_tag_and_the_other_way_round() -> None:
    outer = "````md\n<code>\na\n</code>\n````\n<code>\n```\nb\nc\n```\n</code>\n"
    assert [block.text for block in blocks_of(outer)] == [
        "<code>\na\n</code>\n",
        "```\nb\nc\n```\n",
    ]


PIECES = st.sampled_from(
    ["```", "````\n", "\n", "<code>", "</code>", "<update>", "</update>", "a.py", "x = 1", "[INST]",
     "<<<<<<< SEARCH", "=======", "# ...", "@@ -1 +1 @@", "漢", "\r", "\ud800", " "]
)  # fmt: skip


@settings(deadline=None)
@given(st.lists(st.lists(PIECES, max_size=30).map("".join), max_size=3))
def test_any_prompt_gives_some_draft_or_none(prompts: list[str]) -> None:
    drafts = drafts_of(None, prompts)
    assert len(set(drafts)) == len(drafts) <= 6
    for prompt in prompts:
        blocks = blocks_of(prompt)
        assert all(one.end <= two.start for one, two in pairwise(blocks))
        assert all(0 <= block.start < block.end <= len(prompt) for block in blocks)
