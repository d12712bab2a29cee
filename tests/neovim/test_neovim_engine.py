"""A real Neovim, and a real transformer that verifies a draft."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from fastapply_lsp.engines.transformers import Engine
from tests.engines.loaded import engine, loaded
from tests.engines.tiny_examples import DEVIATING, GOING_ON, RIGHT, Example
from tests.neovim.harness import Configuration, Neovim, Start
from tests.serving.gate import Gate
from tests.serving.in_thread import figures, serving
from tests.serving.running import MODEL, Running

__all__ = ["engine", "loaded"]

pytestmark = pytest.mark.editor


@pytest.fixture
def server(engine: Engine) -> Iterator[Running]:
    with serving(engine) as one:
        yield one


def opened(start: Start, server: Running) -> Neovim:
    openai = {"base_url": server.base_url, "model": MODEL, "takes_prediction": True}
    settings = {"backend": "openai", "openai": {**openai, "dialogue_tokens": 0}}
    return start(Configuration(settings))


def apply(neovim: Neovim, example: Example, number: int = 1) -> Any:
    """Apply an example's block from a chat, and return the result at the end of the stream."""
    begin(neovim, example)
    return neovim.applied(number)


def begin(neovim: Neovim, example: Example) -> None:
    neovim.write(example.path, example.original)
    chat = f"{example.path}.md"
    # No words of a user: the tiny model was never told any.
    neovim.write(chat, f"# Assistant\n\n```text {example.path}\n{example.code_edit}```\n")
    neovim.open(example.path)
    neovim.open(chat, "split")
    neovim.act(f"Apply to {example.path}", 5)


def test_files_are_written_with_drafts_in_a_few_passes(start: Start, server: Running) -> None:
    neovim = opened(start, server)
    for number, example in enumerate((RIGHT, DEVIATING, GOING_ON), start=1):
        before = figures(server)
        result = apply(neovim, example, number)
        took = {name: value - before.get(name, 0) for name, value in figures(server).items()}
        assert (result["outcome"], result["backend"]) == ("applied", "openai")
        assert neovim.text(example.path) == example.written
        assert neovim.save(example.path) == example.written.encode()
        passes = took["fastapply_forward_passes_total"]
        assert result["figures"]["passes"] == passes
        written = took["fastapply_completion_tokens_total"]
        assert passes <= (written / 10 if example is DEVIATING else 3)
        assert result["figures"]["accepted"] == took["fastapply_draft_tokens_accepted_total"]
    ends = [value["message"] for value in neovim.heard("progress") if value["kind"] == "end"]
    assert ends
    assert all(" pass" in end for end in ends)


def test_the_change_streams_in_and_can_be_rejected(
    start: Start, server: Running, engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "_draft_limit", 0)  # one token in each pass
    tokens = len(engine.tokenizer(RIGHT.written)["input_ids"]) + 1
    gate = Gate.of(server.server)
    neovim = opened(start, server)
    begin(neovim, RIGHT)
    gate.open(tokens - 20)
    neovim.until(lambda: neovim.text(RIGHT.path) == RIGHT.written, "the change")
    assert neovim.heard("applied") == []
    gate.open()
    assert neovim.applied()["figures"]["passes"] == tokens
    neovim.execute("fastapply.rejectAll")
    neovim.until(lambda: neovim.text(RIGHT.path) == RIGHT.original, "the file as it was")
