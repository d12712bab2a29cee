"""Options and fixtures for every test."""

from __future__ import annotations

from importlib.util import find_spec

import pytest

collect_ignore = [] if find_spec("vllm") else ["vllm"]
"""vLLM's tests have an environment of their own: ``make test-vllm``."""


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--update-scenarios",
        action="store_true",
        help="write what happened into tests/scenarios/*.md; review the diff",
    )
    parser.addoption(
        "--update-guard-table",
        action="store_true",
        help="write what the guard does into tests/data/apply/guard_table.md; review the diff",
    )
