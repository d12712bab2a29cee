"""Speculative decoding from the client, over a server that scores texts.

For models without a chat, and for servers that take no draft: each call verifies a chunk of the
predicted file. The figures tell how many calls it took, and how many draft tokens held.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from fastapply_lsp.backends.completions_api import CompletionsScorer
from fastapply_lsp.backends.json_calls import JsonCalls
from fastapply_lsp.backends.model import Abilities, End, Text, Usage
from fastapply_lsp.backends.sglang_api import SGLangScorer
from fastapply_lsp.backends.speculation import Speculation
from fastapply_lsp.backends.text_draft import TextDrafter
from fastapply_lsp.errors import BackendGarbled, RewriteTruncated, SettingsError
from fastapply_lsp.prompt.budget import output_budget
from fastapply_lsp.prompt.build import plain
from fastapply_lsp.prompt.completion import FencedAnswer, completion_prompt

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    import httpx

    from fastapply_lsp.backends.model import Request
    from fastapply_lsp.prompt.completion import CompletionPrompt
    from fastapply_lsp.settings import CompletionsSettings, OpenAISettings


def scorer_of(
    calls: JsonCalls, completions: CompletionsSettings
) -> CompletionsScorer | SGLangScorer:
    """Return the client for the protocol that the settings name."""
    match completions.protocol:
        case "openai":
            return CompletionsScorer(calls)
        case "sglang":
            return SGLangScorer(calls)


class CompletionsBackend:
    """Asks for the rewrite chunk by chunk; see ``speculation.py``."""

    name = "completions"

    def __init__(
        self,
        openai: OpenAISettings,
        completions: CompletionsSettings,
        *,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        if openai.base_url is None:
            raise SettingsError("openai.base_url", "no server is named", "the settings")
        self.abilities = Abilities(
            takes_prediction=True,
            needs_network=True,
            is_model=True,
            limits={"max_tokens": openai.max_tokens},
        )
        self._openai = openai
        self._chunk = completions.chunk_tokens
        self._calls = JsonCalls(openai, transport=transport)
        self._scorer = scorer_of(self._calls, completions)

    async def aclose(self) -> None:
        """Close the connections."""
        await self._calls.aclose()

    async def stream(self, request: Request) -> AsyncGenerator[Text | Usage | End]:
        """Yield what is verified, call by call, then one ``Usage``, then ``End``.

        Law: the text is what the server writes greedily by itself up to the closing fence,
        whatever the draft.

        Raises:
            BackendError: one of its kinds; ``RewriteTruncated`` where it is too long.
        """
        prompt, speculation = await asyncio.to_thread(self._begin, request)
        answer = FencedAnswer(prompt.fence)
        limit = self._limit(request)
        characters, prompt_tokens = 0, 0
        while not speculation.ended and not answer.closed:
            if speculation.written >= limit:
                raise RewriteTruncated(limit, characters)
            scored = await self._scorer.score(speculation.ask())
            prompt_tokens += scored.prompt_tokens or 0
            if text := answer.push(speculation.take(scored)):
                characters += len(text)
                yield Text(text)
            if speculation.stalled:
                raise BackendGarbled(
                    self._scorer.url, "it writes nothing that is text, and does not end"
                )
        if rest := answer.finish():
            yield Text(rest)
        yield Usage(
            prompt_tokens=prompt_tokens,
            completion_tokens=speculation.written,
            accepted=speculation.accepted,
            rejected=speculation.rejected,
            passes=speculation.calls,
        )
        yield End("stop")

    def _limit(self, request: Request) -> int:
        call, merge = request.call, request.merge
        return output_budget(
            request.original, call.code_edit, merge.predicted, self._openai.max_tokens
        )

    def _begin(self, request: Request) -> tuple[CompletionPrompt, Speculation]:
        merge = request.merge
        prompt = completion_prompt(
            request.call,
            request.path,
            request.original,
            predicted=merge.predicted,
            dialogue_tokens=self._openai.dialogue_tokens,
            refused=request.refused,
        )
        texts = (merge.predicted, request.call.code_edit, request.original)
        sources = [f"{plain(texts[0])}{prompt.fence}", *map(plain, texts[1:])]
        drafter = TextDrafter(sources)
        return prompt, Speculation(prompt.text, drafter, chunk=self._chunk, trust=merge.certain)
