"""Every scenario once more, through a real server process: the editor and the model are the test's.

What the model writes after the user's typing waits until the edits of the chunks before have come,
so each run is the story that the scenario tells.
"""

from __future__ import annotations

import asyncio
import re
from contextlib import suppress
from pathlib import Path

import pytest

from tests.neovim.model_server import ModelServer
from tests.scenarios.scenario import Scenario, every
from tests.server.conftest import Connect
from tests.server.fake_client import Failure, FakeClient
from tests.server.fake_editor import Buffer

pytestmark = pytest.mark.process


@pytest.mark.parametrize("scenario", every(), ids=lambda s: f"{s.file.stem}: {s.title}")
async def test_scenario_through_a_server(
    connect: Connect, root: Path, model: ModelServer, scenario: Scenario
) -> None:
    settings = model.settings if scenario.chunks else {"backend": "embedded"}
    client = await connect(options=settings)
    target = root / scenario.path
    target.write_bytes(scenario.buffer.encode())
    buffer = client.open(target, language=scenario.language)
    call = {
        "target_file": scenario.path,
        "instructions": scenario.title,
        "code_edit": scenario.blocks.get("code_edit", scenario.rewrite),
    }
    _, answer = client.ask("fastapply/editFile", call)
    if scenario.chunks:  # what is typed before the model is asked is part of its original
        assert await asyncio.to_thread(model.asked.wait, 30)
    for number, chunk in enumerate(scenario.chunks, 1):
        model.say(chunk)
        happening = number in scenario.faults or any(t.chunk == number for t in scenario.typing)
        if happening:
            await _edits_have_come(client, buffer, scenario, number)
        for typing in scenario.typing:
            if typing.chunk == number:
                client.type(buffer, buffer.text.index(typing.before), typing.text)
        match scenario.faults.get(number):
            case "cancel":
                await client.execute("fastapply.cancel", {})
                break
            case "break":
                model.break_off()
                break
            case "truncate":
                model.finish("length")
                break
            case _:
                pass
    else:
        model.finish()
    told = scenario.blocks.get("result", "")
    if "was refused" in told:  # the model is asked once more
        model.answer("".join(scenario.again or scenario.chunks))
    result = await client.applied()
    facts = {key: value for key, _, value in (line.partition(": ") for line in told.splitlines())}
    assert result["outcome"] == facts.get("outcome", "applied")
    with suppress(Failure):  # a failed apply answers with its error
        await asyncio.wait_for(answer, 30)
    assert buffer.text == scenario.after


async def _edits_have_come(
    client: FakeClient, buffer: Buffer, scenario: Scenario, chunk: int
) -> None:
    """Wait for what the chunks so far change, where the scenario says that they change anything."""
    heads = re.findall(r"^chunk (\d+) @", scenario.blocks.get("edits", ""), re.MULTILINE)
    due = any(int(head) <= chunk for head in heads)
    if due:
        await client.until(lambda: buffer.text != scenario.buffer, f"the edits of chunk {chunk}")
