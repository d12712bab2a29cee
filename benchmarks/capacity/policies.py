"""Which rules for the length of drafts are compared? Each is a choice of wish and of sharing.

A *wish* is what one rewrite would have, were it alone: always the same, or what its ``Depth`` says
of how its drafts fared. *Sharing* makes of all wishes the drafts of one pass.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from fastapply_lsp.draft.depth import LEAST, Depth
from fastapply_lsp.draft.load import ROWS, shares

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    Sharing = Callable[[Sequence[int], Sequence[int]], Sequence[int]]
    """Wishes, and how many tokens of each are sure, in; the drafts out."""

MOST = 128
"""Tokens of one draft; vLLM takes no more (``MAX_SPEC_LEN``)."""
UNLIMITED = 1 << 20


class Steady:
    """The same wish always."""

    def __init__(self, limit: int) -> None:
        self._limit = limit

    def next(self, *, lost: bool) -> int:  # noqa: ARG002 - as `Depth`
        """Return it."""
        return self._limit

    def learned(self, *, drafted: int, accepted: int) -> None:
        """Learn nothing."""


@dataclass(frozen=True, slots=True)
class Policy:
    """A rule: ``depth`` makes the wishes of one rewrite, up to ``limit``; ``share`` one pass."""

    name: str
    depth: Callable[[int], Depth | Steady]
    share: Sharing
    limit: int = MOST


def _as_wished(wishes: Sequence[int], sure: Sequence[int]) -> Sequence[int]:  # noqa: ARG001 - a rule
    return wishes


def _shared(wishes: Sequence[int], sure: Sequence[int]) -> Sequence[int]:  # noqa: ARG001 - a rule
    return shares(wishes)


def _more_rows(wishes: Sequence[int], sure: Sequence[int]) -> Sequence[int]:  # noqa: ARG001 - a rule
    return shares(wishes, 800)


def _likeliest(wishes: Sequence[int], sure: Sequence[int]) -> Sequence[int]:
    """Give the free rows to the tokens that most probably come true.

    A token's chance falls with its distance, the faster the less is sure; so all drafts end at the
    same chance where each is the same multiple of what is sure.
    """
    left = ROWS - len(wishes)
    if len(wishes) == 1 or left <= 0:
        return shares(wishes)
    likely = [max(LEAST, each) for each in sure]
    low, high = 0.0, float(left)
    for _ in range(20):
        middle = (low + high) / 2
        drafts = [min(wish, int(middle * each)) for wish, each in zip(wishes, likely, strict=True)]
        low, high = (middle, high) if sum(drafts) <= left else (low, middle)
    return [min(wish, int(low * each)) for wish, each in zip(wishes, likely, strict=True)]


def _sure_too(wishes: Sequence[int], sure: Sequence[int]) -> Sequence[int]:
    return shares(wishes, sure=sure)


PLAIN = Policy("no drafts", Steady, _as_wished, 0)
FIXED = Policy("128 tokens each, always", Steady, _as_wished)
WHOLE = Policy("the whole rest of the file, always", Steady, _as_wished, UNLIMITED)
TRUST = Policy("up to 128, by its own trust", Depth, _as_wished)
SHARED = Policy("200 rows shared (the default)", Depth, _shared)
SHARED_800 = Policy("800 rows shared", Depth, _more_rows)
LIKELIEST = Policy("200 rows for the likeliest tokens", Depth, _likeliest)
SURE = Policy("200 rows shared, sure tokens beyond", Depth, _sure_too)
SURE_WHOLE = Policy("the same, without the limit of 128", Depth, _sure_too, UNLIMITED)
POLICIES = (PLAIN, FIXED, WHOLE, TRUST, SHARED, SHARED_800, LIKELIEST, SURE, SURE_WHOLE)
