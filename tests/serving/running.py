"""A server that runs on the event loop of a test, on a free port of this machine."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import httpx
import uvicorn

from fastapply_lsp.engines.transformers import Engine
from fastapply_lsp.serving.app import Server, Terms
from fastapply_lsp.settings import Secret

MODEL = "tiny"


@dataclass(frozen=True)
class Running:
    """A server, and a client of it."""

    server: Server
    client: httpx.AsyncClient
    base_url: str

    async def post(self, path: str, **body: Any) -> httpx.Response:
        # ASCII JSON carries what UTF-8 cannot: half a surrogate pair, as an editor may send it.
        headers = {"Content-Type": "application/json"}
        return await self.client.post(path, content=json.dumps(body), headers=headers)

    async def refusal(self, path: str, **body: Any) -> tuple[int, str]:
        """Return the status and the sentence of a request that is refused."""
        answer = await self.post(path, **body)
        error = answer.json()["error"]
        assert set(error) == {"message", "type", "param", "code"}
        assert answer.status_code >= 400
        return answer.status_code, error["message"]

    async def events(self, path: str, **body: Any) -> list[Any]:
        """Return the events of a stream, its ``[DONE]`` left out."""
        answer = await self.post(path, stream=True, **body)
        assert answer.headers["content-type"].startswith("text/event-stream")
        lines = [line for line in answer.text.split("\n\n") if line and not line.startswith(":")]
        assert lines[-1] == "data: [DONE]"
        return [json.loads(line.removeprefix("data: ")) for line in lines[:-1]]

    async def until_idle(self) -> None:
        """Return when no answer is being written any more."""
        while self.server.metrics.running:  # noqa: ASYNC110 - the server has no event for it
            await asyncio.sleep(0)

    async def figures(self) -> dict[str, float]:
        """Return /metrics."""
        text = (await self.client.get("/metrics")).text
        rows = (line.rsplit(" ", 1) for line in text.splitlines() if not line.startswith("#"))
        return {name: float(value) for name, value in rows}


@asynccontextmanager
async def running(
    engine: Engine, *, key: str | None = None, loopback: bool = True, **places: int
) -> AsyncIterator[Running]:
    """Serve ``engine`` until the end of the block."""
    terms = Terms(MODEL, None if key is None else Secret(key), loopback=loopback)
    server = Server(engine, terms, **places)
    web = uvicorn.Server(
        uvicorn.Config(server.app, log_config=None, lifespan="on", timeout_graceful_shutdown=5)
    )
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
        serving = asyncio.create_task(web._serve([listening]))
        url = f"http://127.0.0.1:{port}"
        async with httpx.AsyncClient(base_url=url, timeout=60) as client:
            try:
                yield Running(server, client, f"{url}/v1")
            finally:
                web.should_exit = True
        await serving
