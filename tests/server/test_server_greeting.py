"""The greeting says what the library would say."""

from __future__ import annotations

import json
from typing import Any

import pytest

from fastapply_lsp.server.app import FastApplyServer
from fastapply_lsp.server.greeting import answer

CLIENTS: dict[str, dict[str, Any]] = {
    "bare": {},
    "utf-8": {"general": {"positionEncodings": ["utf-32", "utf-8"]}},
    "unknown encodings": {"general": {"positionEncodings": ["utf-7"]}},
    "all": {
        "general": {"positionEncodings": ["utf-8", "utf-16"]},
        "workspace": {
            "applyEdit": True,
            "workspaceEdit": {"documentChanges": True},
            "fileOperations": {"willCreate": True, "didDelete": True},
            "configuration": True,
        },
        "textDocument": {
            "synchronization": {"willSave": True, "willSaveWaitUntil": True, "didSave": True},
            "codeAction": {"resolveSupport": {"properties": ["edit", "command"]}},
            "rename": {"prepareSupport": True},
        },
        "window": {"workDoneProgress": True, "showDocument": {"support": True}},
        "notebookDocument": {"synchronization": {}},
    },
}


def said(value: Any) -> Any:
    """Leave out what says nothing: false, and what is empty."""
    if not isinstance(value, dict):
        return value
    kept = {name: said(one) for name, one in value.items()}
    return {name: one for name, one in kept.items() if one is not False and one != {}}


@pytest.mark.parametrize("name", CLIENTS)
def test_the_greeting_is_the_librarys_answer(name: str) -> None:
    params = {"processId": None, "rootUri": None, "capabilities": CLIENTS[name]}
    message = {"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": params}
    body = json.dumps(message).encode()
    written: list[bytes] = []

    class Ear:
        def write(self, data: bytes) -> None:
            written.append(data)

        def close(self) -> None:
            pass

    server = FastApplyServer({})
    server.protocol.set_writer(Ear(), include_headers=False)
    server.receive(body)
    greeting = answer(body)
    assert greeting is not None
    assert said(json.loads(greeting)) == said(json.loads(written[0]))


@pytest.mark.parametrize("body", [b"", b"[", b"[]", b'{"method": "initialize"}', b'{"id": 1}'])
def test_nothing_else_is_greeted(body: bytes) -> None:
    assert answer(body) is None
