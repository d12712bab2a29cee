"""A block of a chat streams into a real Neovim."""

from __future__ import annotations

import pytest

from tests.neovim.example import (
    BLOCK,
    FIRST_HALF,
    HALFWAY,
    ORIGINAL,
    REWRITE,
    SECOND_HALF,
    chat,
)
from tests.neovim.harness import Configuration, Neovim, Start
from tests.neovim.model_server import ModelServer

pytestmark = pytest.mark.editor

TARGET, CHAT = "app.py", "chat.md"
BLOCK_LINE = 8
"""A line inside the chat's block, from 1."""


def opened(start: Start, configuration: Configuration, text: str = ORIGINAL) -> Neovim:
    """The file in one window, the chat in another, which has the focus."""
    neovim = start(configuration)
    neovim.write(TARGET, text)
    neovim.write(CHAT, chat(BLOCK))
    neovim.open(TARGET)
    neovim.open(CHAT, "split")
    return neovim


def test_apply_by_code_action(start: Start) -> None:
    neovim = opened(start, Configuration({"backend": "embedded"}))
    neovim.act(f"Apply to {TARGET}", BLOCK_LINE)
    result = neovim.applied()
    assert result["outcome"] == "applied"
    assert result["certain"] is True
    assert neovim.text(TARGET) == REWRITE
    assert neovim.text(CHAT) == chat(BLOCK)


def test_every_edit_carries_the_version_of_its_document(start: Start) -> None:
    # Without it Neovim puts an edit into a buffer that the user has just changed, at the old place.
    neovim = opened(start, Configuration({"backend": "embedded"}))
    neovim.lua("""
        _G.versions = {}
        local own = vim.lsp.handlers["workspace/applyEdit"]
        vim.lsp.handlers["workspace/applyEdit"] = function(problem, params, context)
          for _, change in ipairs(params.edit.documentChanges or { {} }) do
            table.insert(versions, vim.tbl_get(change, "textDocument", "version") or "none")
          end
          return own(problem, params, context)
        end
    """)
    neovim.act(f"Apply to {TARGET}", BLOCK_LINE)
    neovim.applied()
    versions = neovim.lua("return versions")
    assert versions
    assert all(isinstance(version, int) for version in versions), versions


def test_apply_by_lens(start: Start) -> None:
    neovim = opened(start, Configuration({"backend": "embedded"}))
    neovim.run_lens("fastapply.apply")
    assert neovim.applied()["outcome"] == "applied"
    assert neovim.text(TARGET) == REWRITE


@pytest.mark.parametrize("debounce_ms", [None, 0])
def test_hunks_arrive_while_the_model_writes(
    start: Start, model: ModelServer, debounce_ms: int | None
) -> None:
    neovim = opened(start, Configuration(model.settings, debounce_ms=debounce_ms))
    neovim.act(f"Apply to {TARGET}", BLOCK_LINE)
    model.say(FIRST_HALF)
    neovim.until(lambda: neovim.text(TARGET) == HALFWAY, "the first hunk")
    assert neovim.heard("applied") == []
    model.answer(SECOND_HALF)
    result = neovim.applied()
    assert (result["outcome"], len(result["hunks"])) == ("applied", 2)
    assert neovim.text(TARGET) == REWRITE


def test_progress_begins_and_ends(start: Start) -> None:
    neovim = opened(start, Configuration({"backend": "embedded"}))
    neovim.act(f"Apply to {TARGET}", BLOCK_LINE)
    neovim.applied()

    def kinds() -> list[str]:
        return [value["kind"] for value in neovim.heard("progress")]

    neovim.until(lambda: kinds()[-1:] == ["end"], "the end of the progress")
    assert kinds()[0] == "begin"
    assert kinds().count("begin") == kinds().count("end") == 1


