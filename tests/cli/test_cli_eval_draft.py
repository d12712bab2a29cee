"""`fastapply eval draft`: what it prints, and when it fails."""

from __future__ import annotations

import json
from pathlib import Path

from tests.cli.conftest import Fastapply

FILE = "".join(f"def f{n}(a):\n    return a + {n}\n\n\n" for n in range(30))
CASE = {
    "id": "one",
    "path": "x.py",
    "original": FILE,
    "code_edit": "<<<<<<< SEARCH\n    return a + 4\n=======\n    return 4\n>>>>>>> REPLACE\n",
    "expected": FILE.replace("return a + 4\n", "return 4\n"),
}


def write(path: Path, row: dict[str, str]) -> Path:
    path.write_text(json.dumps(row) + "\n", encoding="utf-8")
    return path


def test_the_figures_as_json(fastapply: Fastapply, tmp_path: Path) -> None:
    path = write(tmp_path / "cases.jsonl", CASE)
    told = fastapply("eval", "draft", path, "--draft-tokens", "64", "--json").json
    assert told["tokens_per_pass"] == told["ceiling"] > told["methods"]["original file"] > 1
    assert told["methods"]["no draft"] == 1
    assert (told["cases"], told["draft_tokens"]) == (1, 64)
    unlimited = fastapply("eval", "draft", path, "--json").json
    assert unlimited["tokens_per_pass"] == unlimited["tokens"]


def test_the_table_names_every_method(fastapply: Fastapply, tmp_path: Path) -> None:
    path = write(tmp_path / "cases.jsonl", CASE)
    written = write(tmp_path / "w.jsonl", {"id": "one", "written": CASE["expected"] + "# end\n"})
    ran = fastapply("eval", "draft", path, "--written", written, "--draft-tokens", "8")
    assert ran.exit == 0
    lines = ran.out.decode().splitlines()
    assert lines[0].strip() == "Tokens per forward pass, 1 files, 8 draft tokens"
    first = {line.split("│")[1].strip() for line in lines if line.startswith("│")}
    assert {"merge, code_edit, original", "suffix match", "prompt lookup", "ceiling"} <= first


def test_what_cannot_be_read_is_told(fastapply: Fastapply, tmp_path: Path) -> None:
    path = write(tmp_path / "cases.jsonl", CASE)
    other = write(tmp_path / "w.jsonl", {"id": "two", "written": "x"})
    for arguments, words in (
        (["--tokenizer", str(tmp_path / "none.json")], "none.json"),
        (["--tokenizer", str(path)], "neither a tekken.json nor a tokenizer.json"),
        (["--written", str(other)], "none is in"),
    ):
        ran = fastapply("eval", "draft", path, *arguments)
        assert ran.exit == 2
        assert words in " ".join(ran.err.split())
