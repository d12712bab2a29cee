"""A file that is too much for the model: windows out, one file back, judged as one."""

from __future__ import annotations

import dataclasses
from collections.abc import AsyncGenerator, Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fastapply_lsp.backends.model import Abilities, End, Request, Text, Usage
from fastapply_lsp.backends.windowed import WindowedBackend
from fastapply_lsp.errors import StreamBroken, TooLarge
from fastapply_lsp.guard.verdict import verdict
from fastapply_lsp.merge.merge import merge
from fastapply_lsp.request.model import EditFile
from fastapply_lsp.session.events import Outcome
from fastapply_lsp.settings import OpenAISettings
from fastapply_lsp.syntax.languages import language_named
from tests.apply.test_conductor import Stage
from tests.prompt.test_windows import EDIT, FILE, MANY

LIMIT = 600


class Writes:
    """A model that makes of each file what it is told to, in pieces."""

    name = "writes"
    abilities = Abilities(is_model=True)

    def __init__(self, write: Callable[[Request], str], piece: int = 7) -> None:
        self._write = write
        self._piece = piece
        self.asked: list[Request] = []

    async def stream(self, request: Request) -> AsyncGenerator[Text | Usage | End]:
        self.asked.append(request)
        text = self._write(request)
        for at in range(0, len(text), self._piece):
            yield Text(text[at : at + self._piece])
        yield Usage(prompt_tokens=10, passes=1)
        yield End("stop")

    async def aclose(self) -> None:
        pass


def predicted(request: Request) -> str:
    return request.merge.predicted


def wanted(edit: str = EDIT, file: str = FILE, path: str = "f.py") -> Request:
    call = EditFile(path, "Two changes.", edit)
    return Request(call, path, file, merge(file, call))


async def written(inner: Writes, request: Request, **limits: int) -> list[Text | Usage | End]:
    settings = OpenAISettings("http://fake/v1", **limits)  # type: ignore[arg-type]  # integers only
    return [piece async for piece in WindowedBackend(inner, settings).stream(request)]


def text(pieces: list[Text | Usage | End]) -> str:
    return "".join(piece.text for piece in pieces if isinstance(piece, Text))


async def test_what_fits_is_passed_on_as_it_is() -> None:
    inner, request = Writes(predicted), wanted()
    await written(inner, request)
    assert inner.asked == [request]


@pytest.mark.parametrize("limits", [{"max_tokens": LIMIT}, {"context_tokens": 1500}])
async def test_what_does_not_fit_is_asked_for_in_windows(limits: dict[str, int]) -> None:
    inner, request = Writes(predicted), wanted()
    pieces = await written(inner, request, **limits)
    assert text(pieces) == request.merge.predicted
    assert [asked.original for asked in inner.asked] == [
        MANY[20].rstrip() + "\n",
        MANY[150].rstrip() + "\n",
    ]
    assert all("Take them for the whole file" in asked.call.instructions for asked in inner.asked)
    assert pieces[0] == Text("".join(MANY[:20]))  # at once, before the model says a word
    told = [piece for piece in pieces if isinstance(piece, Usage)]
    assert told == [Usage(prompt_tokens=10, passes=1), Usage(prompt_tokens=20, passes=2)]
    assert pieces[-1] == End("stop")


@pytest.mark.parametrize(
    "around",
    [
        "{}",
        "```python\n{}```\n",
        "<think>Hm.</think>\n\n```\n{}```",
        "Here it is:\n\n```\n{}```\n",
    ],
)
async def test_what_stands_around_a_window_is_no_part_of_the_file(around: str) -> None:
    inner = Writes(lambda request: around.format(predicted(request)))
    request = wanted()
    assert text(await written(inner, request, max_tokens=LIMIT)) == request.merge.predicted


@given(st.integers(1, 40))
async def test_the_pieces_change_nothing(piece: int) -> None:
    inner = Writes(lambda request: predicted(request).removesuffix("\n"), piece)
    request = wanted()
    assert text(await written(inner, request, max_tokens=LIMIT)) == request.merge.predicted


async def test_line_ends_are_those_of_the_file() -> None:
    inner = Writes(lambda request: predicted(request).replace("\r\n", "\n").rstrip("\n"))
    request = wanted(file=FILE.replace("\n", "\r\n"))
    assert text(await written(inner, request, max_tokens=LIMIT)) == request.merge.predicted


