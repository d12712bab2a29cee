from __future__ import annotations

from pathlib import Path
from tests.neovim.model_server import ModelServer
from tests.server.conftest import Connect

A = "import os\n\n\ndef a(x):\n    y = x\n    return y\n\n\ndef b(x):\n    z = x\n    return z\n\n\ndef c(x):\n    w = x\n    return w\n"
B = A.replace("y = x", "y = 2 * x").replace("w = x", "w = 3 * x")
async def test_x(connect: Connect, root: Path, model: ModelServer) -> None:
    client = await connect(options=model.settings)
    code = root / "app.py"
    code.write_text(A)
    chat = root / "chat.md"
    chat.write_text(f"## User\nChange a\n## Assistant\n```python app.py\n{B}```\n")
    source = client.open(code)
    talk = client.open(chat, language="markdown")
    lenses = await client.lenses(talk)
    print(lenses)
    print(await client.choose(lenses, "Apply to app.py"))
    model.say(B[:80])
    await client.until(lambda: "2 * x" in source.text, "hunk")
    model.answer(B[80:])
    print(await client.applied())
    print(await client.lenses(source))
    print(await client.actions(source, 10))
    print(client.heard)
    assert 0
