"""The log goes to a file of its owner, and no secret goes with it."""

import logging
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from fastapply_lsp.files import logs
from fastapply_lsp.files.logs import log_file, log_to_file
from fastapply_lsp.settings import Secret

log = logging.getLogger("fastapply_lsp.test")


@pytest.fixture(autouse=True)
def as_before() -> Iterator[None]:
    yield
    root = logging.getLogger()
    for handler in [one for one in root.handlers if isinstance(one, logs._LogFile)]:
        root.removeHandler(handler)
        handler.close()
    logging.getLogger("fastapply_lsp").setLevel(logging.NOTSET)


def test_it_writes_to_the_named_folder_and_nowhere_else(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    path = log_to_file({"FASTAPPLY_LOG": str(tmp_path / "logs")})
    log.info("said %s \ud800", "something")
    log.debug("whispered")
    assert "said something \\ud800" in path.read_text()
    assert "whispered" not in path.read_text()
    assert path.parent == tmp_path / "logs"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert capfd.readouterr() == ("", "")


def test_no_secret_goes_with_it(tmp_path: Path) -> None:
    secrets = [Secret("sk-12345"), Secret("sk-12345-longer"), Secret("")]
    path = log_to_file({"FASTAPPLY_LOG": str(tmp_path)}, "debug", secrets)
    log.debug("key %s and %s", "sk-12345", "sk-12345-longer")
    log.error("failed", exc_info=ValueError("Bearer sk-12345"))
    content = path.read_text()
    assert "key *** and ***\n" in content
    assert "Bearer ***" in content
    assert "12345" not in content
    assert "longer" not in content


def test_a_second_call_takes_the_place_of_the_first(tmp_path: Path) -> None:
    first = log_to_file({"FASTAPPLY_LOG": str(tmp_path / "one")}, "debug")
    second = log_to_file({"FASTAPPLY_LOG": str(tmp_path / "two")}, "error")
    log.error("once")
    log.info("never")
    assert first.read_text() == ""
    assert second.read_text().count("once") == 1
    assert "never" not in second.read_text()


def test_chatty_libraries_are_not_heard(tmp_path: Path) -> None:
    path = log_to_file({"FASTAPPLY_LOG": str(tmp_path)}, "debug")
    logging.getLogger("hpack.hpack").debug("Adding (b'authorization', b'Bearer sk')")
    logging.getLogger("httpx").info("HTTP Request")
    assert path.read_text() == ""


def test_it_stays_small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logs, "FILE_BYTES", 1000)
    path = log_to_file({"FASTAPPLY_LOG": str(tmp_path)})
    for number in range(100):
        log.info("line %d %s", number, "x" * 50)
    assert sorted(one.name for one in tmp_path.iterdir()) == [path.name, f"{path.name}.1"]
    assert all(one.stat().st_size <= 1000 for one in tmp_path.iterdir())
    assert "line 99" in path.read_text()


def test_the_place_without_a_wish() -> None:
    assert log_file({}).name == "fastapply-lsp.log"
