"""What does the merge compare? All lines of a snippet with all lines of a file."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from fastapply_lsp.merge.removal import NO_REMOVAL, Removal

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from fastapply_lsp.merge.items import Item


@dataclass(frozen=True, slots=True)
class Sides:
    """A snippet and a file, both as a whole; ``keys`` are ``texts`` without white space around."""

    items: Sequence[Item]
    texts: Sequence[str]
    keys: Sequence[str]
    only: Mapping[str, int]
    """Where each of the file's lines stands that stands once: ``only_places``."""
    asked: Removal = NO_REMOVAL
    """What the user asked to remove."""


def only_places(keys: Sequence[str]) -> dict[str, int]:
    """Return where each line stands that stands once.

    >>> only_places(["a", "b", "a"])
    {'b': 1}
    """
    counts = Counter(keys)
    return {key: at for at, key in enumerate(keys) if counts[key] == 1}
