"""Each dialect, as the model sees it; and what holds for all of them."""

import re
from typing import get_args

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from fastapply_lsp.prompt.budget import CUT, estimated_tokens, output_budget, recent_dialogue
from fastapply_lsp.prompt.build import AGAIN, NO_INSTRUCTIONS, build_messages, draft_text, fenced
from fastapply_lsp.prompt.dialects import DIALECTS
from fastapply_lsp.request.model import EditFile, Message
from fastapply_lsp.settings import DialectName
from fastapply_lsp.text.lines import split_lines, without_line_end

CALL = EditFile(
    "src/total.py",
    "I sum with the builtin.",
    "def total(xs):\n    return sum(xs)\n",
    (Message("user", "Make it shorter."), Message("assistant", "Like so:\n")),
)
ORIGINAL = "def total(xs):\n    t = 0\n    return t\n"


def shown(name: str, call: EditFile = CALL) -> str:
    messages = build_messages(DIALECTS[name], call, "src/total.py", ORIGINAL, dialogue_tokens=100)
    return "\n".join(f"[{one.role}]\n{one.content}" for one in messages if one.role == "user")


FASTAPPLY = """\
[user]
The current file src/total.py:

```
def total(xs):
    t = 0
    return t
```

The conversation that led to the edit:

```
User:
Make it shorter.

Assistant:
Like so:
```

The edit:

```
def total(xs):
    return sum(xs)
```

What the edit is for: I sum with the builtin.

Write the whole file src/total.py after the edit."""

MORPH = """\
[user]
<instruction>I sum with the builtin.</instruction>
<code>def total(xs):
    t = 0
    return t
</code>
<update>def total(xs):
    return sum(xs)
</update>"""

KORTIX = """\
[user]
Merge all changes from the <update> snippet into the <code> below.
- Preserve the code's structure, order, comments, and indentation exactly.
- Output only the updated code, enclosed within <updated-code> and </updated-code> tags.
- Do not include any additional text, explanations, placeholders, ellipses, or code fences.

<code>def total(xs):
    t = 0
    return t
</code>

<update>def total(xs):
    return sum(xs)
</update>

Provide the complete updated code."""

OSMOSIS = """\
[user]
<code>
def total(xs):
    t = 0
    return t
</code>

<edit>
def total(xs):
    return sum(xs)
</edit>"""


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("fastapply", FASTAPPLY),
        ("morph", MORPH),
        ("relace", MORPH),
        ("kortix", KORTIX),
        ("osmosis", OSMOSIS),
    ],
)
def test_what_the_model_sees(name: str, expected: str) -> None:
    assert shown(name) == expected


def test_a_bare_call_has_no_empty_sections() -> None:
    bare = EditFile("src/total.py", " ", "x = 1\n")
    assert "conversation" not in shown("fastapply", bare)
    assert "What the edit is for" not in shown("fastapply", bare)
    assert f"<instruction>{NO_INSTRUCTIONS}</instruction>" in shown("morph", bare)


def test_the_settings_and_the_table_name_the_same_dialects() -> None:
    assert set(DIALECTS) == set(get_args(DialectName))
    assert all(name == dialect.name for name, dialect in DIALECTS.items())


texts = st.lists(
    st.sampled_from(["a", "`", "```", "````\n", "\n", "\r", "\r\n", "{}", "</code>", " ", "é"]),
    max_size=12,
).map("".join)


def plain(text: str) -> str:
    return text.replace("\r\n", "\n")


@pytest.mark.parametrize("name", sorted(DIALECTS))
@given(code=texts, edit=texts, instructions=texts)
def test_file_and_edit_go_in_and_the_file_first(
    name: str, code: str, edit: str, instructions: str
) -> None:
    assume(not edit.lstrip().startswith("```"))
    call = EditFile("f", instructions, edit)
    user = build_messages(DIALECTS[name], call, "f", f"<<{code}", dialogue_tokens=0)[-1].content
    assert f"<<{plain(code)}" in user
    assert plain(edit) in user[user.index(f"<<{plain(code)}") + len(plain(code)) :]


def test_the_chats_fence_is_no_part_of_the_edit() -> None:
    call = EditFile("f", "", "```python src/f.py\nx = 1\n```\n")
    for name in DIALECTS:
        user = build_messages(DIALECTS[name], call, "f", "", dialogue_tokens=0)[-1].content
        assert "x = 1\n" in user
        assert "src/f.py" not in user


def test_a_block_that_breaks_its_form_is_sent_as_it_is() -> None:
    broken = "<<<<<<< SEARCH\nx\n"
    assert broken in shown("morph", EditFile("f", "", broken))


