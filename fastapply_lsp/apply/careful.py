"""A watcher that cannot harm what it watches: whatever it raises goes to the log."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from fastapply_lsp.apply.model import Progress, Result
    from fastapply_lsp.apply.ports import Watcher
    from fastapply_lsp.errors import FastApplyError
    from fastapply_lsp.session.hunks import Hunk

_log = logging.getLogger(__name__)


class Careful:
    """Stands between the conductor and a watcher. An edit must not wait for a broken display."""

    def __init__(self, watcher: Watcher) -> None:
        self._watcher = watcher

    def progressed(self, progress: Progress) -> None:
        """Pass it on."""
        _carefully(lambda: self._watcher.progressed(progress))

    def hunks_changed(self, hunks: tuple[Hunk, ...]) -> None:
        """Pass it on."""
        _carefully(lambda: self._watcher.hunks_changed(hunks))

    def streamed(self, result: Result) -> None:
        """Pass it on."""
        _carefully(lambda: self._watcher.streamed(result))

    def reviewed(self, hunks: tuple[Hunk, ...]) -> None:
        """Pass it on."""
        _carefully(lambda: self._watcher.reviewed(hunks))

    def troubled(self, error: FastApplyError) -> None:
        """Pass it on."""
        _carefully(lambda: self._watcher.troubled(error))


def _carefully(tell: Callable[[], None]) -> None:
    try:
        tell()
    except Exception:  # noqa: BLE001  that is what this module is for
        _log.exception("a watcher broke")
