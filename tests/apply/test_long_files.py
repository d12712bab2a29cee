"""Files of 2,500 lines through the whole path: a model behind HTTP, windows or not, to the buffer."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from difflib import unified_diff
from typing import Any

import httpx
import pytest

from fastapply_lsp.backends.completions import CompletionsBackend
from fastapply_lsp.backends.openai import OpenAIBackend
from fastapply_lsp.backends.windowed import WindowedBackend
from fastapply_lsp.merge.merge import merge
from fastapply_lsp.request.model import EditFile
from fastapply_lsp.session.events import Outcome
from fastapply_lsp.settings import CompletionsSettings, DialectName, OpenAISettings
from fastapply_lsp.text.lines import split_lines
from tests.apply.test_conductor import Stage
from tests.backends.fake_openai import FakeOpenAI, Reply, streamed, usage
from tests.backends.toy_model import Tokenizer, ToyServer, Writing, hashing

FUNCTIONS = [
    f"def step_{n}(items: list[int]) -> int:\n"
    f'    """Return step {n} of the sum."""\n'
    f"    total = {n}\n"
    f"    for item in items:\n"
    f"        total += item * {n}\n"
    f"    return total\n"
    "\n"
    "\n"
    for n in range(313)
]
FILE = '"""Steps."""\n\n\n' + "".join(FUNCTIONS).rstrip("\n") + "\n"
EDIT = (
    "# ... existing code ...\n"
    "def step_20(items: list[int]) -> int:\n"
    '    """Return step 20 of the sum."""\n'
    "    return 20 + sum(item * 20 for item in items)\n\n\n"
    "# ... existing code ...\n"
    "def step_290(items: list[int]) -> int:\n"
    '    """Return step 290 of the sum."""\n'
    "    return 290 + sum(item * 290 for item in items)\n\n\n"
    "# ... existing code ...\n"
)
EXPECTED = merge(FILE, EditFile("a.py", "", EDIT)).predicted


def test_the_file_is_long_and_the_edit_has_one_meaning() -> None:
    assert FILE.count("\n") > 2500
    assert merge(FILE, EditFile("a.py", "", EDIT)).certain
    assert EXPECTED.count("sum(item") == 2


class Rewriting(FakeOpenAI):
    """A server that reads the file in the prompt and writes what the merge makes of it."""

    def __init__(self, answer: Callable[[str], str]) -> None:
        super().__init__(streamed([""]))
        self._answer = answer

    def _reply(self, path: str) -> Reply:
        prompt: str = self.asked[-1].body["messages"][-1]["content"]
        shown = re.search(r"```\n(.*?)```", prompt, re.DOTALL)
        assert shown is not None
        text = self._answer(shown[1])
        said = [text[at : at + 400] for at in range(0, len(text), 400)]
        return streamed(said, "stop", usage(len(text) // 4, 0))


def edited(shown: str) -> str:
    """What the edit makes of the lines shown; each function stands for itself."""
    for number in (20, 290):
        body = f'    """Return step {number} of the sum."""\n'
        old = FUNCTIONS[number].rstrip("\n").partition(body)[2]
        new = f"    return {number} + sum(item * {number} for item in items)"
        shown = shown.replace(body + old, body + new)
    return shown


async def applied(server: Rewriting, **values: Any) -> tuple[Stage, list[Any]]:
    settings = OpenAISettings(server.base_url, "m", **values)
    backend = WindowedBackend(OpenAIBackend(settings), settings)
    stage = Stage(backend, text=FILE, edit=EDIT)
    result = await stage.run()
    await backend.aclose()
    assert result.outcome is Outcome.APPLIED, result.error
    assert result.text == EXPECTED
    assert result.repairs == ()
    return stage, [asked.body for asked in server.asked]


async def test_whole_with_a_draft() -> None:
    async with Rewriting(edited) as server:
        stage, (body,) = await applied(server, takes_prediction=True, max_tokens=100_000)
    assert body["prediction"]["content"] == EXPECTED
    assert stage.diary.results[0].figures.accepted == len(EXPECTED) // 4


@pytest.mark.parametrize("limits", [{"max_tokens": 1000}, {"context_tokens": 4000}])
async def test_in_windows(limits: dict[str, int]) -> None:
    async with Rewriting(lambda shown: f"```python\n{edited(shown)}```\n") as server:
        stage, bodies = await applied(server, takes_prediction=True, **limits)
    assert len(bodies) == 2
    for body, number in zip(bodies, (20, 290), strict=True):
        assert FUNCTIONS[number].rstrip("\n") in body["messages"][-1]["content"]
        assert len(json.dumps(body)) < len(FILE) // 8
        assert body["prediction"]["content"] == edited(FUNCTIONS[number].rstrip("\n") + "\n")
    assert len(stage.diary.results[0].hunks) == 2


@pytest.mark.parametrize("dialect", ["search_replace", "unified_diff"])
async def test_as_an_edit(dialect: DialectName) -> None:
    def answer(shown: str) -> str:
        assert shown == FILE
        if dialect == "unified_diff":
            return "".join(unified_diff(split_lines(FILE), split_lines(EXPECTED)))
        blocks = ""
        for number in (20, 290):
            old = FUNCTIONS[number].rstrip("\n")
            blocks += f"<<<<<<< SEARCH\n{old}\n=======\n{edited(old)}\n>>>>>>> REPLACE\n"
        return blocks

    async with Rewriting(answer) as server:
        await applied(server, dialect=dialect, max_tokens=1000)


@pytest.mark.parametrize("protocol", ["openai", "sglang"])
async def test_by_verifying_a_draft(protocol: Any) -> None:
    words = re.findall(r"\n *|\w+| |[^\w\s]+", EXPECTED)
    tokenizer = Tokenizer(tuple(sorted({word for word in words if len(word) > 1})))
    calls: list[str] = []

    def handler(request: httpx.Request) -> httpx.Response:
        body = json.loads(request.content)
        calls.append(body.get("prompt") or body["text"])
        handle: Any = server(calls[0]).transport().handler
        response: httpx.Response = handle(request)
        return response

    def server(prompt: str) -> ToyServer:
        if not servers:
            answer = Writing(tokenizer, prompt, f"{EXPECTED}```", hashing(tokenizer, 1, [97]))
            servers.append(ToyServer(tokenizer, answer))
        return servers[0]

    servers: list[ToyServer] = []
    backend = CompletionsBackend(
        OpenAISettings("http://fake/v1", max_tokens=100_000),
        CompletionsSettings(protocol),
        transport=httpx.MockTransport(handler),
    )
    result = await Stage(backend, text=FILE, edit=EDIT).run()
    await backend.aclose()
    assert result.text == EXPECTED
    assert result.figures.rejected == 0
    assert len(calls) == result.figures.passes
    assert len(calls) <= result.figures.accepted / 4096 + 4  # type: ignore[operator]  # a number
