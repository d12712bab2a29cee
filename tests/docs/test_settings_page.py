"""The settings reference says what the code does."""

from __future__ import annotations

import re
import tomllib

from fastapply_lsp.files.settings_sources import (
    NO_SETTINGS,
    Kind,
    environment_layer,
    mapping_layer,
)
from tests.docs.settings_page import PAGE, with_tables

TEXT = PAGE.read_text(encoding="utf-8")


def test_the_tables_are_current() -> None:
    assert with_tables(TEXT) == TEXT, "run: python -m tests.docs.settings_page"


def test_the_example_is_a_valid_file() -> None:
    example = re.search(r"```toml\n(.*?)```", TEXT, re.DOTALL)
    assert example
    layer = mapping_layer(Kind.FILE, tomllib.loads(example[1]))
    assert layer.values["openai.takes_prediction"] is True
    assert layer.values["lenses.review"] is False


def test_the_name_in_the_environment_is_right() -> None:
    variable = re.search(r"in the environment: `(\w+)`", TEXT)
    assert variable
    layer = environment_layer({variable[1]: "http://localhost/v1"})
    assert layer.values == {"openai.base_url": "http://localhost/v1"}


def test_the_other_variables_are_all_there() -> None:
    section = TEXT.partition("## Other environment variables")[2]
    assert set(re.findall(r"`(FASTAPPLY_\w+)`", section)) == NO_SETTINGS
