"""vLLM as a process of ours: it says when clients can connect, and ends with us, all of it.

Its own words go to stderr, and stdout has one line, as with the other engine. It runs in a session
of its own, so that a Ctrl-C reaches it once, from here; what it started ends with it.
"""

from __future__ import annotations

import asyncio
import ctypes
import os
import signal
import socket
import sys
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

import httpx

if TYPE_CHECKING:
    from collections.abc import Callable

    from fastapply_lsp.commands.vllm_launch import Launch
    from fastapply_lsp.serving.address import Address

_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_PR_SET_PDEATHSIG = 1
_PAUSE_S = 0.25
_LAST_WORDS_S = 10
"""After vLLM has ended, its workers have so long to follow by themselves."""

_CHUNK = 65536


@dataclass(frozen=True, slots=True)
class Ended:
    """How it ended: ``status`` of the process, ``asked`` by a signal to us, ``ready`` before that."""

    status: int
    asked: bool
    ready: bool


def free_port(address: Address) -> int:
    """Return the port, or one that is free for port 0.

    Raises:
        OSError: nobody can listen there.
    """
    with socket.create_server((address.host, address.port), family=address.family) as listening:
        port: int = listening.getsockname()[1]
        return port


def run(launch: Launch, health: str, announce: Callable[[], object]) -> Ended:
    """Run it until it ends or a signal comes; a second signal ends it at once.

    Args:
        launch: what is started.
        health: the URL that answers 200 once it is ready.
        announce: called then.
    """
    return asyncio.run(_Child(announce).run(launch, health))


class _Child:
    def __init__(self, announce: Callable[[], object]) -> None:
        self._announce = announce
        self._signals = 0
        self._ready = False

    async def run(self, launch: Launch, health: str) -> Ended:
        # A pipe of our own: asyncio's would let us wait for its workers wherever we wait for it.
        reading, writing = os.pipe()
        process = await asyncio.create_subprocess_exec(
            *launch.arguments,
            env=launch.environment,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=writing,
            stderr=writing,
            start_new_session=True,
            preexec_fn=_die_with_us,
        )
        os.close(writing)
        loop = asyncio.get_running_loop()
        for each in _SIGNALS:
            loop.add_signal_handler(each, self._hand_on, process)
        words = asyncio.create_task(self._pass_on(reading))
        waiting = asyncio.create_task(self._wait_for(health))
        try:
            status = await process.wait()
            with suppress(TimeoutError):  # its workers hold the pipe as long as they live
                await asyncio.wait_for(asyncio.shield(words), _LAST_WORDS_S)
        finally:
            _end_all(process.pid)
            waiting.cancel()
            with suppress(TimeoutError):
                await asyncio.wait_for(words, _LAST_WORDS_S)
            for each in _SIGNALS:
                loop.remove_signal_handler(each)
        return Ended(status, self._signals > 0, self._ready)

    def _hand_on(self, process: asyncio.subprocess.Process) -> None:
        self._signals += 1
        if self._signals > 1:
            _end_all(process.pid)
        else:
            with suppress(ProcessLookupError):
                process.send_signal(signal.SIGTERM)

    async def _pass_on(self, pipe: int) -> None:
        """Show what it says, until it was asked to end: the rest is how it was interrupted."""
        words = asyncio.StreamReader()
        with os.fdopen(pipe, "rb", buffering=0) as file:
            transport, _ = await asyncio.get_running_loop().connect_read_pipe(
                lambda: asyncio.StreamReaderProtocol(words), file
            )
            while chunk := await words.read(_CHUNK):
                if not self._signals:
                    sys.stderr.write(chunk.decode(errors="replace"))
                    sys.stderr.flush()
            transport.close()

    async def _wait_for(self, health: str) -> None:
        async with httpx.AsyncClient(trust_env=False) as client:
            while True:
                with suppress(httpx.TransportError):
                    if (await client.get(health)).is_success:
                        break
                await asyncio.sleep(_PAUSE_S)
        self._ready = True
        self._announce()


def _die_with_us() -> None:
    """Ask the kernel to end the child where we are killed: it would hold a GPU for nobody."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


def _end_all(session: int) -> None:
    """End what is left of a session, most often nothing."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(session, signal.SIGKILL)