async def test_an_edit_without_a_place_is_refused_with_the_numbers() -> None:
    inner = Writes(predicted)
    request = wanted("@@ -1 +1 @@\n-nothing like it\n+x\n")
    assert not request.merge.placed
    with pytest.raises(
        TooLarge, match=r"f\.py, whose edit has no place .* tokens to write; .* 600"
    ):
        await written(inner, request, max_tokens=LIMIT)
    assert inner.asked == []


@pytest.mark.parametrize(
    ("limits", "unit"),
    [
        ({"max_tokens": LIMIT}, "tokens to write; the limit is 600"),
        ({"context_tokens": 1500}, "tokens to read and write; the limit is 1,500"),
    ],
)
async def test_a_change_that_is_too_large_is_refused_with_numbers(
    limits: dict[str, int], unit: str
) -> None:
    big = "def big():\n" + "".join(f"    y = {n}\n" for n in range(900))
    request = wanted("def big():\n    return 1\n", f"x = 1\n\n\n{big}")
    with pytest.raises(
        TooLarge, match=f"lines 5 to 904 of f.py, which is one piece, has .* {unit}"
    ):
        await written(Writes(predicted), request, **limits)


async def test_an_edit_that_fills_the_context_is_refused_with_numbers() -> None:
    with pytest.raises(TooLarge, match=r"which is one piece, has [0-9]+ tokens to read and write"):
        await written(Writes(predicted), wanted(), context_tokens=400)


async def test_an_answer_that_was_cut_off_ends_it() -> None:
    class Cut(Writes):
        async def stream(self, request: Request) -> AsyncGenerator[Text | Usage | End]:
            self.asked.append(request)
            yield Text("def")
            yield End("length")

    inner = Cut(predicted)
    assert (await written(inner, wanted(), max_tokens=LIMIT))[-1] == End("length")
    assert len(inner.asked) == 1


async def test_a_failure_in_a_window_is_a_failure() -> None:
    def fail(_: Request) -> str:
        raise StreamBroken("fake", 0)

    with pytest.raises(StreamBroken):
        await written(Writes(fail), wanted(), max_tokens=LIMIT)


async def test_a_server_that_continues_has_no_output_limit() -> None:
    inner = Writes(predicted)
    inner.abilities = dataclasses.replace(Writes.abilities, can_continue=True)
    await written(inner, wanted(), max_tokens=LIMIT)
    assert len(inner.asked) == 1


# The guard at the seams


def judged(rewrite: str, request: Request) -> str:
    language = language_named("python")
    return verdict(request.original, rewrite, merge=request.merge, language=language).text


@pytest.mark.parametrize(
    "spoil",
    [
        lambda window: window.rstrip("\n"),
        lambda window: window + "\n\n\n",
        lambda window: f"\n\n{window}",
    ],
    ids=["last line end lost", "blank lines added below", "blank lines added above"],
)
async def test_the_guard_mends_the_seams(spoil: Callable[[str], str]) -> None:
    request = wanted()
    inner = Writes(lambda asked: spoil(predicted(asked)))
    rewrite = text(await written(inner, request, max_tokens=LIMIT))
    assert judged(rewrite, request) == request.merge.predicted


async def test_a_whole_apply_in_windows() -> None:
    settings = OpenAISettings("http://fake/v1", max_tokens=LIMIT)
    inner = Writes(lambda request: f"```\n{predicted(request)}```\n")
    stage = Stage(WindowedBackend(inner, settings), text=FILE, edit=EDIT)
    result = await stage.run()
    assert result.outcome is Outcome.APPLIED
    assert result.text == merge(FILE, EditFile("a.py", "", EDIT)).predicted
    assert len(inner.asked) == 2
    assert result.repairs == ()


async def test_a_window_that_changes_more_than_was_asked_is_put_right() -> None:
    settings = OpenAISettings("http://fake/v1", max_tokens=LIMIT)
    inner = Writes(lambda request: predicted(request).replace("    return b\n", ""))
    stage = Stage(WindowedBackend(inner, settings), text=FILE, edit=EDIT)
    result = await stage.run()
    assert result.text == merge(FILE, EditFile("a.py", "", EDIT)).predicted
    assert result.repairs
