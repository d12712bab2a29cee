"""From what is asked to what is answered: prompt, drafts, text, stops, probabilities."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from fastapply_lsp.engines.drafts import drafts_of
from fastapply_lsp.engines.model import ContextExceeded, Counts, Scored, Task
from fastapply_lsp.serving.asked import Chat, Completion
from fastapply_lsp.serving.desk import Desk, Written
from fastapply_lsp.serving.refusals import Refused
from fastapply_lsp.serving.spelling import Reading

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from fastapply_lsp.engines.transformers import Engine


@dataclass(frozen=True, slots=True)
class Echoed:
    """The tokens of a prompt that is scored; ``texts`` say what of it each one is.

    Nothing is that of a token that the tokenizer added. ``first`` is the id of the first token: no
    score can be given for it.
    """

    first: int
    texts: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of the answer: text, and the tokens' scores where they are asked for.

    ``echoed`` is set where it is the prompt, with its scores.
    """

    text: str
    scores: tuple[Scored, ...] = ()
    echoed: Echoed | None = None


@dataclass(frozen=True, slots=True)
class Finish:
    """The end of the answer: ``stop`` or ``length``, and what it took."""

    reason: str
    counts: Counts


class Service:
    """One model, for the event loop.

    Args:
        engine: the model.
        desk: shares it among requests.
    """

    def __init__(self, engine: Engine, desk: Desk) -> None:
        self.engine = engine
        self._desk = desk

    async def task_of(self, request: Chat | Completion) -> Task:
        """Return the task; takes no pass of the model.

        Raises:
            Refused: it does not fit into the context, the model has no chat template, or too many wait.
        """
        with self._desk.preparing():
            return await asyncio.to_thread(self._task_of, request)

    def _task_of(self, request: Chat | Completion) -> Task:
        asked = request.asked
        if isinstance(request, Chat):
            prompt = self._chat_prompt(request)
            told = [message["content"] for message in request.messages]
        elif isinstance(request.prompt, str):
            prompt, told = self._encoded(request.prompt, special=True), [request.prompt]
        else:
            prompt = self._known(request.prompt)
            told = [self._text(prompt)]
        task = Task(prompt, asked.most, (), asked.sampling, asked.top, asked.draft_tokens)
        try:
            self.engine.room(task)
        except ContextExceeded as error:
            code = "context_length_exceeded"
            raise Refused(str(error), param="max_tokens", code=code) from error
        if asked.draft_tokens == 0 or asked.most == 0:
            return task
        drafts = (self._encoded(text) for text in drafts_of(asked.prediction, told))
        return replace(task, drafts=tuple(draft for draft in drafts if draft))

    async def echo(self, request: Completion, task: Task) -> Piece:
        """Return the prompt itself, as a piece of the answer."""
        texts = await asyncio.to_thread(self._prompt_texts, request.prompt, task.prompt)
        if isinstance(request.prompt, str):
            text = _plain(request.prompt)
        else:
            text = b"".join(texts).decode("utf-8", "replace")
        if request.asked.top is None:
            return Piece(text)
        scores = await self._desk.score(task.prompt, request.asked.top)
        return Piece(text, tuple(scores), Echoed(task.prompt[0], texts))

    async def answer(self, task: Task, stops: tuple[str, ...]) -> AsyncGenerator[Piece | Finish]:
        """Yield the answer as it is written, its `Finish` last."""
        if task.most == 0:
            yield Finish("length", Counts(len(task.prompt), 0, 0, 0, 0, 0, stopped=False))
            return
        reading = Reading(self.engine.tokenizer, stops)
        async with aclosing(self._desk.write(task, reading.push)) as pieces:
            async for piece in pieces:
                match piece:
                    case Written(text, scores):
                        if text or scores:
                            yield Piece(text, scores)
                    case Counts():
                        if rest := reading.finish():
                            yield Piece(rest)
                        stopped = piece.stopped or reading.hit
                        yield Finish("stop" if stopped else "length", piece)

    def bytes_of(self, token: int) -> bytes:
        """Return a token's bytes; of a control token its name's."""
        text = self.engine.texts[token]
        return text or str(self.engine.tokenizer.convert_ids_to_tokens(token)).encode()

    def _chat_prompt(self, request: Chat) -> tuple[int, ...]:
        tokenizer: Any = self.engine.tokenizer
        if tokenizer.chat_template is None:
            sentence = "This model has no chat template; ask /v1/completions instead."
            raise Refused(sentence, param="messages")
        try:
            ids = tokenizer.apply_chat_template(
                [
                    {name: _plain(text) for name, text in message.items()}
                    for message in request.messages
                ],
                add_generation_prompt=request.begins_answer,
                continue_final_message=request.continues,
                return_dict=False,
            )
        except (
            Exception
        ) as error:  # a template is the model's own program, and raises what it likes
            sentence = f"The model's chat template refuses these messages: {error}"
            raise Refused(sentence, param="messages") from error
        return tuple(ids)

    def _encoded(self, text: str, *, special: bool = False) -> tuple[int, ...]:
        tokenizer: Any = self.engine.tokenizer
        ids = tokenizer.backend_tokenizer.encode(_plain(text), add_special_tokens=special).ids
        return tuple(ids)

    def _prompt_texts(
        self, prompt: str | tuple[int, ...], ids: tuple[int, ...]
    ) -> tuple[bytes, ...]:
        """Return what of the prompt each of its tokens is: a control token may stand in it, too."""
        texts = [self.bytes_of(token) for token in ids]
        if not isinstance(prompt, str):
            return tuple(texts)
        tokenizer: Any = self.engine.tokenizer
        plain = _plain(prompt)
        added = tokenizer.backend_tokenizer.encode(plain).special_tokens_mask
        texts = [b"" if own else text for text, own in zip(texts, added, strict=True)]
        if b"".join(texts) == b" " + plain.encode():  # as SentencePiece begins a text
            at = next(place for place, text in enumerate(texts) if text)
            texts[at] = texts[at][1:]
        return tuple(texts)

    def _text(self, tokens: tuple[int, ...]) -> str:
        tokenizer: Any = self.engine.tokenizer
        text: str = tokenizer.backend_tokenizer.decode(list(tokens), skip_special_tokens=True)
        return text

    def _known(self, ids: tuple[int, ...]) -> tuple[int, ...]:
        size = len(self.engine.texts)
        if max(ids) >= size:
            sentence = f"`prompt` has the token {max(ids)}; the model knows {size:,}."
            raise Refused(sentence, param="prompt")
        return ids


def _plain(text: str) -> str:
    """Without half surrogate pairs, which JSON may carry and a tokenizer does not take."""
    return text.encode("utf-8", "replace").decode("utf-8")
