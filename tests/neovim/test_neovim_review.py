"""Accept, reject and undo in a real Neovim."""

from __future__ import annotations

from typing import Any

import pytest

from tests.neovim.example import BLOCK, HALFWAY, ORIGINAL, REWRITE, chat
from tests.neovim.harness import Configuration, Neovim, Start

pytestmark = pytest.mark.editor

TARGET, CHAT = "app.py", "chat.md"
ONLY_SECOND = ORIGINAL.replace("return 3", "return 33")


@pytest.fixture
def neovim(start: Start) -> Neovim:
    """A file with two pending hunks, in the current window."""
    editor = start(Configuration({"backend": "embedded"}))
    editor.write(TARGET, ORIGINAL)
    editor.write(CHAT, chat(BLOCK))
    editor.open(CHAT)
    editor.open(TARGET, "split")
    editor.command("wincmd p")
    editor.act(f"Apply to {TARGET}", 8)
    result = editor.applied()
    assert [hunk["state"] for hunk in result["hunks"]] == ["pending", "pending"]
    editor.command("wincmd p")
    return editor


def holds(neovim: Neovim, text: str) -> None:
    """Wait until the buffer holds this text: the word of a decision may come before its edit."""
    neovim.until(lambda: neovim.text(TARGET) == text, "the text after the decision")


def decided(neovim: Neovim, *, pending: int) -> list[Any]:
    """Wait until so many hunks are left, and return the states of the decided ones."""
    neovim.until(
        lambda: [told["pending"] for told in neovim.heard("decided")][-1:] == [pending],
        f"{pending} hunks pending",
    )
    return [hunk["state"] for told in neovim.heard("decided") for hunk in told["hunks"]]


def test_accept_one_and_reject_the_other(neovim: Neovim) -> None:
    first, second = neovim.text(TARGET).splitlines().index("    return 11") + 1, 13
    neovim.run_lens("fastapply.accept", first)
    assert decided(neovim, pending=1) == ["accepted"]
    assert neovim.text(TARGET) == REWRITE
    neovim.run_lens("fastapply.reject", second)
    assert decided(neovim, pending=0) == ["accepted", "rejected"]
    holds(neovim, HALFWAY)


def test_reject_restores_the_exact_text(neovim: Neovim) -> None:
    neovim.run_lens("fastapply.reject", 5)
    decided(neovim, pending=1)
    holds(neovim, ONLY_SECOND)


def test_everything_is_a_code_action_too(neovim: Neovim) -> None:
    titles = {action["title"] for action in neovim.actions(5)}
    offered = {"Accept this change", "Reject this change", "Accept all 2 changes"}
    assert titles >= {*offered, "Reject all 2 changes"}
    neovim.act("Reject this change", 5)
    decided(neovim, pending=1)
    holds(neovim, ONLY_SECOND)
    elsewhere = {action["title"] for action in neovim.actions(1)}
    assert elsewhere >= {"Accept the one change", "Reject the one change"}
    there = {action["title"] for action in neovim.actions(13)}
    assert there >= {"Accept this change", "Reject this change"}
    assert not there & elsewhere


@pytest.mark.parametrize(
    ("command", "state", "text"),
    [
        ("fastapply.acceptAll", "accepted", REWRITE),
        ("fastapply.rejectAll", "rejected", ORIGINAL),
    ],
)
def test_decide_on_all(neovim: Neovim, command: str, state: str, text: str) -> None:
    neovim.run_lens(command)
    assert decided(neovim, pending=0) == [state, state]
    holds(neovim, text)
    assert [lens for lens in neovim.lenses() if lens["command"]["command"] != ""] == []


def test_undo_leads_back_to_the_original(neovim: Neovim) -> None:
    steps = 0
    while neovim.text(TARGET) != ORIGINAL:
        neovim.command("silent undo")
        steps += 1
        assert steps <= 2, "more undo steps than hunks"
    neovim.command("silent undo")
    assert neovim.text(TARGET) == ORIGINAL


def test_the_user_edits_during_review(neovim: Neovim) -> None:
    neovim.keys("ggO# mine<Esc>")
    neovim.until(lambda: neovim.text(TARGET).startswith("# mine\n"), "the typed line")
    neovim.run_lens("fastapply.rejectAll")
    decided(neovim, pending=0)
    holds(neovim, "# mine\n" + ORIGINAL)


SEVERAL_PLACES = """\
@@ ... @@
 def first():
-    return 1
+    return 11
@@ ... @@
 def third():
-    return 3
-
-
-def fourth():
-    return 4
+    return 33
"""


@pytest.mark.parametrize("debounce_ms", [None, 0])
def test_an_edit_of_several_places_up_to_the_end_is_rejected_whole(
    start: Start, debounce_ms: int | None
) -> None:
    # Neovim makes the places one by one, and tells of some before it has made them all.
    neovim = start(Configuration({"backend": "embedded"}, debounce_ms=debounce_ms))
    neovim.write(TARGET, ORIGINAL)
    neovim.open(TARGET)
    call = {"target_file": TARGET, "instructions": "", "code_edit": SEVERAL_PLACES}
    neovim.execute("fastapply.apply", call)
    result = neovim.applied()
    assert [hunk["state"] for hunk in result["hunks"]] == ["pending", "pending"]
    neovim.execute("fastapply.rejectAll", {"uri": result["uri"]})
    holds(neovim, ORIGINAL)
    assert neovim.save(TARGET) == ORIGINAL.encode()


@pytest.mark.parametrize("debounce_ms", [None, 0])
def test_an_emptied_file_is_restored_whole(start: Start, debounce_ms: int | None) -> None:
    neovim = start(Configuration({"backend": "embedded"}, debounce_ms=debounce_ms))
    neovim.write("notes.txt", "one\ntwo\n")
    neovim.open("notes.txt")
    diff = "--- a/notes.txt\n+++ b/notes.txt\n@@ -1,2 +0,0 @@\n-one\n-two\n"
    call = {"target_file": "notes.txt", "instructions": "", "code_edit": diff}
    neovim.execute("fastapply.apply", call)
    result = neovim.applied()
    assert neovim.text("notes.txt") == "\n"
    neovim.execute("fastapply.rejectAll", {"uri": result["uri"]})
    neovim.until(lambda: neovim.text("notes.txt") == "one\ntwo\n", "both lines, and no third")
