"""Every scenario, on the real driver."""

from __future__ import annotations

import pytest

from tests.scenarios.scenario import Scenario, block_of, every, update
from tests.scenarios.stage import play


@pytest.mark.parametrize("scenario", every(), ids=lambda s: f"{s.file.stem}: {s.title}")
async def test_scenario(scenario: Scenario, pytestconfig: pytest.Config) -> None:
    played = await play(scenario)
    edits = "".join(played.edits)
    result = played.result
    facts = {
        "outcome": result.outcome.value,
        "error": result.error.code if result.error else "none",
        "backend": result.backend,
        "certain": "yes" if result.certain else "no",
        "hunks": " ".join(hunk.state.value for hunk in result.hunks) or "none",
        "marks": " ".join(hunk.mark.value or "none" for hunk in result.hunks) or "none",
    }
    lists = {
        "note": result.notes,
        "repair": result.repairs,
        "reason": result.reasons,
        "hunk note": tuple(hunk.note for hunk in result.hunks),
    }
    if pytestconfig.getoption("--update-scenarios"):
        if "edits" in scenario.blocks:
            update(scenario, "edits", edits)
        if "after" in scenario.blocks:
            update(scenario, "after", block_of(played.editor.text))
        return
    assert played.editor.text == scenario.after
    if "edits" in scenario.blocks:
        assert edits == scenario.blocks["edits"]
    for line in scenario.blocks.get("result", "").splitlines():
        key, _, value = line.partition(": ")
        if key in lists:
            assert value in lists[key]
        else:
            assert facts[key] == value, key
