"""`fastapply eval run --dialect`: one model that writes files, and writes edits, compared."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest

from tests.backends.fake_openai import FakeOpenAI, Reply, streamed, usage
from tests.cli.conftest import Fastapply
from tests.cli.test_cli_eval import RIGHT, write

FILE = "a = 1\nb = 2\nc = 3\n"
CASES = [
    {
        "id": str(number),
        "path": "x.py",
        "original": FILE,
        "code_edit": f"a = 1\nb = {number}\n# ... existing code ...\n",
        "expected": FILE.replace("b = 2", f"b = {number}"),
    }
    for number in (5, 6)
]


class TwoWays(FakeOpenAI):
    """A model that rewrites well, and finds the place of one of its edits only."""

    def __init__(self) -> None:
        super().__init__(streamed([""]))

    def _reply(self, path: str) -> Reply:
        system, user = (one["content"] for one in self.asked[-1].body["messages"])
        number = "5" if "b = 5" in user else "6"
        if "search/replace" in system:
            old = "b = 2" if number == "5" else "b = 9"
            block = f"<<<<<<< SEARCH\n{old}\n=======\nb = {number}\n>>>>>>> REPLACE\n"
            return streamed([block], "stop", usage(0, 0, 9))
        return streamed([FILE.replace("b = 2", f"b = {number}")], "stop", usage(8, 1, 2))


@pytest.fixture
def cases(tmp_path: Path) -> Path:
    return write(tmp_path / "cases.jsonl", *CASES)


async def test_one_command_compares_rewrite_and_edit(
    fastapply: Fastapply, monkeypatch: pytest.MonkeyPatch, cases: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out.jsonl"
    both = ("--dialect", "fastapply", "--dialect", "search_replace")
    asked = ("eval", "run", cases, "--backend", "openai", *both, "--out", out)
    async with TwoWays() as server:
        monkeypatch.setenv("FASTAPPLY_OPENAI_BASE_URL", server.base_url)
        ran = await asyncio.to_thread(fastapply, *asked, "--json")
        shown = await asyncio.to_thread(fastapply, *asked)
    assert ran.exit == shown.exit == 0
    told = ran.json
    assert told["backend"] == "openai"
    names = ("dialect", "n", "exact", "errors", "fell_back", "passes")
    figures = [[each[name] for name in names] for each in told["by_dialect"].values()]
    # The merge itself is certain, and so it stands in where the model's edit has no place.
    assert figures == [["fastapply", 2, 2, 0, 0, 4], ["search_replace", 2, 2, 0, 1, 9]]
    rows = [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]
    assert [(row["dialect"], row["id"], row.get("fell_back")) for row in rows] == [
        ("fastapply", "5", None),
        ("fastapply", "6", None),
        ("search_replace", "5", None),
        ("search_replace", "6", True),
    ]
    assert rows[0]["passes"] == 2
    lines = shown.out.decode().rpartition("by dialect")[2]
    assert "fell back" in lines
    assert lines.index("fastapply") < lines.index("search_replace")


async def test_one_dialect_is_a_report_like_any(
    fastapply: Fastapply, monkeypatch: pytest.MonkeyPatch, cases: Path
) -> None:
    asked = ("eval", "run", cases, "--backend", "openai", "--dialect", "search_replace", "--json")
    async with TwoWays() as server:
        monkeypatch.setenv("FASTAPPLY_OPENAI_BASE_URL", server.base_url)
        told = (await asyncio.to_thread(fastapply, *asked)).json
    assert (told["dialect"], told["n"], told["fell_back"]) == ("search_replace", 2, 1)


def test_an_unknown_dialect_is_bad_usage(fastapply: Fastapply, tmp_path: Path) -> None:
    path = write(tmp_path / "cases.jsonl", RIGHT)
    ran = fastapply("eval", "run", path, "--backend", "embedded", "--dialect", "latin")
    assert ran.exit == 2
    assert "latin" in ran.err
    assert "search_replace" in ran.err
