"""The page on models names what there is, as it is."""

from __future__ import annotations

from typing import get_args

from fastapply_lsp.backends.draft_fields import XARG_DRAFT, XARG_SOURCE
from fastapply_lsp.settings import CompletionsProtocol, DialectName, DraftWay
from tests.docs.models_page import PAGE, with_table


def test_the_table_of_hosts_is_the_one_of_the_code() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert with_table(page) == page, "run: python -m tests.docs.models_page"


def test_every_way_and_dialect_is_there() -> None:
    page = PAGE.read_text(encoding="utf-8")
    for name in (*get_args(DraftWay), *get_args(DialectName)):
        assert f"`{name}`" in page or f'"{name}"' in page
    assert all(f"`{key} = " in page or f"`{key}`" in page for key in (XARG_DRAFT, XARG_SOURCE))
    assert "sglang" in get_args(CompletionsProtocol)
    assert 'protocol = "sglang"' in page
