"""Editors that refuse, lie, drop, are slow to tell, or count otherwise."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.neovim.model_server import ModelServer
from tests.server.conftest import Connect
from tests.server.fake_client import FakeClient
from tests.server.fake_editor import Manner
from tests.server.stories import HALF, ORIGINAL, REWRITE, Scene, scene

pytestmark = pytest.mark.process

MANNERS = {
    "strict": Manner(),
    "drops stale edits, and says applied": Manner(stale="drop"),
    "ignores versions": Manner(stale="apply"),
    "has no versions": Manner(versions=False, stale="apply"),
    "tells whole texts": Manner(full_sync=True),
    "lies once": Manner(lies=1),
    "utf-8": Manner(encoding="utf-8"),
    "utf-32": Manner(encoding="utf-32"),
}


@pytest.mark.parametrize("name", MANNERS)
async def test_typing_during_the_stream(
    connect: Connect, root: Path, model: ModelServer, name: str
) -> None:
    client = await connect(MANNERS[name], options=model.settings)
    play = scene(client, root)
    await play.half(model)
    for word in ("# a\n", "# \U0001f600\n", "# c\n"):
        client.type(play.source, 0, word)
    if client.manner.stale == "apply":
        # An editor that looks at no version puts an edit where nobody can know, if its user types
        # while the edit is on its way; so the server hears of the typing first.
        await client.actions(play.source)
    model.answer(REWRITE[HALF:])
    await client.applied()
    typed = "# c\n# \U0001f600\n# a\n"
    await client.until(lambda: play.source.text == typed + REWRITE, "both texts")
    await client.execute("fastapply.rejectAll", {"uri": play.source.uri})
    await client.until(lambda: play.source.text == typed + ORIGINAL, "only what was typed")


async def test_changes_that_are_told_late(connect: Connect, root: Path, model: ModelServer) -> None:
    client = await connect(Manner(debounce=True, stale="drop"), options=model.settings)
    play = scene(client, root)
    await play.apply()
    model.say(REWRITE[:HALF])
    await client.until(lambda: client.edits, "an edit")
    # The user types before the server has heard of its own edit; both come in one change.
    client.type(play.source, 0, "# mine\n")
    client.settle(play.source)
    model.answer(REWRITE[HALF:])
    await settled(client, play, "# mine\n" + REWRITE)
    await client.applied()


async def settled(client: FakeClient, play: Scene, text: str) -> None:
    """Tell the server of what changed, again and again, until the buffer is so."""

    def so() -> bool:
        client.settle(play.source)
        return play.source.text == text

    await client.until(so, "the text")
    client.settle(play.source)


@pytest.mark.parametrize(
    ("manner", "reason"),
    [
        (Manner(refuses=True), "read-only"),
        (Manner(errors=True), "Wrong type argument"),
    ],
)
async def test_an_editor_that_takes_no_edit(
    connect: Connect, root: Path, manner: Manner, reason: str
) -> None:
    client = await connect(manner, options={"backend": "embedded"})
    play = scene(client, root)
    await play.apply()
    result = await client.applied()
    assert (result["outcome"], result["error"]["code"]) == ("failed", "editor-refused")
    assert reason in result["error"]["message"]
    assert play.source.text == ORIGINAL


TEXTS = {
    "CRLF": ORIGINAL.replace("\n", "\r\n"),
    "CR": ORIGINAL.replace("\n", "\r"),
    "mixed": ORIGINAL.replace("return one\n", "return one\r\n").replace("os\n", "os\r"),
    "no final newline": ORIGINAL.rstrip("\n"),
    "astral": ORIGINAL.replace("one", "\U0001f600one").replace("third", "thi\u0301rd\U0001f468"),
    "form feed": ORIGINAL.replace("import os\n", "import os\n\x0c\n"),
    "line separator": ORIGINAL.replace("import os\n", 's = "a\u2028b\u2029c\x85d"\n'),
}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-32"])
@pytest.mark.parametrize("name", TEXTS)
async def test_bytes_survive(
    connect: Connect, root: Path, model: ModelServer, name: str, encoding: str
) -> None:
    text = TEXTS[name]
    rewrite = text.replace("= x", "= 10 * x")
    client = await connect(encoding=encoding, options=model.settings)
    play = scene(client, root, text=text, code=rewrite)
    assert client.encoding == encoding
    await play.apply()
    model.answer(rewrite)
    await client.applied()
    assert play.source.text == rewrite
    # Typing shows whether the server still counts as the editor does.
    client.type(play.source, play.source.text.index("def second"), "\U0001f600\n")
    await client.execute("fastapply.rejectAll", {"uri": play.source.uri})
    at = text.index("def second")
    await client.until(
        lambda: play.source.text == text[:at] + "\U0001f600\n" + text[at:], "put back"
    )


async def test_the_client_chooses_the_encoding(connect: Connect) -> None:
    client = await connect(encodings=("utf-7", "utf-32", "utf-8"))
    assert client.encoding == "utf-32"
    client = await connect(encodings=("utf-7",))
    assert client.encoding == "utf-16"
