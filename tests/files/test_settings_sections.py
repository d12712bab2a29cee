"""Every switch of the reference arrives where it belongs, whatever section it is in."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal, get_args, get_origin

import pytest

from fastapply_lsp.files.settings_sources import load
from fastapply_lsp.settings import Setting, describe


def another(row: Setting) -> Any:
    """A value that is not the default."""
    if get_origin(row.kind) is Literal:
        return next(choice for choice in get_args(row.kind) if choice != row.default)
    if row.kind is bool:
        return not row.default
    if row.kind in (int, float):
        return row.kind(7)
    return "http://here/v1" if row.name == "openai.base_url" else "text"


PLAIN = [row for row in describe() if not row.secret and row.name != "openai.api_key_env"]


@pytest.mark.parametrize("row", PLAIN, ids=lambda row: row.name)
def test_a_setting_of_the_environment_is_in_the_settings(row: Setting, tmp_path: Path) -> None:
    value = another(row)
    (tmp_path / "config.toml").touch()
    environment = {"FASTAPPLY_CONFIG": str(tmp_path / "config.toml")}
    said = str(value).lower() if isinstance(value, bool) else str(value)
    settings = load({**environment, row.environment: said}).settings
    found: Any = settings
    for part in row.name.split("."):
        found = getattr(found, part)
    assert found == value != row.default
