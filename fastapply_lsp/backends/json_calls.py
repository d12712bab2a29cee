"""Calls with JSON in and JSON out, over one kept-alive client."""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

from fastapply_lsp.backends.http_faults import Received, faults_mapped, refusal, secrets_of
from fastapply_lsp.backends.openai import new_client
from fastapply_lsp.errors import BackendGarbled

if TYPE_CHECKING:
    import httpx

    from fastapply_lsp.settings import OpenAISettings


class JsonCalls:
    """Calls a server with the credentials and limits of the settings."""

    def __init__(
        self, settings: OpenAISettings, *, transport: httpx.AsyncBaseTransport | None = None
    ) -> None:
        self.settings = settings
        self._transport = transport
        self._client: httpx.AsyncClient | None = None
        self._client_lock = asyncio.Lock()

    async def post(self, url: str, body: dict[str, Any]) -> Any:  # noqa: ANN401 - whatever it sent
        """Return the answer to one call.

        Raises:
            BackendError: the server refused, sent something else, or broke off.
        """
        client = await self._open()
        # ASCII JSON carries what UTF-8 cannot: half a surrogate pair, as an editor may send it.
        content = await asyncio.to_thread(lambda: json.dumps(body).encode("ascii"))
        received = Received(url, secrets=secrets_of(self.settings))
        headers = {"Content-Type": "application/json", "Accept": "application/json"}
        with faults_mapped(received, self.settings):
            async with client.stream("POST", url, content=content, headers=headers) as response:
                received.answered = True
                if not response.is_success:
                    raise await refusal(response, received)
                answer = await response.aread()
        try:
            return await asyncio.to_thread(json.loads, answer)
        except ValueError:
            raise BackendGarbled(url, "it is no JSON") from None

    async def aclose(self) -> None:
        """Close the connections."""
        client, self._client = self._client, None
        if client is not None:
            await client.aclose()

    async def _open(self) -> httpx.AsyncClient:
        async with self._client_lock:
            if self._client is None:
                self._client = await asyncio.to_thread(new_client, self.settings, self._transport)
            return self._client
