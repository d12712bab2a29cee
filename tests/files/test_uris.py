"""URIs as editors write them, on both kinds of systems."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fastapply_lsp.files.uris import (
    System,
    normal_uri,
    path_text,
    path_to_uri,
    uri_of,
    uri_to_path,
)

names = st.text(st.characters(exclude_characters="\0/\\", codec="utf-8"), min_size=1, max_size=9)


@given(st.lists(names, min_size=1, max_size=4))
def test_a_posix_path_comes_back(parts: list[str]) -> None:
    path = "/" + "/".join(parts)
    assert path_text(uri_of(path, System.POSIX), System.POSIX) == path


@given(st.lists(names, min_size=1, max_size=4), st.sampled_from(["c:\\", "\\\\server\\"]))
def test_a_windows_path_comes_back(parts: list[str], start: str) -> None:
    path = start + "\\".join(parts)
    assert path_text(uri_of(path, System.WINDOWS), System.WINDOWS) == path


def test_bytes_that_are_no_utf8_come_back() -> None:
    path = "/home/\udcff.py"
    assert uri_of(path, System.POSIX) == "file:///home/%FF.py"
    assert path_text("file:///home/%FF.py", System.POSIX) == path


@pytest.mark.parametrize(
    ("uri", "posix", "windows"),
    [
        ("file:///c%3A/a.py", "/c:/a.py", "c:\\a.py"),
        ("file:///C:/a.py", "/C:/a.py", "c:\\a.py"),
        ("file:///C:", "/C:", "c:\\"),
        ("file://localhost/a.py", "/a.py", "\\a.py"),
        ("file:/a.py", "/a.py", "\\a.py"),
        ("FILE:///a.py", "/a.py", "\\a.py"),
        ("file:///a?b#c.py", "/a?b#c.py", "\\a?b#c.py"),
        ("file:///a%2Fb%5Cc.py", "/a/b\\c.py", "\\a\\b\\c.py"),
        ("file:///%F0%9F%98%80.py", "/😀.py", "\\😀.py"),
        ("file://server/share/a.py", None, "\\\\server\\share\\a.py"),
        ("file:///a%00.py", None, None),
        ("file://", None, None),
        ("file:a.py", None, None),
        ("untitled:Untitled-1", None, None),
        ("https://a.example/b.py", None, None),
        ("", None, None),
    ],
)
def test_the_uris_of_editors(uri: str, posix: str | None, windows: str | None) -> None:
    assert path_text(uri, System.POSIX) == posix
    assert path_text(uri, System.WINDOWS) == windows


def test_all_spellings_of_one_file_become_one() -> None:
    spellings = ["file:///c%3A/a%20b.py", "file:///C:/a%20b.py", "file:///c:/a b.py"]
    assert len({normal_uri(one, System.WINDOWS) for one in spellings}) == 1
    assert normal_uri("file:///A.py", System.POSIX) != normal_uri("file:///a.py", System.POSIX)


def test_paths_of_this_machine(tmp_path: Path) -> None:
    path = tmp_path / "a b#é.py"
    assert uri_to_path(path_to_uri(path)) == path
    assert path_to_uri(path) == path.as_uri()
    assert uri_to_path("untitled:x") is None
