"""The server's two programs: their options, and one conversation each."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from fastapply_lsp.commands import lsp
from fastapply_lsp.server.transport import Stdio, Tcp, Transport, WebSocket
from tests.cli.conftest import Fastapply


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ([], Stdio()),
        (["--stdio"], Stdio()),
        (["--tcp"], Tcp("127.0.0.1", 2087)),
        (["--tcp", "4711"], Tcp("127.0.0.1", 4711)),
        (["--tcp", "0.0.0.0:80"], Tcp("0.0.0.0", 80)),
        (["--ws", "[::1]:0"], WebSocket("::1", 0)),
    ],
)
def test_the_options_choose_the_transport(
    fastapply: Fastapply,
    monkeypatch: pytest.MonkeyPatch,
    arguments: list[str],
    expected: Transport,
) -> None:
    served: list[Transport] = []

    def serve(transport: Transport) -> int:
        served.append(transport)
        return 7

    monkeypatch.setattr(lsp, "serve", serve)
    assert fastapply("lsp", *arguments).exit == 7
    assert served == [expected]


@pytest.mark.parametrize(
    "arguments", [["--tcp", "x:y"], ["--tcp", "70000"], ["--tcp", "1", "--ws", "2"], ["--stdio=1"]]
)
def test_bad_usage_is_2(fastapply: Fastapply, arguments: list[str]) -> None:
    assert fastapply("lsp", *arguments).exit == 2


@pytest.mark.parametrize("way", ["--tcp", "--ws"])
def test_an_address_that_is_taken_is_told(fastapply: Fastapply, way: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        ran = fastapply("lsp", way, str(port))
    assert ran.exit == 2
    assert f"Cannot listen on 127.0.0.1:{port}: " in ran.err


@pytest.mark.process
@pytest.mark.parametrize(
    "code",
    [
        "from fastapply_lsp.cli import main; main(['lsp'])",
        "from fastapply_lsp.cli import lsp_main; lsp_main(['--stdio'])",
    ],
)
def test_both_programs_speak_the_protocol_and_leave_with_0(code: str, home: Path) -> None:
    said = b"".join(
        message(body)
        for body in (
            {"id": 1, "method": "initialize", "params": {"processId": None, "capabilities": {}}},
            {"method": "initialized", "params": {}},
            {"id": 2, "method": "shutdown"},
            {"method": "exit"},
        )
    )
    done = subprocess.run(
        [sys.executable, "-c", code], input=said, capture_output=True, check=False, timeout=60
    )
    assert done.returncode == 0, done.stderr.decode()
    header, _, rest = done.stdout.partition(b"\r\n\r\n")
    answer = json.loads(rest[: int(header.split(b":")[1].split()[0])])
    assert answer["id"] == 1
    assert answer["result"]["serverInfo"]["name"] == "fastapply-lsp"


def message(body: dict[str, Any]) -> bytes:
    data = json.dumps({"jsonrpc": "2.0", **body}).encode()
    return b"Content-Length: %d\r\n\r\n%b" % (len(data), data)
