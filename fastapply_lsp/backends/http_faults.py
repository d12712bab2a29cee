"""From httpx's errors and a server's words to this project's errors, in one place.

What a server says is trimmed and shown; a key that it echoes is not.
"""

from __future__ import annotations

import json
import re
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import httpx

from fastapply_lsp.backends.chat_stream import words_of_error
from fastapply_lsp.errors import (
    BackendGarbled,
    BackendRefused,
    BackendTimeout,
    BackendUnreachable,
    StreamBroken,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fastapply_lsp.settings import OpenAISettings

SHOWN_CHARACTERS = 300
"""Of a server's own words: enough for a sentence or two, too little for a page."""

ERROR_BODY_BYTES = 65_536
"""Read of an error's body at most."""


@dataclass(slots=True)
class Received:
    """How far an exchange came: what an error has to say depends on it."""

    url: str
    answered: bool = False
    characters: int = 0
    secrets: tuple[str, ...] = field(default=(), repr=False)

    def shown(self, words: str) -> str:
        """Return a server's words on one line, trimmed, with no secret in them."""
        for secret in self.secrets:
            words = words.replace(secret, "***")
        line = " ".join(words.split())
        return line if len(line) <= SHOWN_CHARACTERS else f"{line[:SHOWN_CHARACTERS]}…"


def secrets_of(settings: OpenAISettings) -> tuple[str, ...]:
    """Return every credential in the settings, for redaction, longest first."""
    texts = [header.value.reveal() for header in settings.headers]
    if settings.api_key is not None:
        texts.append(settings.api_key.reveal())
    # A header's value is often "Bearer KEY": the key alone is as secret.
    texts += [word for text in texts for word in text.split()]
    return tuple(sorted({text for text in texts if len(text) > 3}, key=len, reverse=True))  # noqa: PLR2004 - shorter ones would hide ordinary words


@contextmanager
def faults_mapped(received: Received, settings: OpenAISettings) -> Iterator[None]:
    """Turn each error of httpx into one of ours.

    The causes are not chained where their text may hold a header.
    """
    url = received.url
    try:
        yield
    except (httpx.ConnectTimeout, httpx.PoolTimeout) as error:
        raise BackendTimeout(url, settings.connect_timeout_s) from error
    except httpx.TimeoutException as error:
        raise BackendTimeout(url, settings.silence_timeout_s) from error
    except (httpx.ConnectError, httpx.ProxyError, httpx.UnsupportedProtocol) as error:
        cause = received.shown(str(error)) or type(error).__name__
        raise BackendUnreachable(url, cause) from error
    except httpx.LocalProtocolError:
        raise BackendGarbled(url, "the request itself is no valid HTTP; check the key") from None
    except (httpx.NetworkError, httpx.RemoteProtocolError) as error:
        if received.answered or "disconnected" in str(error):
            raise StreamBroken(url, received.characters) from error
        raise BackendGarbled(url, "it does not speak HTTP") from error
    except (httpx.HTTPError, httpx.StreamError) as error:
        raise BackendGarbled(url, received.shown(str(error))) from error


async def refusal(response: httpx.Response, received: Received) -> BackendRefused:
    """Return the error for a response with an error status, in the server's own words."""
    body = b""
    async for piece in response.aiter_bytes():
        body += piece
        if len(body) > ERROR_BODY_BYTES:
            break
    return BackendRefused(received.url, response.status_code, _words(response, body, received))


def _words(response: httpx.Response, body: bytes, received: Received) -> str:
    if response.is_redirect:
        return f"it redirects to {received.shown(response.headers.get('location', ''))}"
    text = body.decode("utf-8", errors="replace")
    try:
        text = words_of_error(json.loads(text))
    except ValueError:
        text = re.sub(r"(?s)<(script|style).*?</\1>|<[^>]*>", " ", text)
    return received.shown(text) or response.reason_phrase or "without a word"
