"""The JSON of the answers, in OpenAI's forms."""

from __future__ import annotations

import codecs
import time
import uuid
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from fastapply_lsp.engines.model import Counts, Scored


@dataclass(frozen=True, slots=True)
class Form:
    """What the two endpoints call things."""

    prefix: str
    whole: str
    piece: str


CHAT = Form("chatcmpl", "chat.completion", "chat.completion.chunk")
COMPLETION = Form("cmpl", "text_completion", "text_completion")


@dataclass(frozen=True, slots=True)
class Envelope:
    """What every piece of one answer begins with."""

    form: Form
    model: str
    id: str = field(default_factory=lambda: uuid.uuid4().hex)
    created: int = field(default_factory=lambda: int(time.time()))

    def piece(self, choices: list[dict[str, Any]], **more: object) -> dict[str, Any]:
        """Return one chunk of a stream."""
        return self._with(self.form.piece, choices, more)

    def whole(self, choice: dict[str, Any], counts: Counts) -> dict[str, Any]:
        """Return an answer that is not streamed."""
        return self._with(self.form.whole, [choice], {"usage": usage(counts)})

    def _with(
        self, kind: str, choices: list[dict[str, Any]], more: dict[str, Any]
    ) -> dict[str, Any]:
        head = {"id": f"{self.form.prefix}-{self.id}", "object": kind, "created": self.created}
        return {**head, "model": self.model, "choices": choices, **more}


def choice(
    finish: str | None, probabilities: dict[str, Any] | None, **said: object
) -> dict[str, Any]:
    """Return the only choice of an answer, or of a piece of it."""
    return {"index": 0, **said, "logprobs": probabilities, "finish_reason": finish}


def usage(counts: Counts) -> dict[str, Any]:
    """Return what an answer took; ``forward_passes`` is this server's own."""
    return {
        "prompt_tokens": counts.prompt,
        "completion_tokens": counts.written,
        "total_tokens": counts.prompt + counts.written,
        "prompt_tokens_details": {"cached_tokens": counts.reused},
        "completion_tokens_details": {
            "accepted_prediction_tokens": counts.accepted,
            "rejected_prediction_tokens": counts.rejected,
            "forward_passes": counts.passes,
        },
    }


def chat_probabilities(
    scores: Sequence[Scored], bytes_of: Callable[[int], bytes]
) -> dict[str, Any]:
    """Return the probabilities of a chat answer's tokens."""

    def shown(token: int, logprob: float) -> dict[str, Any]:
        text = bytes_of(token)
        return {
            "token": text.decode("utf-8", "replace"),
            "logprob": logprob,
            "bytes": list(text),
        }

    return {
        "content": [
            {
                **shown(one.token, one.logprob),
                "top_logprobs": [shown(each.token, each.logprob) for each in one.top],
            }
            for one in scores
        ]
    }


class LegacyProbabilities:
    """The probabilities of /v1/completions: lists beside each other, with offsets in the text.

    Args:
        bytes_of: a token's bytes; of a control token its name's.
        text_of: its bytes in an answer, where control tokens are not shown.
    """

    def __init__(self, bytes_of: Callable[[int], bytes], text_of: Callable[[int], bytes]) -> None:
        self._bytes_of = bytes_of
        self._text_of = text_of
        self._offset = 0
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")

    def echoed(
        self, first: int, scores: Sequence[Scored], texts: Sequence[bytes]
    ) -> dict[str, Any]:
        """Return those of the prompt; nothing precedes its ``first`` token, so that has no score.

        ``texts`` has what each token is of the text: nothing, where a tokenizer added it.
        """
        rows = self._lists(scores, texts[1:], at=len(self._decoder.decode(texts[0])))
        before: dict[str, list[Any]] = {
            "tokens": [_name(texts[0] or self._bytes_of(first))],
            "token_logprobs": [None],
            "top_logprobs": [None],
            "text_offset": [0],
        }
        return {name: [*before[name], *rows[name]] for name in rows}

    def of(self, scores: Sequence[Scored]) -> dict[str, Any]:
        """Return those of the next tokens."""
        return self._lists(scores, [self._text_of(one.token) for one in scores])

    def _lists(
        self, scores: Sequence[Scored], texts: Sequence[bytes], at: int = 0
    ) -> dict[str, Any]:
        self._offset += at
        offsets: list[int] = []
        for text in texts:
            offsets.append(self._offset)
            self._offset += len(self._decoder.decode(text))
        return {
            "tokens": [
                _name(text or self._bytes_of(one.token))
                for one, text in zip(scores, texts, strict=True)
            ],
            "token_logprobs": [one.logprob for one in scores],
            "top_logprobs": [
                {_name(self._bytes_of(each.token)): each.logprob for each in reversed(one.top)}
                for one in scores
            ],
            "text_offset": offsets,
        }


def _name(text: bytes) -> str:
    """Return a token's text; where it is no text by itself, its bytes, as OpenAI does."""
    try:
        return text.decode("utf-8")
    except UnicodeDecodeError:
        return "bytes:" + "".join(f"\\x{byte:02x}" for byte in text)


def joined(parts: Sequence[dict[str, Any]]) -> dict[str, Any] | None:
    """Return the probabilities of pieces that follow each other; ``None`` where there are none."""
    if not parts:
        return None
    return {name: [row for part in parts for row in part[name]] for name in parts[0]}
