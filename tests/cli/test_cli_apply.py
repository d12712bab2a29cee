"""`fastapply apply`: exit codes, what is printed, and the bytes on the disk."""

from __future__ import annotations

import codecs
import stat
from pathlib import Path

import pytest

from fastapply_lsp.backends.scripted import Predicted, Script, ScriptedBackend
from fastapply_lsp.files.journal import open_applies, read
from fastapply_lsp.files.journal_records import Begin, Ended
from tests.cli.conftest import Fastapply

ORIGINAL = b"def one():\n    return 1\n\n\ndef two():\n    return 2\n"
EDIT = b"def two():\n    return 22\n"
RESULT = ORIGINAL.replace(b"return 2\n", b"return 22\n")
DOUBTFUL = b"<<<<<<< SEARCH\nx = 1\n=======\nx = 2\n>>>>>>> REPLACE\n"
TWICE = b"x = 1\ny = 1\nx = 1\n"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "numbers.py"
    path.write_bytes(ORIGINAL)
    return path


@pytest.fixture
def twice(tmp_path: Path) -> Path:
    path = tmp_path / "twice.py"
    path.write_bytes(TWICE)
    return path


def script(folder: Path, monkeypatch: pytest.MonkeyPatch, content: str) -> None:
    path = folder / "script.toml"
    path.write_text(content, encoding="utf-8")
    monkeypatch.setenv("FASTAPPLY_SCRIPTED_SCRIPT", str(path))


def test_without_a_mode_it_prints_a_diff_and_writes_nothing(
    fastapply: Fastapply, file: Path
) -> None:
    ran = fastapply("apply", "numbers.py", "--edit", "-", stdin=EDIT)
    assert ran.exit == 0
    assert ran.out.decode().splitlines() == [
        "--- a/numbers.py",
        "+++ b/numbers.py",
        "@@ -3,4 +3,4 @@",
        " ",
        " ",
        " def two():",
        "-    return 2",
        "+    return 22",
    ]
    assert file.read_bytes() == ORIGINAL
    assert ran.err == ""


def test_diff_is_the_same_as_no_mode(fastapply: Fastapply, file: Path) -> None:
    bare = fastapply("apply", file, "--edit", "-", stdin=EDIT)
    assert fastapply("apply", file, "--edit", "-", "--diff", stdin=EDIT) == bare


def test_stdout_is_the_whole_file(fastapply: Fastapply, file: Path) -> None:
    ran = fastapply("apply", file, "--edit", "-", "--stdout", stdin=EDIT)
    assert (ran.exit, ran.out) == (0, RESULT)
    assert file.read_bytes() == ORIGINAL


def test_stdout_in_json_is_the_same_text_with_its_byte_order_mark(
    fastapply: Fastapply, file: Path
) -> None:
    file.write_bytes(codecs.BOM_UTF8 + ORIGINAL)
    bare = fastapply("apply", file, "--edit", "-", "--stdout", stdin=EDIT)
    ran = fastapply("apply", file, "--edit", "-", "--stdout", "--json", stdin=EDIT)
    assert bare.out == codecs.BOM_UTF8 + RESULT
    assert ran.json["text"].encode() == bare.out


def test_write_writes_and_prints_nothing_to_stdout(
    fastapply: Fastapply, file: Path, tmp_path: Path
) -> None:
    (tmp_path / "edit.txt").write_bytes(EDIT)
    ran = fastapply("apply", file, "--edit", "edit.txt", "--write")
    assert (ran.exit, ran.out) == (0, b"")
    assert file.read_bytes() == RESULT
    assert "1 hunk, -1 +1 lines" in ran.err


@pytest.mark.parametrize("name", ["relative", "absolute", "link"])
def test_a_file_may_be_named_in_any_way(
    fastapply: Fastapply, file: Path, tmp_path: Path, name: str
) -> None:
    link = tmp_path / "elsewhere" / "link.py"
    link.parent.mkdir()
    link.symlink_to(file)
    path = {"relative": "./numbers.py", "absolute": str(file), "link": str(link)}[name]
    assert fastapply("apply", path, "--edit", "-", "--write", stdin=EDIT).exit == 0
    assert file.read_bytes() == RESULT
    assert link.is_symlink()


