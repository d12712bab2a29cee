"""What does a rewrite cost, by the length of its drafts? Time is counted in passes of one row.

A pass of some rows reads the weights once and computes for each row; it costs one pass as long as
the reading takes longer. How much of the one hides behind the other differs by engine: `pass_cost`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from fastapply_lsp.draft.drafter import Drafter
from fastapply_lsp.draft.load import ROWS
from fastapply_lsp.text.align import common_prefix

if TYPE_CHECKING:
    from fastapply_lsp.evaluation.drafting import Tokens


class Length(Protocol):
    """Says how long drafts are; `draft.depth.Depth` is one."""

    def next(self, *, lost: bool) -> int:
        """Return the most tokens to draft."""
        ...

    def learned(self, *, drafted: int, accepted: int) -> None:
        """Take in what became of the last draft."""
        ...


@dataclass(frozen=True, slots=True)
class Fixed:
    """The same length always."""

    tokens: int

    def next(self, *, lost: bool) -> int:  # noqa: ARG002 - the protocol's
        """Return it."""
        return self.tokens

    def learned(self, *, drafted: int, accepted: int) -> None:
        """Look away."""


def pass_rows(tokens: Tokens, length: Length) -> list[int]:
    """Return the rows of every pass in which our drafts and an oracle write a file."""
    drafter = Drafter(
        [tokens.predicted, tokens.code_edit, tokens.original], tokens.tokenizer.vocabulary
    )
    written, at, rows = tokens.written, 0, []
    while at < len(written):
        draft = drafter.propose(length.next(lost=drafter.lost))
        right = common_prefix(draft, list(written[at : at + len(draft)]))
        length.learned(drafted=len(draft), accepted=right)
        drafter.observe(written[at : at + right + 1])
        at += right + 1
        rows.append(len(draft) + 1)
    return rows


def pass_cost(rows: int, shown: float = 0.0) -> float:
    """Return what a pass costs.

    Args:
        rows: tokens that it computes.
        shown: how much of the reading of the weights does not hide behind the computing: 0 where
            all does, 1 where a pass first reads and then computes.

    >>> pass_cost(1), pass_cost(200), pass_cost(400), pass_cost(400, shown=0.5)
    (1.0, 1.0, 2.0, 2.5)
    """
    return max(1.0, shown + rows / ROWS)
