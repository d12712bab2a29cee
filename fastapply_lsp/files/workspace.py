"""The files on disk that may be edited: reading, writing, and staying inside the open folders.

Laws: a path is judged by where it really leads, so no ``..`` and no symbolic link gets out of the
workspace; a file is replaced as a whole or not at all; one that has changed since it was read is
not touched.
"""

from __future__ import annotations

import errno
import os
import stat
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from fastapply_lsp.errors import (
    AmbiguousTarget,
    CannotApply,
    NotText,
    OutsideWorkspace,
    TooLarge,
    UnknownTarget,
)
from fastapply_lsp.files.listing import SKIPPED, list_files
from fastapply_lsp.files.uris import uri_to_path
from fastapply_lsp.text.contract import FileText, NotDecodable, decode
from fastapply_lsp.text.lines import split_lines

if TYPE_CHECKING:
    from collections.abc import Iterable

    from fastapply_lsp.files.listing import Listing
    from fastapply_lsp.settings import Limits

_ABSENT = (errno.ENOENT, errno.ENOTDIR, errno.ENAMETOOLONG)


@dataclass(frozen=True, slots=True)
class DiskFile:
    """A file as it was read: where it really is, its exact bytes, and what they say."""

    path: Path
    raw: bytes
    content: FileText


class Workspace:
    """Some folders, and what lies in them. Every method does I/O: call it off the event loop.

    Args:
        folders: absolute paths; with none, no file is inside.
        limits: how large a file may be, and how many are looked at.
    """

    def __init__(self, folders: Iterable[Path], limits: Limits) -> None:
        self.folders = tuple(folders)
        self._limits = limits

    def locate(self, target: str) -> Path:
        """Return the real path of a file that may be edited or created.

        ``target`` is a path relative to a folder, an absolute path, or a file URI.

        Raises:
            AmbiguousTarget: several folders have such a file.
            OutsideWorkspace: it leads out of every folder.
            UnknownTarget: it is no path, or lies inside a tool's own folder such as ``.git``.
        """
        path = uri_to_path(target) if target.lower().startswith("file:") else Path(target)
        if path is None or not target or "\0" in target:
            raise UnknownTarget(target)
        if path.is_absolute():
            return self._inside(path, target)
        candidates = [folder / path for folder in self.folders]
        existing = [one for one in candidates if _exists(one)]
        if len({_real(one) for one in existing}) > 1:
            raise AmbiguousTarget(tuple(map(str, existing)))
        if not candidates:
            raise OutsideWorkspace(target)
        return self._inside((existing or candidates)[0], target)

    def _inside(self, path: Path, target: str) -> Path:
        real = _real(path)
        folder = next((one for one in self.folders if _holds(one, real)), None)
        if folder is None:
            raise OutsideWorkspace(target)
        # Judged below the folder only: the whole workspace may lie in a `.cache`.
        below = real.parts[len(_real(folder).parts) :]
        if any(part.lower() in SKIPPED for part in below[:-1]):
            raise UnknownTarget(target)
        return real

    def read(self, target: str) -> DiskFile:
        """Return a file with its bytes and its text.

        Raises:
            UnknownTarget: there is none; or as ``locate`` raises.
            NotText: binary, undecodable, or no regular file.
            TooLarge: above the limit of bytes or lines.
            CannotApply: the system does not let us read it.
        """
        path = self.locate(target)
        try:
            raw = self._read_bytes(path, target)
        except OSError as error:
            if error.errno in _ABSENT:
                raise UnknownTarget(target) from None
            raise CannotApply(f"{target} cannot be read: {error.strerror}.") from error
        try:
            content = decode(raw)
        except NotDecodable as error:
            raise NotText(target, error.problem) from error
        lines = len(split_lines(content.text))
        if lines > self._limits.file_lines:
            raise TooLarge(target, lines, self._limits.file_lines, "lines")
        return DiskFile(path, raw, content)

    def _read_bytes(self, path: Path, target: str) -> bytes:
        # Opening a pipe would wait for its writer, so look before.
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            what = "a folder" if stat.S_ISDIR(status.st_mode) else "no regular file"
            raise NotText(target, f"it is {what}")
        limit = self._limits.file_bytes
        with path.open("rb") as file:
            raw = file.read(limit + 1)
        if len(raw) > limit:
            raise TooLarge(target, max(status.st_size, len(raw)), limit, "bytes")
        return raw

    def write(self, file: DiskFile, text: str) -> None:
        """Replace a file's text, keeping its encoding, mark, mode and links.

        Raises:
            CannotApply: it has changed since it was read, or the system does not let us.
            NotText: the text cannot be spelled in the file's encoding.
        """
        try:
            raw = file.content.encode(text)
        except NotDecodable as error:
            raise NotText(str(file.path), error.problem) from error
        try:
            if file.path.read_bytes() != file.raw:
                raise CannotApply(f"{file.path} has changed meanwhile; nothing was written.")
            if not os.access(file.path, os.W_OK):  # a rename would not ask
                raise CannotApply(f"{file.path} is read-only.")
            _replace(file.path, raw)
        except OSError as error:
            raise CannotApply(f"{file.path} cannot be written: {error.strerror}.") from error

    def create(self, target: str, text: str) -> Path:
        """Write a new file, with the folders that it needs.

        Raises:
            CannotApply: something is there already, or the system does not let us.
            NotText: the text cannot be spelled in UTF-8.
        """
        path = self.locate(target)
        try:
            raw = FileText(text).encode(text)
        except NotDecodable as error:
            raise NotText(target, error.problem) from error
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            with path.open("xb") as file:
                file.write(raw)
        except OSError as error:
            raise CannotApply(f"{target} cannot be created: {error.strerror}.") from error
        return path

    def listing(self) -> Listing:
        """Return the files that a target is looked for among."""
        return list_files(self.folders, self._limits.known_files)


def _real(path: Path) -> Path:
    try:
        return path.resolve()
    except (OSError, RuntimeError):  # links in a circle, a name too long
        raise UnknownTarget(str(path)) from None


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except OSError:  # a name too long, a folder that we may not enter
        return False


def _holds(folder: Path, real: Path) -> bool:
    """Whether ``real`` lies in the folder. The system compares, so it knows about case."""
    for ancestor in real.parents:
        with suppress(OSError):
            if ancestor.samefile(folder):
                return True
    return False


def _replace(path: Path, raw: bytes) -> None:
    """Write beside, then rename; in place where a rename would break a hard link."""
    status = path.stat()
    if status.st_nlink > 1 or not os.access(path.parent, os.W_OK):
        with path.open("r+b") as file:
            file.write(raw)
            file.truncate()
            file.flush()
            os.fsync(file.fileno())
        return
    handle, name = tempfile.mkstemp(prefix=f".{path.name[:40]}.", suffix=".tmp", dir=path.parent)
    beside = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(raw)
            file.flush()
            os.fsync(file.fileno())
        if hasattr(os, "chown"):
            with suppress(PermissionError):
                os.chown(beside, status.st_uid, status.st_gid)
        beside.chmod(stat.S_IMODE(status.st_mode))
        beside.replace(path)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise
