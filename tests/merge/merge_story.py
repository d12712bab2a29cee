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
    return [
        _read(page.stem, part)
        for page in sorted(FOLDER.glob("*.md"))
        for part in _STORY.split(page.read_text(encoding="utf-8"))[1:]
    ]


def _read(page: str, part: str) -> Story:
    title = part.partition("\n")[0].strip()
    blocks = {kind: (info.strip(), text) for kind, info, text in _BLOCK.findall(part)}
    path, file = blocks["file"]
    verdict, result = blocks.get("result", ("nowhere", file))
    instructions, edit = blocks["edit"]
    return Story(f"{page}: {title}", path, file, edit, result, verdict, instructions)
