"""Nothing outside the workspace is touched, and nothing inside it is half-written."""

import os
import stat
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fastapply_lsp.errors import (
    AmbiguousTarget,
    CannotApply,
    NotText,
    OutsideWorkspace,
    TooLarge,
    UnknownTarget,
)
from fastapply_lsp.files.listing import list_files
from fastapply_lsp.files.uris import path_to_uri
from fastapply_lsp.files.workspace import Workspace
from fastapply_lsp.settings import Limits


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    (folder / "src").mkdir(parents=True)
    (folder / "src" / "a.py").write_bytes(b"a = 1\n")
    (tmp_path / "secret.txt").write_text("hush")
    return folder


def workspace(*folders: Path, limits: Limits | None = None) -> Workspace:
    return Workspace(folders, limits or Limits())


# Where a target may lie


def test_every_way_to_name_a_file(root: Path) -> None:
    path = root / "src" / "a.py"
    names = ["src/a.py", "./src/../src/a.py", str(path), path_to_uri(path)]
    assert {workspace(root).locate(name) for name in names} == {path.resolve()}


@pytest.mark.parametrize(
    "target", ["../secret.txt", "src/../../secret.txt", "/etc/passwd", "file:///etc/passwd", ".."]
)
def test_what_leads_out_is_refused(root: Path, target: str) -> None:
    for act in (workspace(root).locate, workspace(root).read):
        with pytest.raises(OutsideWorkspace):
            act(target)
    with pytest.raises(OutsideWorkspace):
        workspace(root).create(target, "x")


def test_links_that_lead_out_are_refused(root: Path, tmp_path: Path) -> None:
    (root / "file.txt").symlink_to(tmp_path / "secret.txt")
    (root / "up").symlink_to(tmp_path)
    (root / "dangling").symlink_to(tmp_path / "new.txt")
    for target in ("file.txt", "up/secret.txt", "up/new.txt", "dangling"):
        with pytest.raises(OutsideWorkspace):
            workspace(root).locate(target)
    assert not (tmp_path / "new.txt").exists()


def test_links_that_stay_inside_are_followed(root: Path) -> None:
    (root / "link.py").symlink_to("src/a.py")
    held = workspace(root)
    held.write(held.read("link.py"), "a = 2\n")
    assert (root / "link.py").is_symlink()
    assert (root / "src" / "a.py").read_text() == "a = 2\n"


def test_a_workspace_may_itself_be_a_link(root: Path, tmp_path: Path) -> None:
    (tmp_path / "alias").symlink_to(root)
    assert workspace(tmp_path / "alias").locate("src/a.py") == (root / "src" / "a.py").resolve()


def test_a_folder_whose_name_begins_alike_is_outside(root: Path, tmp_path: Path) -> None:
    (tmp_path / "project-two").mkdir()
    with pytest.raises(OutsideWorkspace):
        workspace(root).locate(str(tmp_path / "project-two" / "a.py"))


@pytest.mark.parametrize("target", [".git/config", ".git/hooks/new", "src/.GIT/x", "a\0b", ""])
def test_a_tools_own_files_are_no_targets(root: Path, target: str) -> None:
    with pytest.raises(UnknownTarget):
        workspace(root).locate(target)


def test_a_workspace_inside_a_tools_folder_works(tmp_path: Path) -> None:
    folder = tmp_path / ".cache" / "project"
    folder.mkdir(parents=True)
    (folder / "a.py").write_text("x")
    assert workspace(folder).read("a.py").raw == b"x"


@pytest.mark.parametrize("target", ["absent.py", "src/a.py/b", "x" * 300, "circle", "src/absent/b"])
def test_a_file_that_is_not_there(root: Path, target: str) -> None:
    (root / "circle").symlink_to("circle")
    with pytest.raises(UnknownTarget):
        workspace(root).read(target)


