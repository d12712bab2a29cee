"""Chat documents: fences as CommonMark has them, turns as the usual makers write them."""

from __future__ import annotations

from textwrap import dedent

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fastapply_lsp.request.chat import dialogue_before, parse_chat
from fastapply_lsp.request.code_edit import Snippet, parse_code_edit
from fastapply_lsp.request.cut_off import cut_off
from fastapply_lsp.text.lines import split_lines
from tests.cases import cases, needs_cases


def blocks(text: str) -> list[tuple[str, str]]:
    return [(block.info, block.code) for block in parse_chat(dedent(text).lstrip("\n")).blocks]


def test_fences_of_both_characters_and_any_length() -> None:
    text = """
        ```py title="a b"
        x
        ```
        ~~~~
        ~~~
        y
        ~~~~~
        `````md
        ```
        z
        ```
        `````
        ``inline``` text ```
    """
    assert blocks(text) == [
        ('py title="a b"', "x\n"),
        ("", "~~~\ny\n"),
        ("md", "```\nz\n```\n"),
    ]


def test_indented_code_is_no_fence_and_a_fence_takes_its_indent_off() -> None:
    assert blocks("    ```\n    x\n    ```\n") == [("", "x\n")]  # dedent made it a fence
    chat = parse_chat("a\n\n    ```\n    x\n    ```\n")
    assert chat.blocks == ()
    chat = parse_chat("  ```\n  x\n    y\n z\n   ```\n")
    assert chat.blocks[0].code == "x\n  y\nz\n"


def test_a_fence_in_a_list_item() -> None:
    text = """
        1. Change this:

           ```py
           def f():
               pass
           ```

        2. And

           - that:
             ```
             y
             ```
        - ```sh
          ls
          ```
    """
    assert blocks(text) == [("py", "def f():\n    pass\n"), ("", "y\n"), ("sh", "ls\n")]


def test_a_fence_in_a_quotation_ends_with_it() -> None:
    chat = parse_chat("> ```py\n> x = 1\n>   y\nno code\n\n```\nz\n```\n")
    assert [(b.code, b.closed) for b in chat.blocks] == [("x = 1\n  y\n", False), ("z\n", True)]


def test_code_that_leaves_its_list_item_stays_in_the_block() -> None:
    assert blocks("1. Do:\n   ```py\ndef f():\n    pass\n   ```\nend\n") == [
        ("py", "def f():\n    pass\n")
    ]


def test_an_unclosed_fence_runs_to_the_end() -> None:
    chat = parse_chat("```py\nx\n\ny")
    assert (chat.blocks[0].code, chat.blocks[0].closed) == ("x\n\ny", False)
    assert parse_chat("```").blocks[0].code == ""


def test_an_unclosed_block_as_an_edit_shows_that_its_end_is_missing() -> None:
    text = 'x = "```"\ny = 2'
    for fence, closed in (("````", ""), ("````", "\n````\n")):
        [block] = parse_chat(f"{fence}py\n{text}{closed}").blocks
        assert bool(cut_off(block.code_edit)) is not block.closed
        parsed = parse_code_edit(block.code_edit)
        assert isinstance(parsed, Snippet)
        assert list(parsed.lines) == text.split("\n")


def test_a_markdown_block_may_hold_balanced_fences_of_its_length() -> None:
    text = "```markdown\n# A\n```sh\nls\n```\nend\n```\nafter\n"
    assert blocks(text) == [("markdown", "# A\n```sh\nls\n```\nend\n")]
    unbalanced = "```markdown\n# A\n```\nafter\n```sh\nls\n```\n"
    assert blocks(unbalanced) == [("markdown", "# A\n"), ("sh", "ls\n")]


def test_lines_are_the_editors_lines() -> None:
    chat = parse_chat("a\r\n```py\r\nx = '\u2028\x0c'\r\n```\r\nb")
    assert (chat.blocks[0].span.start, chat.blocks[0].span.end) == (1, 4)
    assert chat.blocks[0].code == "x = '\u2028\x0c'\r\n"


def test_block_at_a_line() -> None:
    chat = parse_chat("a\n```\nx\n```\nb\n```\ny\n")
    found = [chat.block_at(line) for line in range(8)]
    assert [block.index if block else None for block in found] == [None, 0, 0, 0, None, 1, 1, None]


def test_a_block_keeps_its_id_when_the_document_changes_elsewhere() -> None:
    before = parse_chat("```py\nx\n```\n\n```py\ny\n```\n\n```py\nx\n```\n")
    after = parse_chat("More.\n\n```\nnew\n```\n```py\nx\n```\nb\n```py\ny\n```\n\n```py\nx\n```\n")
    assert [block.id for block in before.blocks] == [block.id for block in after.blocks[1:]]
    assert len({block.id for block in after.blocks}) == 4


