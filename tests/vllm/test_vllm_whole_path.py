"""One edit all the way: conductor, HTTP, vLLM with the plug-in, stream, edits."""

from __future__ import annotations

import math

import pytest

from fastapply_lsp.apply.conductor import Apply, Ports
from fastapply_lsp.apply.model import Order
from fastapply_lsp.apply.model_editor import ModelEditor
from fastapply_lsp.apply.ports import Unwatched, WallClock
from fastapply_lsp.backends.draft_fields import Way
from fastapply_lsp.backends.openai import OpenAIBackend
from fastapply_lsp.request.model import EditFile
from fastapply_lsp.session.events import Outcome
from fastapply_lsp.settings import OpenAISettings
from tests.engines.tiny_examples import EXAMPLES, GOING_ON, RIGHT, Example
from tests.scenarios.stage import MemoryJournal
from tests.vllm.asking import ACCEPTED, DRAFTED, STEPS, K
from tests.vllm.serving_vllm import NAME, Served

pytestmark = pytest.mark.process

WAYS: tuple[Way, ...] = ("vllm", "vllm_prompt", "prediction")


async def applied(server: Served, example: Example, way: Way) -> int:
    """Apply, check the buffer, and return the passes that it took."""
    settings = OpenAISettings(base_url=f"{server.root}/v1", model=NAME, draft=way, max_tokens=2_000)
    backend = OpenAIBackend(settings)
    editor = ModelEditor(example.original)
    call = EditFile(example.path, "", example.code_edit)
    order = Order("a", call, f"file:///{example.path}", example.path, example.original, 0)
    ports = Ports(editor, MemoryJournal(), lambda _merge, _named: [backend], WallClock())
    apply = Apply(order, ports, Unwatched())
    editor.follow(apply)
    before = server.figures()
    try:
        result = await apply.run()
        await apply.aclose()
    finally:
        await backend.aclose()
    after = server.figures()
    assert editor.text == result.text == example.written
    assert (result.outcome, result.backend, result.error) == (Outcome.APPLIED, "openai", None)
    assert after[DRAFTED] > before.get(DRAFTED, 0)
    steps = int(after[STEPS] - before[STEPS])
    assert result.figures.passes is not None
    assert abs(result.figures.passes - steps) <= 1
    assert result.figures.accepted == after[ACCEPTED] - before.get(ACCEPTED, 0)
    return steps


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.path)
async def test_the_buffer_holds_what_the_model_wrote(
    server: Served, example: Example, way: Way
) -> None:
    tokens = server.post("/tokenize", prompt=example.written).json()["count"] + 1
    steps = await applied(server, example, way)
    assert steps < tokens / 8
    if example in (RIGHT, GOING_ON):  # the merge predicts what the model writes
        assert steps <= math.ceil(tokens / K) + 2
