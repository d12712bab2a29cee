"""Each opened language is loaded once, beside the event loop; a bad grammar troubles nobody."""

from __future__ import annotations

import asyncio
import threading

from fastapply_lsp.server.app import FastApplyServer
from fastapply_lsp.server.desk import Desk
from fastapply_lsp.server.documents import Documents
from fastapply_lsp.server.warming import Warming
from fastapply_lsp.syntax.languages import Language


class Loader:
    """Remembers what was loaded; fails where it is told to."""

    def __init__(self, *, broken: str = "") -> None:
        self.loaded: list[str] = []
        self.threads: set[int] = set()
        self._broken = broken

    def __call__(self, language: Language) -> None:
        self.loaded.append(language.id)
        self.threads.add(threading.get_ident())
        if language.id == self._broken:
            raise ValueError("Incompatible language version")


def desk() -> Desk:
    return Desk(FastApplyServer({}).connection, Documents(), {})


def opened(documents: Documents, name: str, text: str = "") -> None:
    item = {"uri": f"file:///w/{name}", "languageId": "", "version": 1, "text": text}
    documents.did_open({"textDocument": item})


async def all_done() -> None:
    """Wait until nothing else is under way."""
    current = asyncio.current_task()
    await asyncio.gather(*(task for task in asyncio.all_tasks() if task is not current))


async def test_each_language_once_and_in_a_thread() -> None:
    one, loader = desk(), Loader()
    opened(one.documents, "early.rs")
    one.documents.follow(Warming(one, loader, quiet_s=0))
    for name in ("a.py", "b.py", "chat.md", "c.h", "notes.xyz", "d.py"):
        opened(one.documents, name, "namespace a {}" if name == "c.h" else "")
    assert loader.loaded == []
    await all_done()
    assert sorted(loader.loaded) == ["cpp", "markdown", "python", "rust"]
    assert threading.get_ident() not in loader.threads
    opened(one.documents, "late.py")
    await all_done()
    assert loader.loaded.count("python") == 1


async def test_a_grammar_that_fails_keeps_no_other_from_loading() -> None:
    one, loader = desk(), Loader(broken="python")
    one.documents.follow(Warming(one, loader, quiet_s=0))
    for name in ("a.py", "b.py", "c.go"):
        opened(one.documents, name)
    await all_done()
    assert loader.loaded == ["python", "go"]
