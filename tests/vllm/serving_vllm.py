"""A real vLLM with the plug-in, on the CPU of this machine, started as a user starts it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import httpx

from tests.engines import tiny

NAME = "tiny"
SMALL = ("--max-model-len", str(tiny.CONTEXT), "--max-num-seqs", "8")
"""For vLLM itself: it keeps memory for what might be asked of it at most."""


@dataclass(frozen=True)
class Started:
    """A process; its stderr goes into a file, which nobody must empty."""

    process: subprocess.Popen[str]
    log: IO[str]

    def line(self) -> str:
        """Return the next line of stdout; empty once it has ended."""
        assert self.process.stdout is not None
        return self.process.stdout.readline()

    def said(self) -> str:
        """Return all of stderr."""
        self.log.seek(0)
        return self.log.read()

    def ended(self) -> tuple[int, str]:
        """Wait for its end; return the status, and what stdout had still to say."""
        out, _ = self.process.communicate(timeout=300)
        return self.process.returncode, out


@dataclass(frozen=True)
class Served:
    """A process that serves, and its address."""

    started: Started
    root: str
    key: str | None

    def post(self, path: str, **body: Any) -> httpx.Response:
        headers = {} if self.key is None else {"Authorization": f"Bearer {self.key}"}
        # ASCII JSON carries what UTF-8 cannot: half a surrogate pair, as an editor may send it.
        headers["Content-Type"] = "application/json"
        content = json.dumps({"model": NAME, **body})
        return httpx.post(f"{self.root}{path}", content=content, headers=headers, timeout=300)

    def figures(self) -> dict[str, float]:
        """Return the counters of /metrics by name, summed over their labels."""
        found: dict[str, float] = {}
        for line in httpx.get(f"{self.root}/metrics", timeout=60).text.splitlines():
            if not line.startswith("#"):
                name, value = line.rsplit(" ", 1)
                name = name.partition("{")[0]
                found[name] = found.get(name, 0.0) + float(value)
        return found

    def session(self) -> list[int]:
        """Return the processes below it that live."""
        return [one for one in _below(self.started.process.pid) if lives(one)]

    def end(self, number: int = signal.SIGINT) -> tuple[int, str]:
        """Send a signal; return the status, and what stdout had still to say."""
        self.started.process.send_signal(number)
        return self.started.ended()


@contextmanager
def started(
    folder: Path, *arguments: object, key: str | None = None, **environment: str
) -> Iterator[Started]:
    """Run ``fastapply serve`` in the block; what stands in ``arguments`` after "--" is for vLLM."""
    given = {"VLLM_CPU_KVCACHE_SPACE": "1", "OMP_NUM_THREADS": "1", **environment}
    if key is not None:
        given["FASTAPPLY_SERVE_API_KEY"] = key
    words = [*map(str, arguments)]
    if "--" not in words:
        words.append("--")
    words[words.index("--") + 1 : words.index("--") + 1] = SMALL  # what comes later wins
    command = ["-m", "fastapply_lsp", "serve", str(folder), "--port", "0", "--name", NAME]
    with tempfile.TemporaryFile("w+", encoding="utf-8") as log:
        process = subprocess.Popen(
            [sys.executable, *command, "--dtype", "float32", *words],
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
            env={**os.environ, **given},
        )
        try:
            yield Started(process, log)
        finally:
            process.terminate()
            process.communicate(timeout=120)


@contextmanager
def served(
    folder: Path, *arguments: object, key: str | None = None, **environment: str
) -> Iterator[Served]:
    """Serve in the block."""
    with started(folder, *arguments, key=key, **environment) as one:
        line = one.line()
        assert line.startswith(f"{NAME} at http://"), one.said()
        yield Served(one, line.split(" at ")[1].strip().removesuffix("/v1"), key)


def _below(process: int) -> Iterator[int]:
    for children in Path(f"/proc/{process}/task").glob("*/children"):
        for word in children.read_text(encoding="ascii").split():
            yield int(word)
            yield from _below(int(word))


def gone(processes: list[int]) -> bool:
    """Whether all have ended; what was killed may need a moment."""
    for _ in range(200):
        if not any(map(lives, processes)):
            return True
        threading.Event().wait(0.05)
    return False


def lives(process: int) -> bool:
    try:
        text = Path(f"/proc/{process}/stat").read_text(encoding="ascii")
    except (FileNotFoundError, ProcessLookupError):
        return False
    return text.rpartition(")")[2].split()[0] != "Z"
