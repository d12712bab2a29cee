"""The draft as text, for servers whose tokens we cannot make ourselves.

Such a server tells us its tokens only once it has read them. So the sources are cut into words,
signs, blanks and line ends, which stand in for tokens, and ``draft.Drafter`` follows and finds its
way back among them as it does among a model's own; what it proposes is text again, and the server
cuts that as it likes. What was written may end in the middle of a word: its last piece is held
back until the next one begins.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from fastapply_lsp.draft.drafter import Drafter
from fastapply_lsp.draft.vocabulary import Vocabulary

if TYPE_CHECKING:
    from collections.abc import Sequence

_PIECE = re.compile(r"\r\n?|\n|[ \t]+|[^\W\d_]+|\d+|_+|[^\w\s]|\s")
_WHOLE = re.compile(r"\n|[^\w\s]")
"""Pieces that nothing written after them can make longer."""
_STRANGERS = ("\n", " ", "word", "?")
"""One piece of each kind for what no source holds: it is never proposed, but it is told apart."""


class TextDrafter:
    r"""Drafts one text; the same two verbs as ``Drafter``, with text in and text out.

    Law: what is proposed is a stretch of a source.

    >>> drafter = TextDrafter(["a = 1\nb = 2\n"])
    >>> drafter.propose(4)
    'a = '
    >>> drafter.observe("a = ")
    >>> drafter.propose(6)
    '1\nb = '
    >>> drafter.observe("7"), drafter.propose(6)
    (None, '')
    >>> drafter.observe("\n"), drafter.propose(6)
    (None, 'b = 2\n')
    """

    def __init__(self, sources: Sequence[str]) -> None:
        cut = [_PIECE.findall(source) for source in sources]
        self._pieces = list(dict.fromkeys(piece for pieces in cut for piece in pieces))
        self._ids = {piece: at for at, piece in enumerate(self._pieces)}
        texts = [piece.encode(errors="replace") for piece in (*self._pieces, *_STRANGERS)]
        ids = [[self._ids[piece] for piece in pieces] for pieces in cut]
        self._drafter = Drafter(ids, Vocabulary.of(texts))
        self._held = ""

    def propose(self, characters: int) -> str:
        """Return what probably comes next: up to the end of a piece, at most so many characters.

        Nothing, where what was written has left the sources in the middle of a piece.
        """
        text: list[str] = []
        left = characters + len(self._held)
        for piece_id in self._drafter.propose(max(0, left)):
            if piece_id >= len(self._pieces) or len(self._pieces[piece_id]) > left:
                break
            left -= len(self._pieces[piece_id])
            text.append(self._pieces[piece_id])
        proposal = "".join(text)
        return proposal[len(self._held) :] if proposal.startswith(self._held) else ""

    def observe(self, text: str) -> None:
        """Take in what was written since the last call."""
        pieces = _PIECE.findall(self._held + text)
        self._held = pieces.pop() if pieces and not _WHOLE.fullmatch(pieces[-1]) else ""
        self._drafter.observe([self._id(piece) for piece in pieces])

    def _id(self, piece: str) -> int:
        known = self._ids.get(piece)
        if known is not None:
            return known
        kind = 0 if piece.endswith(("\n", "\r")) else 1 if not piece.strip() else 2
        return len(self._pieces) + (kind if kind < 2 or piece[0].isalnum() or "_" in piece else 3)  # noqa: PLR2004 - the places in _STRANGERS
