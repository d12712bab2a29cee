"""What is known of an edit on its way to the editor?"""

from __future__ import annotations

from dataclasses import dataclass

from fastapply_lsp.text.edits import Edits
from fastapply_lsp.text.lines import line_end


@dataclass(frozen=True, slots=True)
class Flight:
    """An edit on its way to the editor.

    ``model`` and ``buffer`` are the same edit in the two coordinate systems. ``base`` is the
    buffer's text when the edit left, ``user`` what was typed in it and stays, ``document`` the
    model document after the edit, and ``expected`` the buffer's text if nobody else changes it.
    ``token`` tells its answer from older ones.
    """

    token: int
    target: frozenset[int]
    model: Edits
    buffer: Edits
    user: Edits
    document: str
    base: str
    expected: str
    version: int | None

    @property
    def repairs(self) -> bool:
        """Whether this takes harm back, and changes nothing in the model document."""
        return self.model.is_empty

    def shows_half(self, text: str) -> bool:
        """Whether ``text`` is the buffer with the last few of the edits made, and not the first.

        Some editors make the places of one edit from the last to the first, and tell each. One
        that thinks in lines leaves an empty line at the end until it has made them all.
        """
        if text == self.expected:
            return False
        size = len(self.base)
        for number in range(len(self.buffer) - 1, 0, -1):
            size += self.buffer.items[number].growth
            if 0 <= len(text) - size <= len(line_end(text)):
                half = Edits(self.buffer.items[number:]).apply(self.base)
                if text in (half, half + line_end(text)):
                    return True
        return False
