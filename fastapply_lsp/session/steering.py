"""How is a buffer held to the set of hunks that should be in it?

Law: there is one way to change the buffer: an edit from the set of hunks that is there to the set
that is wished for. Whatever happens, streaming, a decision, the user's undo or a cancel, only
changes the wish or what is there; the next edit is the step between the two.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapply_lsp.session.hunks import HunkState

if TYPE_CHECKING:
    from fastapply_lsp.session.buffer import BufferView, News
    from fastapply_lsp.session.delivery import Delivery, Landing
    from fastapply_lsp.session.events import Output
    from fastapply_lsp.session.ledger import Ledger


class Steering:
    """Holds one buffer to the wishes of a ledger.

    Args:
        view: what is known of the buffer.
        delivery: sends the edits, one at a time.
        ledger: says which hunks are wished for, and is told what became of them.
    """

    def __init__(self, view: BufferView, delivery: Delivery, ledger: Ledger) -> None:
        self._view = view
        self._delivery = delivery
        self._ledger = ledger
        self._restores = False

    def restore(self) -> None:
        """Wish for no hunk any more."""
        self._restores = True

    @property
    def wanted(self) -> frozenset[int]:
        """Which hunks should be in the buffer; one that the user typed in stays where it is."""
        wishes = frozenset[int]() if self._restores else self._ledger.wishes
        return self._view.present & self._ledger.overtaken | wishes

    def step(self) -> list[Output]:
        """Send the next edit if one is due. While one is on its way there is nothing to do.

        Where the delivery is idle afterwards, the buffer is as it should be.
        """
        if not self._delivery.idle:
            return []
        if (repair := self._view.repair()) is not None:
            return self._delivery.send(self._view.present, repair)
        while (target := self._target()) != self._view.present:
            placement = self._view.place(self._view.layout.step(self._view.present, target))
            if placement.conflicts:
                self._ledger.set(HunkState.CONFLICT, placement.conflicts)
            elif placement.buffer.apply(self._view.text) == self._view.text:
                self._take_in(self._view.skip(target, placement))
            else:
                return self._delivery.send(target, placement)
        return []

    def landed(self, landing: Landing) -> list[Output]:
        """Take in what the buffer's text says; return what the delivery asks for."""
        self._take_in(landing.news)
        return landing.outputs

    def _target(self) -> frozenset[int]:
        """Which hunks the next edit leaves in the buffer: none comes before its rivals are out."""
        present = self._view.present
        if not self._restores:
            self._ledger.yield_to(present & self._ledger.overtaken)
        wanted = self.wanted
        return wanted - self._ledger.rivals(present - wanted)

    def _take_in(self, news: News) -> None:
        if news.landed is not None:
            queued = self._ledger.in_state(HunkState.QUEUED)
            self._ledger.set(HunkState.PENDING, queued & news.landed.target)
        self._ledger.take_out(news.gone)
        self._ledger.bring_back(news.back)
