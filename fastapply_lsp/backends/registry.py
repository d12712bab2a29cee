"""Which backend writes this rewrite, and how it comes to be."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Literal, get_args

from fastapply_lsp.backends.embedded import EmbeddedBackend
from fastapply_lsp.backends.script_file import read_scripts
from fastapply_lsp.backends.scripted import ScriptedBackend
from fastapply_lsp.backends.windowed import WindowedBackend
from fastapply_lsp.errors import SettingsError

if TYPE_CHECKING:
    from fastapply_lsp.backends.model import Backend
    from fastapply_lsp.merge.model import Merge
    from fastapply_lsp.settings import Settings

Concrete = Literal["embedded", "openai", "completions", "scripted"]
"""A backend that writes itself, as opposed to ``auto``, which chooses."""


def choose(settings: Settings, merge: Merge, named: str | None = None) -> tuple[Concrete, ...]:
    """Return whom to ask, first choice first; never empty.

    ``named`` is the call's own wish. ``auto`` means: the merge itself where it is certain; else
    the model, if one is configured, and after it, should it fail, the merge's guess where it has
    one; else the guess alone, which raises ``NotPlaced`` where there is none.

    Raises:
        SettingsError: ``named`` is no backend, or one that is not configured.
    """
    name = settings.backend if named is None else named
    source = "the settings" if named is None else "the call"
    match name:
        case "embedded":
            return ("embedded",)
        case "openai" | "completions":
            if settings.openai.base_url is None:
                problem = "it names a model, but openai.base_url says no address"
                raise SettingsError("backend", problem, source)
            return (name,)
        case "scripted":
            if settings.scripted.script is None:
                problem = "it names a script, but scripted.script says no file"
                raise SettingsError("backend", problem, source)
            return ("scripted",)
        case "auto":
            if merge.certain or settings.openai.base_url is None:
                return ("embedded",)
            return ("openai", "embedded") if merge.placed else ("openai",)
        case _:
            known = ", ".join(("auto", *get_args(Concrete)))
            raise SettingsError("backend", f"there is no {name!r}; there are {known}", source)


class Backends:
    """The backends of one configuration, each built when it is first asked for.

    A change of the settings makes a new one; close the old one when its streams have ended.
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self._built: dict[Concrete, Backend] = {}

    def __call__(self, merge: Merge, named: str | None = None) -> tuple[Backend, ...]:
        """Return the backends to try for an edit, first choice first.

        Raises:
            SettingsError: as ``choose`` and ``named`` do.
        """
        return tuple(self.named(name) for name in choose(self.settings, merge, named))

    def named(self, name: Concrete) -> Backend:
        """Return one backend; the same one each time, so that its connections are kept.

        Raises:
            SettingsError: the settings do not say enough to build it.
        """
        if name not in self._built:
            self._built[name] = _build(self.settings, name)
        return self._built[name]

    async def aclose(self) -> None:
        """Close every backend that was built."""
        while self._built:
            _, backend = self._built.popitem()
            await backend.aclose()


def _build(settings: Settings, name: Concrete) -> Backend:
    match name:
        case "embedded":
            return EmbeddedBackend()
        case "openai":
            from fastapply_lsp.backends.openai import OpenAIBackend  # noqa: PLC0415 - httpx is slow to load

            return WindowedBackend(OpenAIBackend(settings.openai), settings.openai)
        case "completions":
            from fastapply_lsp.backends.completions import CompletionsBackend  # noqa: PLC0415 - as above

            inner = CompletionsBackend(settings.openai, settings.completions)
            return WindowedBackend(inner, settings.openai)
        case "scripted":
            script = settings.scripted.script
            if script is None:
                raise SettingsError("scripted.script", "no script is named", "the settings")
            return ScriptedBackend(*read_scripts(Path(script).expanduser()))
