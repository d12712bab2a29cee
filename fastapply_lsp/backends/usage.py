"""What several requests used together."""

from __future__ import annotations

from dataclasses import fields

from fastapply_lsp.backends.model import Usage


def total(one: Usage | None, other: Usage) -> Usage:
    """Return the sum, field by field; what neither reports stays unknown.

    >>> total(Usage(accepted=3), Usage(accepted=4, passes=1))
    Usage(prompt_tokens=None, completion_tokens=None, accepted=7, rejected=None, passes=1)
    """
    if one is None:
        return other
    return Usage(
        **{
            field.name: _added(getattr(one, field.name), getattr(other, field.name))
            for field in fields(Usage)
        }
    )


def _added(one: int | None, other: int | None) -> int | None:
    if one is None or other is None:
        return other if one is None else one
    return one + other
