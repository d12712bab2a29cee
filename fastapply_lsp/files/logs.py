"""The log file: what happened, for whoever looks for a fault. Never stdout, which is the protocol's.

No credential reaches it: every line, stack traces included, is searched for the secrets of the
settings before it is written.
"""

from __future__ import annotations

import io
import logging
import os
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from fastapply_lsp.settings import LogLevel, Secret

FILE_BYTES = 2_000_000
"""A log file may grow to this size; then it is kept once more as ``.1``, and dropped after that."""

_OURS = "fastapply_lsp"
_FORM = "%(asctime)s %(levelname)-7s %(process)d %(name)s: %(message)s"


def log_folder(environment: Mapping[str, str]) -> Path:
    """Return the folder of the log file; ``FASTAPPLY_LOG`` names another."""
    named = environment.get("FASTAPPLY_LOG")
    if named:
        return Path(named).expanduser()
    import platformdirs  # noqa: PLC0415 - costs start-up time where it is not needed

    return Path(platformdirs.user_log_dir("fastapply-lsp", appauthor=False))


def log_file(environment: Mapping[str, str]) -> Path:
    """Return the log file's path, whether it exists or not."""
    return log_folder(environment) / "fastapply-lsp.log"


def log_to_file(
    environment: Mapping[str, str], level: LogLevel = "info", secrets: Iterable[Secret] = ()
) -> Path:
    """Send the program's log to its file from now on, in place of what an earlier call set up.

    Other libraries are heard from ``warning`` up only: some of them log request headers.

    Raises:
        OSError: the file cannot be opened.
    """
    path = log_file(environment)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    handler = _LogFile(path, maxBytes=FILE_BYTES, backupCount=1, encoding="utf-8")
    handler.setFormatter(_Redacting(tuple(secret.reveal() for secret in secrets)))
    root = logging.getLogger()
    for old in [one for one in root.handlers if isinstance(one, _LogFile)]:
        root.removeHandler(old)
        old.close()
    root.addHandler(handler)
    logging.getLogger(_OURS).setLevel(level.upper())
    return path


class _LogFile(RotatingFileHandler):
    """A file that only its owner can read."""

    def _open(self) -> io.TextIOWrapper:
        handle = os.open(self.baseFilename, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        return io.TextIOWrapper(
            io.BufferedWriter(io.FileIO(handle, "a")),
            encoding=self.encoding,
            errors="backslashreplace",
        )


class _Redacting(logging.Formatter):
    """Formats a record and strikes the secrets out of what came of it."""

    def __init__(self, secrets: tuple[str, ...]) -> None:
        super().__init__(_FORM)
        # The longest first, or a secret that begins with another would keep its end.
        self._secrets = sorted(filter(None, secrets), key=len, reverse=True)

    def format(self, record: logging.LogRecord) -> str:
        text = super().format(record)
        for secret in self._secrets:
            text = text.replace(secret, "***")
        return text
