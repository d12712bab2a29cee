"""A language model small enough to reason about, behind the two protocols that score texts.

Its tokenizer takes the longest token that fits, so that a text's tokens change when more is
written; characters without a token are cut into bytes. It is deterministic: what it writes next
depends on the tokens before, and on nothing else.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import httpx

from fastapply_lsp.backends.completions_api import read_completion
from fastapply_lsp.backends.scoring import Ask, Scored
from fastapply_lsp.backends.sglang_api import read_generation

END = "<|endoftext|>"


@dataclass(frozen=True)
class Tokenizer:
    """``words`` are the tokens of more than a byte; ids 0 to 255 are the bytes, 256 is the end.

    ``reads_end`` says that the end's text, met in a prompt, becomes the end's token.
    """

    words: tuple[str, ...]
    reads_end: bool = False

    @property
    def end(self) -> int:
        return 256

    @property
    def size(self) -> int:
        return 257 + len(self.words)

    def encode(self, text: str) -> list[int]:
        ids: list[int] = []
        at = 0
        while at < len(text):
            if self.reads_end and text.startswith(END, at):
                ids.append(self.end)
                at += len(END)
                continue
            fitting = [word for word in self.words if text.startswith(word, at)]
            if fitting:
                word = max(fitting, key=len)
                ids.append(257 + self.words.index(word))
                at += len(word)
            else:
                ids += text[at].encode()
                at += 1
        return ids

    def bytes_of(self, one: int) -> bytes:
        if one == self.end:
            return b""
        return bytes([one]) if one < 256 else self.words[one - 257].encode()

    def decode(self, ids: Sequence[int]) -> str:
        return b"".join(map(self.bytes_of, ids)).decode(errors="replace")

    def shown(self, one: int) -> str:
        """As OpenAI shows a token."""
        if one == self.end:
            return END
        try:
            return self.bytes_of(one).decode()
        except UnicodeDecodeError:
            return "bytes:" + "".join(f"\\x{byte:02x}" for byte in self.bytes_of(one))


Next = Callable[[Sequence[int]], int]


def hashing(tokenizer: Tokenizer, seed: int, allowed: Sequence[int], end_in: int = 40) -> Next:
    """A model that writes noise: any of ``allowed``, by the last three tokens, and ends at times."""

    def following(ids: Sequence[int]) -> int:
        number = zlib.crc32(repr((seed, tuple(ids[-3:]))).encode())
        if number % end_in == 0:
            return tokenizer.end
        return allowed[(number >> 8) % len(allowed)]

    return following


def writing(tokenizer: Tokenizer, prompt: str, answer: str, otherwise: Next) -> Next:
    """A model that answers one prompt with a text, in its usual tokens; what else it is asked goes
    to ``otherwise``."""
    before, target = tokenizer.encode(prompt), [*tokenizer.encode(answer), tokenizer.end]

    def following(ids: Sequence[int]) -> int:
        done = len(ids) - len(before)
        if 0 <= done < len(target) and list(ids) == [*before, *target[:done]]:
            return target[done]
        return otherwise(ids)

    return following


@dataclass
class ToyServer:
    """The model behind HTTP; ``asked`` holds the bodies of the calls."""

    tokenizer: Tokenizer
    following: Next
    most_new: int = 10_000
    asked: list[dict[str, Any]] = field(default_factory=list)

    def greedy(self, prompt: str, most: int) -> str:
        """What it writes by itself."""
        ids = self.tokenizer.encode(prompt)
        return self.tokenizer.decode(self._write(ids, most))

    def _write(self, ids: Sequence[int], most: int) -> list[int]:
        new: list[int] = []
        while len(new) < min(most, self.most_new):
            one = self.following([*ids, *new])
            if one == self.tokenizer.end:
                break
            new.append(one)
        return new

    def completion(self, body: dict[str, Any]) -> dict[str, Any]:
        ids = self.tokenizer.encode(body["prompt"])
        new = self._write(ids, body["max_tokens"])
        all_ids = [*ids, *new]
        shown = [self.tokenizer.shown(one) for one in all_ids]
        top: list[dict[str, float] | None] = [None]
        for at in range(1, len(all_ids)):
            best = self.following(all_ids[:at])
            top.append({shown[at]: -3.0, self.tokenizer.shown(best): -0.5})
        stopped = len(new) < min(body["max_tokens"], self.most_new)
        text = body["prompt"] + self.tokenizer.decode(new)
        choice = {
            "text": text,
            "finish_reason": "stop" if stopped else "length",
            "logprobs": {"tokens": shown, "top_logprobs": top[: len(shown)]},
        }
        counts = {"prompt_tokens": len(ids), "completion_tokens": len(new)}
        return {"choices": [choice], "usage": counts}

    def generation(self, body: dict[str, Any]) -> dict[str, Any]:
        ids = self.tokenizer.encode(body["text"])
        most = body["sampling_params"]["max_new_tokens"]
        new = self._write(ids, most)
        stopped = len(new) < min(most, self.most_new)
        first = body["logprob_start_len"]

        def entry(one: int) -> list[Any]:
            return [-0.5, one, END if one == 256 else self.tokenizer.decode([one])]

        tops = [[entry(self.following(ids[:at]))] for at in range(first + 1, len(ids))]
        said = [*new, self.tokenizer.end] if stopped else new
        matched: dict[str, Any] = {"type": "stop", "matched": self.tokenizer.end}
        return {
            "text": self.tokenizer.decode(new),
            "meta_info": {
                "prompt_tokens": len(ids),
                "completion_tokens": len(said),
                "finish_reason": matched if stopped else {"type": "length", "length": most},
                "input_token_logprobs": [entry(one) for one in ids[first:]],
                "input_top_logprobs": [None, *tops][: len(ids) - first],
                "output_token_logprobs": [entry(one) for one in said],
            },
        }

    def score(self, ask: Ask, protocol: str) -> Scored:
        """One call without HTTP."""
        if protocol == "openai":
            body = {"prompt": ask.text, "max_tokens": ask.new}
            return read_completion(self.completion(body), ask)
        sampling = {"max_new_tokens": ask.new}
        body = {"text": ask.text, "sampling_params": sampling, "logprob_start_len": ask.first}
        return read_generation(self.generation(body), ask)

    def transport(self) -> httpx.MockTransport:
        def handler(request: httpx.Request) -> httpx.Response:
            body = json.loads(request.content)
            self.asked.append(body)
            answer = self.completion(body) if "prompt" in body else self.generation(body)
            return httpx.Response(200, json=answer)

        return httpx.MockTransport(handler)
