"""Tasks that nobody waits for: kept, and heard of where they break."""

from __future__ import annotations

import asyncio

import pytest

from fastapply_lsp.apply.background import Background


async def _raise(error: BaseException) -> None:
    raise error


async def test_one_that_breaks_is_told_once_and_to_who_waits() -> None:
    told: list[Exception] = []
    task = Background(told.append).start(_raise(ValueError("no")))
    with pytest.raises(ValueError, match="no"):
        await task
    assert [str(error) for error in told] == ["no"]


async def test_one_that_ends_well_or_is_cancelled_tells_nobody() -> None:
    told: list[Exception] = []
    background = Background(told.append)
    assert await background.start(asyncio.sleep(0, "done")) == "done"
    await asyncio.wait({background.start(_raise(asyncio.CancelledError()))})
    assert told == []


async def test_closing_waits_until_all_have_ended() -> None:
    ended: list[str] = []

    async def slowly() -> None:
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0)
            ended.append("slowly")

    background = Background(lambda _error: None)
    task = background.start(slowly())
    await asyncio.sleep(0)
    await background.aclose()
    assert ended == ["slowly"]
    assert task.cancelled()
