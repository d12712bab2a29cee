from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fastapply_lsp.errors import MalformedEdit
from fastapply_lsp.request.model import Message
from fastapply_lsp.request.schema import (
    TEACHING,
    call_schema,
    parse_edit_file,
    tool_definition,
    tool_schema,
)

GOOD = {"target_file": " src/a.py ", "instructions": "I add x.", "code_edit": "x = 1\n"}


def test_a_call_becomes_a_value() -> None:
    call = parse_edit_file(
        GOOD
        | {
            "messages": [
                {"role": "developer", "content": "Be brief."},
                {"role": "user", "content": [{"type": "text", "text": "add x"}]},
                {"role": "assistant", "content": None},
            ],
            "backend": "embedded",
            "unknown": 1,
        }
    )
    assert call.target_file == "src/a.py"
    assert call.code_edit == "x = 1\n"
    assert call.messages == (
        Message("system", "Be brief."),
        Message("user", "add x"),
        Message("assistant", ""),
    )
    assert call.backend == "embedded"


@pytest.mark.parametrize(
    ("params", "words"),
    [
        ([], "a list, not an object"),
        (None, "null, not an object"),
        ({"code_edit": "x"}, "target_file is missing"),
        (GOOD | {"target_file": "  "}, "target_file names no file"),
        (GOOD | {"target_file": "a\0b"}, "target_file names no file"),
        (GOOD | {"target_file": 3}, "target_file is a number"),
        ({"target_file": "a.py"}, "code_edit is missing"),
        (GOOD | {"code_edit": " \n"}, "code_edit is empty"),
        (GOOD | {"code_edit": True}, "code_edit is a boolean"),
        (GOOD | {"instructions": []}, "instructions is a list"),
        (GOOD | {"backend": {}}, "backend is an object"),
        (GOOD | {"messages": "hi"}, "messages are a string"),
        (GOOD | {"messages": ["hi"]}, "message 1 is a string"),
        (GOOD | {"messages": [{"role": "cook", "content": ""}]}, "role of its message 1"),
        (GOOD | {"messages": [{"role": "user", "content": 1}]}, "content of its message 1"),
    ],
)
def test_the_sentence_names_the_parameter(params: object, words: str) -> None:
    with pytest.raises(MalformedEdit) as caught:
        parse_edit_file(params)
    assert words in str(caught.value)


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from([*GOOD, "messages", "backend", "role"]), inner, max_size=5
        )
    ),
    max_leaves=8,
)


@settings(max_examples=200)
@given(params=_JSON)
def test_any_json_is_read_or_refused_with_a_sentence(params: object) -> None:
    good = isinstance(params, dict) and all(
        isinstance(params.get(name), str) and params[name].strip()
        for name in ("target_file", "code_edit")
    )
    if good:
        params = {**params, "instructions": "", "messages": [], "backend": None}  # type: ignore[dict-item]
        assert parse_edit_file(params).target_file
        return
    with pytest.raises(MalformedEdit, match="edit_file"):
        parse_edit_file(params)


def test_schemas_are_json_and_say_what_the_reader_reads() -> None:
    tool = json.loads(json.dumps(tool_schema()))
    assert tool["required"] == ["target_file", "instructions", "code_edit"]
    assert list(tool["properties"]) == tool["required"]
    call = json.loads(json.dumps(call_schema()))
    assert set(call["properties"]) == {*tool["required"], "messages", "backend"}
    assert parse_edit_file(dict.fromkeys(call["required"], "x")).instructions == ""
    assert tool_definition()["type"] == "function"
    assert "... existing code ..." in TEACHING


def test_a_schema_belongs_to_its_caller() -> None:
    tool_schema()["properties"] = None
    assert tool_schema()["properties"] is not None
