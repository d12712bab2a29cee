"""The process that `fastapply serve` starts, with a stand-in for vLLM."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from fastapply_lsp.commands.vllm_launch import Launch
from fastapply_lsp.commands.vllm_process import Ended, free_port, run
from fastapply_lsp.serving.address import Address

pytestmark = pytest.mark.process

STAND_IN = """
import http.server, os, signal, subprocess, sys

how, port, child = sys.argv[1], int(sys.argv[2]), sys.argv[3]
print("loading", flush=True)
if how == "fails":
    sys.exit("no such layer")

def ended(*_):
    print("interrupted, and a long trace", flush=True)
    if how != "stubborn":
        sys.exit(0)

signal.signal(signal.SIGTERM, ended)
worker = subprocess.Popen([sys.executable, "-c", "import signal; signal.pause()"])
with open(child, "w") as file:
    file.write(f"{os.getpid()} {worker.pid}")

class Answers(http.server.BaseHTTPRequestHandler):
    asked = 0
    def do_GET(self):
        Answers.asked += 1
        self.send_response(200 if Answers.asked > 1 and self.path == "/health" else 503)
        self.end_headers()
    def log_message(self, *_):
        pass

http.server.HTTPServer(("127.0.0.1", port), Answers).serve_forever()
"""
MAIN = """
import sys
from fastapply_lsp.commands import vllm_process
from fastapply_lsp.commands.vllm_launch import Launch

vllm_process._LAST_WORDS_S = 0.1
url, *arguments = sys.argv[1:]
launch = Launch(tuple(arguments), {})
print(vllm_process.run(launch, url, lambda: print("ready", flush=True)))
"""


def stand_in(tmp_path: Path, how: str) -> tuple[Launch, str]:
    port = free_port(Address("127.0.0.1", 0))
    words = (sys.executable, "-c", STAND_IN, how, str(port), str(tmp_path / "child"))
    return Launch(words, dict(os.environ)), f"http://127.0.0.1:{port}/health"


def lives(process: int) -> bool:
    try:
        state = Path(f"/proc/{process}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state[0] != "Z"


def started(tmp_path: Path, how: str) -> tuple[subprocess.Popen[str], list[int]]:
    """Start it in a process of its own, as a shell would; return it and the two below it."""
    launch, health = stand_in(tmp_path, how)
    process = subprocess.Popen(
        [sys.executable, "-c", MAIN, health, *launch.arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "ready\n"
    return process, [int(word) for word in (tmp_path / "child").read_text().split()]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_it_ends_quietly_with_a_signal_and_leaves_nobody(tmp_path: Path, number: int) -> None:
    process, below = started(tmp_path, "serves")
    process.send_signal(number)
    out, err = process.communicate(timeout=60)
    assert out == f"{Ended(status=0, asked=True, ready=True)}\n"
    assert err == "loading\n"
    assert not any(map(lives, below))


def test_a_second_signal_ends_it_at_once(tmp_path: Path) -> None:
    process, below = started(tmp_path, "stubborn")
    process.send_signal(signal.SIGTERM)
    ended = threading.Event()

    def again() -> None:
        while not ended.wait(0.05):
            process.send_signal(signal.SIGTERM)

    impatient = threading.Thread(target=again)
    impatient.start()
    out, _ = process.communicate(timeout=60)
    ended.set()
    impatient.join()
    assert out == f"{Ended(status=-9, asked=True, ready=True)}\n"
    assert not any(map(lives, below))


def test_it_does_not_outlive_us(tmp_path: Path) -> None:
    process, (child, _) = started(tmp_path, "serves")
    process.kill()
    process.communicate(timeout=60)
    for _ in range(600):
        if not lives(child):
            break
        threading.Event().wait(0.05)
    assert not lives(child)


def test_one_that_fails_says_so(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    launch, health = stand_in(tmp_path, "fails")
    ready: list[None] = []
    assert run(launch, health, lambda: ready.append(None)) == Ended(1, asked=False, ready=False)
    assert ready == []
    assert capfd.readouterr().err == "loading\nno such layer\n"


def test_a_port_that_is_taken() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        with pytest.raises(OSError, match="in use"):
            free_port(Address("127.0.0.1", taken.getsockname()[1]))
        assert free_port(Address("127.0.0.1", 0)) > 0
