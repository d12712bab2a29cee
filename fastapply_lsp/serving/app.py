"""The server's routes: who may ask, how large a question may be, and which endpoint answers."""

from __future__ import annotations

import asyncio
import hmac
import ipaddress
import json
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from fastapply_lsp.serving.asked import read_chat, read_completion
from fastapply_lsp.serving.desk import Desk
from fastapply_lsp.serving.ending import SHUTTING_DOWN
from fastapply_lsp.serving.endpoints import answer_chat, answer_completion
from fastapply_lsp.serving.events import ClientGone
from fastapply_lsp.serving.metrics import CONTENT_TYPE, Metrics
from fastapply_lsp.serving.refusals import Refused
from fastapply_lsp.serving.service import Service

if TYPE_CHECKING:
    from starlette.requests import Request

    from fastapply_lsp.engines.transformers import Engine
    from fastapply_lsp.settings import Secret

_log = logging.getLogger(__name__)

BODY_BYTES_MOST = 32_000_000
"""Largest request: the largest file to edit, three times over, as JSON."""
_CLIENT_GONE = 499
"""As nginx calls it; nobody reads it, but the counters do."""
_OPEN = "/health"
_ONE_MODEL = "/v1/models/{name:path}"
"""A name may have slashes."""


@dataclass(frozen=True, slots=True)
class Terms:
    """Who may ask: ``key`` is the API key, ``None`` for none; ``loopback`` that only we listen."""

    model: str
    key: Secret | None
    loopback: bool


Endpoint = Callable[["Request"], Awaitable[Response]]


class Server:
    """An engine behind OpenAI's API. ``app`` is the ASGI application; made on its event loop.

    Args:
        engine: the model.
        terms: who may ask.
        running: answers at the same time.
        waiting: requests that may wait.
    """

    def __init__(self, engine: Engine, terms: Terms, **places: int) -> None:
        self._engine = engine
        self._terms = terms
        self.metrics = Metrics()
        self._desk = Desk(engine, self.metrics, **places)
        self._service = Service(engine, self._desk)
        routes = {
            ("/v1/chat/completions", "POST"): self._chat,
            ("/v1/completions", "POST"): self._completion,
            ("/v1/models", "GET"): self._models,
            (_ONE_MODEL, "GET"): self._one_model,
            ("/metrics", "GET"): self._metrics,
            (_OPEN, "GET"): self._health,
        }
        self.app = Starlette(
            routes=[
                Route(path, self._guarded(path, endpoint), methods=[method])
                for (path, method), endpoint in routes.items()
            ],
            exception_handlers={HTTPException: _not_found},
            lifespan=self._lifespan,
        )

    @asynccontextmanager
    async def _lifespan(self, _app: Starlette) -> AsyncIterator[None]:
        yield
        self.close()

    def close(self) -> None:
        """Take no more work; done by itself where the host of ``app`` knows ASGI's lifespan."""
        self._desk.close()

    # What is asked

    async def _chat(self, request: Request) -> Response:
        asked = read_chat(await _body(request))
        model = self._model(asked.asked.model)
        return await answer_chat(self._service, model, asked, request.receive)

    async def _completion(self, request: Request) -> Response:
        asked = read_completion(await _body(request))
        model = self._model(asked.asked.model)
        return await answer_completion(self._service, model, asked, request.receive)

    async def _models(self, _request: Request) -> Response:
        return JSONResponse({"object": "list", "data": [self._described()]})

    async def _one_model(self, request: Request) -> Response:
        self._model(request.path_params["name"])
        return JSONResponse(self._described())

    def _described(self) -> dict[str, Any]:
        model = {"id": self._terms.model, "object": "model", "created": 0, "owned_by": "fastapply"}
        return {**model, "max_model_len": self._engine.context}

    async def _metrics(self, _request: Request) -> Response:
        text = self.metrics.text(self._engine.kept_tokens)
        return Response(text, media_type=CONTENT_TYPE)

    async def _health(self, _request: Request) -> Response:
        return PlainTextResponse("ok\n")

    # Who asks

    def _guarded(self, path: str, endpoint: Endpoint) -> Endpoint:
        """Return an endpoint that anybody may call; ``path`` is the route's, for the counters."""

        async def guarded(request: Request) -> Response:
            try:
                self._admit(request)
                response = await endpoint(request)
            except Refused as refused:
                response = JSONResponse(refused.body(), refused.status)
            except ClientGone:
                response = Response(status_code=_CLIENT_GONE)
            except asyncio.CancelledError:  # only a server that ends does this
                response = JSONResponse(Refused(SHUTTING_DOWN, status=503).body(), 503)
            except Exception as error:  # noqa: BLE001 - whoever asked hears of it, and the log
                _log.exception("%s failed", path)
                sentence = f"The server failed ({type(error).__name__}); its log says more."
                response = JSONResponse(Refused(sentence, status=500).body(), 500)
            self.metrics.answered(path, response.status_code)
            return response

        return guarded

    def _admit(self, request: Request) -> None:
        # A page in the user's browser can reach this address under a name of its own.
        if self._terms.loopback and not _is_loopback(request.url.hostname or ""):
            raise Refused("This server answers on this machine only.", status=403)
        if self._terms.key is None or request.url.path == _OPEN:
            return
        scheme, _, given = request.headers.get("authorization", "").partition(" ")
        expected = self._terms.key.reveal().encode()
        right = hmac.compare_digest(given.strip().encode("utf-8", "replace"), expected)
        if scheme.lower() != "bearer" or not right:
            sentence = "The API key is missing or wrong; send it as `Authorization: Bearer KEY`."
            raise Refused(sentence, status=401, code="invalid_api_key")

    def _model(self, named: str | None) -> str:
        if named not in (None, self._terms.model):
            sentence = f"There is no model {named} here; this server has {self._terms.model}."
            raise Refused(sentence, status=404, param="model", code="model_not_found")
        return self._terms.model


async def _not_found(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    sentence = f"There is no {request.method} {request.url.path} here."
    return JSONResponse(Refused(sentence, status=error.status_code).body(), error.status_code)


async def _body(request: Request) -> Any:  # noqa: ANN401 - whatever the client sent
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/json":
        # What a page of any site may send without asking carries another type.
        sentence = "The body must be JSON, with the content type application/json."
        raise Refused(sentence, status=415)
    content = bytearray()
    async for chunk in request.stream():
        content += chunk
        if len(content) > BODY_BYTES_MOST:
            sentence = f"The body is larger than {BODY_BYTES_MOST:,} bytes."
            raise Refused(sentence, status=413)
    try:
        return json.loads(bytes(content))
    except (ValueError, RecursionError):
        raise Refused("The body is no JSON.") from None


def _is_loopback(host: str) -> bool:
    """Whether a name means this machine, whoever resolves it.

    >>> _is_loopback("localhost"), _is_loopback("127.0.0.1"), _is_loopback("a.example")
    (True, True, False)
    """
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False
