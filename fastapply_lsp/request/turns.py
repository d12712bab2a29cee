"""Who says what in a saved chat? Turns, as the usual makers of chats write them.

A turn begins with a line that is nothing but a speaker: a heading (``## User``), a bold line
(``**You:**``), a name and a colon (``Human: …``, ``ChatGPT said:``). Words that ordinary documents
use too (``Question``, ``Response``, ``You``) count only where the other side speaks as well.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from fastapply_lsp.text.lines import without_line_end
from fastapply_lsp.text.replacement import Span

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from fastapply_lsp.request.model import Role

_SURE: dict[str, Role] = {
    **dict.fromkeys(("user", "human", "you said", "you asked"), "user"),
    **dict.fromkeys(
        (
            *("assistant", "chatgpt", "chatgpt said", "claude", "gemini", "copilot"),
            *("github copilot", "gpt", "ai assistant", "ai", "bot", "deepseek", "mistral", "grok"),
            *("le chat", "cursor", "codex", "cody", "qwen", "llama", "perplexity", "claude code"),
            *("gemini said", "claude said", "claude responded", "copilot said", "agent"),
        ),
        "assistant",
    ),
}
_MAYBE: dict[str, Role] = {
    **dict.fromkeys(("you", "me", "prompt", "question", "request", "query", "i"), "user"),
    **dict.fromkeys(("response", "answer", "reply", "model", "output"), "assistant"),
    **dict.fromkeys(("system", "system prompt"), "system"),
}
_NAME = r"(?P<name>[^\W\d_][\w .+/-]{0,38}?)"
_STAMP = r"(?:\s*[(\[][^)\]\n]{0,60}[)\]])?"
_HEADS = tuple(
    re.compile(pattern)
    for pattern in (
        rf"#{{1,6}}\s+\W*{_NAME}{_STAMP}\W*$(?P<rest>)",
        rf"[_\s]*(?:\*\*|__)\W*{_NAME}{_STAMP}\s*:?(?:\*\*|__)_?{_STAMP}\s*:?\s*(?P<rest>.*)$",
        rf"{_NAME}{_STAMP}:(?:\s+(?P<rest>.*))?$",
        rf"\[{_NAME}\]:?\s*(?P<rest>.*)$",
        rf"<{_NAME}>\s*(?P<rest>)$",
    )
)
_PLAIN_HEAD = _HEADS[2]
_MODEL_VERSION = re.compile(r"[\s-]*(?:v?\d[\w.]*|pro|plus|turbo|sonnet|opus|haiku|flash|mini|o)\b")
_AIDER_START = "# aider chat started"
_AIDER_USER = re.compile(r"####\s(?P<rest>.*)$")


@dataclass(frozen=True, slots=True)
class Turn:
    """One speaker's lines: ``span`` with the head line, ``rest`` what the head line already says.

    ``head`` is false for a turn whose first line is itself content.
    """

    role: Role
    span: Span
    rest: str
    head: bool

    def content(self, lines: Sequence[str], end: int | None = None) -> str:
        """Return what is said, up to line ``end`` (exclusive), without blank lines around it."""
        stop = self.span.end if end is None else min(end, self.span.end)
        first = self.span.start + self.head
        body = "".join(lines[first:stop])
        return f"{self.rest}\n{body}".strip("\r\n") if self.rest else body.strip("\r\n")


@dataclass(frozen=True, slots=True)
class _Head:
    line: int
    role: Role
    rest: str
    sure: bool
    is_content: bool = False


def find_turns(lines: Sequence[str], code: Collection[int]) -> tuple[Turn, ...]:
    r"""Return the turns of a document; ``code`` are the lines inside code blocks, never read.

    >>> [(t.role, t.rest) for t in find_turns(["**You:** hi\n", "### ChatGPT\n", "x"], ())]
    [('user', 'hi'), ('assistant', '')]
    """
    heads = _aider_heads(lines, code) or _named_heads(lines, code) or _quoted_heads(lines, code)
    if not heads:
        return ()
    ends = [*(head.line for head in heads[1:]), len(lines)]
    return tuple(
        Turn(head.role, Span(head.line, end), head.rest, not head.is_content)
        for head, end in zip(heads, ends, strict=True)
    )


def _named_heads(lines: Sequence[str], code: Collection[int]) -> list[_Head]:
    heads: list[_Head] = []
    login = ""
    for number, line in enumerate(lines):
        if number in code:
            continue
        content = without_line_end(line).strip("\ufeff")
        if not login and content.strip():
            login = _login(content)
        head = _head(content, number, login)
        if head is not None:
            heads.append(head)
    roles = {head.role for head in heads if head.role != "system"}
    both = len(roles) > 1
    return [head for head in heads if head.sure or both]


def _login(content: str) -> str:
    """Return the name before the colon that opens an export, as Copilot writes the user's."""
    match = re.match(r"(?P<name>[\w.-]{1,39}): \S", content)
    return match["name"].lower() if match else "-"


def _head(content: str, number: int, login: str) -> _Head | None:
    for pattern in _HEADS:
        match = pattern.match(content)
        if match is None:
            continue
        name = match["name"].strip().lower()
        rest = (match["rest"] or "").strip()
        bare = name if name in _SURE else _MODEL_VERSION.sub("", name).strip(" -")
        if bare in _SURE:
            return _Head(number, _SURE[bare], rest, sure=True)
        if name in _MAYBE and not (pattern is _PLAIN_HEAD and name in {"i", "output", "request"}):
            return _Head(number, _MAYBE[name], rest, sure=False)
        if pattern is _PLAIN_HEAD and name == login:
            return _Head(number, "user", rest, sure=False)
    return None


def _aider_heads(lines: Sequence[str], code: Collection[int]) -> list[_Head]:
    """Read an aider history: the user's lines begin with four hashes, the rest answers them."""
    if not any(line.startswith(_AIDER_START) for line in lines[:10]):
        return []
    heads: list[_Head] = []
    for number, line in enumerate(lines):
        if number in code:
            continue
        asks = _AIDER_USER.match(without_line_end(line))
        role: Role = "user" if asks else "assistant"
        if line.strip() and (not heads or heads[-1].role != role):
            said = asks["rest"].strip() if asks else ""
            heads.append(_Head(number, role, said, sure=True, is_content=not asks))
    return heads


def _quoted_heads(lines: Sequence[str], code: Collection[int]) -> list[_Head]:
    """Read a document that opens with a quotation: quotations ask, the rest answers."""
    first = next((line for line in lines if line.strip()), "")
    if not first.startswith(">"):
        return []
    heads: list[_Head] = []
    for number, line in enumerate(lines):
        if number in code or not line.strip():
            continue
        role: Role = "user" if line.startswith(">") else "assistant"
        if not heads or heads[-1].role != role:
            heads.append(_Head(number, role, "", sure=True, is_content=True))
    return heads
