"""What a request to an engine asks for."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fastapply_lsp.backends import draft_fields
from fastapply_lsp.engines.asked import (
    DRAFT,
    PREPARED,
    SOURCE,
    TOKENS,
    Asked,
    WrongFieldError,
    asked_of,
    prepared_of,
    with_prepared,
)

json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=8,
)
TEXT = {"type": "content", "content": "a = 1\n"}


def test_client_and_plug_in_call_the_fields_the_same() -> None:
    assert (DRAFT, SOURCE) == (draft_fields.XARG_DRAFT, draft_fields.XARG_SOURCE)


@pytest.mark.parametrize(
    ("prediction", "xargs", "asked"),
    [
        (None, None, Asked("prompt")),
        (None, {"other": 1}, Asked("prompt")),
        (TEXT, None, Asked("request", "a = 1\n")),
        (
            {"type": "content", "content": [{"type": "text", "text": t} for t in ("a", "b")]},
            {},
            Asked("request", "ab"),
        ),
        ({"type": "content", "content": ""}, None, Asked("prompt")),
        (None, {DRAFT: "b"}, Asked("request", "b")),
        (TEXT, {DRAFT: "b"}, Asked("request", "b")),
        (TEXT, {DRAFT: ""}, Asked("request", "a = 1\n")),
        (None, {TOKENS: [3, 4]}, Asked("request", None, (3, 4))),
        (TEXT, {SOURCE: "off"}, Asked("off")),
        (TEXT, {SOURCE: "prompt"}, Asked("prompt")),
        (None, {SOURCE: "request"}, Asked("request")),
        (None, {SOURCE: "request", DRAFT: "b"}, Asked("request", "b")),
    ],
)
def test_every_way_to_ask(prediction: object, xargs: dict[str, Any] | None, asked: Asked) -> None:
    assert asked_of(prediction, xargs, "prompt") == asked


def test_the_default_is_for_those_who_say_nothing() -> None:
    assert asked_of(None, None, "off") == Asked("off")
    assert asked_of(TEXT, None, "off").where == "request"
    assert asked_of(None, {SOURCE: "prompt"}, "off").where == "prompt"


@pytest.mark.parametrize(
    ("prediction", "xargs", "sentence"),
    [
        (
            7,
            None,
            '`prediction` must be {"type": "content", "content": a text}, not 7.',
        ),
        (
            {"type": "content", "content": [{"type": "image_url"}]},
            None,
            '`prediction` must be made of text alone, not {"type": "image_url"}.',
        ),
        (
            None,
            {SOURCE: "there"},
            '`vllm_xargs.fastapply_source` must be one of "request", "prompt", "off", not "there".',
        ),
        (
            None,
            {DRAFT: ["a"]},
            '`vllm_xargs.fastapply_draft` must be a text, not ["a"].',
        ),
        (
            None,
            {TOKENS: [1, "a"]},
            '`vllm_xargs.fastapply_draft_tokens` must be a list of token ids, not [1, "a"].',
        ),
    ],
)
def test_what_makes_no_sense_is_answered_with_a_sentence(
    prediction: object, xargs: dict[str, Any] | None, sentence: str
) -> None:
    with pytest.raises(WrongFieldError) as raised:
        asked_of(prediction, xargs, "prompt")
    assert str(raised.value) == sentence
    assert sentence.startswith(f"`{raised.value.field}`")


def test_a_long_value_is_not_sent_back() -> None:
    with pytest.raises(WrongFieldError) as raised:
        asked_of("x" * 1_000_000, None, "prompt")
    assert len(str(raised.value)) < 200


@given(json, st.dictionaries(st.sampled_from([SOURCE, DRAFT, TOKENS]), json))
def test_anything_is_understood_or_refused(prediction: object, xargs: dict[str, object]) -> None:
    with suppress(WrongFieldError):
        asked = asked_of(prediction, xargs, "prompt")
        assert asked.where == "request" or not (asked.text or asked.tokens)


def test_what_is_prepared_takes_the_place_of_what_was_asked() -> None:
    asked = {DRAFT: "a", SOURCE: "request", TOKENS: [1], "other": 3}
    carried = with_prepared(asked, [[1, 2], [3]])
    assert carried == {"other": 3, PREPARED: [[1, 2], [3]]}
    assert prepared_of(carried) == [[1, 2], [3]]
    assert asked[DRAFT] == "a"


@pytest.mark.parametrize("value", ["a", 1, [1, 2], ["a"]])
def test_what_a_client_can_send_is_never_taken_for_prepared(value: object) -> None:
    assert prepared_of({PREPARED: value}) is None
    assert prepared_of(None) is None
