"""Does a line sound like a model that talks, and not like a file?

Patterns of general English and of the marks that models are trained with; what stands in the file
or in the edit is never asked. ``Sound`` is how sure a line alone can be.
"""

from __future__ import annotations

import re
from enum import IntEnum

REASONING = r"think|thinking|thought|thoughts|reasoning|scratchpad|analysis|reflection"
_NAMES = (
    r"im_start|im_end|endoftext|end|start|eot_id|eom_id|begin_of_text|end_of_text|start_header_id"
    r"|end_header_id|channel|message|return|call|constrain|system|user|assistant|file_sep|repo_name"
    r"|fim_\w+|endofprompt|python_tag|tool_\w+|end_of_turn|sep|pad|eos|bos|im_sep|final"
)
TOKEN = re.compile(
    rf"<\|(?:{_NAMES})\|>|<\uff5c[^<>\uff5c\n]{{1,40}}\uff5c>|</?(?:start|end)_of_turn>(?:model|user)?"
    r"|\[/?INST\]|<</?SYS>>"
)
"""A mark that models are trained with, wherever it stands in a line."""
CHANNEL = re.compile(r"(?:<\|start\|>\w*)?<\|channel\|>[^<\n]{0,40}<\|message\|>")
"""The head of a message in harmony's manner; the words in it are no text."""
TOKEN_LINE = re.compile(r"<\|[\w/ -]{1,40}\|>$|</?s>$")
"""A line that is nothing but such a mark, of any name."""

WRAPPER = re.compile(
    r"</?(?:updated?[-_ ]?(?:code|file)|(?:edited|modified|merged|final|new)[-_ ]?(?:code|file)"
    r"|code[-_ ]?edit|answer|response|output|tool_call|instructions?|rewrite|file_content)>$",
    re.IGNORECASE,
)
OWN_WRAPPER = re.compile(
    r"</?(?:updated?|edited|modified|merged|final)[-_](?:code|file)>|</?(?:code_edit|tool_call)>",
    re.IGNORECASE,
)
"""Tags that are a prompt's and no markup's."""
FENCE = re.compile(r"(?:`{3,}|~{3,})[\w+#./-]*(?:[ \t:{]\S.*)?$")

_OPENINGS = re.compile(
    r"(?:here(?:'s|\u2019s| is| are| you go)|sure|certainly|of course|okay|ok|absolutely|great|alright"
    r"|below (?:is|are)|i(?:'ve| have|'ll| will|'m| am| updated| made| added| changed| applied|\u2019ve"
    r"|\u2019ll)|let me|(?:the )?(?:updated|following|complete|modified|full|final|merged|new|resulting"
    r"|entire|revised|corrected) (?:\w+ )?(?:file|code|version|content)|this is the|based on"
    r"|to (?:apply|implement|make) (?:this|the)|we (?:need|have|should|can)|looking at|first,"
    r"|(?:the )?user wants|the user|continuing|the (?:file|code) (?:goes on|continues))\b",
    re.IGNORECASE,
)
_CLOSINGS = re.compile(
    r"(?:this (?:code|change|update|version|file|edit|rewrite|will|should|adds|keeps|assumes)|the"
    r" (?:changes?|above|code|file|rest|edit|key)|i(?:'ve| have| updated| made| added| kept|\u2019ve)"
    r"|note(?::| that)|let me know|changes(?: made)?|key (?:changes|points)|explanation|in this|as"
    r" you can see|hope this|feel free|you can|these changes|that's|everything else|all other"
    r"|summary|what changed|the only)\b",
    re.IGNORECASE,
)
_STRONG = re.compile(
    r"(?:(?:here(?:'s|\u2019s| is)|below is) (?:the|your) (?:\w+ ){0,3}(?:file|code|version|content|document)"
    r"|(?:sure|certainly|of course|okay|absolutely)[,!.]|i(?:'ve| have|\u2019ve) (?:updated|applied|made"
    r"|added|merged)|i(?:'ll| will|\u2019ll) (?:merge|apply|update|make)|let me know if|the updated"
    r" (?:file|code|version)|updated (?:file|code):|hope this helps|feel free to|the rest of the"
    r" (?:file|code) (?:is|remains|stays)|everything else (?:is|remains|stays)|(?:the user|user) wants"
    r"|changes made:?$|explanation:|note that this|continuing with)",
    re.IGNORECASE,
)
_DEEDS = re.compile(
    r"(?:updated|added|changed|kept|removed|replaced|moved|renamed|fixed|left|merged|applied|modified)\b",
    re.IGNORECASE,
)
_ITEM = re.compile(r"\s{0,6}(?:[-*+\u2022]|\d{1,2}[.)])\s+(?=\S)")
_HEADING = re.compile(r"#{2,6}\s+(?=[A-Z])|\*\*(?=[A-Z])|__(?=[A-Z])")
_QUOTED = re.compile(
    r"`[^`\n]+`|\[[^\]\n]*\]\([^)\n]*\)|\([^()\n]*\)|\"[^\"\n]*\"|\u201c[^\u201d]*\u201d"
)
_CODE_SIGNS = re.compile(
    r"[(){}\[\];=<>|\\$@]|^\s*(?:/[/*]|\*\s|#|--|<!|%|\"\"\"|''')|\w\.\w|::|->"
)
_FEWEST_WORDS = 3
_MOST_TITLE_WORDS = 4
"""Two hashes may open a comment, too; a title is short."""


class Sound(IntEnum):
    """How a line sounds; ordered.

    ``PLAIN``: like a sentence, a heading or an item of a list. ``USUAL``: like what models open or
    close an answer with. ``STRONG``: like nothing else, even in a document.
    """

    NONE = 0
    PLAIN = 1
    USUAL = 2
    STRONG = 3


def sound(line: str) -> Sound:
    """Return how a line sounds, wherever it stands.

    >>> [sound(line).name for line in ("Here is the updated file:", "The rest stays as it was.",
    ...  "- Updated `f()` as requested", "### Changes made", "from typing import Any", "# Sure: x")]
    ['STRONG', 'USUAL', 'USUAL', 'USUAL', 'NONE', 'NONE']
    """
    if not line.strip():
        return Sound.NONE
    item = _ITEM.match(line)
    text = line[item.end() :] if item else line.strip()
    heading = _HEADING.match(text)
    if heading:
        text = text[heading.end() :]
    text = _QUOTED.sub("it", text).replace("*", "").replace("__", "").strip()
    words = text.split()
    if not words or _CODE_SIGNS.search(text):
        return Sound.NONE
    if item:
        if len(words) < _FEWEST_WORDS - 1:
            return Sound.NONE
        return Sound.USUAL if _DEEDS.match(text) else Sound.PLAIN
    if heading and heading[0].startswith("#"):
        short = len(words) <= _MOST_TITLE_WORDS and (_CLOSINGS.match(text) or _DEEDS.match(text))
        return Sound.USUAL if short else Sound.PLAIN
    fewest = 1 if heading else _FEWEST_WORDS - text.endswith(":")
    return _of_sentence(text, titled=heading is not None) if len(words) >= fewest else Sound.NONE


def _of_sentence(text: str, *, titled: bool) -> Sound:
    if _STRONG.match(text):
        return Sound.STRONG
    if _OPENINGS.match(text) or _CLOSINGS.match(text):
        return Sound.USUAL
    ends = text.endswith((".", ":", "!", "?"))
    return Sound.PLAIN if titled or (text[0].isupper() and ends) else Sound.NONE
