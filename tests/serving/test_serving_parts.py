"""The parts of the server that are pure: drafts from prompts, text from tokens."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fastapply_lsp.engines.drafts import drafts_of
from fastapply_lsp.merge import merge
from fastapply_lsp.prompt.build import build_messages
from fastapply_lsp.prompt.dialects import DIALECTS
from fastapply_lsp.request.model import EditFile, Message
from fastapply_lsp.serving.spelling import Reading, Spelling, Stops
from tests.engines import tiny
from tests.engines.tiny_examples import DEVIATING, EXAMPLES, RIGHT, Example

TOKENIZER = tiny.new_tokenizer([one.original for one in EXAMPLES], 300)


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("example", [RIGHT, DEVIATING], ids=lambda example: example.path)
def test_in_every_dialect_the_merge_is_found_in_the_prompt(dialect: str, example: Example) -> None:
    call = EditFile(example.path, "Do it in `one` go.", example.code_edit)
    told = build_messages(
        DIALECTS[dialect], call, example.path, example.original, dialogue_tokens=0
    )
    drafts = drafts_of(None, [message.content for message in told])
    assert drafts[0].strip() == merge(example.original, call).predicted.strip()
    assert example.original.strip() in [draft.strip() for draft in drafts]


def test_a_dialogue_between_file_and_edit_is_no_edit() -> None:
    said = (Message("user", "How?"), Message("assistant", "```python\na = 1\nb = 2\n```\n"))
    call = EditFile(RIGHT.path, "", RIGHT.code_edit, said)
    told = build_messages(
        DIALECTS["fastapply"], call, RIGHT.path, RIGHT.original, dialogue_tokens=500
    )
    assert drafts_of(None, [message.content for message in told])[0] == RIGHT.written


def test_the_prediction_comes_first() -> None:
    prompt = f"```\n{RIGHT.original}```\n```\n{RIGHT.code_edit}```"
    assert drafts_of("mine", [prompt]) == ("mine", RIGHT.code_edit, RIGHT.original)
    assert drafts_of("", []) == ("",)


@pytest.mark.parametrize(
    "prompt",
    ["", "no block at all", "```\n", "<code>", "</code>\n<code>", "```\na\n```", "`" * 9_999],
)
def test_a_prompt_without_a_file_gives_no_draft(prompt: str) -> None:
    assert drafts_of(None, [prompt]) in ((), ("a\n",))


def test_a_single_block_is_the_draft() -> None:
    assert drafts_of(None, [f"Tidy this:\n```\n{RIGHT.original}```"]) == (RIGHT.original,)


@settings(deadline=None)
@given(st.text(max_size=60), st.lists(st.integers(0, 200)))
def test_any_cutting_of_the_tokens_gives_the_same_text(text: str, cuts: list[int]) -> None:
    ids = TOKENIZER(text)["input_ids"]
    spelling = Spelling(TOKENIZER)
    places = [0, *sorted(cut for cut in cuts if cut < len(ids)), len(ids)]
    parts = [ids[one:other] for one, other in pairwise(places)]
    assert "".join([*map(spelling.push, parts), spelling.finish()]) == text


@settings(deadline=None)
@given(
    st.text("abc é", max_size=30),
    st.lists(st.text("abc é", min_size=1, max_size=3), max_size=3),
    st.lists(st.integers(0, 60)),
)
def test_any_cutting_of_the_tokens_ends_at_the_same_token(
    text: str, stops: list[str], cuts: list[int]
) -> None:
    ids = TOKENIZER(text)["input_ids"]

    def read(places: list[int]) -> tuple[str, int, bool]:
        reading, said, count = Reading(TOKENIZER, stops), "", 0
        for one, other in pairwise(places):
            read = reading.push(ids[one:other])
            said, count = said + read.text, count + read.count
            if read.ended:
                break
        return said + reading.finish(), count, reading.hit

    alone = read([*range(len(ids) + 1)])
    assert read([0, *sorted(cut for cut in cuts if cut < len(ids)), len(ids)]) == alone
    assert alone[2] == any(stop in text for stop in stops)
    if not alone[2]:
        assert alone[:2] == (text, len(ids))


def test_half_a_character_at_the_end_is_told() -> None:
    ids = TOKENIZER("a漢")["input_ids"]
    spelling = Spelling(TOKENIZER)
    assert spelling.push(ids[:-1]) == "a"
    assert set(spelling.finish()) == {"\ufffd"}


@settings(deadline=None)
@given(st.text("ab", max_size=30), st.lists(st.text("ab", min_size=1, max_size=4)), st.data())
def test_the_first_stop_text_ends_it_however_it_is_cut(
    text: str, words: list[str], data: st.DataObject
) -> None:
    stops = Stops(words)
    said, at = "", 0
    while at < len(text):
        length = data.draw(st.integers(1, len(text) - at))
        said += stops.push(text[at : at + length])
        at += length
    said += stops.finish()
    # The stop text that is complete first: of the pieces that can be told apart, the earliest.
    found = [text.find(word) for word in words if word in text]
    assert stops.hit == bool(found)
    assert text.startswith(said)
    if not found:
        assert said == text
    else:
        assert (
            min(found)
            <= len(said)
            <= min(text.find(word) + len(word) for word in words if word in text)
        )
        assert not any(word in said for word in words)
