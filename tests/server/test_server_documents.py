"""Our mirror holds what an editor holds, whatever is typed, in every encoding."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from fastapply_lsp.server.documents import Document, Documents, changed
from fastapply_lsp.server.editor_port import document_edit
from fastapply_lsp.text.edits import Edit, Edits
from fastapply_lsp.text.positions import PositionEncoding, TextIndex
from tests.server.fake_editor import edited, position

TEXTS = st.text(st.sampled_from("ab\n\r\x0c\u2028\x85é\U0001f600"), max_size=24)
ENCODINGS = st.sampled_from(list(PositionEncoding))


def whole(text: str, place: int) -> int:
    """Move a place out of the middle of a line end, where editors have none."""
    return place - 1 if text[place - 1 : place + 1] == "\r\n" and place else place


@given(st.data(), TEXTS, ENCODINGS)
def test_any_changes(data: st.DataObject, text: str, encoding: PositionEncoding) -> None:
    changes = []
    now = text
    for _ in range(data.draw(st.integers(0, 4))):
        start = whole(now, data.draw(st.integers(0, len(now))))
        end = whole(now, data.draw(st.integers(start, len(now))))
        start, end = min(start, end), max(start, end)
        place = {"start": position(now, start, encoding), "end": position(now, end, encoding)}
        new = data.draw(TEXTS)
        changes.append({"range": place, "text": new})
        now = now[:start] + new + now[end:]
    assert changed(TextIndex(text), changes, encoding).text == now


@given(st.data(), TEXTS, ENCODINGS)
def test_our_edits_mean_the_same_to_an_editor(
    data: st.DataObject, text: str, encoding: PositionEncoding
) -> None:
    start = whole(text, data.draw(st.integers(0, len(text))))
    end = max(start, whole(text, data.draw(st.integers(start, len(text)))))
    edits = Edits.of([Edit(start, end, data.draw(TEXTS))])
    change = document_edit("file:///a", 1, TextIndex(text), edits, encoding)
    assert edited(text, change["edits"], encoding) == edits.apply(text)


def test_many_cursors_are_one_pass() -> None:
    lines = 3000
    text = "a\n" * lines
    changes = [
        {
            "range": {
                "start": {"line": line, "character": 0},
                "end": {"line": line, "character": 1},
            },
            "text": "bc",
        }
        for line in reversed(range(lines))
    ]
    assert changed(TextIndex(text), changes, PositionEncoding.UTF16).text == "bc\n" * lines


def test_a_whole_text_replaces_what_came_before() -> None:
    changes = [{"text": "x\n"}, {"text": "y\n"}]
    assert changed(TextIndex("a"), changes, PositionEncoding.UTF16).text == "y\n"


class Ears:
    def __init__(self) -> None:
        self.heard: list[str] = []

    def opened(self, document: Document) -> None:
        self.heard.append(f"opened {document.text}")

    def changed(self, document: Document) -> None:
        self.heard.append(f"changed {document.text}")

    def closed(self, uri: str) -> None:
        self.heard.append("closed")


def test_versions_may_be_missing_and_stand_still() -> None:
    documents, ears = Documents(), Ears()
    documents.follow(ears)
    documents.did_open({"textDocument": {"uri": "file:///C%3A/a.py", "text": "a"}})
    first = documents.get("file:///C%3A/a.py")
    documents.did_change(
        {"textDocument": {"uri": "file:///C%3A/a.py"}, "contentChanges": [{"text": "b"}]}
    )
    second = documents.get("file:///C%3A/a.py")
    assert first is not None
    assert second is not None
    assert (first.version, second.version) == (None, None)
    assert first.revision < second.revision
    documents.did_close({"textDocument": {"uri": "file:///C%3A/a.py"}})
    assert documents.get("file:///C%3A/a.py") is None
    assert ears.heard == ["opened a", "changed b", "closed"]


def test_a_change_of_a_document_that_is_not_open_is_left_out() -> None:
    documents = Documents()
    documents.did_change({"textDocument": {"uri": "file:///a"}, "contentChanges": [{"text": "b"}]})
    assert documents.all() == ()
