"""Fixtures of the engines' tests."""

from __future__ import annotations

from tests.engines.loaded import engine, loaded

__all__ = ["engine", "loaded"]
