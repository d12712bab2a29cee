"""How does a text come apart into the tokens of a real model?"""

# ruff: noqa: PLC0415 - the libraries are an extra, and only one of them is needed

from __future__ import annotations

import base64
import importlib.util
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from fastapply_lsp.draft.vocabulary import Vocabulary
from fastapply_lsp.errors import Unreadable

if TYPE_CHECKING:
    from collections.abc import Sequence

_DEFAULT = "tekken_240911.json"
_INSTALL = "it needs the extra: pip install 'fastapply-lsp[eval]'"


class Tokenizer(Protocol):
    """Byte-level BPE of one model."""

    @property
    def vocabulary(self) -> Vocabulary:
        """Its tokens."""
        ...

    def encode(self, text: str) -> Sequence[int]:
        """Return the text's tokens, without any control token."""
        ...


class Tekken:
    """A ``tekken.json``, as mistral-common has it: base64 tokens in the order of their ranks.

    Raises:
        Unreadable: it is none.
    """

    def __init__(self, described: dict[str, Any]) -> None:
        import tiktoken

        config = described["config"]
        count = config["default_vocab_size"] - config["default_num_special_tokens"]
        texts = [base64.b64decode(each["token_bytes"]) for each in described["vocab"][:count]]
        self.vocabulary = Vocabulary.of(texts)
        self._encoding = tiktoken.Encoding(
            "tekken",
            pat_str=config["pattern"],
            mergeable_ranks={text: rank for rank, text in enumerate(texts)},
            special_tokens={},
        )

    def encode(self, text: str) -> Sequence[int]:
        """See `Tokenizer`."""
        return self._encoding.encode_ordinary(text)


class HuggingFace:
    """A ``tokenizer.json`` of byte-level BPE, as models on the hub have it."""

    def __init__(self, described: str) -> None:
        import tokenizers

        self._tokenizer = tokenizers.Tokenizer.from_str(described)
        letters = _letters()
        ids = self._tokenizer.get_vocab(with_added_tokens=False)
        texts = [b""] * (max(ids.values()) + 1)
        for token, number in ids.items():
            texts[number] = bytes(letters.get(letter, ord("?")) for letter in token)
        self.vocabulary = Vocabulary.of(texts)

    def encode(self, text: str) -> Sequence[int]:
        """See `Tokenizer`."""
        ids: list[int] = self._tokenizer.encode(text, add_special_tokens=False).ids
        return ids


def read_tokenizer(file: str | None) -> Tokenizer:
    """Return the tokenizer of a file; without one, mistral-common's, of 131,072 tokens.

    Raises:
        Unreadable: the file is missing, or is neither a tekken.json nor a tokenizer.json; or the
            library that reads it is not installed.
    """
    path = _default() if file is None else Path(file)
    try:
        text = path.read_text(encoding="utf-8")
        described = json.loads(text)
        return HuggingFace(text) if "model" in described else Tekken(described)
    except ImportError as error:
        raise Unreadable(str(path), _INSTALL) from error
    except OSError as error:
        raise Unreadable(str(path), error.strerror or type(error).__name__) from error
    except (ValueError, KeyError, TypeError) as error:
        problem = "it is neither a tekken.json nor a tokenizer.json"
        raise Unreadable(str(path), problem) from error


def _default() -> Path:
    found = importlib.util.find_spec("mistral_common")
    if found is None or found.origin is None:
        raise Unreadable("the tokenizer", _INSTALL)
    return Path(found.origin).parent / "data" / _DEFAULT


def _letters() -> dict[str, int]:
    """Return the byte of each letter in which a byte-level tokenizer.json writes its tokens.

    Printable bytes stand for themselves, the others for the letters from U+0100 on, in order
    (GPT-2, Radford et al. 2019).
    """
    printable = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    others = (byte for byte in range(0x100) if byte not in printable)
    shifted = {chr(0x100 + number): byte for number, byte in enumerate(others)}
    return {chr(byte): byte for byte in printable} | shifted
