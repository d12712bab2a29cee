"""What is a table, a rule or a settings file, with some of its entries set anew and the rest kept?"""

from __future__ import annotations

import re
from collections import deque
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from fastapply_lsp.merge.remarks import comment_behind
from fastapply_lsp.text.lines import indent_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_NAME = re.compile(r"""(?:-\s+)?(?:"[^"]*"|'[^']*'|[\w.$@&-]+)""")
_SETS = re.compile(r"\s*[:=](\s|$)")
_REMARKS = ("#", "//", "/*", "*", ";", "--")


@dataclass(frozen=True, slots=True)
class _Entry:
    """A line, what stands deeper below it, and the bracket that closes it."""

    head: str
    body: tuple[str, ...] = ()
    close: tuple[str, ...] = ()

    @property
    def texts(self) -> tuple[str, ...]:
        return (self.head, *self.body, *self.close)

    @property
    def remark(self) -> bool:
        """Whether it sets nothing: a comment or a blank line."""
        return not self.head.strip() or self.head.strip().startswith(_REMARKS)


def overlaid(theirs: Sequence[str], ours: Sequence[str]) -> tuple[str, ...]:
    """Return our lines with the entries of theirs in them: set anew, or put in.

    An entry is known by its line, or by the name that it sets. What goes on below both is laid over
    each other in turn. A new one follows the one that it follows in theirs, else it comes last.
    Where our entries are parted by commas, they still are.
    """
    mine = _entries(ours)
    place = -1
    places = _Places(mine)
    result: list[list[_Entry]] = [[one] for one in mine]
    first: list[_Entry] = []
    for one in _entries(theirs):
        at = places.take(one)
        if at is not None:
            place = at
            result[at][0] = _both(one, mine[at])
        elif not one.remark:
            (result[place] if place >= 0 else first).append(one)
    last = max((at for at, one in enumerate(mine) if not one.remark), default=-1)
    if first and last >= 0:
        result[last] += first
    elif first:
        result.append(first)
    return tuple(_parted([one for each in result for one in each], mine))


def _entries(texts: Sequence[str]) -> list[_Entry]:
    depth = min((len(indent_of(text)) for text in texts if text.strip()), default=0)
    entries: list[_Entry] = []
    body: list[str] = []
    for text in texts:
        key = text.strip()
        opened = bool(entries) and not entries[-1].close
        if opened and key and len(indent_of(text)) > depth:
            body.append(text)
            continue
        if body:
            entries[-1] = replace(entries[-1], body=tuple(body))
            body = []
        if opened and key[:1] in tuple("}])"):
            entries[-1] = replace(entries[-1], close=(text,))
        else:
            entries.append(_Entry(text))
    if body:
        entries[-1] = replace(entries[-1], body=tuple(body))
    return entries


class _Places:
    """Where entries stand that were not asked for yet, by their line and by their name."""

    def __init__(self, entries: Sequence[_Entry]) -> None:
        self._taken: set[int] = set()
        self._lines: dict[str, deque[int]] = {}
        self._names: dict[str, deque[int]] = {}
        for at, one in enumerate(entries):
            if key := one.head.strip():
                self._lines.setdefault(key, deque()).append(at)
                if not one.remark and (name := _name(key)):
                    self._names.setdefault(name, deque()).append(at)

    def take(self, one: _Entry) -> int | None:
        key = one.head.strip()
        at = self._first(self._lines.get(key))
        if at is None and not one.remark:
            at = self._first(self._names.get(_name(key) or ""))
        if at is not None:
            self._taken.add(at)
        return at

    def _first(self, places: deque[int] | None) -> int | None:
        while places:
            at = places.popleft()
            if at not in self._taken:
                return at
        return None


def _both(theirs: _Entry, ours: _Entry) -> _Entry:
    head = theirs.head
    if not comment_behind(head):
        head += comment_behind(ours.head)
    if not theirs.body or not ours.body:
        return replace(theirs, head=head)
    return _Entry(head, overlaid(theirs.body, ours.body), ours.close)


def _name(key: str) -> str | None:
    """Return the name that a line sets, with the dash of a list before it, or a rule's selector.

    >>> _name("- cron: x"), _name('"a b": {'), _name("a:hover, b {"), _name("}")
    ('- cron', '"a b"', 'a:hover,b', None)
    """
    found = _NAME.match(key)
    if "{" in key and not (found and _SETS.match(key, found.end())):
        return "".join(key.partition("{")[0].split())
    return found[0] if found else None


def _parted(entries: Sequence[_Entry], before: Iterable[_Entry]) -> Iterable[str]:
    """Yield the lines, with a comma after each entry but the last where ours had them."""
    filled = [one.texts[-1].rstrip() for one in before if not one.remark]
    commas = len(filled) > 1 and all(text.endswith(",") for text in filled[:-1])
    last = max((at for at, one in enumerate(entries) if not one.remark), default=-1)
    for at, one in enumerate(entries):
        *above, end = one.texts
        yield from above
        if not commas or one.remark:
            yield end
        elif at < last or filled[-1].endswith(","):
            yield end if end.rstrip().endswith(",") else f"{end.rstrip()},"
        else:
            yield end.rstrip().removesuffix(",")