@pytest.mark.parametrize(
    ("original", "expected"),
    [
        (
            b"\xef\xbb\xbfdef one():\r\n    return 1\r\n\r\ndef two():\r\n    return 2",
            b"\xef\xbb\xbfdef one():\r\n    return 1\r\n\r\ndef two():\r\n    return 22",
        ),
        (
            b"# \xe2\x80\xa8 \x0c \xf0\x9d\x84\x9e\r\n\ndef two():\n    return 2\n\n\n",
            b"# \xe2\x80\xa8 \x0c \xf0\x9d\x84\x9e\r\n\ndef two():\n    return 22\n\n\n",
        ),
        (
            b"\xff\xfe" + "# é\r\ndef two():\r\n    return 2\r\n".encode("utf-16-le"),
            b"\xff\xfe" + "# é\r\ndef two():\r\n    return 22\r\n".encode("utf-16-le"),
        ),
    ],
)
def test_all_other_bytes_stay(
    fastapply: Fastapply, file: Path, original: bytes, expected: bytes
) -> None:
    file.write_bytes(original)
    shown = fastapply("apply", file, "--edit", "-", "--stdout", stdin=EDIT)
    assert (shown.exit, shown.out) == (0, expected)
    assert fastapply("apply", file, "--edit", "-", "--write", stdin=EDIT).exit == 0
    assert file.read_bytes() == expected


def test_the_first_text_of_a_markdown_file_keeps_its_heading_and_its_fences(
    fastapply: Fastapply, tmp_path: Path
) -> None:
    """It looks like a model's answer, a sentence and then a fence, and is none."""
    text = b"# Guide\n\n```sh\npip install x\n```\n"
    (tmp_path / "guide.md").write_bytes(b"")
    edit = b"````markdown\n" + text + b"````\n"
    ran = fastapply("apply", "guide.md", "--edit", "-", "--stdout", stdin=edit)
    assert (ran.exit, ran.out, ran.err) == (0, text, "")


def test_the_mode_of_the_file_stays_and_nothing_lies_beside_it(
    fastapply: Fastapply, tmp_path: Path
) -> None:
    path = tmp_path / "run" / "tool.py"
    path.parent.mkdir()
    path.write_bytes(ORIGINAL)
    path.chmod(0o750)
    assert fastapply("apply", path, "--edit", "-", "--write", stdin=EDIT).exit == 0
    assert stat.S_IMODE(path.stat().st_mode) == 0o750
    assert list(path.parent.iterdir()) == [path]


def test_the_journal_holds_the_original_and_is_closed(
    fastapply: Fastapply, file: Path, home: Path
) -> None:
    fastapply("apply", file, "--edit", "-", "--write", stdin=EDIT)
    reading = read(home / "state" / "journal")
    records = [entry.record for entry in reading.entries]
    begin = records[0]
    assert isinstance(begin, Begin)
    assert begin.raw == ORIGINAL
    assert isinstance(records[-1], Ended)
    assert records[-1].outcome == "applied"
    assert open_applies(reading) == ()


def test_what_is_only_shown_leaves_no_journal(fastapply: Fastapply, file: Path, home: Path) -> None:
    fastapply("apply", file, "--edit", "-", "--stdout", stdin=EDIT)
    assert not (home / "state").exists()


def test_json_is_one_object_with_the_fields_that_are_promised(
    fastapply: Fastapply, file: Path
) -> None:
    told = fastapply("apply", file, "--edit", "-", "--json", stdin=EDIT).json
    assert told["outcome"] == "applied"
    assert told["certain"] is True
    assert told["reasons"] == []
    assert told["hunks"] == [
        {
            "line": 6,
            "removed": ["    return 2\n"],
            "added": ["    return 22\n"],
            "mark": None,
            "note": None,
        }
    ]
    assert told["figures"]["wall_ms"] > 0
    assert told["figures"]["characters"] == len(RESULT)
    assert "error" not in told
    assert "diff" not in told
    assert file.read_bytes() == ORIGINAL


