"""The entry point ``vllm.general_plugins``: vLLM calls `register` in each of its processes.

It comes before the modules that it is about, so it waits for them: importing vLLM's parts from here
would cost every process what only one of them needs.
"""

from __future__ import annotations

import importlib.util
import sys
from importlib.abc import Loader, MetaPathFinder
from typing import TYPE_CHECKING

from fastapply_lsp.engines.vllm.interface import ENGINE

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from importlib.machinery import ModuleSpec
    from types import ModuleType

_registered: set[str] = set()


def register() -> None:
    """Get ready, once in a process."""
    if ENGINE not in _registered:
        _registered.add(ENGINE)
        when_imported(ENGINE, _follow)


def _follow(module: ModuleType) -> None:
    from fastapply_lsp.engines.vllm.front import follow  # noqa: PLC0415 - it imports merge and all

    follow(module)


def when_imported(name: str, act: Callable[[ModuleType], None]) -> None:
    """Act on a module as soon as it has been imported: now, or later."""
    module = sys.modules.get(name)
    if module is not None:
        act(module)
    else:
        sys.meta_path.insert(0, _Waiting(name, act))


class _Waiting(MetaPathFinder):
    """Finds one module as the others would, and has it loaded by `_Telling`."""

    def __init__(self, name: str, act: Callable[[ModuleType], None]) -> None:
        self._name, self._act = name, act

    def find_spec(
        self,
        fullname: str,
        path: Sequence[str] | None,  # noqa: ARG002 - the protocol's
        target: ModuleType | None = None,  # noqa: ARG002 - the protocol's
    ) -> ModuleSpec | None:
        if fullname != self._name:
            return None
        sys.meta_path.remove(self)
        spec = importlib.util.find_spec(fullname)
        if spec is not None and spec.loader is not None:
            spec.loader = _Telling(spec.loader, self._act)
        return spec


class _Telling(Loader):
    """Loads as another loader does, and acts on the module then."""

    def __init__(self, loader: Loader, act: Callable[[ModuleType], None]) -> None:
        self._loader, self._act = loader, act

    def create_module(self, spec: ModuleSpec) -> ModuleType | None:
        return self._loader.create_module(spec)

    def exec_module(self, module: ModuleType) -> None:
        self._loader.exec_module(module)
        self._act(module)
