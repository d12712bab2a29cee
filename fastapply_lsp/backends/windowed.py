"""A model that cannot take the whole file at once rewrites it in windows.

What stands before, between and behind the windows is streamed as it is, each window as the model
writes it, with fences and words around it taken off (``rewrite/``), and lines of the file around it
that came along (``prompt/seams.py``): so one text comes out, as from a model that took the whole
file, and the guard judges the seams like any other line.
"""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from fastapply_lsp.backends.model import End, Request, Text, Usage
from fastapply_lsp.backends.usage import total
from fastapply_lsp.errors import TooLarge
from fastapply_lsp.prompt.budget import Excess, Room, estimated_tokens
from fastapply_lsp.prompt.build import build_messages
from fastapply_lsp.prompt.dialects import DIALECTS
from fastapply_lsp.prompt.parts import Scale, call_in, merge_in
from fastapply_lsp.prompt.seams import Seams
from fastapply_lsp.prompt.windows import Window, cut, seamed
from fastapply_lsp.rewrite.pipeline import Rewriter
from fastapply_lsp.syntax.definitions import definitions
from fastapply_lsp.syntax.languages import language_of
from fastapply_lsp.text.lines import split_lines
from fastapply_lsp.text.replacement import Span

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from fastapply_lsp.backends.model import Backend
    from fastapply_lsp.settings import OpenAISettings

WORDS_OF_A_CHAT = 64
"""Tokens that a chat template adds, at most."""


@dataclass(frozen=True, slots=True)
class _Plan:
    lines: list[str]
    windows: tuple[Window, ...]


class WindowedBackend:
    """Passes on what fits; cuts what does not into windows, one request each, in order.

    Args:
        inner: the model.
        settings: its limits and its dialect.
    """

    def __init__(self, inner: Backend, settings: OpenAISettings) -> None:
        self.inner = inner
        self.name = inner.name
        self.abilities = inner.abilities
        self._settings = settings

    async def aclose(self) -> None:
        """Close the model's connections."""
        await self.inner.aclose()

    async def stream(self, request: Request) -> AsyncGenerator[Text | Usage | End]:
        """Yield the rewrite of the whole file.

        Raises:
            BackendError: as the model does.
            TooLarge: the file does not fit, and it cannot be cut: the merge found no place for
                the edit, or one change alone is too large.
        """
        plan = await asyncio.to_thread(self._plan, request)
        whole = self.inner.stream(request) if plan is None else self._parts(request, plan)
        async with aclosing(whole) as stream:
            async for piece in stream:
                yield piece

    async def _parts(self, request: Request, plan: _Plan) -> AsyncGenerator[Text | Usage | End]:
        """The windows' rewrites and what stands around them."""
        usage: Usage | None = None
        at = 0
        for window in plan.windows:
            if before := "".join(plan.lines[at : window.span.start]):
                yield Text(before)
            async with aclosing(self._window(request, plan, window)) as stream:
                async for piece in stream:
                    if isinstance(piece, Usage):
                        usage = total(usage, piece)
                        continue
                    yield piece
                    if isinstance(piece, End):
                        return
            if usage is not None:
                yield usage  # of all windows so far, should this be the last one that is read
            at = window.span.end
        if rest := "".join(plan.lines[at:]):
            yield Text(rest)
        yield End("stop")

    async def _window(
        self, request: Request, plan: _Plan, window: Window
    ) -> AsyncGenerator[Text | Usage | End]:
        """The rewrite of one window, bare; an ``End`` only where a limit cut it off."""
        count = len(plan.lines)
        shown = plan.lines[window.span.start : window.span.end]
        asked = replace(
            request,
            call=call_in(request.call, window, count),
            original="".join(shown),
            merge=merge_in(request.merge, plan.lines, window),
        )
        rewriter, seams = Rewriter(asked.original), Seams(plan.lines, window.span, asked.merge)
        read, latest = 0, [""]
        async with aclosing(self.inner.stream(asked)) as stream:
            async for piece in stream:
                match piece:
                    case Text(text):
                        rewriter.push(text)
                        ready = seams.push(rewriter.lines[read:])
                        read = len(rewriter.lines)
                        if ready:
                            latest = ready[-1:]
                            yield Text("".join(ready))
                    case Usage():
                        yield piece
                    case End("length"):
                        yield piece
                        return
                    case End():
                        break
        rewriter.finish()
        rest = [*seams.push(rewriter.lines[read:]), *seams.finish()]
        tail = "".join(rest or latest)
        ended = seamed(shown, tail, last=window.span.end == count)
        if last := ended if rest else ended.removeprefix(tail):
            yield Text(last)

    def _plan(self, request: Request) -> _Plan | None:
        """Return the windows, or ``None`` where the file is passed on whole."""
        merge, room = request.merge, self._room(request)
        whole = (estimated_tokens(request.original), estimated_tokens(merge.predicted))
        excess = room.excess(*whole)
        # The estimate errs upwards: where windows cannot be cut, the model may yet manage.
        if excess is None or (not merge.placed and room.may_hold(*whole)):
            return None
        if not merge.placed:
            what = f"{request.path}, whose edit has no place that says which lines could do,"
            raise TooLarge(what, excess.size, excess.limit, excess.unit)
        lines = split_lines(request.original)
        scale = Scale.of(lines, merge)

        def excess_of(span: Span) -> Excess | None:
            return room.excess(scale.before(span), scale.after(span))

        def refuse(span: Span) -> TooLarge:
            found = excess_of(span) or excess
            where = f"lines {span.start + 1:,} to {span.end:,}"
            what = f"The change to {where} of {request.path}, which is one piece,"
            return TooLarge(what, found.size, found.limit, found.unit)

        language = language_of(request.path, request.original)
        outer = definitions(request.original, language)
        windows = cut(lines, merge.regions, outer, lambda span: excess_of(span) is None, refuse)
        return _Plan(lines, windows)

    def _room(self, request: Request) -> Room:
        settings = self._settings
        dialect = DIALECTS[settings.dialect]
        unbounded = self.abilities.can_continue or dialect.answers == "edit"
        prompt = build_messages(
            dialect,
            request.call,
            request.path,
            "",
            dialogue_tokens=settings.dialogue_tokens,
            refused=request.refused,
        )
        overhead = sum(estimated_tokens(message.content) for message in prompt)
        return Room(
            None if unbounded else settings.max_tokens,
            settings.context_tokens or None,
            overhead + WORDS_OF_A_CHAT + estimated_tokens(_note(request)),
        )


def _note(request: Request) -> str:
    """The longest word on a window that a call of this file can get."""
    count = request.original.count("\n") + 1
    window = Window(Span(count, count), ())
    return call_in(replace(request.call, instructions=""), window, count).instructions
