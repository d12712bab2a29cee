"""Editors of every kind, with one buffer and a user: what crosses the wire stands in queues.

Each character of the buffer knows whether the user typed it. So the strictest law of all is checked
with every edit of the server's: it takes no typed character away, and brings none a second time.
"""

from __future__ import annotations

import random
from collections import deque
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from fastapply_lsp.session.events import BufferChanged, EditAnswered, Input, SendEdit
from fastapply_lsp.text.edits import Edit, Edits
from fastapply_lsp.text.lines import line_starts
from fastapply_lsp.text.positions import PositionEncoding, TextIndex

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass(frozen=True)
class Manners:
    """How an editor treats the server.

    ``stale`` says what becomes of an edit for a text that is no longer there: it is refused, or
    dropped with the word that it was applied, or misplaced: made at the lines and columns that it
    names. ``refuses`` is every how many edits it refuses for no
    reason, ``hesitates`` the same for edits that count as refused and land all the same, later.
    ``ends`` rewrites what is put into the buffer. ``tells_parts`` is whether it makes the places of
    an edit one by one, from the last to the first, and tells the text after each; with an empty
    line more at the end, where the last place reaches it. ``rests`` is whether its user waits with
    the next word until the last one is told.
    """

    name: str
    stale: str = "refused"
    tells_at_once: bool = True
    answers_first: bool = False
    refuses: int = 0
    hesitates: int = 0
    knows_versions: bool = True
    ends: Callable[[str], str] | None = None
    last_line_ends: bool = False
    tells_parts: bool = False
    rests: bool = False


STRICT = Manners("strict, as VS Code")
LYING = Manners("drops stale edits and says it applied them, as Neovim", stale="dropped")
DEBOUNCED = Manners("tells of changes late and merged", stale="dropped", tells_at_once=False)
EAGER = Manners("answers before it tells", answers_first=True)
MOODY = Manners("refuses every third edit", refuses=3)
HESITANT = Manners("asks its user first, for so long that it counts as refused", hesitates=2)
VERSIONLESS = Manners("knows no versions", knows_versions=False)
OWN_ENDS = Manners("writes line ends of its own", ends=lambda text: text.replace("\r\n", "\n"))
LAST_END = Manners("ends the last line", last_line_ends=True)
PARTS = Manners("tells each place of an edit, as Neovim without debounce", tells_parts=True)

BLIND = Manners("checks no versions, as Kate", stale="misplaced")
BLIND_AND_EAGER = Manners("checks none, and answers first", stale="misplaced", answers_first=True)
BLIND_AND_LATE = Manners(
    "checks none, and tells late", stale="misplaced", tells_at_once=False, rests=True
)

EVERY = (STRICT, LYING, DEBOUNCED, EAGER, MOODY, HESITANT, VERSIONLESS, OWN_ENDS, LAST_END, PARTS)


class Buffer:
    """A text whose characters know whether the user typed them, with the user's undo history."""

    def __init__(self, text: str, *, strict: bool = True) -> None:
        self.text = text
        self.strict = strict
        self.mine = [False] * len(text)
        self.undo: list[tuple[str, list[bool]]] = []
        self.redo: list[tuple[str, list[bool]]] = []

    def change(self, edits: Edits, *, by_user: bool) -> None:
        """Make an edit; see the module's law for those of the server, where ``strict``."""
        self.undo.append((self.text, self.mine))
        self.redo.clear()
        mine: list[bool] = []
        at = 0
        for edit in edits:
            mine += self.mine[at : edit.start]
            mine += [by_user] * len(edit.text)
            if not by_user and self.strict:
                assert not any(self.mine[edit.start : edit.end]), f"{edit} takes what was typed"
                assert not {*"<>"} & {*edit.text}, f"{edit} brings what was typed again"
            at = edit.end
        self.mine = [*mine, *self.mine[at:]]
        self.text = edits.apply(self.text)

    def step(self, there: list[tuple[str, list[bool]]], back: list[tuple[str, list[bool]]]) -> bool:
        """Undo or redo one change."""
        if not there:
            return False
        back.append((self.text, self.mine))
        self.text, self.mine = there.pop()
        return True

    @property
    def typed(self) -> str:
        """All that the user typed and that is there, in order."""
        return "".join(c for c, mine in zip(self.text, self.mine, strict=True) if mine)

    @property
    def rest(self) -> str:
        """The buffer without what the user typed."""
        return "".join(c for c, mine in zip(self.text, self.mine, strict=True) if not mine)


