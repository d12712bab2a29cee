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
from functools import cached_property
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

    @cached_property
    def _ids(self) -> dict[str, int]:
        return {word: 257 + at for at, word in enumerate(self.words)}

    @cached_property
    def _lengths(self) -> list[int]:
        return sorted({len(word) for word in self.words}, reverse=True)

    def encode(self, text: str) -> list[int]:
        ids: list[int] = []
        at = 0
        while at < len(text):
            if self.reads_end and text.startswith(END, at):
                ids.append(self.end)
                at += len(END)
                continue
            for length in self._lengths:
                one = self._ids.get(text[at : at + length])
                if one is not None and at + length <= len(text):
                    ids.append(one)
                    at += length
                    break
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


class Writing:
    """A model that answers one prompt with a text, in its usual tokens; anything else is left to
    ``otherwise``."""

    def __init__(self, tokenizer: Tokenizer, prompt: str, answer: str, otherwise: Next) -> None:
        self._before = len(tokenizer.encode(prompt))
        self._all = [*tokenizer.encode(prompt), *tokenizer.encode(answer), tokenizer.end]
        self._otherwise = otherwise

    def __call__(self, ids: Sequence[int]) -> int:
        if self._before <= len(ids) < len(self._all) and list(ids) == self._all[: len(ids)]:
            return self._all[len(ids)]
        return self._otherwise(ids)

    def bests(self, ids: Sequence[int]) -> list[int]:
        """What it writes after each beginning of ``ids``, the empty one left out; in one go."""
        same = next(
            (at for at, pair in enumerate(zip(ids, self._all, strict=False)) if len({*pair}) > 1),
            min(len(ids), len(self._all)),
        )
        return [
            self._all[at]
            if self._before <= at <= same and at < len(self._all)
            else self._otherwise(ids[max(0, at - 3) : at])
            for at in range(1, len(ids))
        ]


def bests(following: Next, ids: Sequence[int]) -> list[int]:
    if isinstance(following, Writing):
        return following.bests(ids)
    return [following(ids[:at]) for at in range(1, len(ids))]


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
        for at, best in enumerate(bests(self.following, all_ids), start=1):
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

        tops = [[entry(best)] for best in bests(self.following, ids)[first:]]
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
