"""The protocol reference shows what really goes over the wire."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from fastapply_lsp.apply.model import Figures, Result
from fastapply_lsp.errors import (
    AmbiguousTarget,
    FastApplyError,
    NotPlaced,
    RewriteRejected,
    TooLarge,
    UnknownTarget,
)
from fastapply_lsp.request.schema import parse_edit_file, tool_schema
from fastapply_lsp.server import names
from fastapply_lsp.server.wire import decided_json, error_json, range_json, result_json
from fastapply_lsp.session.events import Outcome
from fastapply_lsp.session.hunks import Hunk, HunkState, Mark, Offsets
from fastapply_lsp.text.edits import Edit
from fastapply_lsp.text.positions import PositionEncoding, TextIndex

PAGE = Path(__file__).parents[2] / "docs" / "reference" / "protocol.md"
TEXT = PAGE.read_text(encoding="utf-8")
SECTIONS = {
    section.partition("\n")[0]: section
    for section in re.split(r"^#{2,4} ", TEXT, flags=re.MULTILINE)[1:]
}
EXAMPLES: dict[str, list[Any]] = {
    title: [json.loads(text) for text in re.findall(r"```json\n(.*?)```", section, re.DOTALL)]
    for title, section in SECTIONS.items()
}

HUNK = Hunk(1, (Edit(0, 6, "a = 3\n"),), ("a = 1\n",), ("a = 3\n",), HunkState.PENDING)
PLACE = range_json(TextIndex("a = 1\nb = 2\n"), Offsets(0, 6), PositionEncoding.UTF16)


def wired(error: FastApplyError | None = None) -> dict[str, Any]:
    """Return a result as the server sends it."""
    outcome = Outcome.APPLIED if error is None else Outcome.FAILED
    result = Result(
        "be9ada18fe4d",
        outcome,
        "embedded",
        certain=True,
        reasons=(),
        hunks=(HUNK,),
        figures=Figures(1.0, 2.0, 12),
        text="",
        error=error,
    )
    return result_json(result, uri="file:///a.py", target="a.py", ranges={HUNK.id: PLACE})


def shape(value: object) -> object:
    """Return the keys of an object, all the way down, in their order."""
    if isinstance(value, dict):
        return [(key, shape(inner)) for key, inner in value.items()]
    if isinstance(value, list):
        return [shape(inner) for inner in value if isinstance(inner, dict)]
    return None


def test_every_fence_of_the_page_is_an_example() -> None:
    assert TEXT.count("```") == 2 * sum(map(len, EXAMPLES.values())) > 0


def test_the_result_has_the_keys_of_the_wire() -> None:
    [example] = EXAMPLES["The result"]
    assert shape(example) == shape(wired())


def test_the_figures_of_the_result_fit_each_other() -> None:
    [example] = EXAMPLES["The result"]
    figures = example["figures"]
    speed = 1000 * figures["characters"] / figures["wall_ms"]
    assert figures["characters_per_s"] == pytest.approx(speed, rel=1e-2)
    assert figures["tokens_per_s"] == pytest.approx(figures["characters_per_s"] / 4, rel=1e-3)


def test_the_table_of_the_result_names_real_fields() -> None:
    rows = re.findall(r"^\| (`.*?) \|", SECTIONS["The result"], re.MULTILINE)
    said = set(re.findall(r"`(?:hunks\[\]\.|figures\.)?(\w+)`", " ".join(rows)))
    told = wired(UnknownTarget("x"))
    [hunk] = wired()["hunks"]
    assert said <= {*told, *hunk, *told["figures"]}
    assert {*hunk} - said == {"id"}


def test_the_words_of_the_result_are_those_of_the_code() -> None:
    table = SECTIONS["The result"]
    states = {HunkState.PENDING, HunkState.ACCEPTED, HunkState.REJECTED, HunkState.CONFLICT}
    for word in (*Outcome, *states, Mark.UNSURE, Mark.UNREQUESTED, Mark.REFUSED):
        assert f"`{word.value}`" in table


def test_a_decision_has_the_keys_of_the_wire() -> None:
    [example] = EXAMPLES[f"`{names.DECIDED}`"]
    assert shape(example) == shape(decided_json("be9ada18fe4d", "file:///a.py", (HUNK,), 1))


def test_the_call_is_one_of_the_tool() -> None:
    call, block, snippet, answer = EXAMPLES[f"`{names.APPLY}`"]
    read = parse_edit_file(call)
    assert (read.target_file, read.backend, len(read.messages)) == ("src/app.py", "openai", 1)
    required = tool_schema()["required"]
    assert isinstance(required, list)
    assert set(required) < set(call)
    assert set(block) == {"chat", "block"}
    assert set(snippet) == {"document", "range", "snippet"}
    assert shape(snippet["range"]) == shape(PLACE)
    assert set(answer) == {"apply"}


def test_every_command_and_notification_has_a_section() -> None:
    titles = " ".join(SECTIONS)
    for name in (*names.COMMANDS, names.EDIT_FILE, names.APPLIED, names.DECIDED):
        assert f"`{name}`" in titles


@pytest.mark.parametrize(
    "error",
    [
        AmbiguousTarget(("a/x.py", "b/x.py")),
        NotPlaced(("no line of it is in the file",)),
        RewriteRejected(("prose",)),
        TooLarge("x.py", 2, 1, "bytes"),
        UnknownTarget("x.py"),
    ],
)
def test_every_key_of_an_error_is_in_its_row(error: FastApplyError) -> None:
    [row] = [line for line in SECTIONS["The result"].splitlines() if line.startswith("| `error`")]
    assert set(error_json(error)) <= set(re.findall(r"`(\w+)`", row))