@pytest.mark.parametrize("debounce_ms", [None, 0])
def test_typing_during_the_stream_is_kept(
    start: Start, model: ModelServer, debounce_ms: int | None
) -> None:
    neovim = opened(start, Configuration(model.settings, debounce_ms=debounce_ms))
    neovim.act(f"Apply to {TARGET}", BLOCK_LINE)
    model.say(FIRST_HALF)
    neovim.until(lambda: neovim.text(TARGET) == HALFWAY, "the first hunk")
    neovim.command("wincmd p")
    neovim.keys("ggO# typed above<Esc>")
    neovim.until(lambda: "# typed above" in neovim.text(TARGET), "the typed line")
    model.say(SECOND_HALF)
    neovim.keys("GA  # typed below<Esc>")
    model.finish()
    assert neovim.applied()["outcome"] == "applied"
    typed = "# typed above\n" + REWRITE.replace("return 4", "return 4  # typed below")
    neovim.until(lambda: neovim.text(TARGET) == typed, "both, the typed and the streamed")


def test_where_both_changed_a_line_the_users_text_stays(start: Start, model: ModelServer) -> None:
    neovim = opened(start, Configuration(model.settings))
    neovim.act(f"Apply to {TARGET}", BLOCK_LINE)
    model.say(FIRST_HALF)
    neovim.until(lambda: neovim.text(TARGET) == HALFWAY, "the first hunk")
    neovim.command("wincmd p")
    neovim.keys("13GA  # three, says the user<Esc>")
    typed = HALFWAY.replace("return 3", "return 3  # three, says the user")
    neovim.until(lambda: neovim.text(TARGET) == typed, "the typed text")
    model.answer(SECOND_HALF)
    result = neovim.applied()
    assert [hunk["state"] for hunk in result["hunks"]] == ["pending", "conflict"]
    assert neovim.text(TARGET) == typed


def test_cancel_puts_the_buffer_back_and_keeps_what_was_typed(
    start: Start, model: ModelServer
) -> None:
    neovim = opened(start, Configuration(model.settings))
    neovim.act(f"Apply to {TARGET}", BLOCK_LINE)
    model.say(FIRST_HALF)
    neovim.until(lambda: neovim.text(TARGET) == HALFWAY, "the first hunk")
    neovim.command("wincmd p")
    neovim.keys("ggO# mine<Esc>")
    neovim.until(lambda: neovim.text(TARGET).startswith("# mine"), "the typed line")
    neovim.execute("fastapply.cancel")
    assert neovim.applied()["outcome"] == "cancelled"
    assert neovim.text(TARGET) == "# mine\n" + ORIGINAL
    assert model.left.wait(10), "the model was left writing"


def test_a_broken_stream_puts_the_buffer_back(start: Start, model: ModelServer) -> None:
    neovim = opened(start, Configuration(model.settings))
    neovim.act(f"Apply to {TARGET}", BLOCK_LINE)
    model.say(FIRST_HALF)
    neovim.until(lambda: neovim.text(TARGET) == HALFWAY, "the first hunk")
    model.break_off()
    result = neovim.applied()
    assert (result["outcome"], result["error"]["code"]) == ("failed", "stream-broken")
    assert neovim.text(TARGET) == ORIGINAL
    neovim.until(lambda: "broke off" in neovim.messages(), "a message to the user")


def test_cursor_and_marks_of_other_lines_stay(start: Start) -> None:
    neovim = opened(start, Configuration({"backend": "embedded"}))
    neovim.command("wincmd p")
    neovim.command("call cursor(9, 5)")  # on `return 2`
    neovim.command("8mark a")
    neovim.command("17mark b")
    place = neovim.lua(
        "return vim.api.nvim_buf_set_extmark(0, vim.api.nvim_create_namespace('t'), 16, 4, {})"
    )
    neovim.command("wincmd p")
    neovim.act(f"Apply to {TARGET}", BLOCK_LINE)
    neovim.applied()
    neovim.command("wincmd p")
    assert neovim.lua("return {vim.fn.line('.'), vim.fn.col('.')}") == [9, 5]
    assert neovim.lua('return {vim.fn.line("\'a"), vim.fn.line("\'b")}') == [8, 17]
    moved = neovim.lua(
        "return vim.api.nvim_buf_get_extmark_by_id(0, vim.api.nvim_create_namespace('t'), ..., {})",
        place,
    )
    assert moved == [16, 4]
