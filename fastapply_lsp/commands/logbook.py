"""Where does a command's log go? Into the log file; never onto the terminal."""

from __future__ import annotations

import logging
import os
from typing import TYPE_CHECKING

from fastapply_lsp.errors import SettingsError
from fastapply_lsp.files.logs import log_to_file
from fastapply_lsp.files.settings_sources import load
from fastapply_lsp.settings import Settings

if TYPE_CHECKING:
    from pathlib import Path

    from fastapply_lsp.settings import Secret


def open_log(settings: Settings | None = None) -> Path | None:
    """Send the log to its file from now on; return the file, ``None`` where there can be none.

    ``settings`` say how much and what is secret; without them they are read.
    """
    if settings is None:
        try:
            settings = load(os.environ).settings
        except SettingsError:
            settings = Settings()
    try:
        return log_to_file(os.environ, settings.log_level, _secrets(settings))
    except OSError:
        # Without any handler, Python would print to the terminal.
        logging.getLogger().addHandler(logging.NullHandler())
        return None


def _secrets(settings: Settings) -> tuple[Secret, ...]:
    key = settings.openai.api_key
    keys = () if key is None else (key,)
    return (*keys, *(header.value for header in settings.openai.headers))