def test_no_carriage_returns_go_out_or_into_the_draft() -> None:
    call = EditFile("f", "", "a\r\nb\r\n")
    for dialect in DIALECTS.values():
        messages = build_messages(dialect, call, "f", "a\r\n", dialogue_tokens=0)
        assert all("\r" not in one.content for one in messages)
        assert "\r" not in draft_text(dialect, "a\r\n")


@given(texts)
def test_nothing_inside_a_fence_closes_it(text: str) -> None:
    first, *inside = split_lines(fenced(text))
    fence = without_line_end(first)
    assert re.fullmatch("`{3,}", fence)
    assert inside[-1] == fence
    assert "".join(inside[:-1]).removesuffix("\n") == text.removesuffix("\n")
    assert not any(line.lstrip().startswith(fence) for line in inside[:-1])


@given(texts, texts)
def test_the_prompt_up_to_the_edit_is_the_same_for_the_next_edit(one: str, other: str) -> None:
    """So a server with a prefix cache reads the file once."""
    prompts = [
        build_messages(
            DIALECTS["fastapply"], EditFile("f", "", edit), "f", "x\n" * 50, dialogue_tokens=0
        )
        for edit in (one, other)
    ]
    start = prompts[0][1].content.index("The edit:")
    assert prompts[0][0] == prompts[1][0]
    assert prompts[0][1].content[:start] == prompts[1][1].content[:start]
    assert start > 100


@pytest.mark.parametrize("name", DIALECTS)
@given(st.lists(st.text(min_size=1), min_size=1, max_size=3).map(tuple))
def test_asked_again_the_prompt_begins_as_it_did_and_names_the_faults(
    name: str, faults: tuple[str, ...]
) -> None:
    """So a server with a prefix cache reads the new words only, and no template sees two turns."""
    first = build_messages(DIALECTS[name], CALL, "f", ORIGINAL, dialogue_tokens=0)
    again = build_messages(DIALECTS[name], CALL, "f", ORIGINAL, refused=faults, dialogue_tokens=0)
    assert again[:-1] == first[:-1]
    assert again[-1].role == first[-1].role == "user"
    assert again[-1].content.startswith(first[-1].content)
    said = again[-1].content.removeprefix(first[-1].content)
    assert said.startswith(f"\n\n{AGAIN}\n- {faults[0]}")
    assert all(f"- {fault}\n" in said for fault in faults)
    what = DIALECTS[name].answers
    assert said.endswith(f"Write the whole {what} again, without these faults.")


def test_the_draft_is_wrapped_as_the_answer_will_be() -> None:
    assert draft_text(DIALECTS["fastapply"], "x\n") == "x\n"
    assert draft_text(DIALECTS["kortix"], "x\n") == "<updated-code>x\n</updated-code>"


# The budget


dialogues = st.lists(
    st.builds(Message, st.sampled_from(["user", "assistant"]), st.text(max_size=60)), max_size=6
).map(tuple)


@given(dialogues, st.integers(0, 60))
def test_the_dialogue_fits_its_budget_and_its_end_stays(
    messages: tuple[Message, ...], tokens: int
) -> None:
    kept = recent_dialogue(messages, tokens)
    assert sum(estimated_tokens(one.content) for one in kept) <= tokens
    if kept and kept[0].content.startswith(CUT) and kept != messages[-len(kept) :]:
        assert len(kept) == 1
        assert messages[-1].content.endswith(kept[0].content.removeprefix(CUT))
    else:
        assert kept == messages[len(messages) - len(kept) :]


def test_the_dialogue_loses_its_oldest_turn_first() -> None:
    messages = tuple(Message("user", letter * 40) for letter in "abc")
    assert [one.content[0] for one in recent_dialogue(messages, 20)] == ["b", "c"]
    assert recent_dialogue(messages, 0) == ()
    (cut,) = recent_dialogue((Message("user", "old " * 99 + "new"),), 10)
    assert cut.content.startswith(CUT)
    assert cut.content.endswith("new")
    assert estimated_tokens(cut.content) in (9, 10)


@given(st.text(max_size=99), st.text(max_size=99))
def test_the_estimate_is_monotone(one: str, more: str) -> None:
    assert estimated_tokens(one) <= estimated_tokens(one + more)
    assert estimated_tokens(one + more) <= estimated_tokens(one) + estimated_tokens(more)


def test_the_output_budget_has_room_for_the_whole_file_and_keeps_the_cap() -> None:
    assert output_budget("x" * 4000, "y" * 400, "", 10_000) == 1650 + 256
    assert output_budget("x" * 4000, "", "z" * 8000, 10_000) == 3000 + 256
    assert output_budget("x" * 4000, "y" * 400, "", 1000) == 1000
