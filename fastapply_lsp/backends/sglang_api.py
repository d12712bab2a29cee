"""Scores over SGLang's ``/generate``: only the tokens from ``logprob_start_len`` on are scored.

So the prefix that the server remembers is not computed again, and an answer is as short as the
draft. Source: SGLang's page on the native API, and its ``tokenizer_manager.py``, version 0.5.
Not run against a real SGLang: the tests' server follows that page.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fastapply_lsp.backends.scoring import Misaligned, Scored, Token, ends_of, token_of
from fastapply_lsp.errors import BackendGarbled

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fastapply_lsp.backends.json_calls import JsonCalls
    from fastapply_lsp.backends.scoring import Ask

NO_SCORES = "it does not give the scores of the text's tokens (return_logprob)"


class SGLangScorer:
    """Asks ``/generate`` of the settings' server; a ``/v1`` at the address' end is left out."""

    def __init__(self, calls: JsonCalls) -> None:
        self._calls = calls
        root = (calls.settings.base_url or "").rstrip("/").removesuffix("/v1")
        self.url = f"{root}/generate"

    async def score(self, ask: Ask) -> Scored:
        """Make one call.

        Raises:
            BackendError: one of its kinds.
        """
        body = {
            "text": ask.text,
            "sampling_params": {"temperature": 0, "max_new_tokens": ask.new},
            "return_logprob": True,
            "logprob_start_len": ask.first,
            "top_logprobs_num": 1,
            "return_text_in_logprobs": True,
        }
        answer = await self._calls.post(self.url, body)
        try:
            return read_generation(answer, ask)
        except (Misaligned, KeyError, IndexError, TypeError, ValueError, AttributeError):
            raise BackendGarbled(self.url, NO_SCORES) from None


def read_generation(answer: Any, ask: Ask) -> Scored:  # noqa: ANN401 - whatever the server sent
    """Return what an answer says.

    Raises:
        Misaligned: its tokens do not make up the text.
        KeyError, IndexError, TypeError, ValueError, AttributeError: it is of another form.
    """
    about = answer["meta_info"]
    given = [_token(entry) for entry in about["input_token_logprobs"]]
    best = [_token(tops[0]) if tops else None for tops in about["input_top_logprobs"]]
    first = about["prompt_tokens"] - len(given)
    if first not in (0, ask.first):
        raise Misaligned
    new = [_token(entry) for entry in about["output_token_logprobs"]]
    reason = about["finish_reason"]
    finished = reason["type"] == "stop"
    if finished and new and reason.get("matched") == new[-1].key:
        new.pop()  # the mark of the end, which is no text
    text = ask.text + answer["text"]
    ends = (*_ends_given(given, ask, first), *ends_of(new, text, len(ask.text)))
    count = about["prompt_tokens"]
    return Scored(text, first, (*given, *new), ends, tuple(best), len(given), finished, count)


def _ends_given(given: Sequence[Token], ask: Ask, first: int) -> tuple[int, ...]:
    """Return where the text's tokens end; nowhere, where those before them are not as expected."""
    if first == 0:
        return ends_of(given, ask.text)
    try:
        return ends_of(given, ask.text, ask.start)
    except Misaligned:
        return (-1,) * len(given)


def _token(entry: Any) -> Token:  # noqa: ANN401 - whatever the server sent
    _, number, text = entry
    return token_of(int(number), str(text))
