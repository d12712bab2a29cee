"""One edit all the way: conductor, HTTP, server, draft, a real transformer, stream, edits."""

from __future__ import annotations

import math

import pytest

from fastapply_lsp.apply.conductor import Apply, Ports
from fastapply_lsp.apply.model import Order, Result
from fastapply_lsp.apply.model_editor import ModelEditor
from fastapply_lsp.apply.ports import Unwatched, WallClock
from fastapply_lsp.backends.openai import OpenAIBackend
from fastapply_lsp.engines.transformers import Engine
from fastapply_lsp.request.model import EditFile
from fastapply_lsp.session.events import Outcome
from fastapply_lsp.settings import OpenAISettings
from tests.engines.tiny_examples import DEVIATING, EXAMPLES, GOING_ON, RIGHT, Example
from tests.scenarios.stage import MemoryJournal
from tests.serving.running import MODEL, Running

LIMIT = 2048


async def applied(server: Running, example: Example, *, prediction: bool) -> tuple[str, Result]:
    """Return the buffer at the end, and the result."""
    settings = OpenAISettings(
        base_url=server.base_url, model=MODEL, takes_prediction=prediction, max_tokens=2_000
    )
    backend = OpenAIBackend(settings)
    editor = ModelEditor(example.original)
    call = EditFile(example.path, "", example.code_edit)
    order = Order("a", call, f"file:///{example.path}", example.path, example.original, 0)
    ports = Ports(editor, MemoryJournal(), lambda _merge, _named: [backend], WallClock())
    apply = Apply(order, ports, Unwatched())
    editor.follow(apply)
    try:
        result = await apply.run()
        await apply.aclose()
    finally:
        await backend.aclose()
    return editor.text, result


async def took(server: Running, example: Example, *, prediction: bool) -> dict[str, float]:
    """Apply, check the text, and return what the server's figures grew by."""
    before = await server.figures()
    text, result = await applied(server, example, prediction=prediction)
    after = await server.figures()
    assert text == result.text == example.written
    assert (result.outcome, result.backend, result.error) == (Outcome.APPLIED, "openai", None)
    return {name: value - before.get(name, 0) for name, value in after.items()}


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.path)
async def test_the_buffer_holds_what_the_transformer_wrote(
    server: Running, engine: Engine, example: Example, monkeypatch: pytest.MonkeyPatch
) -> None:
    drafted = await took(server, example, prediction=True)
    found = await took(server, example, prediction=False)
    monkeypatch.setattr(engine, "_draft_limit", 0)
    plain = await took(server, example, prediction=True)
    tokens = plain["fastapply_completion_tokens_total"]
    assert plain["fastapply_forward_passes_total"] == tokens
    assert plain["fastapply_draft_tokens_accepted_total"] == 0
    for figures in (drafted, found):
        assert figures["fastapply_completion_tokens_total"] == tokens
        assert figures["fastapply_forward_passes_total"] < tokens / 10
    if example in (RIGHT, GOING_ON):  # what the model writes stands in file and edit, as it is
        for figures in (drafted, found):
            assert figures["fastapply_forward_passes_total"] <= math.ceil(tokens / LIMIT) + 2
            assert figures["fastapply_draft_tokens_accepted_total"] >= tokens - 3
    else:
        assert drafted["fastapply_draft_tokens_rejected_total"] > 0


async def test_the_figures_reach_the_result(server: Running) -> None:
    _, result = await applied(server, DEVIATING, prediction=True)
    figures = result.figures
    assert figures.accepted is not None
    assert figures.rejected is not None
    assert figures.accepted > 9 * len(DEVIATING.written) / 40
    assert figures.rejected > 0
