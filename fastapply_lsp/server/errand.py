"""What one apply is asked to do, before anyone knows where."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from fastapply_lsp.errors import NoCodeBlock
from fastapply_lsp.session.hunks import Cut
from fastapply_lsp.text.edits import Edits

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable
    from pathlib import Path

    from fastapply_lsp.request.model import EditFile
    from fastapply_lsp.request.target import Target
    from fastapply_lsp.server.documents import Document

_SNIPPET_CHANGED = "in the selection: its text has changed meanwhile"


@dataclass(frozen=True, slots=True)
class Pasted:
    """A snippet that stands in the document it is meant for.

    ``cut`` are code points of ``text``, the document when the user asked.
    """

    uri: str
    text: str
    cut: Cut

    def now_in(self, document: Document) -> Cut:
        """Return where the snippet stands in the document as it is now.

        Raises:
            NoCodeBlock: the user has changed it meanwhile.
        """
        if document.text == self.text:
            return self.cut
        typed = Edits.between(self.text, document.text)
        start = typed.move(self.cut.start, "right")
        end = typed.move(self.cut.end, "left")
        if document.text[start:end] != self.text[self.cut.start : self.cut.end]:
            raise NoCodeBlock(_SNIPPET_CHANGED)
        return Cut(start, end - start)


@dataclass(frozen=True, slots=True)
class Errand:
    """One apply, as asked.

    ``base`` is the folder that a relative target may also mean, where no workspace folder is open.
    ``block`` names the code block: the same one asked again takes the place of the first.
    ``target`` says what in a chat named the file, perhaps the block's own first line.
    ``pasted`` is the snippet that leaves its document, which is then the target.
    ``token`` is the client's own progress token. ``answered`` says that the asker waits for the
    result, so that a failure need not be shown as a message. ``read`` makes the whole errand of what
    is only named so far, a block of a chat.
    """

    call: EditFile
    base: Path | None = None
    block: str | None = None
    target: Target | None = None
    pasted: Pasted | None = None
    token: str | int | None = None
    answered: bool = False
    read: Callable[[], Awaitable[Errand]] | None = None
