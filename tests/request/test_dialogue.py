"""The dialogue that led to a block, found in the whole chat."""

from __future__ import annotations

from fastapply_lsp.request.dialogue import dialogue_for
from fastapply_lsp.request.model import Message

CHAT = """\
## User
First.

## Assistant
One:

```py
x = 1
```

## User
Second.

## Assistant
Two:

```py
x = 2
```
"""


def test_what_comes_after_the_block_is_left_out() -> None:
    assert dialogue_for(CHAT, "x = 1\n") == (
        Message("user", "First."),
        Message("assistant", "One:"),
    )


def test_the_fence_may_come_along() -> None:
    assert dialogue_for(CHAT, "```py\nx = 1\n```\n") == dialogue_for(CHAT, "x = 1")


def test_of_equal_blocks_the_last_counts() -> None:
    twice = CHAT.replace("x = 1", "x = 2")
    assert dialogue_for(twice, "x = 2\n")[-1] == Message("assistant", "Two:")


def test_an_edit_that_is_not_in_the_chat_gets_all_of_it() -> None:
    messages = dialogue_for(CHAT, "x = 3\n")
    assert [one.role for one in messages] == ["user", "assistant", "user", "assistant"]
    assert "x = 2" in messages[-1].content


def test_a_chat_without_turns_is_the_assistants() -> None:
    assert dialogue_for("Just do it.\n", "x\n") == (Message("assistant", "Just do it."),)
    assert dialogue_for("\n", "x\n") == ()
