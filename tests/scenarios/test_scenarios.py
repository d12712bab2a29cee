"""Every scenario, on the real driver."""

from __future__ import annotations

import pytest

from tests.scenarios.scenario import Scenario, block_of, every, update
from tests.scenarios.stage import play


@pytest.mark.parametrize("scenario", every(), ids=lambda s: f"{s.file.stem}: {s.title}")
async def test_scenario(scenario: Scenario, pytestconfig: pytest.Config) -> None:
    played = await play(scenario)
    edits = "".join(played.edits)
    facts = {
        "outcome": played.result.outcome.value,
        "error": played.result.error.code if played.result.error else "none",
        "certain": "yes" if played.result.certain else "no",
        "hunks": " ".join(hunk.state.value for hunk in played.result.hunks) or "none",
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
        assert facts[key] == value, key
