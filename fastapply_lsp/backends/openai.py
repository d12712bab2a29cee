"""Any server with an OpenAI-compatible chat endpoint, streaming, over one kept-alive client.

It retries nothing: whether a failed rewrite is worth another try is the caller's to decide. The
one exception is a draft that nobody asked for: a server that refuses it is asked again without, for
a draft changes nothing but the speed. No redirect is followed, because the key belongs to one host.

A rewrite that the output limit cut off is continued where the settings say how; else, and where
continuing leads nowhere, it raises ``RewriteTruncated``: a file cut short never ends quietly, and
only this place knows the limit that was asked for.
"""

from __future__ import annotations

import asyncio
import json
import math
from contextlib import aclosing
from typing import TYPE_CHECKING, Any

import httpx

from fastapply_lsp.backends.chat_request import request_body
from fastapply_lsp.backends.chat_response import answer
from fastapply_lsp.backends.chat_stream import Finish
from fastapply_lsp.backends.draft_fields import way_of
from fastapply_lsp.backends.http_faults import Received, faults_mapped, secrets_of
from fastapply_lsp.backends.model import Abilities, End, Text, Usage
from fastapply_lsp.backends.usage import total
from fastapply_lsp.errors import BackendRefused, RewriteTruncated, SettingsError, TooLarge
from fastapply_lsp.prompt.answered_edit import file_of
from fastapply_lsp.prompt.budget import OUTPUT_MARGIN, estimated_tokens, output_budget
from fastapply_lsp.prompt.dialects import DIALECTS
from fastapply_lsp.prompt.unwrapping import unwrapping

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from fastapply_lsp.backends.model import Request
    from fastapply_lsp.settings import OpenAISettings

NO_CAP = 1 << 60
DRAFT_REFUSALS = (400, 422)
"""What a server answers to a field, or a model, that it takes no draft with."""
KEPT_ALIVE_S = 300.0
"""A connection stays open between two edits of one sitting; servers close it earlier if they like."""


def new_client(
    settings: OpenAISettings, transport: httpx.AsyncBaseTransport | None = None
) -> httpx.AsyncClient:
    """Return a client with the settings' limits and credentials; takes some milliseconds."""
    headers = {}
    if settings.api_key is not None:
        headers["Authorization"] = f"Bearer {settings.api_key.reveal()}"
    headers.update({header.name: header.value.reveal() for header in settings.headers})
    return httpx.AsyncClient(
        http2=True,
        headers=headers,
        follow_redirects=False,
        timeout=httpx.Timeout(settings.silence_timeout_s, connect=settings.connect_timeout_s),
        limits=httpx.Limits(keepalive_expiry=KEPT_ALIVE_S),
        transport=transport,
    )


