"""An editor of our own: speaks LSP to a server process, and misbehaves on demand.

Nothing sleeps for correctness. `FakeClient.until` waits for what the server does, with a deadline
that only a hanging server reaches.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

from tests.server.fake_editor import Buffer, Manner, edited, offset, position

T = TypeVar("T")

DEADLINE_S = 30.0
SERVER = (sys.executable, "-m", "fastapply_lsp.server")


class Failure(Exception):
    """The server answered a request with an error."""

    def __init__(self, error: dict[str, Any]) -> None:
        self.code: int = error["code"]
        self.data: Any = error.get("data")
        super().__init__(error["message"])


def environment(home: Path) -> dict[str, str]:
    """An environment in which the server touches nothing outside ``home``."""
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(home),
        "LANG": "C.UTF-8",
        "NO_PROXY": "127.0.0.1",
        "FASTAPPLY_STATE": str(home / "state"),
        "FASTAPPLY_LOG": str(home / "log"),
        "XDG_CONFIG_HOME": str(home / "config"),
    }


class FakeClient:
    """One connection to one server."""

    def __init__(self, root: Path | None, manner: Manner) -> None:
        self.root = root
        self.manner = manner
        self.buffers: dict[str, Buffer] = {}
        self.heard: list[tuple[str, Any]] = []
        self.edits: list[dict[str, Any]] = []
        self.requests: list[str] = []
        self.capabilities: dict[str, Any] = {}
        self.created: list[str] = []
        self.encoding = manner.encoding
        self._lies = manner.lies
        self._numbers = iter(range(1, 1_000_000))
        self._waiting: dict[int, asyncio.Future[Any]] = {}
        self._news = asyncio.Event()
        self._blocked = 0
        self._held: list[dict[str, Any]] = []
        self._reading: asyncio.Task[None] | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self.process: asyncio.subprocess.Process | None = None

    # Life

    async def start(self, home: Path, command: tuple[str, ...] = SERVER) -> FakeClient:
        """Start a server process and initialize it."""
        self.process = await asyncio.create_subprocess_exec(
            *command,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            env=environment(home),
            cwd=Path(__file__).parents[2],
            limit=64 * 1024 * 1024,
        )
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        return await self.attach(self.process.stdout, self.process.stdin)

    async def attach(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> FakeClient:
        """Initialize a server at the other end of two streams."""
        self._reader, self._writer = reader, writer
        self._reading = asyncio.create_task(self._read())
        folders = [{"uri": self.root.as_uri(), "name": "root"}] if self.root else None
        params: dict[str, Any] = {
            "processId": None,
            "rootUri": self.root.as_uri() if self.root else None,
            "workspaceFolders": folders,
            "capabilities": self._declared(),
        }
        if self.manner.options is not None:
            params["initializationOptions"] = self.manner.options
        answer = await self.request("initialize", params)
        self.capabilities = answer["capabilities"]
        self.encoding = self.capabilities["positionEncoding"]
        self.notify("initialized", {})
        return self

    def _declared(self) -> dict[str, Any]:
        manner = self.manner
        edit: dict[str, Any] = {}
        if manner.document_changes:
            edit = {"documentChanges": True, "resourceOperations": ["create", "delete", "rename"]}
        workspace: dict[str, Any] = {"applyEdit": True, "workspaceEdit": edit}
        if manner.configuration is not None:
            workspace["configuration"] = True
        if manner.lens_refresh:
            workspace["codeLens"] = {"refreshSupport": True}
        action: dict[str, Any] = {"dataSupport": True}
        if manner.resolve_commands:
            action["resolveSupport"] = {"properties": ["edit", "command"]}
        window: dict[str, Any] = {"workDoneProgress": manner.progress}
        if manner.show_document:
            window["showDocument"] = {"support": True}
        encodings = manner.encodings or (manner.encoding,)
        return {
            "general": {"positionEncodings": list(encodings)},
            "workspace": workspace,
            "window": window,
            "textDocument": {"codeAction": action},
        }

    async def close(self) -> int | None:
        """Leave as an editor does; return the server's exit code."""
        await self.request("shutdown", None)
        self.notify("exit", None)
        code = None
        if self.process is not None:
            async with asyncio.timeout(DEADLINE_S):
                code = await self.process.wait()
        await self.drop()
        return code

    async def drop(self) -> None:
        """Go away without a word."""
        if self._reading is not None:
            self._reading.cancel()
            await asyncio.gather(self._reading, *self._tasks, return_exceptions=True)
        self._writer.close()
        if self.process is not None:
            async with asyncio.timeout(DEADLINE_S):
                await self.process.wait()
            transport = self.process._transport  # type: ignore[attr-defined]
            transport.close()

    # Messages

    async def request(self, method: str, params: Any) -> Any:
        """Ask, and return the result."""
        _, answer = self.ask(method, params)
        async with asyncio.timeout(DEADLINE_S):
            return await answer

    def ask(self, method: str, params: Any) -> tuple[int, asyncio.Future[Any]]:
        """Send a request; return its id and the answer to come."""
        number = next(self._numbers)
        self._waiting[number] = asyncio.get_running_loop().create_future()
        self._send({"id": number, "method": method, "params": params})
        return number, self._waiting[number]

    def notify(self, method: str, params: Any) -> None:
        """Tell."""
        self._send({"method": method, "params": params})

    def _send(self, message: dict[str, Any]) -> None:
        body = json.dumps({"jsonrpc": "2.0", **message}, ensure_ascii=False)
        data = body.encode("utf-8", "surrogatepass")
        self._writer.write(b"Content-Length: %d\r\n\r\n" % len(data) + data)

    async def _read(self) -> None:
        while True:
            header = await self._reader.readuntil(b"\r\n\r\n")
            size = int(header.lower().split(b"content-length:")[1].split(b"\r\n")[0])
            self.receive(json.loads(await self._reader.readexactly(size)))

    def receive(self, message: dict[str, Any]) -> None:
        """Take one message of the server's."""
        if "method" not in message:
            future = self._waiting.pop(message["id"])
            if future.done():
                pass
            elif "error" in message:
                future.set_exception(Failure(message["error"]))
            else:
                future.set_result(message["result"])
        elif "id" in message:
            self.requests.append(message["method"])
            if self._blocked:
                self._held.append(message)
            else:
                self._serve(message)
        else:
            self.heard.append((message["method"], message.get("params")))
        self._news.set()

    def _serve(self, message: dict[str, Any]) -> None:
        try:
            result = self._answer(message["method"], message.get("params"))
        except Failure as failure:
            error = {"code": failure.code, "message": str(failure)}
            self._send({"id": message["id"], "error": error})
        else:
            self._send({"id": message["id"], "result": result})

    def _answer(self, method: str, params: Any) -> Any:
        match method:
            case "workspace/applyEdit":
                return self._apply(params["edit"])
            case "window/showDocument":
                return {"success": self._show(params["uri"])}
            case "workspace/configuration":
                return [self.manner.configuration for _ in params["items"]]
            case _:
                return None

    # Notifications heard

    def told(self, method: str) -> list[Any]:
        """Return the parameters of every notification of this name so far."""
        return [params for name, params in self.heard if name == method]

    async def until(self, condition: Callable[[], T], what: str) -> T:
        """Return the condition's value once it is true."""
        try:
            async with asyncio.timeout(DEADLINE_S):
                while not (value := condition()):
                    self._news.clear()
                    await self._news.wait()
        except TimeoutError:
            texts = {uri: buffer.text[:500] for uri, buffer in self.buffers.items()}
            raise AssertionError(f"never: {what}\n{self.heard[-5:]}\n{texts}") from None
        return value

    async def applied(self, number: int = 1) -> dict[str, Any]:
        """Wait for the ``number``-th ``fastapply/applied``."""
        await self.until(lambda: len(self.told("fastapply/applied")) >= number, f"applied {number}")
        result: dict[str, Any] = self.told("fastapply/applied")[number - 1]
        return result

    # Documents

    def open(self, path: Path, text: str | None = None, language: str = "python") -> Buffer:
        """Open a file, or a buffer that was never saved."""
        content = path.read_bytes().decode() if text is None else text
        return self.open_uri(path.as_uri(), content, language)

    def open_uri(self, uri: str, text: str, language: str) -> Buffer:
        """Open a document."""
        buffer = self.buffers[uri] = Buffer(uri, language, text, 1, text, [text])
        item: dict[str, Any] = {"uri": uri, "languageId": language, "version": 1, "text": text}
        if not self.manner.versions:
            item["version"] = None
        self.notify("textDocument/didOpen", {"textDocument": item})
        return buffer

    def shut(self, buffer: Buffer) -> None:
        """Close a document."""
        del self.buffers[buffer.uri]
        self.notify("textDocument/didClose", {"textDocument": {"uri": buffer.uri}})

    def type(self, buffer: Buffer, place: int, text: str, removed: int = 0) -> None:
        """Change a buffer as its user does; ``place`` in code points."""
        self._change(buffer, buffer.text[:place] + text + buffer.text[place + removed :])

    def _change(self, buffer: Buffer, text: str) -> None:
        if text == buffer.text:
            return
        buffer.text = text
        buffer.version += 1
        buffer.history.append(text)
        if not self.manner.debounce:
            self.settle(buffer)
        self._news.set()

    def settle(self, buffer: Buffer) -> None:
        """Tell the server of all that changed since it was told last, as one change."""
        old, new = buffer.sent, buffer.text
        if old == new:
            return
        change: dict[str, Any] = {"text": new}
        if not self.manner.full_sync:
            start = shared(old, new)
            most = min(len(old), len(new)) - start
            end = shared(old[::-1], new[::-1])
            end = min(end, most)
            if start and old[start - 1 : start + 1] == "\r\n":
                start -= 1  # no editor has a place inside a line end
            if end and old[len(old) - end - 1 : len(old) - end + 1] == "\r\n":
                end -= 1
            change = {
                "range": {
                    "start": position(old, start, self.encoding),
                    "end": position(old, len(old) - end, self.encoding),
                },
                "text": new[start : len(new) - end],
            }
        buffer.sent = new
        identifier = {"uri": buffer.uri, "version": buffer.version}
        if not self.manner.versions:
            identifier["version"] = None
        params = {"textDocument": identifier, "contentChanges": [change]}
        self.notify("textDocument/didChange", params)

    def _show(self, uri: str) -> bool:
        if self.manner.opens and uri not in self.buffers:
            path = Path(uri.removeprefix("file://"))
            self.open_uri(uri, path.read_bytes().decode(), "python")
        return True

    # The server's edits

    def _apply(self, edit: dict[str, Any]) -> dict[str, Any]:
        self.edits.append(edit)
        if self.manner.errors:
            raise Failure({"code": -32603, "message": "Wrong type argument: stringp, nil"})
        if self.manner.refuses:
            return {"applied": False, "failureReason": "read-only"}
        if self._lies:
            self._lies -= 1
            return {"applied": True}
        changes = edit.get("documentChanges") or [
            {"textDocument": {"uri": uri, "version": None}, "edits": edits}
            for uri, edits in edit.get("changes", {}).items()
        ]
        for change in changes:
            if change.get("kind") == "create":
                self.created.append(change["uri"])
                Path(change["uri"].removeprefix("file://")).touch(exist_ok=False)
                continue
            refusal = self._apply_one(change)
            if refusal is not None:
                return refusal
        return {"applied": True}

    def _apply_one(self, change: dict[str, Any]) -> dict[str, Any] | None:
        uri, version = change["textDocument"]["uri"], change["textDocument"]["version"]
        buffer = self.buffers.get(uri)
        if buffer is None:  # as VS Code does: in a buffer that nobody sees
            path = Path(uri.removeprefix("file://"))
            content = path.read_bytes().decode()
            self.created.append(uri)
            path.with_name(path.name + ".unsaved").write_bytes(
                edited(content, change["edits"], self.encoding).encode()
            )
            return None
        if version is not None and version != buffer.version and self.manner.stale != "apply":
            return {"applied": self.manner.stale == "drop"}
        self._change(buffer, edited(buffer.text, change["edits"], self.encoding))
        return None

    # What a user does

    async def execute(self, command: str, *arguments: Any) -> Any:
        """Run a command; an editor that blocks handles nothing of the server's meanwhile."""
        self._blocked += self.manner.blocking
        try:
            params = {"command": command, "arguments": list(arguments)}
            return await self.request("workspace/executeCommand", params)
        finally:
            self._blocked -= self.manner.blocking
            while self._held and not self._blocked:
                self._serve(self._held.pop(0))

    async def lenses(self, buffer: Buffer) -> list[dict[str, Any]]:
        """Return the lenses of a document."""
        params = {"textDocument": {"uri": buffer.uri}}
        lenses: list[dict[str, Any]] = await self.request("textDocument/codeLens", params)
        return lenses

    async def actions(
        self, buffer: Buffer, start: int = 0, end: int | None = None, only: list[str] | None = None
    ) -> list[dict[str, Any]]:
        """Return the code actions for a selection in code points."""
        last = start if end is None else end
        place = {
            "start": position(buffer.text, start, self.encoding),
            "end": position(buffer.text, last, self.encoding),
        }
        context: dict[str, Any] = {"diagnostics": []}
        if only is not None:
            context["only"] = only
        params = {"textDocument": {"uri": buffer.uri}, "range": place, "context": context}
        actions: list[dict[str, Any]] = await self.request("textDocument/codeAction", params)
        return actions

    async def choose(self, offered: list[dict[str, Any]], title: str) -> Any:
        """Choose the one lens or action of this title, resolving it first where it has no command."""
        found = [one for one in offered if title_of(one) == title]
        assert len(found) == 1, f"{title!r} is not one of {[title_of(one) for one in offered]}"
        chosen = found[0]
        if "command" not in chosen:
            chosen = await self.request("codeAction/resolve", chosen)
        command = chosen["command"]
        return await self.execute(command["command"], *command.get("arguments", []))

    def place(self, buffer: Buffer, at: Mapping[str, int]) -> int:
        """Return the code point that a position of the server's means."""
        return offset(buffer.text, dict(at), self.encoding)


def shared(one: str, other: str) -> int:
    """Return how many characters two texts share at their start."""
    return next(
        (at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b),
        min(len(one), len(other)),
    )


def title_of(offered: dict[str, Any]) -> str:
    """Return what the user reads."""
    title: str = offered.get("title") or offered["command"]["title"]
    return title
