"""`fastapply serve` with a real vLLM: one start from the command line to the last process."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest

from tests.engines import tiny
from tests.engines.tiny_examples import RIGHT
from tests.vllm.serving_vllm import gone, served, started

pytestmark = pytest.mark.process

KEY = "k-5f2e9b"
STEPS = "vllm:iteration_tokens_total_count"
ACCEPTED = "vllm:spec_decode_num_accepted_tokens_total"


def test_it_serves_with_drafts_and_a_key_and_ends_quietly() -> None:
    with served(tiny.folder(), "--draft-tokens", 64, key=KEY) as server:
        models = httpx.get(f"{server.root}/v1/models", timeout=60)
        assert models.status_code == 401
        below = server.session()
        assert len(below) >= 2
        for process in below:
            assert KEY.encode() not in Path(f"/proc/{process}/cmdline").read_bytes()
        before = server.figures()
        answer = server.post(
            "/v1/chat/completions",
            messages=tiny.messages_of(RIGHT),
            temperature=0,
            prediction={"type": "content", "content": RIGHT.written},
        )
        assert answer.json()["choices"][0]["message"]["content"] == RIGHT.written
        after = server.figures()
        tokens = answer.json()["usage"]["completion_tokens"]
        assert after[ACCEPTED] - before.get(ACCEPTED, 0) > 0
        # The prompt, its drafts, and what the last of them leaves to write.
        assert after[STEPS] - before[STEPS] <= tokens // 64 + 3
        assert server.end() == (0, "")
        assert "Traceback" not in server.started.said()
    assert gone(below)


def test_a_model_that_vllm_cannot_load_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text("{}", encoding="utf-8")
    with started(tmp_path) as one:
        assert one.ended() == (2, "")
        said = one.said()
    assert f"{tmp_path} cannot be read: vLLM ended with status 1 before it served" in said