class OpenAIBackend:
    """Asks a chat endpoint for the rewrite.

    Close the generator that ``stream`` returns (``contextlib.aclosing``), or cancel the task that
    reads it, to end the request; the server then stops writing.
    """

    name = "openai"

    def __init__(
        self, settings: OpenAISettings, *, transport: httpx.AsyncBaseTransport | None = None
    ) -> None:
        if settings.base_url is None:
            raise SettingsError("openai.base_url", "no server is named", "the settings")
        if settings.api_key is None and settings.api_key_env is not None:
            problem = f"the environment variable {settings.api_key_env} is not set"
            raise SettingsError("openai.api_key_env", problem, "the settings")
        self._way = way_of(settings)
        self._dialect = DIALECTS[settings.dialect]
        self.abilities = Abilities(
            takes_prediction=self._way != "no",
            can_continue=settings.continuation != "no",
            needs_network=True,
            is_model=True,
            limits={"max_tokens": settings.max_tokens},
        )
        self._settings = settings
        self._url = f"{settings.base_url}/chat/completions"
        self._transport = transport
        self._client: httpx.AsyncClient | None = None
        self._client_lock = asyncio.Lock()

    async def aclose(self) -> None:
        """Close the connections."""
        client, self._client = self._client, None
        if client is not None:
            await client.aclose()

    async def stream(self, request: Request) -> AsyncGenerator[Text | Usage | End]:
        """Yield the model's answer: text, then one ``Usage`` where the server gives it, then End.

        Where the dialect asks for an edit, the text is the file that the edit makes, in one piece.

        Raises:
            BackendError: one of its kinds; ``RewriteTruncated`` where a limit cut it.
            TooLarge: the file cannot fit into the output limit, and the server cannot continue.
            RewriteRejected: the dialect asks for an edit, and the answer's has no sure place.
        """
        edits = self._dialect.answers == "edit"
        stage = unwrapping(self._dialect)
        answer: list[str] = []
        usage: Usage | None = None
        async with aclosing(self._whole_answer(request)) as answers:
            async for piece in answers:
                match piece:
                    case Text(text) if edits:
                        answer.append(text)
                    case Text(text):
                        if bare := stage.push(text):
                            yield Text(bare)
                    case Usage():
                        usage = total(usage, piece)
        if edits:
            whole = "".join(answer)
            yield Text(await asyncio.to_thread(file_of, whole, request.original, request.path))
        elif rest := stage.finish():
            yield Text(rest)
        if usage is not None:
            yield usage
        yield End("stop")

    async def _whole_answer(self, request: Request) -> AsyncGenerator[Text | Usage]:
        """The answer as it comes, over as many requests as its length takes."""
        need, limit = self._need(request), self._limit(request)
        written: list[str] = []
        while True:
            before = len(written)
            try:
                async with aclosing(self._one_answer(request, limit, "".join(written))) as pieces:
                    async for piece in pieces:
                        match piece:
                            case Text(text):
                                written.append(text)
                                yield piece
                            case Usage():
                                yield piece
                            case Finish(reason):
                                if reason == "stop":
                                    return
            except BackendRefused as refused:
                if written or not self._drop_draft(refused):
                    raise
                continue
            # A model that repeats itself would go on for ever: the need bounds it.
            stuck = len(written) == before or estimated_tokens("".join(written)) > need
            if stuck or not self.abilities.can_continue:
                raise RewriteTruncated(limit, sum(map(len, written)))

    def _need(self, request: Request) -> int:
        """How many tokens the answer may need."""
        predicted = request.merge.predicted
        return output_budget(request.original, request.call.code_edit, predicted, NO_CAP)

    def _limit(self, request: Request) -> int:
        limit = min(self._need(request), self._settings.max_tokens)
        least = math.floor(estimated_tokens(request.merge.predicted) / OUTPUT_MARGIN)
        writes_all = self._dialect.answers == "file"
        if writes_all and least > limit and not self.abilities.can_continue:
            # Better now than after a minute of streaming that was bound to be cut off.
            raise TooLarge(request.path, least, limit, "tokens to write")
        return limit

    def _drop_draft(self, refused: BackendRefused) -> bool:
        """Send no draft from now on, if that may help and only the table of hosts wanted one."""
        asked_for = self._settings.draft != "auto" or self._settings.takes_prediction
        if self._way == "no" or asked_for or refused.status not in DRAFT_REFUSALS:
            return False
        self._way = "no"
        return True

    def _one_answer(
        self, request: Request, limit: int, written: str
    ) -> AsyncGenerator[Text | Usage | Finish]:
        body = request_body(self._settings, request, way=self._way, limit=limit, written=written)
        return self._pieces(body)

    async def _pieces(self, body: dict[str, Any]) -> AsyncGenerator[Text | Usage | Finish]:
        """One request and its answer."""
        client = await self._open()
        # ASCII JSON carries what UTF-8 cannot: half a surrogate pair, as an editor may send it.
        content = await asyncio.to_thread(lambda: json.dumps(body).encode("ascii"))
        received = Received(self._url, secrets=secrets_of(self._settings))
        headers = {"Content-Type": "application/json", "Accept": "text/event-stream"}
        with faults_mapped(received, self._settings):
            async with (
                client.stream("POST", self._url, content=content, headers=headers) as response,
                aclosing(answer(response, received)) as pieces,
            ):
                async for piece in pieces:
                    yield piece

    async def _open(self) -> httpx.AsyncClient:
        async with self._client_lock:
            if self._client is None:
                # Loading the certificates takes long enough to be felt in an editor.
                self._client = await asyncio.to_thread(new_client, self._settings, self._transport)
            return self._client
