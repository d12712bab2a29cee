"""What a file of cases may hold, and what is said where it does not."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from fastapply_lsp.errors import Unreadable
from fastapply_lsp.evaluation.cases import UNKNOWN, read_cases

LEAST = {"original": "a = 1\n", "code_edit": "a = 2\n", "expected": "a = 2\n"}


def write(path: Path, *cases: Any) -> Path:
    path.write_text("".join(json.dumps(case) + "\n" for case in cases), encoding="utf-8")
    return path


def test_three_fields_are_enough(tmp_path: Path) -> None:
    (case,) = read_cases(write(tmp_path / "c.jsonl", LEAST))
    assert (case.original, case.code_edit, case.expected) == ("a = 1\n", "a = 2\n", "a = 2\n")
    assert (case.id, case.style, case.language) == ("1", UNKNOWN, UNKNOWN)
    assert (case.instruction, case.chat, case.tags) == ("", "", frozenset())


def test_each_optional_field_may_be_absent_or_null(tmp_path: Path) -> None:
    whole: dict[str, Any] = {
        **LEAST,
        "id": "c1",
        "path": "src/a.go",
        "language": "go",
        "style": "lazy",
        "instruction": "do it",
        "chat": "## User\nhi\n",
        "tags": ["crlf"],
        "hunks": 3,
    }
    for name in whole.keys() - LEAST.keys():
        bare = {key: value for key, value in whole.items() if key != name}
        cases = read_cases(write(tmp_path / "c.jsonl", bare, {**whole, name: None}))
        assert len(cases) == 2


def test_path_and_language_stand_in_for_each_other(tmp_path: Path) -> None:
    by_path, by_language = read_cases(
        write(tmp_path / "c.jsonl", {**LEAST, "path": "x/y.rs"}, {**LEAST, "language": "kotlin"})
    )
    assert by_path.language == "rust"
    assert by_language.path.endswith(".kt")


def test_gzip_is_known_by_its_content(tmp_path: Path) -> None:
    path = tmp_path / "cases.bin"
    path.write_bytes(gzip.compress((json.dumps(LEAST) + "\n\n").encode()))
    assert len(read_cases(path)) == 1


def test_line_separators_inside_a_text_do_not_end_the_line(tmp_path: Path) -> None:
    path = tmp_path / "c.jsonl"
    odd = {**LEAST, "original": "a\u2028b\x0c\x85c\n"}
    path.write_text(json.dumps(odd, ensure_ascii=False) + "\n", encoding="utf-8")
    assert read_cases(path)[0].original == "a\u2028b\x0c\x85c\n"


def test_only_changed_newlines_at_the_end_are_left_out(tmp_path: Path) -> None:
    cases = read_cases(
        write(
            tmp_path / "c.jsonl",
            {**LEAST, "tags": ["crlf", "eof_newline_changed"]},
            {**LEAST, "tags": ["ambiguous"]},
        )
    )
    assert [case.left_out for case in cases] == [True, False]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("{", "line 2 is no JSON"),
        ("[1]", "line 2 is no JSON object"),
        ('{"original": "a", "expected": "b"}', 'line 2 has no "code_edit"'),
        ('{"original": 1, "code_edit": "", "expected": ""}', 'has a "original" that is no text'),
        (json.dumps({**LEAST, "tags": "lazy"}), 'has "tags" that are no list'),
    ],
)
def test_a_line_that_is_no_case_is_named(tmp_path: Path, line: str, said: str) -> None:
    path = tmp_path / "c.jsonl"
    path.write_text(f"{json.dumps(LEAST)}\n{line}\n", encoding="utf-8")
    with pytest.raises(Unreadable) as caught:
        read_cases(path)
    assert said in str(caught.value)


@pytest.mark.parametrize(
    "content", [b"\x1f\x8bnot gzip", b"\xff\xfe\xfa", gzip.compress(b"x")[:-4]]
)
def test_a_damaged_file_is_an_error(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "c.jsonl.gz"
    path.write_bytes(content)
    with pytest.raises(Unreadable, match="cannot be read"):
        read_cases(path)


def test_a_missing_file_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(Unreadable, match="No such file"):
        read_cases(tmp_path / "none.jsonl")
