"""Any cutting of the same bytes gives the same events, on the format's own line rules."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fastapply_lsp.backends import sse
from fastapply_lsp.backends.sse import Event, EventDecoder, EventTooLong


def decoded(*chunks: bytes) -> list[Event]:
    decoder = EventDecoder()
    events = [event for chunk in chunks for event in decoder.push(chunk)]
    return events + decoder.finish()


def data_of(*chunks: bytes) -> list[str]:
    return [event.data for event in decoded(*chunks)]


fragments = st.sampled_from(
    [
        "\n",
        "\r",
        "\r\n",
        "data:",
        "data: ",
        ":",
        "event: x",
        "id: 1",
        "é",
        "\u2028",
        "\x85",
        "\x0c",
        "\ufeff",
        "😀",
        "{",
        "a",
        " ",
    ]
)
streams = st.lists(fragments, max_size=30).map(lambda parts: "".join(parts).encode())


@given(streams, st.data())
def test_cutting_changes_nothing(stream: bytes, data: st.DataObject) -> None:
    cuts = sorted(data.draw(st.lists(st.integers(0, len(stream)), max_size=8)))
    chunks = [stream[a:b] for a, b in itertools.pairwise([0, *cuts, len(stream)])]
    assert decoded(*chunks) == decoded(stream)
    assert decoded(*(stream[n : n + 1] for n in range(len(stream)))) == decoded(stream)


plain = st.text(st.characters(exclude_characters="\r\n", exclude_categories=["Cs"]), max_size=12)


@given(
    st.lists(st.lists(plain, min_size=1, max_size=3), max_size=4),
    st.sampled_from(["\n", "\r", "\r\n"]),
)
def test_what_a_server_encodes_comes_out(events: list[list[str]], end: str) -> None:
    stream = "".join(
        "".join(f"data: {line}{end}" for line in lines) + end for lines in events
    ).encode()
    expected = ["\n".join(lines) for lines in events]
    assert data_of(stream) == expected
    assert data_of(*(bytes([one]) for one in stream)) == expected


@given(st.binary(max_size=60))
def test_no_bytes_break_it(stream: bytes) -> None:
    assert decoded(*(bytes([one]) for one in stream)) == decoded(stream)


def test_separators_of_other_formats_end_no_line() -> None:
    text = '{"content": "a\u2028b\u2029c\x85d\x0ce\x0bf\x1cg"}'
    assert data_of(f"data: {text}\n\n".encode()) == [text]


@pytest.mark.parametrize(
    ("stream", "expected"),
    [
        (b": ping\n\n", []),
        (b"data\n\n", [""]),
        (b"data:  two\n\n", [" two"]),
        (b"event: error\ndata: x\n\n", ["x"]),
        (b"id: 7\nretry: 10\ndata: x\n\n", ["x"]),
        (b"\xef\xbb\xbfdata: x\n\n", ["x"]),
        (b"data: x\n\ndata: y\n", ["x", "y"]),
        (b"data: x\n\ndata: torn", ["x"]),
        (b"data: x\r\n\r\n", ["x"]),
        (b"data: x\r\r", ["x"]),
        (b"data: \xff\n\n", ["\ufffd"]),
    ],
)
def test_the_rules_of_the_format(stream: bytes, expected: list[str]) -> None:
    assert data_of(stream) == expected


def test_the_name_of_an_event_holds_for_one_event() -> None:
    events = decoded(b"event: error\ndata: a\n\ndata: b\n\n")
    assert events == [Event("error", "a"), Event("message", "b")]


def test_an_event_without_end_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sse, "LONGEST_EVENT", 100)
    decoder = EventDecoder()
    for _ in range(3):
        decoder.push(b"data: " + b"x" * 20 + b"\n")
    with pytest.raises(EventTooLong):
        decoder.push(b"x" * 41)
    fresh = EventDecoder()
    for _ in range(50):
        assert len(fresh.push(b"data: " + b"x" * 80 + b"\n\n")) == 1
