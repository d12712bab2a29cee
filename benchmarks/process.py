"""How soon does the server answer, and how much memory does it hold while nothing happens?"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import IO, Any

from benchmarks.model import Figure, Section, percentile

STARTS = 7
SETTLE_S = 1.0
COMMAND = [sys.executable, "-c", "from fastapply_lsp.cli import lsp_main; lsp_main()"]


def process() -> Section:
    """Start the server several times."""
    starts: list[float] = []
    memory: list[float] = []
    for number in range(STARTS):
        ms, megabytes = _start(settle_s=SETTLE_S if number < 2 else 0.0)
        starts.append(ms)
        memory.append(megabytes)
    figures = (
        Figure("initialize answered, median", percentile(starts, 50), "ms", 500.0),
        Figure("initialize answered, longest", max(starts), "ms"),
        Figure("idle memory (RSS)", max(memory[:2]), "MB", 120.0),
    )
    how = f"The server as a process over stdio, {STARTS} starts, from its start to its answer."
    return Section("Server process", how, figures)


def _start(*, settle_s: float) -> tuple[float, float]:
    with tempfile.TemporaryDirectory() as folder:
        began = time.perf_counter()
        server = subprocess.Popen(
            COMMAND,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={"PATH": "", "HOME": folder, "FASTAPPLY_LOG": folder, "FASTAPPLY_STATE": folder},
        )
        assert server.stdin is not None
        assert server.stdout is not None
        try:
            params: dict[str, Any] = {"processId": None, "rootUri": None, "capabilities": {}}
            _send(server.stdin, "initialize", params, number=1)
            _answer(server.stdout)
            ms = 1000 * (time.perf_counter() - began)
            _send(server.stdin, "initialized", {})
            time.sleep(settle_s)
            megabytes = _resident_mb(server.pid)
            _send(server.stdin, "shutdown", None, number=2)
            _send(server.stdin, "exit", None)
            server.wait(10)
        finally:
            server.kill()
            server.stdin.close()
            server.stdout.close()
    return ms, megabytes


def _send(
    pipe: IO[bytes], method: str, params: dict[str, Any] | None, number: int | None = None
) -> None:
    message: dict[str, Any] = {"jsonrpc": "2.0", "method": method}
    if params is not None:
        message["params"] = params
    if number is not None:
        message["id"] = number
    body = json.dumps(message).encode()
    pipe.write(f"Content-Length: {len(body)}\r\n\r\n".encode() + body)
    pipe.flush()


def _answer(pipe: IO[bytes]) -> dict[str, Any]:
    """Read messages up to the first answer."""
    while True:
        length = 0
        while (line := pipe.readline()) != b"\r\n":
            if not line:
                raise EOFError("the server ended before it answered")
            if line.lower().startswith(b"content-length:"):
                length = int(line.split(b":")[1])
        message: dict[str, Any] = json.loads(pipe.read(length))
        if "result" in message:
            return message


def _resident_mb(pid: int) -> float:
    status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    row = next(line for line in status.split("\n") if line.startswith("VmRSS:"))
    return int(row.split()[1]) / 1024
