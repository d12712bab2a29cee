"""How soon does the server answer, and how much memory does it hold while nothing happens?"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from benchmarks.model import Figure, Section, percentile
from benchmarks.samples import sample

STARTS = 5
SETTLE_S = 0.5
OVERDUE_S = 30.0
COMMAND = [sys.executable, "-c", "from fastapply_lsp.cli import lsp_main; lsp_main()"]


@dataclass(frozen=True, slots=True)
class Started:
    """One server: milliseconds to its first answer, and megabytes it holds (RSS)."""

    initialize_ms: float
    idle_mb: float
    used_mb: float


def process() -> Section:
    """Start the server several times."""
    runs = [_start() for _ in range(STARTS)]
    starts = [run.initialize_ms for run in runs]
    figures = (
        Figure("initialize answered, median", percentile(starts, 50), "ms", 500.0),
        Figure("initialize answered, longest", max(starts), "ms"),
        Figure("idle memory (RSS)", max(run.idle_mb for run in runs), "MB", 120.0),
        Figure("the same after an edit", max(run.used_mb for run in runs), "MB", 120.0),
    )
    how = (
        f"The server as a process over stdio, {STARTS} starts, from its start to its answer; the"
        " edit is a lazy snippet for a Python file of 2,500 lines."
    )
    return Section("Server process", how, figures)


def _start() -> Started:
    with tempfile.TemporaryDirectory() as folder:
        made = sample(2500)
        Path(folder, "parts.py").write_text(made.original, encoding="utf-8")
        began = time.perf_counter()
        server = subprocess.Popen(
            COMMAND,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={"PATH": "", "HOME": folder, "FASTAPPLY_LOG": folder, "FASTAPPLY_STATE": folder},
        )
        assert server.stdin is not None
        assert server.stdout is not None
        overdue = threading.Timer(OVERDUE_S, server.kill)
        overdue.start()
        try:
            workspace = {"rootUri": Path(folder).as_uri(), "capabilities": {}}
            _ask(server, 1, "initialize", workspace)
            ms = 1000 * (time.perf_counter() - began)
            _send(server.stdin, "initialized", {})
            time.sleep(SETTLE_S)
            idle = _resident_mb(server.pid)
            edit = made.edits["lazy snippet"]
            call = {"target_file": "parts.py", "instructions": "", "code_edit": edit}
            answer = _ask(server, 2, "fastapply/editFile", call)
            if answer["outcome"] != "applied":
                message = f"the edit was not applied: {answer}"
                raise AssertionError(message)
            used = _resident_mb(server.pid)
            _send(server.stdin, "exit", None)
            server.wait(OVERDUE_S)
        finally:
            overdue.cancel()
            server.kill()
            server.stdin.close()
            server.stdout.close()
    return Started(ms, idle, used)


def _ask(
    server: subprocess.Popen[bytes], number: int, method: str, params: dict[str, Any]
) -> dict[str, Any]:
    """Send a request and return its result; the server's own requests get a friendly answer."""
    assert server.stdin is not None
    assert server.stdout is not None
    _send(server.stdin, method, params, number)
    while True:
        message = _message(server.stdout)
        if "method" in message and "id" in message:
            result = {"applied": True} if message["method"] == "workspace/applyEdit" else None
            _write(server.stdin, {"id": message["id"], "result": result})
        elif message.get("id") == number:
            result = message["result"]
            assert isinstance(result, dict)
            return result


def _send(
    pipe: IO[bytes], method: str, params: dict[str, Any] | None, number: int | None = None
) -> None:
    message: dict[str, Any] = {"method": method}
    if params is not None:
        message["params"] = params
    if number is not None:
        message["id"] = number
    _write(pipe, message)


def _write(pipe: IO[bytes], message: dict[str, Any]) -> None:
    body = json.dumps({"jsonrpc": "2.0", **message}).encode()
    pipe.write(f"Content-Length: {len(body)}\r\n\r\n".encode() + body)
    pipe.flush()


def _message(pipe: IO[bytes]) -> dict[str, Any]:
    length = 0
    while (line := pipe.readline()) != b"\r\n":
        if not line:
            raise EOFError("the server ended before it answered")
        if line.lower().startswith(b"content-length:"):
            length = int(line.split(b":")[1])
    message: dict[str, Any] = json.loads(pipe.read(length))
    return message


def _resident_mb(pid: int) -> float:
    status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    row = next(line for line in status.split("\n") if line.startswith("VmRSS:"))
    return int(row.split()[1]) / 1024
