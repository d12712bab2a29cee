"""The commands with a model server that answers, well or badly."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest

from tests.backends.fake_openai import FakeOpenAI, Reply, streamed, usage
from tests.cli.conftest import Fastapply, Ran

KEY = "sk-very-secret"
TWICE = "x = 1\ny = 1\nx = 1\n"
RIGHT = "x = 1\ny = 1\nx = 2\n"
EDIT = b"<<<<<<< SEARCH\nx = 1\n=======\nx = 2\n>>>>>>> REPLACE\n"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "twice.py"
    path.write_text(TWICE, encoding="utf-8")
    return path


def held(file: Path) -> str:
    return file.read_text(encoding="utf-8")


async def asked(
    server: FakeOpenAI, monkeypatch: pytest.MonkeyPatch, fastapply: Fastapply, *arguments: object
) -> Ran:
    monkeypatch.setenv("FASTAPPLY_OPENAI_BASE_URL", server.base_url)
    monkeypatch.setenv("FASTAPPLY_OPENAI_API_KEY", KEY)
    monkeypatch.setenv("FASTAPPLY_OPENAI_MODEL", "quick")
    ran = await asyncio.to_thread(fastapply, *arguments, stdin=EDIT)
    assert KEY not in ran.out.decode() + ran.err
    return ran


async def test_auto_asks_the_model_where_the_merge_is_unsure(
    fastapply: Fastapply, monkeypatch: pytest.MonkeyPatch, file: Path
) -> None:
    async with FakeOpenAI(streamed(["```python\n", RIGHT, "```\n"])) as server:
        ran = await asked(
            server, monkeypatch, fastapply, "apply", file, "--edit", "-", "--write", "--json"
        )
    assert ran.exit == 0
    assert (ran.json["outcome"], ran.json["backend"]) == ("applied", "openai")
    assert ran.json["certain"] is False
    assert held(file) == RIGHT


async def test_figures_of_the_server_are_shown(
    fastapply: Fastapply, monkeypatch: pytest.MonkeyPatch, file: Path
) -> None:
    said = streamed([RIGHT], "stop", usage(9, 1, 2))
    async with FakeOpenAI(said, said) as server:
        ran = await asked(server, monkeypatch, fastapply, "apply", file, "--edit", "-", "--json")
        shown = await asked(server, monkeypatch, fastapply, "apply", file, "--edit", "-", "--write")
    assert " ms, 2 passes" in shown.err
    figures = ran.json["figures"]
    told = [figures[name] for name in ("accepted", "rejected", "acceptance", "passes")]
    assert told == [9, 1, 0.9, 2]


async def test_auto_falls_back_to_the_guess_and_says_so(
    fastapply: Fastapply, monkeypatch: pytest.MonkeyPatch, file: Path
) -> None:
    async with FakeOpenAI(
        Reply((b"out of order",), status=503, content_type="text/plain")
    ) as server:
        ran = await asked(server, monkeypatch, fastapply, "apply", file, "--edit", "-", "--write")
    assert ran.exit == 1
    assert "503" in ran.err
    assert "embedded was asked instead" in ran.err
    assert held(file) == TWICE


@pytest.mark.parametrize(
    ("reply", "code"),
    [
        (Reply((b"no",), status=401, content_type="text/plain"), "backend-refused"),
        (streamed(["x = 1\n"], "length"), "rewrite-truncated"),
        (Reply((b"<html>hello</html>",), content_type="text/html"), "backend-garbled"),
    ],
)
async def test_a_model_that_fails_is_3(
    fastapply: Fastapply, monkeypatch: pytest.MonkeyPatch, file: Path, reply: Reply, code: str
) -> None:
    arguments = ("apply", file, "--edit", "-", "--write", "--json", "--backend", "openai")
    async with FakeOpenAI(reply) as server:
        ran = await asked(server, monkeypatch, fastapply, *arguments)
    assert ran.exit == 3
    assert ran.json["error"]["code"] == code
    assert held(file) == TWICE


@pytest.mark.parametrize(("accepted", "takes"), [(9, True), (None, None)])
async def test_doctor_finds_out_what_becomes_of_a_draft(
    fastapply: Fastapply,
    monkeypatch: pytest.MonkeyPatch,
    accepted: int | None,
    takes: object,
) -> None:
    reply = streamed(["one\n"], "stop", usage(accepted, 0))
    async with FakeOpenAI(reply) as server:
        ran = await asked(server, monkeypatch, fastapply, "doctor", "--json")
    assert ran.exit == 0
    openai = ran.json["backends"][1]
    assert (openai["name"], openai["answers"]) == ("openai", True)
    assert openai["takes_prediction"] is takes


async def test_a_model_is_evaluated_like_any_backend(
    fastapply: Fastapply, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    case = {"original": TWICE, "code_edit": EDIT.decode(), "expected": RIGHT, "path": "a.py"}
    path = tmp_path / "cases.jsonl"
    path.write_text(json.dumps(case) + "\n", encoding="utf-8")
    async with FakeOpenAI(streamed([RIGHT])) as server:
        ran = await asked(
            server, monkeypatch, fastapply, "eval", "run", path, "--backend", "openai", "--json"
        )
    assert ran.exit == 0
    assert (ran.json["exact"], ran.json["certain"]) == (1, 0)
