"""What does a plug-in say in an engine's log? Each kind of trouble once, and how it stands."""

from __future__ import annotations

import logging
from importlib.metadata import PackageNotFoundError, version

from fastapply_lsp.engines.interface import ChangedError


class Diary:
    """Writes to the log of one engine.

    Args:
        engine: its name, as people know it.
        package: as it is imported, and installed.
        builds: other names that it is installed by.
    """

    def __init__(self, engine: str, package: str, *builds: str) -> None:
        self._engine = engine
        self._packages = (package, *builds)
        self._log = logging.getLogger(f"{package}.fastapply")
        self._said: set[str] = set()

    def say(self, error: Exception) -> None:
        """Say what went wrong; a second error of the same kind is not worth a line."""
        kind = str(error) if isinstance(error, ChangedError) else type(error).__name__
        if kind in self._said:
            return
        self._said.add(kind)
        if isinstance(error, ChangedError):
            words = "fastapply drafts nothing: %s has no %s. Answers are the same, and slower."
            self._log.warning(words, self._named(), error)
        else:
            words = "fastapply drafts nothing more for one request (%s)"
            self._log.error(words, self._named(), exc_info=error)

    def note(self, words: str, *values: object) -> None:
        """Say how it stands."""
        self._log.info(words, *values)

    def note_not_run(self) -> None:
        """Say of an adapter what its users must know."""
        words = "fastapply drafts for %s; its adapter was written from the sources and never run"
        self._log.warning(words, self._named())

    def _named(self) -> str:
        for package in self._packages:
            try:
                return f"{self._engine} {version(package)}"
            except PackageNotFoundError:
                continue
        return f"{self._engine} of an unknown version"
