"""In which tokens is it written? Those of a real model, the first 32,765 of them, and three more.

The tekken file that mistral-common brings has its tokens in the order in which they were learnt, so
the first ones are a smaller vocabulary of the same kind: as large as a small model's.
"""

from __future__ import annotations

import base64
import importlib.util
import json
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers
from transformers import PreTrainedTokenizerFast

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from fastapply_lsp.request.model import Message

SIZE = 32_768
START, END, PAD = "<|im_start|>", "<|im_end|>", "<|pad|>"
_FILE = "tekken_240911.json"


@cache
def tokenizer() -> PreTrainedTokenizerFast:
    """Return the tokenizer; takes a second or two, the first time."""
    described: dict[str, Any] = json.loads(file().read_text(encoding="utf-8"))
    special = (START, END, PAD)
    first = described["vocab"][: SIZE - len(special)]
    texts = [base64.b64decode(each["token_bytes"]) for each in first]
    return _fast(texts, described["config"]["pattern"], special)


def file() -> Path:
    """Return where the tokens are."""
    found = importlib.util.find_spec("mistral_common")
    assert found is not None, "the tokens come with mistral-common"
    assert found.origin is not None
    return Path(found.origin).parent / "data" / _FILE


def prompt_ids(messages: Sequence[Message]) -> list[int]:
    """Return the prompt, in the turns that many chat models take (ChatML)."""
    turns = "".join(f"{START}{one.role}\n{one.content}{END}\n" for one in messages)
    return encoded(f"{turns}{START}assistant\n")


def encoded(text: str) -> list[int]:
    """Return the tokens of a text."""
    ids: list[int] = tokenizer()(text)["input_ids"]
    return ids


def _fast(texts: Sequence[bytes], pattern: str, special: Sequence[str]) -> PreTrainedTokenizerFast:
    ranks = {text: rank for rank, text in enumerate(texts)}
    letters = _letters()
    spelled = {text: "".join(letters[byte] for byte in text) for text in texts}
    merges = [tuple(spelled[half] for half in _halves(text, ranks)) for text in texts]
    vocabulary = {spelled[text]: rank for text, rank in ranks.items()}
    backend = Tokenizer(
        models.BPE(
            vocab=vocabulary,
            merges=[(pair[0], pair[1]) for pair in merges if len(pair) == 2],
            ignore_merges=True,
        )
    )
    backend.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(pattern), "isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    backend.decoder = decoders.ByteLevel()
    backend.add_special_tokens(list(special))
    return PreTrainedTokenizerFast(tokenizer_object=backend, eos_token=END, pad_token=PAD)


def _halves(text: bytes, ranks: Mapping[bytes, int]) -> list[bytes]:
    """Return the two tokens that were put together to make this one; one byte is itself."""
    parts = [text[at : at + 1] for at in range(len(text))]
    while len(parts) > 2:
        pairs = [ranks.get(one + two, SIZE) for one, two in pairwise(parts)]
        least = min(range(len(pairs)), key=pairs.__getitem__)
        if pairs[least] >= ranks[text]:
            break
        parts[least : least + 2] = [parts[least] + parts[least + 1]]
    return parts


def _letters() -> list[str]:
    """Return the letter for each byte, as byte-level BPE has it (GPT-2, Radford et al. 2019)."""
    printable = {*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)}
    others = iter(range(0x100, 0x200))
    return [chr(byte if byte in printable else next(others)) for byte in range(0x100)]
