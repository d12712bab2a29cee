"""What does the model write, and from what is it drafted? Real cases, as token ids, in one file.

The ids are numbered anew, densely, so that they fit any model's vocabulary; the machine with the
GPU needs neither a tokenizer nor a parser. `making.py` makes the file.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from fastapply_lsp.draft.vocabulary import Kind, Vocabulary

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

PARTS = ("prompt", "predicted", "code_edit", "original", "target")


@dataclass(frozen=True, slots=True)
class Trace:
    """One case as token ids: what is read, the draft's sources, what is written."""

    name: str
    lines: int
    prompt: list[int]
    predicted: list[int]
    code_edit: list[int]
    original: list[int]
    target: list[int]

    @property
    def tokens(self) -> int:
        """How much room prompt and answer take."""
        return len(self.prompt) + len(self.target)

    @property
    def size(self) -> str:
        """The class of the file's length."""
        if self.lines <= SHORT_MOST:
            return "short"
        return "long" if self.lines >= LONG_LEAST else "400 lines" if self._middle else "other"

    @property
    def _middle(self) -> bool:
        return MIDDLE[0] <= self.lines <= MIDDLE[1]


SHORT_MOST = 120
MIDDLE = (300, 500)
LONG_LEAST = 1900
SIZES = ("short", "400 lines", "long")
"""``long`` is 1,900 to 2,500 lines: the longest that the cases have."""


@dataclass(frozen=True, slots=True)
class Traces:
    """All cases, and the tokens that occur in them."""

    cases: tuple[Trace, ...]
    vocabulary: Vocabulary

    def some(self, size: str, most: int) -> tuple[Trace, ...]:
        """Return up to ``most`` cases of a size, spread evenly over all that there are."""
        found = [case for case in self.cases if case.size == size]
        if len(found) <= most:
            return tuple(found)
        return tuple(found[at * len(found) // most] for at in range(most))

    def save(self, path: Path) -> None:
        """Write the file; numbers only, nothing that could run."""
        texts = [getattr(case, part) for case in self.cases for part in PARTS]
        np.savez_compressed(
            path,
            tokens=np.array([token for text in texts for token in text], dtype=np.uint32),
            ends=np.cumsum([len(text) for text in texts], dtype=np.int64),
            names=np.array([case.name for case in self.cases], dtype=np.str_),
            lines=np.array([case.lines for case in self.cases], dtype=np.int64),
            lengths=np.array(self.vocabulary.lengths, dtype=np.int64),
            kinds=np.frombuffer(self.vocabulary.kinds, dtype=np.uint8),
        )


def read(path: Path) -> Traces:
    """Read what `Traces.save` wrote."""
    with np.load(path, allow_pickle=False) as held:
        ends: list[int] = held["ends"].tolist()
        tokens: list[int] = held["tokens"].tolist()
        texts = [tokens[first:end] for first, end in zip([0, *ends], ends, strict=False)]
        cases = [
            Trace(str(name), int(lines), *texts[at * len(PARTS) : (at + 1) * len(PARTS)])
            for at, (name, lines) in enumerate(zip(held["names"], held["lines"], strict=True))
        ]
        vocabulary = Vocabulary(held["lengths"].tolist(), held["kinds"].tobytes())
    return Traces(tuple(cases), vocabulary)


def invented(lines: Sequence[int], seed: int = 1) -> Traces:
    """Return cases without any text: lines of random tokens, a few of them edited.

    For machines to which no case may go, and for tests. One line in 40 is altered, and of these the
    draft knows three in four.
    """
    rng = np.random.default_rng(seed)
    words, end = 2_000, 0
    cases = []
    for number, count in enumerate(lines):
        before = [[*rng.integers(1, words, size=rng.integers(3, 14)), end] for _ in range(count)]
        after, predicted, edit = [], [], []
        for line in before:
            new = [*rng.integers(1, words, size=len(line)), end] if rng.random() < 1 / 40 else line
            after.append(new)
            predicted.append(new if rng.random() < 3 / 4 else line)
            edit += new if new is not line else []
        original, target = _flat(before), _flat(after)
        prompt = [*original, *map(int, edit)]
        cases.append(
            Trace(f"invented-{number}", count, prompt, _flat(predicted), prompt[len(original) :],
                  original, target)
        )  # fmt: skip
    kinds = bytes([Kind.LINE, *[Kind.WORD] * (words - 1)])
    return Traces(tuple(cases), Vocabulary([1] + [4] * (words - 1), kinds))


def _flat(lines: Sequence[Sequence[int]]) -> list[int]:
    return [int(token) for line in lines for token in line]