def test_json_goes_with_every_mode(fastapply: Fastapply, file: Path) -> None:
    diff = fastapply("apply", file, "--edit", "-", "--json", "--diff", stdin=EDIT).json
    assert diff["diff"].endswith("-    return 2\n+    return 22\n")
    text = fastapply("apply", file, "--edit", "-", "--json", "--stdout", stdin=EDIT).json
    assert text["text"].encode() == RESULT
    written = fastapply("apply", file, "--edit", "-", "--json", "--write", stdin=EDIT)
    assert written.json["outcome"] == "applied"
    assert file.read_bytes() == RESULT


# Exit 1


@pytest.mark.parametrize("mode", ["--write", "--diff", "--stdout"])
def test_a_guess_is_shown_and_never_written(
    fastapply: Fastapply, twice: Path, home: Path, mode: str
) -> None:
    ran = fastapply("apply", twice, "--edit", "-", mode, stdin=DOUBTFUL)
    assert ran.exit == 1
    assert twice.read_bytes() == TWICE
    assert "not certain" in ran.err
    assert "several places" in ran.err
    assert (b"x = 2" in ran.out) == (mode != "--write")
    if mode == "--write":
        assert open_applies(read(home / "state" / "journal")) == ()


def test_a_guess_in_json(fastapply: Fastapply, twice: Path) -> None:
    ran = fastapply("apply", twice, "--edit", "-", "--json", stdin=DOUBTFUL)
    assert ran.exit == 1
    assert ran.json["outcome"] == "uncertain"
    assert ran.json["certain"] is False
    assert ran.json["reasons"]
    assert [hunk["mark"] for hunk in ran.json["hunks"]] == ["unsure"]


def test_an_edit_without_a_place_is_uncertain_with_its_reasons(
    fastapply: Fastapply, file: Path
) -> None:
    nowhere = b"<<<<<<< SEARCH\nnothing like it\n=======\nx\n>>>>>>> REPLACE\n"
    ran = fastapply("apply", file, "--edit", "-", "--json", "--write", stdin=nowhere)
    assert ran.exit == 1
    assert ran.json["outcome"] == "uncertain"
    assert ran.json["reasons"]
    assert ran.json["hunks"] == []
    assert file.read_bytes() == ORIGINAL


@pytest.mark.parametrize("mode", ["--write", "--diff"])
def test_a_rewrite_that_a_check_refuses_is_rejected(
    fastapply: Fastapply, twice: Path, home: Path, monkeypatch: pytest.MonkeyPatch, mode: str
) -> None:
    script(home, monkeypatch, '[[step]]\nsay = "x = (\\ny = 1\\nx = 1\\n"\n')
    arguments = ("apply", twice, "--edit", "-", "--backend", "scripted", mode)
    told = fastapply(*arguments, "--json", stdin=DOUBTFUL)
    assert told.exit == 1
    assert told.json["outcome"] == "rejected"
    assert any("syntax error" in reason for reason in told.json["reasons"])
    assert told.json["error"]["code"] == "rewrite-rejected"
    assert {hunk["mark"] for hunk in told.json["hunks"]} == {"refused"}
    shown = fastapply(*arguments, stdin=DOUBTFUL)
    assert shown.exit == 1
    assert "The rewrite was refused" in shown.err
    assert (b"+x = (" in shown.out) == (mode == "--diff")
    assert twice.read_bytes() == TWICE


