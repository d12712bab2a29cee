"""Scores over the legacy completions endpoint: ``echo`` with ``logprobs``.

Source: OpenAI's completions API (davinci-002, babbage-002), as vLLM, llama.cpp's server and others
serve it. ``top_logprobs`` has, for each token, the most likely ones, and the token itself where it
is not among them; so of two entries with ``logprobs: 1`` the better one is what the model would
have written.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from fastapply_lsp.backends.scoring import Misaligned, Scored, Token, ends_of, token_of
from fastapply_lsp.errors import BackendGarbled

if TYPE_CHECKING:
    from fastapply_lsp.backends.json_calls import JsonCalls
    from fastapply_lsp.backends.scoring import Ask

NO_ECHO = "it does not give the text back with the scores of its tokens (echo with logprobs)"


class CompletionsScorer:
    """Asks ``/completions`` of the settings' server."""

    def __init__(self, calls: JsonCalls) -> None:
        self._calls = calls
        self.url = f"{calls.settings.base_url}/completions"

    async def score(self, ask: Ask) -> Scored:
        """Make one call.

        Raises:
            BackendError: one of its kinds.
        """
        body: dict[str, Any] = {
            "prompt": ask.text,
            "max_tokens": ask.new,
            "temperature": 0,
            "logprobs": 1,
            "echo": True,
        }
        if self._calls.settings.model is not None:
            body["model"] = self._calls.settings.model
        answer = await self._calls.post(self.url, body)
        try:
            return read_completion(answer, ask)
        except (Misaligned, KeyError, IndexError, TypeError, ValueError, AttributeError):
            raise BackendGarbled(self.url, NO_ECHO) from None


def read_completion(answer: Any, ask: Ask) -> Scored:  # noqa: ANN401 - whatever the server sent
    """Return what an answer says.

    Raises:
        Misaligned: its tokens do not make up its text, or that does not begin with what was asked.
        KeyError, IndexError, TypeError, ValueError, AttributeError: it is of another form.
    """
    choice = answer["choices"][0]
    text, scores = choice["text"], choice["logprobs"]
    if not text.startswith(ask.text):
        raise Misaligned
    tokens = [token_of(token, token) for token in scores["tokens"]]
    usage = answer.get("usage") or {}
    cut = _cut(tokens, text, len(ask.text), usage.get("completion_tokens"))
    given, ends = cut.given, cut.ends
    finished = choice["finish_reason"] == "stop"
    while finished and len(tokens) > given and ends[-1] == (ends[-2] if len(ends) > 1 else 0):
        tokens.pop()  # the mark of the end, which is no text
        ends.pop()
    best = [_best(token, top) for token, top in zip(tokens, scores["top_logprobs"], strict=False)]
    return Scored(
        text,
        0,
        tuple(tokens),
        tuple(ends),
        tuple(best),
        given,
        finished,
        usage.get("prompt_tokens"),
    )


@dataclass(frozen=True, slots=True)
class _Cut:
    given: int
    ends: list[int]


def _cut(tokens: list[Token], text: str, asked: int, written: object) -> _Cut:
    """Tell the tokens of the text from the new ones, by the server's count or else by the text."""
    if isinstance(written, int) and 0 <= written <= len(tokens):
        given = len(tokens) - written
        try:
            ends = ends_of(tokens[:given], text[:asked])
            return _Cut(given, [*ends, *ends_of(tokens[given:], text, asked)])
        except Misaligned:
            pass  # a server may count an end that it does not show
    whole = ends_of(tokens, text)
    return _Cut(sum(end <= asked for end in whole), list(whole))


def _best(token: Token, top: dict[str, float] | None) -> Token | None:
    if not top:
        return None
    # The server adds the text's token only where it is not the best, so it loses a tie.
    text = max(top, key=lambda one: (top[one], one != token.key))
    return token_of(text, text)
