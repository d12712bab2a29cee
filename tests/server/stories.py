"""The file that most tests edit, the rewrite that they expect, and a chat that asks for it."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.neovim.model_server import ModelServer
from tests.server.fake_client import FakeClient
from tests.server.fake_editor import Buffer

ORIGINAL = """\
import os


def first(x):
    one = x
    return one


def second(x):
    two = x
    return two


def third(x):
    three = x
    return three
"""
REWRITE = ORIGINAL.replace("one = x", "one = 10 * x").replace("three = x", "three = 30 * x")
FIRST_ONLY = ORIGINAL.replace("one = x", "one = 10 * x")
THIRD_ONLY = ORIGINAL.replace("three = x", "three = 30 * x")
HALF = REWRITE.index("def third")
"""Up to here, the first hunk is anchored and the second not begun."""

LAZY = """\
def first(x):
    one = 10 * x
    return one

# ... existing code ...

def third(x):
    three = 30 * x
    return three
"""


def chat(code: str = LAZY, info: str = "python app.py") -> str:
    return f"## User\n\nMultiply them.\n\n## Assistant\n\nDone:\n\n```{info}\n{code}```\n"


@dataclass
class Scene:
    """A chat and its target, both open."""

    client: FakeClient
    source: Buffer
    talk: Buffer
    argument: dict[str, Any] = field(default_factory=dict)
    """What the lens gave to the command."""

    async def apply(self, title: str = "Apply to app.py") -> str:
        lenses = await self.client.lenses(self.talk)
        self.argument = lenses[0]["command"]["arguments"][0]
        answer = await self.client.choose(lenses, title)
        identifier: str = answer["apply"]
        return identifier

    async def half(self, model: ModelServer, text: str = REWRITE) -> str:
        """Apply, and let the model write the first half; the first hunk is then in the buffer."""
        identifier = await self.apply()
        model.say(text[: text.index("def third")])
        await self.client.until(lambda: "10 * x" in self.source.text, "the first hunk")
        return identifier


def scene(client: FakeClient, root: Path, text: str = ORIGINAL, code: str = LAZY) -> Scene:
    target, talk = root / "app.py", root / "chat.md"
    target.write_bytes(text.encode())
    talk.write_bytes(chat(code).encode())
    return Scene(client, client.open(target), client.open(talk, language="markdown"))
