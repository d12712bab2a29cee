"""Asks the chat backend of a fake server; shared by the tests of what works and what fails."""

from contextlib import aclosing
from typing import Any

import pytest

from fastapply_lsp.backends.model import End, Request, Text, Usage
from fastapply_lsp.backends.openai import OpenAIBackend
from fastapply_lsp.errors import BackendError
from fastapply_lsp.merge.model import Candidate, Form, Merge
from fastapply_lsp.request.model import EditFile
from fastapply_lsp.settings import OpenAISettings
from tests.backends.fake_openai import FakeOpenAI, Reply

ORIGINAL = "a = 1\nb = 2\n"
PREDICTED = "a = 1\nb = 3\n"
REQUEST = Request(
    EditFile("a.py", "Three.", "b = 3\n"),
    "a.py",
    ORIGINAL,
    Merge(Form.LAZY, PREDICTED, (), (), (), (Candidate((), PREDICTED, ""),)),
)
KEY = "sk-very-secret-key"


def configured(url: str, **values: Any) -> OpenAISettings:
    return OpenAISettings(base_url=url, silence_timeout_s=values.pop("silence", 30.0), **values)


async def answered(
    server: FakeOpenAI, request: Request = REQUEST, **values: Any
) -> list[Text | Usage | End]:
    backend = OpenAIBackend(configured(server.base_url, **values))
    try:
        async with aclosing(backend.stream(request)) as stream:
            return [piece async for piece in stream]
    finally:
        await backend.aclose()


def text_of(pieces: list[Text | Usage | End]) -> str:
    return "".join(piece.text for piece in pieces if isinstance(piece, Text))


async def failure(reply: Reply, **values: Any) -> BackendError:
    async with FakeOpenAI(reply) as server:
        with pytest.raises(BackendError) as caught:
            await answered(server, **values)
        return caught.value
