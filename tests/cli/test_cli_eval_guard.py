"""`fastapply eval guard`: what it prints, what it writes, and when it fails."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Fastapply

BODY = "".join(
    f"def f{n}(a, b):\n    # the sum of {n}\n    return a + b + {n}\n\n" for n in range(9)
)
CASE = {
    "id": "one",
    "path": "x.py",
    "original": f"import os\n\n{BODY}def last():\n    return os.name\n",
    "code_edit": "<<<<<<< SEARCH\n    return a + b + 4\n=======\n    return 4\n>>>>>>> REPLACE\n",
}
CASE["expected"] = CASE["original"].replace("return a + b + 4", "return 4")
LEFT_OUT = {**CASE, "id": "eof", "tags": ["eof_newline_changed"]}


def write(path: Path, *rows: dict[str, Any]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


def test_counts_lines_and_what_is_left_out(fastapply: Fastapply, tmp_path: Path) -> None:
    path = write(tmp_path / "cases.jsonl", CASE, LEFT_OUT)
    out = tmp_path / "out.jsonl"
    ran = fastapply("eval", "guard", path, "--json", "--out", out)
    assert ran.exit == 0
    told = ran.json
    assert (told["cases"], told["left_out"]) == (1, 1)
    assert "altered" not in told
    rows = [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]
    faulty = [row for row in rows if row["faults"]]
    assert told["faults"]["n"] == len(faulty) == sum(one["n"] for one in told["by_fault"].values())
    assert told["by_language"]["python"]["n"] == len(faulty)
    assert told["clean"]["n"] == len(rows) - len(faulty) > 0
    assert told["by_fault"]["marker left"]["by_language"]["python"]["caught"] == 1
    assert {row["fate"] for row in rows if row["group"] == "line ends changed"} == {
        "repaired at once"
    }


def test_the_table_has_a_row_for_each_fault_and_language(
    fastapply: Fastapply, tmp_path: Path
) -> None:
    ran = fastapply("eval", "guard", write(tmp_path / "cases.jsonl", CASE, LEFT_OUT))
    assert ran.exit == 0
    lines = ran.out.decode().splitlines()
    first = {line.split("│")[1].strip() for line in lines if line.startswith("│")}
    assert {"all", "definition dropped", "several at a time", "python", "expected file"} <= first
    assert lines[-1].startswith("1 cases tagged eof_newline_changed")


def test_written_rewrites_are_judged_too(fastapply: Fastapply, tmp_path: Path) -> None:
    path = write(tmp_path / "cases.jsonl", CASE)
    spoilt = CASE["expected"].replace("the sum of 7", "the total of 7")
    rewrites = write(
        tmp_path / "written.jsonl",
        {"id": "one", "written": spoilt},
        {"id": "no case", "written": ""},
    )
    told = fastapply("eval", "guard", path, "--written", rewrites, "--json").json["altered"]
    assert (told["rewrites"], told["inside"], told["outside"]) == (1, 0, 1)
    assert told["reverted"] + told["marked"] + told["refused"] + told["silent"] == 1
    words = fastapply("eval", "guard", path, "--written", rewrites).out.decode()
    assert "1 altered places outside the licence in 1 written rewrites" in words


@pytest.mark.parametrize("content", ["", "{\n"])
def test_cases_that_are_none_are_2(fastapply: Fastapply, tmp_path: Path, content: str) -> None:
    path = tmp_path / "cases.jsonl"
    path.write_text(content, encoding="utf-8")
    assert fastapply("eval", "guard", path).exit == 2


@pytest.mark.parametrize("content", ["{\n", '{"id": "one"}\n', "[1]\n", '"a"\n'])
def test_written_rewrites_that_are_none_are_2(
    fastapply: Fastapply, tmp_path: Path, content: str
) -> None:
    path = write(tmp_path / "cases.jsonl", CASE)
    rewrites = tmp_path / "written.jsonl"
    rewrites.write_text(content, encoding="utf-8")
    ran = fastapply("eval", "guard", path, "--written", rewrites)
    assert ran.exit == 2
    assert "cannot be read" in ran.err
    assert fastapply("eval", "guard", path, "--written", tmp_path / "none").exit == 2