class Editor:
    """One buffer, the user before it, and the wires to the server."""

    def __init__(self, text: str, manners: Manners, pick: random.Random) -> None:
        # Where edits go astray, what is typed may be gone for a moment, and comes back from us.
        self.buffer = Buffer(text, strict=manners.stale != "misplaced")
        self.manners = manners
        self.random = pick
        self.version = 0  # its own count; told only where the manners know versions
        self.to_editor: deque[SendEdit] = deque()
        self.to_server: deque[Input] = deque()
        self.asked: list[tuple[SendEdit, int]] = []  # its user still thinks about these
        self.bases: dict[int, int] = {}  # for each edit, the version that it was made for
        self.texts: dict[int, str] = {}  # and the text
        self.misplaced = 0
        self.told = text
        self.swallowed: set[int] = set()  # words that an edit took before anybody was told of them
        self.received = 0
        self.words = 0
        self.deleted = 0
        self._untold = False

    @property
    def told_version(self) -> int | None:
        return self.version if self.manners.knows_versions else None

    # The server's edits

    def receive(self) -> None:
        """Take the next edit of the server's."""
        edit = self.to_editor.popleft()
        base = self.bases[edit.token]
        self.received += 1
        if self.manners.refuses and self.received % self.manners.refuses == 0:
            self._answer(edit, applied=False)
        elif self.manners.hesitates and self.received % self.manners.hesitates == 0:
            self.asked.append((edit, base))
            self._answer(edit, applied=False)
        elif base != self.version and self.manners.stale != "misplaced":
            self._answer(edit, applied=self.manners.stale == "dropped")
        else:
            if self.manners.answers_first:
                self._answer(edit, applied=True)
            if base != self.version:
                edit = self._stray(edit)
            self._make(edit)
            if not self.manners.answers_first:
                self._answer(edit, applied=True)

    def say_yes(self) -> None:
        """The user agrees to an edit at last; it lands where nothing changed meanwhile."""
        edit, base = self.asked.pop(0)
        if base == self.version:
            self._make(edit)

    def _stray(self, edit: SendEdit) -> SendEdit:
        """The same edit at the same lines and columns, in the text that is there now."""
        self.misplaced += 1
        there, here = TextIndex(self.texts[edit.token]), TextIndex(self.buffer.text)

        def place(offset: int) -> int:
            at = there.position_at(offset, PositionEncoding.UTF32)
            return here.offset_at(at.line, at.character, PositionEncoding.UTF32)

        edits = Edits.of(Edit(place(e.start), place(e.end), e.text) for e in edit.edits)
        return replace(edit, edits=edits)

    def _make(self, edit: SendEdit) -> None:
        edits = edit.edits
        if self.manners.ends is not None:
            edits = Edits(tuple(Edit(e.start, e.end, self.manners.ends(e.text)) for e in edits))
        if self.manners.tells_parts:
            for first in range(len(edits.items) - 1, 0, -1):
                self.version += 1
                part = Edits(edits.items[first:]).apply(self.buffer.text)
                if edits.items[-1].end == len(self.buffer.text):
                    part += "\n"  # the line that it takes away when all are made
                self.to_server.append(BufferChanged(part, self.told_version))
        untold = [word for word in range(self.words) if f"<{word}>" not in self.told]
        before = self.buffer.text
        self._change(edits, by_user=False)
        text = self.buffer.text
        self.swallowed |= {w for w in untold if f"<{w}>" in before and f"<{w}>" not in text}
        if self.manners.last_line_ends and text and not text.endswith("\n"):
            self._change(Edits((Edit(len(text), len(text), "\n"),)), by_user=False)

    def _answer(self, edit: SendEdit, *, applied: bool) -> None:
        self.to_server.append(EditAnswered(edit.token, applied, None))

    # Its user

    def type(self) -> None:
        """Type a word somewhere, but not into an earlier word."""
        word = f"<{self.words}>"
        self.words += 1
        at = self._place()
        self._change(Edits((Edit(at, at, word),)), by_user=True)

    def type_line(self) -> None:
        """Type a whole line somewhere, which moves all lines below it."""
        starts = line_starts(self.buffer.text)
        at = self.random.choice([at for at in starts if not at or self.buffer.text[at - 1] == "\n"])
        self._change(Edits((Edit(at, at, f"<{self.words}>|\n"),)), by_user=True)
        self.words += 1

    def delete(self) -> None:
        """Delete a few characters that the user has not typed."""
        start = self._place()
        end = min(len(self.buffer.text), start + self.random.randint(1, 6))
        while end > start and any(self.buffer.mine[start:end]):
            end -= 1
        if end > start:
            self.deleted += end - start
            self._change(Edits((Edit(start, end, ""),)), by_user=True)

    def take_back(self) -> None:
        """Undo the last change, whosever it was."""
        if self.buffer.step(self.buffer.undo, self.buffer.redo):
            self._changed()

    def bring_back(self) -> None:
        """Redo it."""
        if self.buffer.step(self.buffer.redo, self.buffer.undo):
            self._changed()

    def _place(self) -> int:
        at = self.random.randint(0, len(self.buffer.text))
        while 0 < at < len(self.buffer.text) and self._inside(at):
            at -= 1
        return at

    def _inside(self, at: int) -> bool:
        """Whether a place is inside a word, or between the two characters of a line end."""
        before, after = self.buffer.text[at - 1], self.buffer.text[at]
        in_word = self.buffer.mine[at - 1] and self.buffer.mine[at] and before != ">"
        return in_word or before + after == "\r\n"

    # What it tells

    def _change(self, edits: Edits, *, by_user: bool) -> None:
        self.buffer.change(edits, by_user=by_user)
        self._changed()

    def _changed(self) -> None:
        self.version += 1
        self._untold = True
        if self.manners.tells_at_once:
            self.tell()

    @property
    def untold(self) -> bool:
        """Whether there is a change that the server was not told."""
        return self._untold

    def tell(self) -> None:
        """Tell the server what the buffer holds."""
        self._untold = False
        self.told = self.buffer.text
        self.to_server.append(BufferChanged(self.buffer.text, self.told_version))
