"""A model that answers with an edit: what streams on is the file that the edit makes."""

import pytest

from fastapply_lsp.backends.model import End, Text
from fastapply_lsp.backends.openai import OpenAIBackend
from fastapply_lsp.errors import RewriteRejected, RewriteTruncated
from fastapply_lsp.session.events import Outcome
from fastapply_lsp.settings import DialectName
from tests.apply.test_conductor import EDIT, ORIGINAL, REWRITTEN, Stage
from tests.backends.asking import ORIGINAL as SHORT
from tests.backends.asking import answered, configured
from tests.backends.fake_openai import FakeOpenAI, streamed, usage

EDITS: tuple[DialectName, ...] = ("search_replace", "unified_diff")
BLOCK = "<<<<<<< SEARCH\nb = 2\n=======\nb = 3\n>>>>>>> REPLACE\n"
DIFF = "@@ -1,2 +1,2 @@\n a = 1\n-b = 2\n+b = 3\n"
LONG_EDIT = """\
<<<<<<< SEARCH
value_4 = 4
=======
value_4 = 44
>>>>>>> REPLACE
<<<<<<< SEARCH
value_30 = 30
=======
third = 30
>>>>>>> REPLACE
"""


@pytest.mark.parametrize("dialect", EDITS)
@pytest.mark.parametrize("answer", [BLOCK, DIFF])
async def test_the_file_comes_in_one_piece_and_the_draft_does_not_go(
    dialect: DialectName, answer: str
) -> None:
    async with FakeOpenAI(streamed(answer, "stop", usage(0, 0))) as server:
        pieces = await answered(server, dialect=dialect, draft="prediction")
        body = server.asked[0].body
    assert pieces[0] == Text("a = 1\nb = 3\n")
    assert pieces[-1] == End("stop")
    assert "prediction" not in body
    assert SHORT in body["messages"][1]["content"]


async def test_an_edit_needs_no_room_for_the_whole_file() -> None:
    async with FakeOpenAI(streamed([BLOCK])) as server:
        pieces = await answered(server, dialect="search_replace", max_tokens=3)
    assert pieces[0] == Text("a = 1\nb = 3\n")


async def test_an_edit_that_was_cut_off_is_no_edit() -> None:
    async with FakeOpenAI(streamed([BLOCK], "length")) as server:
        with pytest.raises(RewriteTruncated):
            await answered(server, dialect="search_replace")


async def test_what_cannot_be_placed_is_an_error_and_no_text() -> None:
    async with FakeOpenAI(streamed([BLOCK.replace("b = 2", "b = 7")])) as server:
        with pytest.raises(RewriteRejected, match="not in the file"):
            await answered(server, dialect="search_replace")


async def test_the_model_is_told_and_asked_again() -> None:
    wrong = streamed([LONG_EDIT.replace("value_30", "value_99")])
    async with FakeOpenAI(wrong, streamed([LONG_EDIT])) as server:
        backend = OpenAIBackend(configured(server.base_url, dialect="search_replace"))
        stage = Stage(backend, text=ORIGINAL, edit=EDIT)
        result = await stage.run()
        await backend.aclose()
        again = server.asked[1].body["messages"][-1]["content"]
    assert result.outcome is Outcome.APPLIED
    assert result.text == REWRITTEN
    assert "not in the file" in again
    assert again.endswith("Write the whole edit again, without these faults.")
