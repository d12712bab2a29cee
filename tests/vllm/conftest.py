"""A vLLM with the plug-in as users have it, started once."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.engines import tiny
from tests.vllm.asking import K
from tests.vllm.serving_vllm import Served, served


@pytest.fixture(scope="session")
def server() -> Iterator[Served]:
    metrics = ("--per-request-spec-decode-metrics", "summary")
    with served(tiny.folder(), "--draft-tokens", K, "--", *metrics) as one:
        yield one
        said = one.started.said()
    assert "Traceback" not in said, said[-4000:]
