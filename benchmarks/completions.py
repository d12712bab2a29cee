"""How many calls does the backend `completions` make for a file? Counted, without a server.

``python -m benchmarks.completions CASES.jsonl.gz [WRITTEN.jsonl.gz]``: an oracle writes each
expected file, or the one that WRITTEN has for the case, in the tokens of a real vocabulary; the
draft is the merge's prediction. The figures are in docs/how-to/models.md.
"""

from __future__ import annotations

import gzip
import json
import sys
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING

from fastapply_lsp.backends.scoring import Ask, Scored, Token, ends_of, token_of
from fastapply_lsp.backends.speculation import Speculation
from fastapply_lsp.backends.text_draft import TextDrafter
from fastapply_lsp.errors import MalformedEdit
from fastapply_lsp.evaluation.cases import read_cases
from fastapply_lsp.evaluation.tokenizer import Tekken, read_tokenizer
from fastapply_lsp.merge import merge
from fastapply_lsp.request.model import EditFile
from fastapply_lsp.settings import CompletionsSettings

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fastapply_lsp.evaluation.cases import Case

PROMPT = "The whole file after the edit, every line written out:\n\n```text\n"
FENCE = "```"
OTHER = Token(-1, "?")
"""What the oracle would write where it is not asked for its own text."""


class Oracle:
    """Scores texts as a model would that writes one answer to one prompt."""

    def __init__(self, tokenizer: Tekken, answer: str) -> None:
        self._tokenizer = tokenizer
        self.answer = list(tokenizer.encode(answer))
        self._all = [*tokenizer.encode(PROMPT), *self.answer]

    def score(self, ask: Ask) -> Scored:
        """Return what a server would."""
        ids = list(self._tokenizer.encode(ask.text))
        same = _common(ids, self._all)
        new = self._all[same : same + ask.new] if same == len(ids) else []
        tokens = [self._token(one) for one in (*ids, *new)]
        text = ask.text + self._decoded(new)
        given = ends_of(tokens[: len(ids)], ask.text)
        ends = (*given, *ends_of(tokens[len(ids) :], text, len(ask.text)))
        best: list[Token | None] = [None, *tokens[1 : len(ids)]]
        if 0 < same < len(ids):
            best[same] = self._token(self._all[same]) if same < len(self._all) else OTHER
            best[same + 1 :] = [OTHER] * (len(ids) - same - 1)
        finished = len(new) < ask.new
        return Scored(text, 0, tuple(tokens), ends, tuple(best), len(ids), finished)

    def _token(self, one: int) -> Token:
        return token_of(one, self._decoded([one]))

    def _decoded(self, ids: Sequence[int]) -> str:
        encoding = self._tokenizer._encoding  # noqa: SLF001 - nobody else has to decode
        return encoding.decode_bytes(list(ids)).decode(errors="replace")


@dataclass(frozen=True)
class Count:
    """One file: its tokens, the calls, and what became of the draft."""

    tokens: int
    calls: int
    accepted: int
    rejected: int


def count(case: Case, written: str, tokenizer: Tekken) -> Count:
    """Write one file and count; raises where the text is not the oracle's."""
    call = EditFile(case.path, case.instruction, case.code_edit)
    merged = merge(case.original, call, path=case.path)
    sources = [f"{merged.predicted}{FENCE}", call.code_edit, case.original]
    drafter = TextDrafter([source.replace("\r\n", "\n") for source in sources])
    chunk = CompletionsSettings().chunk_tokens
    loop = Speculation(PROMPT, drafter, chunk=chunk, trust=merged.certain)
    answer = written.replace("\r\n", "\n") + FENCE
    oracle = Oracle(tokenizer, answer)
    said = ""
    while len(said) < len(answer):
        said += loop.take(oracle.score(loop.ask()))
        if not answer.startswith(said):
            raise AssertionError(case.id)
    return Count(len(oracle.answer), loop.calls, loop.accepted, loop.rejected)


def _common(one: Sequence[int], other: Sequence[int]) -> int:
    pairs = enumerate(zip(one, other, strict=False))
    return next((at for at, (a, b) in pairs if a != b), min(len(one), len(other)))


def _written(path: Path) -> dict[str, str]:
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        return {row["id"]: row["written"] for row in map(json.loads, lines)}


def main(arguments: list[str]) -> None:
    """Print one line of figures."""
    tokenizer = read_tokenizer(None)
    assert isinstance(tokenizer, Tekken)
    written = _written(Path(arguments[1])) if len(arguments) > 1 else None
    counts = []
    for case in read_cases(Path(arguments[0])):
        text = case.expected if written is None else written.get(case.id)
        if text is None:
            continue
        try:
            counts.append(count(case, text, tokenizer))
        except MalformedEdit:
            continue
    tokens, calls = (sum(getattr(one, name) for one in counts) for name in ("tokens", "calls"))
    print(
        f"{len(counts)} cases, {tokens:,} tokens, {calls:,} calls, {tokens / calls:,.0f} tokens per"
        f" call, median {median(one.calls for one in counts):g} calls, draft tokens:"
        f" {sum(one.accepted for one in counts):,} accepted,"
        f" {sum(one.rejected for one in counts):,} rejected"
    )


if __name__ == "__main__":
    main(sys.argv[1:])
