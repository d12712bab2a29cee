"""``python -m benchmarks.capacity.recording``: writes the table of traces from the cases.

Needs what `fastapply eval draft` needs, and the folder of cases (``FASTAPPLY_CASES``).
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from benchmarks.capacity.traces import CONDITIONS, EVERY, TABLE, flat, record, written_files
from benchmarks.samples import case_file, cases_of
from fastapply_lsp.draft.drafter import Drafter
from fastapply_lsp.errors import MalformedEdit
from fastapply_lsp.evaluation.tokenizer import read_tokenizer
from fastapply_lsp.merge.merge import merge
from fastapply_lsp.prompt.build import build_messages
from fastapply_lsp.prompt.dialects import DIALECTS
from fastapply_lsp.request.model import EditFile

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from fastapply_lsp.evaluation.cases import Case
    from fastapply_lsp.evaluation.tokenizer import Tokenizer

CASES = "apply-dev"


def rows(every: int = EVERY) -> Iterator[dict[str, Any]]:
    """Yield a row of the table for every so many cases."""
    tokenizer = read_tokenizer(None)
    altered = {
        condition: written_files(case_file(f"deviations-{condition}"))
        for condition in CONDITIONS
        if condition != "clean"
    }
    for case in cases_of(CASES)[::every]:
        written = {"clean": case.expected} | {
            condition: files[case.id] for condition, files in altered.items()
        }
        yield row(case, written, tokenizer)


def row(case: Case, written: Mapping[str, str], tokenizer: Tokenizer) -> dict[str, Any]:
    """Return one case: the tokens of its prompt, and of each file its tokens and points."""
    call = EditFile(case.path, case.instruction, case.code_edit)
    try:
        predicted = merge(case.original, call, path=case.path).predicted
    except MalformedEdit:
        predicted = case.original
    sources = [tokenizer.encode(each) for each in (predicted, case.code_edit, case.original)]
    messages = build_messages(
        DIALECTS["fastapply"], call, case.path, case.original, dialogue_tokens=0
    )
    prompt = "\n".join(message.content for message in messages)
    found: dict[str, Any] = {"id": case.id, "prompt": len(tokenizer.encode(prompt))}
    for condition, text in written.items():
        tokens = list(tokenizer.encode(text))
        points = record(Drafter(sources, tokenizer.vocabulary), tokens)
        found[condition] = [len(tokens), flat(points)]
    return found


def main() -> None:
    """Write the table."""
    lines = [json.dumps(each, separators=(",", ":")) + "\n" for each in rows()]
    TABLE.write_text("".join(lines), encoding="utf-8")
    print(f"{len(lines)} cases, {TABLE.stat().st_size / 1e3:.0f} kB")


if __name__ == "__main__":
    main()