def test_where_a_check_refuses_and_the_merge_is_certain_the_merge_does_it(
    fastapply: Fastapply, file: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script(home, monkeypatch, '[[step]]\nsay = "def one(:\\n"\n')
    ran = fastapply(
        "apply", file, "--edit", "-", "--backend", "scripted", "--json", "--write", stdin=EDIT
    )
    assert (ran.exit, ran.json["outcome"], ran.json["backend"]) == (0, "applied", "embedded")
    assert ran.json["notes"]
    assert file.read_bytes() == RESULT


# A model


def test_a_model_settles_what_the_merge_is_unsure_of(
    fastapply: Fastapply, twice: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    script(home, monkeypatch, "[[step]]\npredicted = 5\n")
    ran = fastapply(
        "apply", twice, "--edit", "-", "--backend", "scripted", "--json", "--write", stdin=DOUBTFUL
    )
    assert ran.exit == 0
    assert ran.json["outcome"] == "applied"
    assert ran.json["certain"] is False
    assert twice.read_bytes() == b"x = 2\ny = 1\nx = 1\n"


@pytest.mark.parametrize("fault", ["unreachable", "timeout", "refused", "broken", "garbled"])
def test_a_backend_that_fails_is_3_and_nothing_is_written(
    fastapply: Fastapply, file: Path, home: Path, monkeypatch: pytest.MonkeyPatch, fault: str
) -> None:
    steps = f'[[step]]\nsay = "def one():\\n    return 7\\n"\n[[step]]\nfail = "{fault}"\n'
    script(home, monkeypatch, steps)
    ran = fastapply(
        "apply", file, "--edit", "-", "--backend", "scripted", "--json", "--write", stdin=EDIT
    )
    assert ran.exit == 3
    assert ran.json["outcome"] == "failed"
    assert ran.json["error"]["advice"]
    assert "Traceback" not in ran.err
    assert file.read_bytes() == ORIGINAL
    assert open_applies(read(home / "state" / "journal")) == ()


# Exit 2


def test_modes_exclude_each_other(fastapply: Fastapply, file: Path) -> None:
    ran = fastapply("apply", file, "--edit", "-", "--write", "--diff", stdin=EDIT)
    assert ran.exit == 2
    assert "exclude each other" in ran.err


@pytest.mark.parametrize(
    "arguments",
    [[], ["apply"], ["apply", "numbers.py"], ["apply", "numbers.py", "--edit", "-", "--no"], ["x"]],
)
def test_bad_usage_is_2(fastapply: Fastapply, file: Path, arguments: list[str]) -> None:
    ran = fastapply(*arguments)
    assert ran.exit == 2
    assert ran.err


@pytest.mark.parametrize(
    ("content", "edit", "code"),
    [
        (None, EDIT, "unreadable"),
        (b"\x00\x01binary", EDIT, "not-text"),
        (b"caf\xe9\n", EDIT, "not-text"),
        (ORIGINAL, b" \n\n", "no-code-block"),
        (ORIGINAL, b"\xff\xff", "unreadable"),
        (ORIGINAL, b"--- a/n.py\n+++ b/n.py\n@@ -1 +1 @@\n def one():\n", "malformed-edit"),
    ],
)
def test_bad_input_is_2_and_says_so_in_json_too(
    fastapply: Fastapply, file: Path, content: bytes | None, edit: bytes, code: str
) -> None:
    if content is None:
        file.unlink()
    else:
        file.write_bytes(content)
    ran = fastapply("apply", "numbers.py", "--edit", "-", "--json", "--write", stdin=edit)
    assert ran.exit == 2
    assert ran.json["outcome"] == "failed"
    assert ran.json["error"]["code"] == code
    assert ran.err.startswith("fastapply: ")
    assert content is None or file.read_bytes() == content


def test_a_file_above_the_limit_is_named_with_the_number(
    fastapply: Fastapply, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FASTAPPLY_LIMITS_FILE_BYTES", "20")
    ran = fastapply("apply", file, "--edit", "-", stdin=EDIT)
    assert ran.exit == 2
    assert f"{len(ORIGINAL)} bytes; the limit is 20" in ran.err


def test_an_edit_above_the_limit_is_an_error(
    fastapply: Fastapply, file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FASTAPPLY_LIMITS_EDIT_BYTES", "10")
    assert fastapply("apply", file, "--edit", "-", stdin=EDIT).exit == 2


@pytest.mark.parametrize("backend", ["nobody", "openai", "scripted"])
def test_a_backend_that_is_not_configured_is_2(
    fastapply: Fastapply, file: Path, backend: str
) -> None:
    ran = fastapply("apply", file, "--edit", "-", "--backend", backend, "--json", stdin=EDIT)
    assert ran.exit == 2
    assert ran.json["error"]["code"] == "settings"


def test_a_folder_that_cannot_hold_the_journal_is_2_and_nothing_is_written(
    fastapply: Fastapply, file: Path, home: Path
) -> None:
    (home / "state").write_text("a file stands in the way", encoding="utf-8")
    ran = fastapply("apply", file, "--edit", "-", "--write", "--json", stdin=EDIT)
    assert ran.exit == 2
    assert ran.json["error"]["code"] == "journal"
    assert file.read_bytes() == ORIGINAL


# The rest


def test_the_dialogue_and_the_instructions_reach_the_model(
    fastapply: Fastapply, file: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = ScriptedBackend(Script((Predicted(9),)))

    class OneBackend:
        def __init__(self, *_: object) -> None: ...

        def __call__(self, *_: object) -> tuple[ScriptedBackend]:
            return (model,)

        async def aclose(self) -> None: ...

    monkeypatch.setattr("fastapply_lsp.commands.apply.Backends", OneBackend)
    chat = (
        "## User\nTwo is 22.\n\n## Assistant\nSo:\n\n"
        f"```python\n{EDIT.decode()}```\n\n## User\nLater.\n"
    )
    (tmp_path / "chat.md").write_text(chat, encoding="utf-8")
    ran = fastapply(
        "apply", file, "--edit", "-", "--chat", "chat.md", "--instructions", "22", stdin=EDIT
    )
    assert ran.exit == 0
    call = model.requests[0].call
    assert call.instructions == "22"
    assert [(one.role, one.content) for one in call.messages] == [
        ("user", "Two is 22."),
        ("assistant", "So:"),
    ]


def test_a_chat_that_is_not_there_is_2(fastapply: Fastapply, file: Path) -> None:
    ran = fastapply("apply", file, "--edit", "-", "--chat", "none.md", stdin=EDIT)
    assert ran.exit == 2
    assert "none.md cannot be read" in ran.err


def test_a_fenced_edit_is_taken_as_its_content(fastapply: Fastapply, file: Path) -> None:
    fenced = b"```python\n" + EDIT + b"```\n"
    ran = fastapply("apply", file, "--edit", "-", "--stdout", stdin=fenced)
    assert (ran.exit, ran.out) == (0, RESULT)


def test_what_nobody_foresaw_is_one_sentence_and_a_trace_in_the_log(
    fastapply: Fastapply, file: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError("secret words")

    monkeypatch.setattr("fastapply_lsp.commands.apply.load", broken)
    ran = fastapply("apply", file, "--edit", "-", "--json", stdin=EDIT)
    assert ran.exit == 3
    assert ran.json["outcome"] == "failed"
    assert ran.json["error"]["code"] == "internal"
    assert "Traceback" not in ran.err
    assert "secret words" not in ran.err + ran.out.decode()
    assert "ZeroDivisionError" in (home / "log" / "fastapply-lsp.log").read_text(encoding="utf-8")


def test_so_it_is_for_every_command(
    fastapply: Fastapply, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError("secret words")

    monkeypatch.setattr("fastapply_lsp.commands.doctor.examine", broken)
    ran = fastapply("doctor")
    assert ran.exit == 3
    assert ran.err.count("\n") == 1
    assert "secret words" not in ran.err
    assert "ZeroDivisionError" in (home / "log" / "fastapply-lsp.log").read_text(encoding="utf-8")


def test_a_log_that_cannot_be_written_is_no_reason_to_stop(
    fastapply: Fastapply, file: Path, home: Path
) -> None:
    (home / "log").write_text("a file stands in the way", encoding="utf-8")
    ran = fastapply("apply", file, "--edit", "-", "--stdout", stdin=EDIT)
    assert (ran.exit, ran.out, ran.err) == (0, RESULT, "")