def test_several_folders(root: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    (other / "src").mkdir(parents=True)
    (other / "only.py").write_text("x")
    both = workspace(root, other)
    assert both.locate("only.py") == (other / "only.py").resolve()
    assert both.locate("new.py") == (root / "new.py").resolve()
    (other / "src" / "a.py").write_text("x")
    with pytest.raises(AmbiguousTarget) as caught:
        both.locate("src/a.py")
    assert caught.value.candidates == (str(root / "src" / "a.py"), str(other / "src" / "a.py"))
    with pytest.raises(OutsideWorkspace):
        workspace().locate("a.py")


# Reading


def test_a_file_keeps_its_bytes_and_its_mark(root: Path) -> None:
    (root / "bom.txt").write_bytes(b"\xef\xbb\xbfa\r\nb")
    file = workspace(root).read("bom.txt")
    assert (file.raw, file.content.text) == (b"\xef\xbb\xbfa\r\nb", "a\r\nb")


def test_what_is_no_text_is_refused(root: Path) -> None:
    (root / "image.png").write_bytes(b"\x89PNG\0\0")
    (root / "latin.txt").write_bytes(b"caf\xe9")
    os.mkfifo(root / "pipe")
    for target in ("image.png", "latin.txt", "pipe", "src"):
        with pytest.raises(NotText):
            workspace(root).read(target)


@pytest.mark.parametrize(("size", "fits"), [(100, True), (101, False)])
def test_the_limit_of_bytes_says_its_number(root: Path, size: int, fits: bool) -> None:  # noqa: FBT001 - a row of a table
    (root / "big.txt").write_bytes(b"x" * size)
    held = workspace(root, limits=Limits(file_bytes=100))
    if fits:
        assert len(held.read("big.txt").raw) == size
        return
    with pytest.raises(TooLarge) as caught:
        held.read("big.txt")
    assert (caught.value.size, caught.value.limit, caught.value.unit) == (101, 100, "bytes")


def test_the_limit_of_lines_says_its_number(root: Path) -> None:
    (root / "long.txt").write_bytes(b"x\n" * 11)
    with pytest.raises(TooLarge) as caught:
        workspace(root, limits=Limits(file_lines=10)).read("long.txt")
    assert (caught.value.size, caught.value.limit, caught.value.unit) == (11, 10, "lines")


# Writing


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40)
@given(
    st.sampled_from([b"", b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff"]),
    st.text(st.characters(exclude_characters="\0\ufeff", codec="utf-8"), max_size=20),
    st.text(st.characters(exclude_characters="\0\ufeff", codec="utf-8"), max_size=20),
)
def test_a_revert_gives_back_the_exact_bytes(root: Path, mark: bytes, old: str, new: str) -> None:
    encoding = {b"\xff\xfe": "utf-16-le", b"\xfe\xff": "utf-16-be"}.get(mark, "utf-8")
    raw = mark + old.encode(encoding)
    (root / "f.txt").write_bytes(raw)
    held = workspace(root)
    held.write(held.read("f.txt"), new)
    assert (root / "f.txt").read_bytes() == mark + new.encode(encoding)
    held.write(held.read("f.txt"), old)
    assert (root / "f.txt").read_bytes() == raw


def test_mode_and_neighbours_stay(root: Path) -> None:
    path = root / "run.sh"
    path.write_text("old")
    path.chmod(0o751)
    held = workspace(root)
    held.write(held.read("run.sh"), "new")
    assert stat.S_IMODE(path.stat().st_mode) == 0o751
    assert sorted(one.name for one in root.iterdir()) == ["run.sh", "src"]


def test_a_read_only_file_is_left_alone(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = root / "src" / "a.py"
    path.chmod(0o444)
    # The superuser, as who tests may run, is let do everything; judge by the mode alone.
    monkeypatch.setattr(
        os, "access", lambda where, mode: bool(Path(where).stat().st_mode >> 6 & mode)
    )
    held = workspace(root)
    with pytest.raises(CannotApply, match="read-only"):
        held.write(held.read("src/a.py"), "new\n")
    assert path.read_bytes() == b"a = 1\n"


def test_a_folder_is_no_text(root: Path) -> None:
    with pytest.raises(NotText, match="folder"):
        workspace(root).read("src")


def test_a_hard_link_stays_one(root: Path) -> None:
    (root / "b.py").hardlink_to(root / "src" / "a.py")
    held = workspace(root)
    held.write(held.read("b.py"), "a\n")
    assert (root / "src" / "a.py").read_bytes() == b"a\n"


def test_a_file_that_changed_meanwhile_is_left_alone(root: Path) -> None:
    held = workspace(root)
    file = held.read("src/a.py")
    (root / "src" / "a.py").write_text("mine\n")
    with pytest.raises(CannotApply, match="changed meanwhile"):
        held.write(file, "theirs\n")
    assert (root / "src" / "a.py").read_text() == "mine\n"


def test_a_failed_write_leaves_the_old_file_and_no_scrap(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = workspace(root)
    file = held.read("src/a.py")

    def full(handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(CannotApply, match="No space left"):
        held.write(file, "new\n")
    assert [one.name for one in (root / "src").iterdir()] == ["a.py"]
    assert (root / "src" / "a.py").read_bytes() == b"a = 1\n"


def test_what_no_file_can_spell_is_refused_before_anything_is_written(root: Path) -> None:
    held = workspace(root)
    with pytest.raises(NotText, match="surrogate"):
        held.write(held.read("src/a.py"), "\ud800")
    with pytest.raises(NotText, match="surrogate"):
        held.create("new.py", "\ud800")
    assert not (root / "new.py").exists()


def test_a_new_file_brings_its_folders_and_overwrites_nothing(root: Path) -> None:
    held = workspace(root)
    assert held.create("lib/deep/b.py", "b\r\n").read_bytes() == b"b\r\n"
    with pytest.raises(CannotApply, match="exists"):
        held.create("src/a.py", "new")
    assert (root / "src" / "a.py").read_bytes() == b"a = 1\n"


# Listing


def test_the_listing_has_sources_and_no_tools_files(root: Path, tmp_path: Path) -> None:
    for name in (".git/config", "node_modules/x/i.js", "target/CACHEDIR.TAG", "target/o.rs"):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text("x")
    for name in ("env/pyvenv.cfg", "env/lib/x.py", ".github/ci.yml", "README.md"):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text("x")
    (root / "up").symlink_to(tmp_path)
    (root / "circle").symlink_to("circle")
    found = workspace(root).listing()
    assert found.files == ("README.md", ".github/ci.yml", "src/a.py")
    assert found.complete


def test_the_listing_keeps_its_limit_and_says_so(root: Path) -> None:
    for number in range(9):
        (root / f"{number}.txt").write_text("x")
    found = list_files([root], 9)
    assert (len(found.files), found.complete) == (9, False)
    assert "src/a.py" not in found.files
    assert list_files([root], 10).complete
    assert list_files([root / "absent"], 10).files == ()


def test_a_file_of_two_folders_counts_once(root: Path) -> None:
    assert list_files([root, root], 1).complete
