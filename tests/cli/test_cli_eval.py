"""`fastapply eval run`: what it prints, what it writes, and when it fails."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from tests.cases import cases, needs_cases
from tests.cli.conftest import Fastapply

RIGHT = {
    "id": "right",
    "language": "python",
    "style": "search_replace",
    "original": "a = 1\nb = 2\n",
    "code_edit": "<<<<<<< SEARCH\nb = 2\n=======\nb = 3\n>>>>>>> REPLACE\n",
    "expected": "a = 1\nb = 3\n",
}
WRONG = {**RIGHT, "id": "wrong", "expected": "a = 1\nb = 4\n"}
UNSURE = {
    "original": "x = 1\ny = 1\nx = 1\n",
    "code_edit": "<<<<<<< SEARCH\nx = 1\n=======\nx = 2\n>>>>>>> REPLACE\n",
    "expected": "x = 2\ny = 1\nx = 1\n",
}
NOWHERE = {**RIGHT, "id": "nowhere", "code_edit": RIGHT["code_edit"].replace("b = 2", "c = 7")}
LEFT_OUT = {**WRONG, "id": "eof", "tags": ["eof_newline_changed"]}


def write(path: Path, *rows: dict[str, Any]) -> Path:
    data = "".join(json.dumps(row) + "\n" for row in rows).encode()
    path.write_bytes(gzip.compress(data) if path.suffix == ".gz" else data)
    return path


@pytest.mark.parametrize("name", ["cases.jsonl", "cases.jsonl.gz"])
def test_figures_and_result_lines(fastapply: Fastapply, tmp_path: Path, name: str) -> None:
    path = write(tmp_path / name, RIGHT, WRONG, UNSURE, NOWHERE, LEFT_OUT)
    out = tmp_path / "results.jsonl"
    ran = fastapply("eval", "run", path, "--backend", "embedded", "--out", out, "--json")
    assert ran.exit == 0
    told = ran.json
    assert (told["n"], told["exact"], told["certain"], told["certain_and_exact"]) == (4, 2, 2, 1)
    assert (told["errors"], told["left_out"]) == (1, 1)
    assert told["ms"]["median"] > 0
    assert told["by_style"]["search_replace"]["n"] == 3
    assert told["by_language"]["unknown"]["exact"] == 1
    rows = [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]
    assert [row["id"] for row in rows] == ["right", "wrong", "3", "nowhere", "eof"]
    assert [row["exact"] for row in rows] == [True, False, True, False, False]
    assert [row["certain"] for row in rows] == [True, True, False, False, True]
    assert all(isinstance(row["ms"], float) and row["ms"] > 0 for row in rows)
    assert [bool(row["reasons"]) for row in rows] == [False, False, True, True, False]
    assert ["error" in row for row in rows] == [False, False, False, True, False]


def test_the_table_shows_every_style_and_language(fastapply: Fastapply, tmp_path: Path) -> None:
    path = write(tmp_path / "cases.jsonl", RIGHT, UNSURE, LEFT_OUT)
    ran = fastapply("eval", "run", path, "--backend", "embedded")
    assert ran.exit == 0
    lines = ran.out.decode().splitlines()
    first = {line.split("│")[1].strip(): line for line in lines if line.startswith("│")}
    assert {"all", "search_replace", "unknown", "python"} <= first.keys()
    assert "2 (100.0%)" in first["all"]
    assert "1 case" in lines[-1]
    assert "eof_newline_changed" in lines[-1]


def test_any_accuracy_is_exit_0(fastapply: Fastapply, tmp_path: Path) -> None:
    path = write(tmp_path / "cases.jsonl", WRONG, NOWHERE)
    ran = fastapply("eval", "run", path, "--backend", "embedded", "--json")
    assert (ran.exit, ran.json["exact"]) == (0, 0)


def test_a_backend_that_breaks_in_one_case_is_a_row_with_its_error(
    fastapply: Fastapply, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = tmp_path / "s.toml"
    script.write_text(
        "[[stream]]\n[[stream.step]]\npredicted = 3\n"
        '[[stream]]\n[[stream.step]]\nfail = "broken"\n',
        encoding="utf-8",
    )
    monkeypatch.setenv("FASTAPPLY_SCRIPTED_SCRIPT", str(script))
    path = write(tmp_path / "cases.jsonl", RIGHT, {**RIGHT, "id": "second"})
    out = tmp_path / "out.jsonl"
    ran = fastapply("eval", "run", path, "--backend", "scripted", "--out", out, "--json")
    assert (ran.exit, ran.json["exact"], ran.json["errors"]) == (0, 1, 1)
    second = json.loads(out.read_text(encoding="utf-8").splitlines()[1])
    assert "broke off" in second["error"]
    assert second["exact"] is False


def test_nobody_at_the_backends_address_is_3(
    fastapply: Fastapply, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script = tmp_path / "s.toml"
    script.write_text('[[step]]\nfail = "unreachable"\n', encoding="utf-8")
    monkeypatch.setenv("FASTAPPLY_SCRIPTED_SCRIPT", str(script))
    path = write(tmp_path / "cases.jsonl", RIGHT)
    ran = fastapply("eval", "run", path, "--backend", "scripted")
    assert ran.exit == 3
    assert "cannot be reached" in ran.err


@pytest.mark.parametrize("content", ["", "{\n", '{"original": "a"}\n'])
def test_cases_that_are_none_are_2(fastapply: Fastapply, tmp_path: Path, content: str) -> None:
    path = tmp_path / "cases.jsonl"
    path.write_text(content, encoding="utf-8")
    ran = fastapply("eval", "run", path, "--backend", "embedded")
    assert ran.exit == 2
    assert "cannot be read" in ran.err


def test_a_missing_file_an_unknown_backend_and_no_backend_are_2(
    fastapply: Fastapply, tmp_path: Path
) -> None:
    path = write(tmp_path / "cases.jsonl", RIGHT)
    assert fastapply("eval", "run", tmp_path / "none", "--backend", "embedded").exit == 2
    assert fastapply("eval", "run", path, "--backend", "nobody").exit == 2
    assert fastapply("eval", "run", path).exit == 2
    out = tmp_path / "no" / "folder"
    assert fastapply("eval", "run", path, "--backend", "embedded", "--out", out).exit == 2


@needs_cases
def test_certain_means_right_on_the_cases_at_hand(fastapply: Fastapply, tmp_path: Path) -> None:
    rows = [dict(case) for case in cases("apply-dev") if case["style"].startswith("udiff")]
    path = write(tmp_path / "cases.jsonl", *rows)
    told = fastapply("eval", "run", path, "--backend", "embedded", "--json").json
    assert told["n"] + told["left_out"] == len(rows)
    assert told["certain_and_exact"] == told["certain"] > 0
