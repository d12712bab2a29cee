"""Reads the stories in this folder: a file, an edit, what becomes of it, and whether that is sure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).parent
_STORY = re.compile(r"(?m)^## ")
_BLOCK = re.compile(r"(?ms)^~~~~(\w+)([^\n]*)\n(.*?)^~~~~$")


@dataclass(frozen=True)
class Story:
    """One story. ``verdict`` is ``certain``, ``unsure`` or ``nowhere``."""

    name: str
    path: str
    file: str
    edit: str
    result: str
    verdict: str
    instructions: str


def stories() -> list[Story]:
    found: list[Story] = []
    for page in sorted(FOLDER.glob("*.md")):
        base: tuple[str, str] | None = None
        for part in _STORY.split(page.read_text(encoding="utf-8")):
            if "\n~~~~edit" in part:
                found.append(_read(page.stem, part, base))
            # A base stands before the stories that edit it, and so at the end of a part.
            for kind, info, text in _BLOCK.findall(part):
                if kind == "base":
                    base = (info.strip(), text)
    return found


def _read(page: str, part: str, base: tuple[str, str] | None) -> Story:
    title = part.partition("\n")[0].strip()
    blocks = {kind: (info.strip(), text) for kind, info, text in _BLOCK.findall(part)}
    path, file = blocks.get("file", base or ("", ""))
    verdict, result = blocks.get("result", ("nowhere", file))
    if "change" in blocks:
        verdict, hunks = blocks["change"]
        result = _changed(file, hunks)
    instructions, edit = blocks["edit"]
    return Story(f"{page}: {title}", path, file, edit, result, verdict, instructions)


def _changed(file: str, hunks: str) -> str:
    """Return the file with hunks applied, each of which must fit exactly once."""
    for hunk in hunks.split("@@\n"):
        lines = hunk.splitlines()
        old = "".join(f"{line[1:]}\n" for line in lines if line[:1] != "+")
        new = "".join(f"{line[1:]}\n" for line in lines if line[:1] != "-")
        at = [index for index in range(len(file)) if file.startswith(old, index)]
        starts = [index for index in at if index == 0 or file[index - 1] == "\n"]
        assert not lines or len(starts) == 1, hunk
        if lines:
            file = file[: starts[0]] + new + file[starts[0] + len(old) :]
    return file
