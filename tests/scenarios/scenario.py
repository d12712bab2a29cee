r"""Scenarios: tests as readable Markdown.

A file holds one scenario under each level-one heading. Its fenced blocks are data; the last word
of the fence's info string says what each is:

==============  ============================================================================
``buffer``      what the editor holds at the start; the first word names the language
``stream``      what the backend writes; ``¦`` ends a chunk
``again``       what it writes when it is asked again, if that is something else
``code_edit``   the code block of the chat; where there is none, the stream is the whole file
``typing``      what the user types: ``after chunk 2: "text" before "line"``
``faults``      ``after chunk 2: break`` or ``after chunk 2: cancel`` or ``truncate``
``edits``       the edits that leave, each against the buffer as it is then
``after``       what the editor holds in the end; without it, the stream
``result``      ``key: value`` lines about the result; each ``note``, ``repair`` and ``reason`` of it
                that is named, and each ``hunk note``, is one of those that it has
==============  ============================================================================

``edits`` reads ``chunk 3 @ 1`` (after the third chunk, before the buffer's line 1, counted from 0)
and then the lines that go (``-``) and come (``+``). ``chunk end`` is the end of the stream; where
the backend is asked again, its chunks are ``again 1`` to ``again end``.
In every block ``␍`` before the end of a line stands for a carriage return, and a last line
``\ no final newline`` says that the text ends without one.
Run pytest with ``--update-scenarios`` to write what happened into the files; review the diff.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).parent

SUFFIXES = {
    "python": "py", "typescript": "ts", "go": "go", "rust": "rs", "text": "txt", "css": "css",
    "javascript": "js", "markdown": "md", "bash": "sh",
}  # fmt: skip

_FENCE = re.compile(
    r"^(?P<fence>`{3,})(?P<info>[^\n]*)\n(?P<body>.*?)^(?P=fence)$", re.MULTILINE | re.DOTALL
)


@dataclass(frozen=True)
class Typing:
    """The user types ``text`` before the first place of ``before``, after ``chunk`` chunks."""

    chunk: int
    text: str
    before: str


@dataclass(frozen=True)
class Scenario:
    """One scenario, read."""

    file: Path
    title: str
    language: str
    blocks: dict[str, str]

    @property
    def path(self) -> str:
        return f"file.{SUFFIXES.get(self.language, 'txt')}"

    @property
    def buffer(self) -> str:
        return text_of(self.blocks["buffer"])

    @property
    def chunks(self) -> list[str]:
        return [chunk for chunk in text_of(self.blocks.get("stream", "")).split("¦") if chunk]

    @property
    def again(self) -> list[str]:
        return [chunk for chunk in text_of(self.blocks.get("again", "")).split("¦") if chunk]

    @property
    def rewrite(self) -> str:
        return "".join(self.chunks)

    @property
    def after(self) -> str:
        return text_of(self.blocks["after"]) if "after" in self.blocks else self.rewrite

    @property
    def typing(self) -> list[Typing]:
        pattern = r'after chunk (\d+): "(.*)" before "(.*)"'
        found = re.findall(pattern, self.blocks.get("typing", ""))
        return [Typing(int(n), text.replace(r"\n", "\n"), place) for n, text, place in found]

    @property
    def faults(self) -> dict[int, str]:
        found = re.findall(r"after chunk (\d+): (\w+)", self.blocks.get("faults", ""))
        return {int(n): fault for n, fault in found}


_NO_END = "\n\\ no final newline\n"


def text_of(block: str) -> str:
    """Return the text that a block stands for."""
    return block.removesuffix(_NO_END if block.endswith(_NO_END) else "").replace("␍", "\r")


def block_of(text: str) -> str:
    """Return the block that stands for a text."""
    ended = text if text.endswith("\n") or not text else text + _NO_END
    return ended.replace("\r", "␍")


def read(file: Path) -> list[Scenario]:
    """Return the scenarios of a file."""
    text = file.read_text(encoding="utf-8")
    scenarios = []
    for part in _parts(text):
        title = part.partition("\n")[0].strip()
        blocks: dict[str, str] = {}
        language = "text"
        for match in _FENCE.finditer(part):
            words = match["info"].split()
            blocks[words[-1]] = match["body"]
            if words[-1] == "buffer" and len(words) > 1:
                language = words[0]
        scenarios.append(Scenario(file, title, language, blocks))
    return scenarios


def _parts(text: str) -> list[str]:
    """Cut at level-one headings; a comment inside a block is none."""
    blocks = [match.span() for match in _FENCE.finditer(text)]
    heads = [match.start() for match in re.finditer(r"^# ", text, re.MULTILINE)]
    starts = [at for at in heads if not any(start < at < end for start, end in blocks)]
    ends = [*starts[1:], len(text)]
    return [text[start + 2 : end] for start, end in zip(starts, ends, strict=True)]


def every() -> list[Scenario]:
    """Return every scenario of the folder."""
    return [scenario for file in sorted(FOLDER.glob("*.md")) for scenario in read(file)]


def update(scenario: Scenario, kind: str, body: str) -> None:
    """Write a block of a scenario anew."""
    text = scenario.file.read_text(encoding="utf-8")
    start = text.index(f"# {scenario.title}\n")
    block = re.compile(
        rf"^(?P<fence>`{{3,}})([^\n`]*\b)?{kind}\n.*?^(?P=fence)$", re.MULTILINE | re.DOTALL
    )
    match = block.search(text, start)
    assert match, f"{scenario.title} has no {kind} block to update"
    head = match[0].partition("\n")[0]
    new = f"{head}\n{body}{match['fence']}"
    scenario.file.write_text(text[: match.start()] + new + text[match.end() :], encoding="utf-8")
