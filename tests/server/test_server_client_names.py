"""What is known of clients by their names."""

from __future__ import annotations

import pytest
from lsprotocol.types import ClientCapabilities

from fastapply_lsp.server.connection import ClientAbilities


@pytest.mark.parametrize(
    ("client", "version", "named"),
    [
        ("Neovim", 0, 1),  # Neovim checks every version but 0
        ("Neovim", 3, 3),
        ("Neovim", None, None),
        ("Emacs", 0, 0),  # counts from 0, and wants the very number
        (None, 0, 0),
    ],
)
def test_an_edit_names_a_version_that_the_client_checks(
    client: str | None, version: int | None, named: int | None
) -> None:
    assert ClientAbilities.declared(ClientCapabilities(), client).version(version) == named
