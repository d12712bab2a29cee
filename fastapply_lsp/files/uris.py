"""Between the URIs that editors speak and the paths that this machine has.

Source: RFC 8089 (the file scheme) and what editors send: VS Code writes a drive as ``c%3A``,
others as ``C:``; a share of a Windows network is the URI's host.
"""

from __future__ import annotations

import os
import re
from enum import Enum
from pathlib import Path
from urllib.parse import quote, unquote


class System(Enum):
    """How paths are spelled."""

    POSIX = "/"
    WINDOWS = "\\"


HERE = System.WINDOWS if os.name == "nt" else System.POSIX
_FILE_URI = re.compile(r"(?is)file:(?://(?P<host>[^/]*)|(?!//))(?P<path>/.*)")
"""Whatever follows the host is the path: editors forget to quote ``?`` and ``#``."""

_DRIVE = re.compile(r"/?([A-Za-z]):(?=[\\/]|$)")
_UNQUOTED = "/!$&'()*+,;=:@~"


def path_text(uri: str, system: System = HERE) -> str | None:
    r"""Return the path that a file URI names; ``None`` for any other URI (``untitled:`` …).

    >>> path_text("file:///home/me/a%20b%C3%A9.py", System.POSIX)
    '/home/me/a bé.py'
    >>> print(path_text("file:///c%3A/a%20b.py", System.WINDOWS))
    c:\a b.py
    >>> print(path_text("file://server/share/a.py", System.WINDOWS))
    \\server\share\a.py
    """
    match = _FILE_URI.fullmatch(uri)
    if match is None:
        return None
    host, path = match["host"] or "", unquote(match["path"], errors="surrogateescape")
    if "\0" in path:
        return None
    local = host.lower() in ("", "localhost")
    match system:
        case System.POSIX:
            return path if local else None
        case System.WINDOWS:
            if drive := _DRIVE.match(path):
                path = f"{drive[1].lower()}:{path[drive.end() :] or '/'}"
            elif not local:
                path = f"//{host}{path}"
            return path.replace("/", "\\")


def uri_of(path: str, system: System = HERE) -> str:
    r"""Return the URI of an absolute path, always spelled alike.

    >>> uri_of("/home/me/a bé.py", System.POSIX), uri_of("C:\\a b.py", System.WINDOWS)
    ('file:///home/me/a%20b%C3%A9.py', 'file:///c:/a%20b.py')
    """
    match system:
        case System.POSIX:
            host = ""
        case System.WINDOWS:
            path = path.replace("\\", "/")
            host = ""
            if drive := _DRIVE.match(path):
                path = f"/{drive[1].lower()}:{path[drive.end() :]}"
            elif path.startswith("//"):
                host, slash, tail = path[2:].partition("/")
                path = slash + tail
    return f"file://{host}{quote(path, safe=_UNQUOTED, errors='surrogateescape')}"


def uri_to_path(uri: str) -> Path | None:
    """Return the path on this machine that a URI names, ``None`` where it names none."""
    text = path_text(uri)
    return None if text is None else Path(text)


def path_to_uri(path: Path) -> str:
    """Return the URI of an absolute path on this machine."""
    return uri_of(str(path))


def normal_uri(uri: str, system: System = HERE) -> str:
    """Return one spelling for all spellings of a file URI; other URIs as they are.

    >>> normal_uri("file:///C%3A/x+y.py", System.WINDOWS), normal_uri("untitled:Untitled-1")
    ('file:///c:/x+y.py', 'untitled:Untitled-1')
    """
    path = path_text(uri, system)
    return uri if path is None else uri_of(path, system)
