"""``python -m benchmarks.gpu.making FILE.npz``: the cases as token ids, for a machine with a GPU.

Needs what `fastapply eval draft` needs, and the folder of cases (``FASTAPPLY_CASES``).
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.gpu.traces import PARTS, Trace, Traces
from benchmarks.samples import cases as all_cases
from fastapply_lsp.draft.vocabulary import Vocabulary
from fastapply_lsp.errors import MalformedEdit
from fastapply_lsp.evaluation.tokenizer import read_tokenizer
from fastapply_lsp.merge.merge import merge
from fastapply_lsp.prompt.build import build_messages
from fastapply_lsp.prompt.dialects import DIALECTS
from fastapply_lsp.request.model import EditFile

if TYPE_CHECKING:
    from collections.abc import Iterable

    from fastapply_lsp.evaluation.cases import Case
    from fastapply_lsp.evaluation.tokenizer import Tokenizer

DIALECT = "fastapply"


def made(cases: Iterable[Case], tokenizer: Tokenizer) -> Traces:
    """Return the cases as token ids, numbered in the order in which they occur first."""
    numbers: dict[int, int] = {}
    traces = []
    for case in cases:
        texts = _texts(case)
        ids = {
            part: [numbers.setdefault(token, len(numbers)) for token in tokenizer.encode(text)]
            for part, text in texts.items()
        }
        lines = case.expected.count("\n")
        traces.append(Trace(case.id, lines, *[ids[part] for part in PARTS]))
    whole = tokenizer.vocabulary
    vocabulary = Vocabulary(
        [whole.lengths[token] for token in numbers], bytes(whole.kinds[token] for token in numbers)
    )
    return Traces(tuple(traces), vocabulary)


def _texts(case: Case) -> dict[str, str]:
    call = EditFile(case.path, case.instruction, case.code_edit)
    try:
        predicted = merge(case.original, call, path=case.path).predicted
    except MalformedEdit:
        predicted = case.original
    messages = build_messages(DIALECTS[DIALECT], call, case.path, case.original, dialogue_tokens=0)
    return {
        "prompt": "\n".join(message.content for message in messages),
        "predicted": predicted,
        "code_edit": case.code_edit,
        "original": case.original,
        "target": case.expected,
    }


def main(arguments: list[str]) -> None:
    """Make the file and say what is in it."""
    traces = made(all_cases(), read_tokenizer(None))
    path = Path(arguments[0])
    path.parent.mkdir(parents=True, exist_ok=True)
    traces.save(path)
    tokens = sum(len(case.target) for case in traces.cases)
    print(
        f"{len(traces.cases)} cases, {tokens:,} tokens to write,"
        f" {len(traces.vocabulary):,} different ones, {path.stat().st_size / 1e6:.1f} MB"
    )


if __name__ == "__main__":
    main(sys.argv[1:])