_HEADS = [
    ("## User", "## Assistant"),
    ("### 👤 User", "### 🤖 Assistant (gpt-4o)"),
    ("**You:**", "**ChatGPT:**"),
    ("**User**", "**Cursor**"),
    ("_**User (2025-01-02 10:00Z)**_", "_**Assistant**_"),
    ("#### You said:", "#### ChatGPT said:"),
    ("Human:", "Claude:"),
    ("User:", "Assistant:"),
    ("# Human", "# Claude 3.5 Sonnet"),
    ("## Prompt:", "## Response:"),
    ("[user]", "[assistant]"),
    ("<user>", "<assistant>"),
    ("## Question", "## Answer"),
    ("You said:", "Gemini said"),
]


@pytest.mark.parametrize(("user", "assistant"), _HEADS[:-1])
def test_turns_of_the_usual_makers(user: str, assistant: str) -> None:
    text = (
        f"{user}\n\nAdd x.\n\n{assistant}\n\nHere:\n\n```py\nx = 1\n```\n\nDone.\n\n{user}\n\nOk\n"
    )
    chat = parse_chat(text)
    assert [turn.role for turn in chat.turns] == ["user", "assistant", "user"]
    said = dialogue_before(chat, chat.blocks[0])
    assert [(one.role, one.content) for one in said] == [
        ("user", "Add x."),
        ("assistant", "Here:"),
    ]


def test_a_name_and_its_words_on_one_line() -> None:
    chat = parse_chat("octocat: Add x.\n\nGitHub Copilot: Sure.\nSee:\n```\nx\n```\n")
    said = dialogue_before(chat, chat.blocks[0])
    assert [(one.role, one.content) for one in said] == [
        ("user", "Add x."),
        ("assistant", "Sure.\nSee:"),
    ]


def test_an_aider_history_and_a_quoted_request() -> None:
    aider = "# aider chat started at 2025\n\n#### add x\n\nSure:\n\n```\nx\n```\n"
    said = dialogue_before(parse_chat(aider), parse_chat(aider).blocks[0])
    assert [(one.role, one.content) for one in said][1:] == [
        ("user", "add x"),
        ("assistant", "Sure:"),
    ]
    quoted = "> add x\n\nSure:\n\n```\nx\n```\n"
    said = dialogue_before(parse_chat(quoted), parse_chat(quoted).blocks[0])
    assert [one.role for one in said] == ["user", "assistant"]


def test_a_plain_document_is_one_message() -> None:
    text = (
        "# Question\n\nResponse: 3.\n\n```py\n# User\n## Assistant\n```\n\nThen:\n\n```\ny\n```\n"
    )
    chat = parse_chat(text)
    said = dialogue_before(chat, chat.blocks[1])
    assert [one.role for one in said] == ["assistant"]
    assert said[0].content.endswith("Then:")
    assert dialogue_before(parse_chat("```\nx\n```\n"), parse_chat("```\nx\n```\n").blocks[0]) == ()


_PIECES = st.sampled_from(
    [
        "```\n",
        "```py\n",
        "~~~~\n",
        "  ```\n",
        "    ```\n",
        "- a\n",
        "- ```\n",
        "> ```\n",
        "> x\n",
        "x = 1\n",
        "\n",
        "   y\n",
        "\tz\n",
        "## User\n",
        "**Claude:** hi\n",
        "10. ~~~ md\n",
        "`````",
    ]
)


@settings(max_examples=200)
@given(pieces=st.lists(_PIECES, max_size=20))
def test_blocks_are_disjoint_and_every_line_of_code_is_in_the_document(pieces: list[str]) -> None:
    text = "".join(pieces)
    lines = split_lines(text)
    chat = parse_chat(text)
    last = 0
    for block in chat.blocks:
        assert last <= block.span.start < block.span.end <= len(lines)
        last = block.span.end
        inside = lines[block.first_line : block.span.end - block.closed]
        code = split_lines(block.code)
        assert [line.strip(" \t>\n") for line in code] == [line.strip(" \t>\n") for line in inside][
            : len(code)
        ]
        assert chat.block_at(block.span.start) is block
    at = 0
    for turn in chat.turns:
        assert turn.span.start >= at
        at = turn.span.end
    for block in chat.blocks:
        dialogue_before(chat, block)


@needs_cases
def test_real_chats_hold_their_code_edit() -> None:
    for case in cases("chat-dev"):
        chat = parse_chat(case["chat"])
        assert [block.code for block in chat.blocks] == [case["code_edit"]], case["id"]
        roles = [one.role for one in dialogue_before(chat, chat.blocks[0])]
        assert roles == ["user", "assistant"], case["id"]
