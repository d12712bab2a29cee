"""The whole path: an editor, the language server, HTTP, a real transformer with drafts, and back."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from fastapply_lsp.engines.transformers import DRAFT_LIMIT, Engine
from tests.engines.tiny_examples import DEVIATING, EXAMPLES, GOING_ON, RIGHT, Example
from tests.server.conftest import Connect, connect, root
from tests.server.fake_client import FakeClient
from tests.server.fake_editor import Buffer
from tests.serving.gate import Gate
from tests.serving.running import MODEL, Running

__all__ = ["connect", "root"]

pytestmark = pytest.mark.process

LANGUAGES = {"py": "python", "ts": "typescript", "go": "go"}


def asking(server: Running, draft: str = "prediction") -> dict[str, Any]:
    """Return the settings of a user of this server."""
    openai = {"base_url": server.base_url, "model": MODEL, "draft": draft}
    return {"backend": "openai", "openai": {**openai, "dialogue_tokens": 0, "max_tokens": 2_000}}


@dataclass
class Play:
    """A chat with an example's block, and the file that it is for, both open."""

    client: FakeClient
    source: Buffer
    talk: Buffer

    async def apply(self) -> None:
        lenses = await self.client.lenses(self.talk)
        await self.client.choose(lenses, f"Apply to {self.source.uri.rpartition('/')[2]}")


def play(client: FakeClient, root: Path, example: Example) -> Play:
    target, talk = root / example.path, root / f"{example.path}.chat.md"
    language = LANGUAGES[example.path.rpartition(".")[2]]
    target.write_text(example.original, encoding="utf-8")
    block = f"```{language} {example.path}\n{example.code_edit}```\n"
    talk.write_text(f"# Assistant\n\n{block}", encoding="utf-8")  # the tiny model knows no words
    source = client.open(target, language=language)
    return Play(client, source, client.open(talk, language="markdown"))


async def figures_of(server: Running, client: FakeClient, example: Example, root: Path) -> Any:
    """Apply, check the buffer and that the figures are the server's own; return them."""
    scene, before = play(client, root, example), await server.figures()
    told = len(client.told("fastapply/applied"))
    await scene.apply()
    result = await client.applied(told + 1)
    after = await server.figures()
    assert (result["outcome"], result["backend"]) == ("applied", "openai")
    assert scene.source.text == example.written
    figures = result["figures"]
    for name, counter in (
        ("passes", "forward_passes"),
        ("accepted", "draft_tokens_accepted"),
        ("rejected", "draft_tokens_rejected"),
    ):
        total = f"fastapply_{counter}_total"
        assert figures[name] == after[total] - before[total]
    assert figures["characters"] == len(example.written)
    rate = 1000 * figures["characters"] / figures["wall_ms"]
    assert figures["characters_per_s"] == pytest.approx(rate, rel=0.01)
    assert figures["tokens_per_s"] == pytest.approx(rate / 4, rel=0.01)
    return figures


def tokens_of(engine: Engine, example: Example) -> int:
    """How many tokens the model writes, the last one included."""
    return len(engine.tokenizer(example.written)["input_ids"]) + 1


@pytest.mark.parametrize("draft", ["prediction", "no"])  # without one, the server finds its own
async def test_a_draft_saves_passes_and_changes_nothing(
    server: Running, engine: Engine, connect: Connect, root: Path, draft: str
) -> None:
    client = await connect(options=asking(server, draft))
    for example in EXAMPLES:
        figures = await figures_of(server, client, example, root)
        tokens = tokens_of(engine, example)
        if example in (RIGHT, GOING_ON):  # what the model writes stands in file and edit, as it is
            assert figures["passes"] <= math.ceil(tokens / DRAFT_LIMIT) + 2
            assert figures["accepted"] >= tokens - 3
        else:
            assert figures["passes"] < tokens / 10
            assert figures["accepted"] > 0.9 * tokens - 40
            assert figures["rejected"] > 0
            assert 0 < figures["acceptance"] < 1


async def test_with_and_without_drafts_the_buffer_is_the_same(
    server: Running, engine: Engine, connect: Connect, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = await connect(options=asking(server))
    monkeypatch.setattr(engine, "_draft_limit", 0)
    plain = await figures_of(server, client, DEVIATING, root)
    assert plain["passes"] == tokens_of(engine, DEVIATING)
    assert (plain["accepted"], plain["rejected"], plain["acceptance"]) == (0, 0, None)


async def test_the_first_change_is_there_before_the_model_ends(
    server: Running, engine: Engine, connect: Connect, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "_draft_limit", 0)  # one token in each pass
    gate = Gate.of(server.server)
    client = await connect(options=asking(server))
    scene = play(client, root, RIGHT)
    await scene.apply()
    gate.open(tokens_of(engine, RIGHT) - 20)
    await client.until(lambda: "are left" in scene.source.text, "the first change")
    assert client.told("fastapply/applied") == []
    assert (await server.figures())["fastapply_requests_running"] == 1
    gate.open()
    assert (await client.applied())["figures"]["first_change_ms"] > 0
    assert scene.source.text == RIGHT.written


@pytest.mark.parametrize(("command", "text"), [("acceptAll", "written"), ("rejectAll", "original")])
async def test_the_change_can_be_taken_or_undone(
    server: Running, connect: Connect, root: Path, command: str, text: str
) -> None:
    client = await connect(options=asking(server))
    scene = play(client, root, GOING_ON)
    await scene.apply()
    await client.applied()
    await client.execute(f"fastapply.{command}")
    await client.until(lambda: client.told("fastapply/decided"), "the decision")
    await client.until(lambda: scene.source.text == getattr(GOING_ON, text), text)
    assert client.told("fastapply/decided")[-1]["pending"] == 0


async def test_a_cancel_in_the_editor_stops_the_model(
    server: Running, engine: Engine, connect: Connect, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "_draft_limit", 0)
    gate = Gate.of(server.server)
    client = await connect(options=asking(server))
    scene = play(client, root, RIGHT)
    await scene.apply()
    gate.open(tokens_of(engine, RIGHT) - 20)
    await client.until(lambda: "are left" in scene.source.text, "the first change")
    await client.execute("fastapply.cancel")
    assert (await client.applied())["outcome"] == "cancelled"
    assert scene.source.text == RIGHT.original
    gate.open()
    await server.until_idle()
    figures = await server.figures()
    assert figures["fastapply_cancelled_total"] == 1
    assert figures["fastapply_forward_passes_total"] == figures["fastapply_cached_tokens"] == 0
