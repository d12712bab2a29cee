"""Which draft does each request of the batch get in this step?

A batch changes from step to step: requests come, leave, change places, are put aside and come
back. So the state is kept by the request's name, and what was written is read from the sequence
itself, from where it was last read: a step that was missed is no loss.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from fastapply_lsp.draft.depth import Depth
from fastapply_lsp.draft.drafter import Drafter
from fastapply_lsp.draft.load import shares, sure_tokens
from fastapply_lsp.engines.sources import ready
from fastapply_lsp.text.align import common_prefix

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Sequence
    from concurrent.futures import Future

    from fastapply_lsp.draft.vocabulary import Vocabulary

Sharing = Literal["rows", "sure"]
"""What several requests get in one pass: the free rows alone, or beyond them what is sure as well
(`draft.load`; docs/explanation/capacity.md compares the two)."""


@dataclass(frozen=True, slots=True)
class Row:
    """One request in this step.

    ``ids`` (a list or an array) holds its tokens, ``prompt`` of them the prompt's, ``length`` of
    them valid; ``writes`` says whether this step wrote any (a prompt may be read in several).
    ``request`` is the engine's own object, the same as long as the request lives. ``most`` limits
    the answer, in tokens.
    """

    name: str
    request: Any
    ids: Sequence[int]
    prompt: int
    length: int
    writes: bool
    most: int | None


class _Rewrite:
    """One request: its drafter, as soon as its sources are there, and where it has read to."""

    __slots__ = ("depth", "draft", "drafter", "failed", "missed", "pending", "read", "request")

    def __init__(self, request: object, pending: Future[list[list[int]]], limit: int) -> None:
        self.request = request
        self.pending = pending
        self.drafter: Drafter | None = None
        self.depth = Depth(limit)
        self.draft: list[int] = []
        self.read = 0
        self.missed = 0  # steps of whose drafts something did not come true
        self.failed = False

    def ready(self, vocabulary: Vocabulary) -> Drafter | None:
        """Return the drafter, if there is one."""
        if self.drafter is None and self.pending.done() and (sources := self.pending.result()):
            self.drafter = Drafter(sources, vocabulary)
        return self.drafter

    def learn(self, written: Sequence[int]) -> None:
        """Compare the last draft with what came; an engine may have cut it."""
        agreed = common_prefix(self.draft, written)
        drafted = len(self.draft) if agreed < len(written) else agreed
        self.missed += agreed < drafted
        self.depth.learned(drafted=drafted, accepted=agreed)

    def sure(self) -> int:
        """Return how many tokens of its next draft very probably come true."""
        if self.drafter is None:
            return 0
        return sure_tokens(self.read, self.missed, lost=self.drafter.lost)


class Ledger:
    """The requests under way.

    Laws: no draft is longer than ``limit``, or than what the context and the request leave room
    for beside the token that every step writes; a request that fails drafts nothing from then on,
    and the others go on.

    Args:
        vocabulary: the model's; other ids are never drafted.
        limit: the longest draft that the engine takes, in tokens.
        context: the tokens of the longest sequence.
        begin: starts to find a request's sources.
        tell: is told what went wrong.
        sharing: how the requests of one step share the pass.
    """

    def __init__(  # noqa: PLR0913 - each is one fact of the engine
        self,
        vocabulary: Vocabulary,
        *,
        limit: int,
        context: int,
        begin: Callable[[Any], Future[list[list[int]]]],
        tell: Callable[[Exception], None],
        sharing: Sharing = "rows",
    ) -> None:
        self._vocabulary = vocabulary
        self._limit = limit
        self._context = context
        self._begin = begin
        self._tell = tell
        self._sharing = sharing
        self._rewrites: dict[str, _Rewrite] = {}

    def __len__(self) -> int:
        return len(self._rewrites)

    def propose(self, rows: Sequence[Row]) -> list[list[int]]:
        """Return a draft for each row; an empty one where there is none."""
        drafts = [self._guarded(row) for row in rows]
        rewrites = [self._rewrites[row.name] for row in rows]
        wishes = [len(draft) for draft in drafts]
        sure = [rewrite.sure() for rewrite in rewrites] if self._sharing == "sure" else ()
        given = shares(wishes, sure=sure)
        for rewrite, draft, share in zip(rewrites, drafts, given, strict=True):
            del draft[share:]
            rewrite.draft = draft.copy()  # the other is the engine's
        return drafts

    def forget_all_but(self, alive: Container[str]) -> None:
        """Drop what is known of requests that have left."""
        for name in [name for name in self._rewrites if name not in alive]:
            self._rewrites.pop(name).pending.cancel()

    def _guarded(self, row: Row) -> list[int]:
        rewrite = self._rewrites.get(row.name)
        if rewrite is None or rewrite.request is not row.request:
            rewrite = self._rewrites[row.name] = self._new(row.request)
        if rewrite.failed:
            return []
        try:
            return self._draft(rewrite, row)
        except Exception as error:  # noqa: BLE001 - whatever it is, the others' answers go on
            rewrite.failed, rewrite.drafter = True, None
            self._tell(error)
            return []

    def _new(self, request: object) -> _Rewrite:
        try:
            return _Rewrite(request, self._begin(request), self._limit)
        except Exception as error:  # noqa: BLE001 - as above
            self._tell(error)
            return _Rewrite(request, ready([]), self._limit)

    def _draft(self, rewrite: _Rewrite, row: Row) -> list[int]:
        drafter = rewrite.ready(self._vocabulary)
        if drafter is None:
            return []
        fresh = _plain(row.ids[row.prompt + rewrite.read : row.length])
        if fresh:
            rewrite.learn(fresh)
            drafter.observe(fresh)
            rewrite.read += len(fresh)
        if not row.writes or row.length <= row.prompt:
            return []
        room = self._context - row.length - 1
        if row.most is not None:
            room = min(room, row.most - (row.length - row.prompt) - 1)
        return drafter.propose(max(0, min(room, rewrite.depth.next(lost=drafter.lost))))


def _plain(tokens: Any) -> list[int]:  # noqa: ANN401 - a list, or an array of numpy's
    """Return numbers of Python's own: a step may write 129 of each request."""
    plain: list[int] = tokens.tolist() if hasattr(tokens, "tolist") else list(tokens)
    return plain
