"""Two clients at once over TCP and WebSocket, and nothing but protocol on standard output."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from websockets.asyncio.client import connect as connect_websocket
from websockets.exceptions import InvalidStatus
from websockets.typing import Origin

from tests.server.conftest import Connect
from tests.server.fake_client import FakeClient, environment
from tests.server.fake_editor import Manner
from tests.server.stories import ORIGINAL, REWRITE, scene

pytestmark = pytest.mark.process

EMBEDDED = Manner(options={"backend": "embedded"})


@asynccontextmanager
async def listening(home: Path, transport: str) -> AsyncIterator[int]:
    """Start a server that listens, and tell the port."""
    home.mkdir(exist_ok=True)  # noqa: ASYNC240 - nothing else runs yet
    server = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "fastapply_lsp.server", transport, "0"),
        stderr=asyncio.subprocess.PIPE,
        env=environment(home),
        cwd=Path(__file__).parents[2],
    )
    assert server.stderr is not None
    line = (await asyncio.wait_for(server.stderr.readline(), 30)).decode()
    try:
        yield int(line.rsplit(":", 1)[1])
    finally:
        server.terminate()
        await server.wait()
        server._transport.close()  # type: ignore[attr-defined]


def folder(root: Path, name: str) -> Path:
    (root / name).mkdir()
    return root / name


async def both_apply(one: FakeClient, two: FakeClient) -> None:
    """Both apply at once; then one leaves, and the other goes on."""
    assert one.root is not None
    assert two.root is not None
    plays = scene(one, one.root), scene(two, two.root, text=ORIGINAL.replace("os", "sys"))
    await asyncio.gather(*(play.apply() for play in plays))
    await asyncio.gather(one.applied(), two.applied())
    assert [play.source.text for play in plays] == [REWRITE, REWRITE.replace("os", "sys")]
    await one.close()
    await two.execute("fastapply.rejectAll")
    await two.until(lambda: "10 * x" not in plays[1].source.text, "rejected")
    await two.close()


async def test_two_clients_over_tcp(root: Path, tmp_path: Path) -> None:
    async with listening(tmp_path / "home", "--tcp") as port:
        clients = []
        for name in ("one", "two"):
            streams = await asyncio.open_connection("127.0.0.1", port)
            clients.append(await FakeClient(folder(root, name), EMBEDDED).attach(*streams))
        await both_apply(*clients)


class WebSocketClient(FakeClient):
    """Speaks one message a frame."""

    async def attach_to(self, port: int) -> FakeClient:
        self.socket = await connect_websocket(
            f"ws://127.0.0.1:{port}", max_size=None, proxy=None, ping_interval=None
        )
        self.sending: asyncio.Queue[str] = asyncio.Queue()
        self.writing = asyncio.create_task(self._write())
        return await self.attach(asyncio.StreamReader(), Silent())  # type: ignore[arg-type]

    def _send(self, message: dict[str, Any]) -> None:
        self.sending.put_nowait(json.dumps({"jsonrpc": "2.0", **message}))

    async def _write(self) -> None:
        while True:
            await self.socket.send(await self.sending.get())

    async def _read(self) -> None:
        async for message in self.socket:
            self.receive(json.loads(message))

    async def drop(self) -> None:
        await self.socket.close()
        self.writing.cancel()
        await asyncio.gather(self.writing, return_exceptions=True)
        await super().drop()


class Silent:
    def close(self) -> None:
        pass


async def test_two_clients_over_websocket(root: Path, tmp_path: Path) -> None:
    async with listening(tmp_path / "home", "--ws") as port:
        clients = []
        for name in ("one", "two"):
            client = WebSocketClient(folder(root, name), EMBEDDED)
            clients.append(await client.attach_to(port))
        await both_apply(*clients)


async def test_web_pages_may_not_connect(tmp_path: Path) -> None:
    async with listening(tmp_path / "home", "--ws") as port:
        with pytest.raises(InvalidStatus):
            await connect_websocket(
                f"ws://127.0.0.1:{port}",
                origin=Origin("http://localhost"),
                proxy=None,
            )


async def test_the_server_ends_with_its_input(connect: Connect, root: Path) -> None:
    client = await connect(EMBEDDED)
    scene(client, root)
    await client.drop()
    assert client.process is not None
    assert client.process.returncode == 1  # nobody said shutdown


async def test_the_log_goes_to_a_file(connect: Connect, root: Path, tmp_path: Path) -> None:
    client = await connect(EMBEDDED)
    play = scene(client, root)
    await play.apply()
    await client.applied()
    assert (tmp_path / "home" / "log" / "fastapply-lsp.log").exists()
