"""A model is careless, in a real Neovim: what it broke is back, what it added waits for the user."""

from __future__ import annotations

import pytest

from tests.neovim.example import chat
from tests.neovim.harness import Configuration, Neovim, Start
from tests.neovim.model_server import ModelServer

pytestmark = pytest.mark.editor

TARGET, CHAT = "app.py", "chat.md"
ORIGINAL = """\
import sys


def first():
    return 1


def second():
    return 2


def third():
    return 3


def fourth():
    return 4


def fifth():
    return 5
"""
BLOCK = "def first():\n    return 11\n"
ASKED = ORIGINAL.replace("return 1\n", "return 11\n")
WITH_IMPORT = ASKED.replace("import sys\n", "import json\nimport sys\n")
CARELESS = """\
import json
import sys


def first():
    return 11


# ... existing code ...


def third():
    return 3


def fifth():
    return 5
"""
"""An import that nobody asked for; a marker in the place of ``second``; ``fourth`` forgotten."""


@pytest.fixture
def neovim(start: Start, model: ModelServer) -> Neovim:
    """The file after the careless model has written it, in the current window."""
    editor = start(Configuration(model.settings))
    editor.write(TARGET, ORIGINAL)
    editor.write(CHAT, chat(BLOCK))
    editor.open(CHAT)
    editor.open(TARGET, "split")
    editor.command("wincmd p")
    model.answer(CARELESS)
    editor.act(f"Apply to {TARGET}", 8)
    result = editor.applied()
    assert result["outcome"] == "applied", result
    assert len(result["repairs"]) == 2, result["repairs"]
    marks = [hunk.get("mark") for hunk in result["hunks"]]
    assert marks == ["unrequested", None], result["hunks"]
    editor.command("wincmd p")
    assert editor.text(TARGET) == WITH_IMPORT
    return editor


def holds(neovim: Neovim, text: str) -> None:
    neovim.until(lambda: neovim.text(TARGET) == text, "the text after the decision")


def pending(neovim: Neovim, count: int) -> None:
    neovim.until(
        lambda: [told["pending"] for told in neovim.heard("decided")][-1:] == [count],
        f"{count} hunks pending",
    )


def test_the_import_waits_under_a_lens_that_says_so(neovim: Neovim) -> None:
    lenses = [(one["range"]["start"]["line"], one["command"]["title"]) for one in neovim.lenses()]
    (line, title), *_ = lenses
    assert line == 0
    assert title.startswith("Not asked for (")
    assert title.endswith(": accept this change")
    assert [title for line, title in lenses if line > 0] == [
        "Accept this change",
        "Reject this change",
    ]
    neovim.until(lambda: "did not ask for" in neovim.messages(), "the one message")
    assert neovim.messages().count("LSP[fastapply]") == 1


def test_reject_it_and_undo_still_works(neovim: Neovim) -> None:
    neovim.run_lens("fastapply.reject", 1)
    pending(neovim, 1)
    holds(neovim, ASKED)
    for _ in range(4):
        neovim.command("silent undo")
        if neovim.text(TARGET) == ORIGINAL:
            break
    assert neovim.text(TARGET) == ORIGINAL


def test_accept_only_what_was_asked(neovim: Neovim) -> None:
    neovim.act("Accept only what was asked", 1)
    pending(neovim, 0)
    holds(neovim, ASKED)
    assert neovim.save(TARGET) == ASKED.encode()


def test_keep_the_import(neovim: Neovim) -> None:
    neovim.run_lens("fastapply.accept", 1)
    pending(neovim, 1)
    neovim.run_lens("fastapply.reject")
    pending(neovim, 0)
    holds(neovim, ORIGINAL.replace("import sys\n", "import json\nimport sys\n"))


def test_a_command_of_the_users_own(neovim: Neovim) -> None:
    neovim.execute("fastapply.rejectUnrequested")
    pending(neovim, 1)
    holds(neovim, ASKED)
