"""What does a comment say? The usual wordings of elision and removal, told from ordinary words.

The patterns are general English, not a list of sentences seen: a noun phrase for code that is left
out (``the rest of the class``, ``existing imports``), and a phrase for its state (``remains the
same``, ``omitted for brevity``). A noun phrase or a state must be all that a comment says, unless
dots mark it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum, auto
from functools import cache, partial


class Wording(Enum):
    """What a comment says, as far as it may stand for code."""

    ELISION = auto()
    """Dots with a usual wording, or a wording that can mean nothing else."""
    DOTS = auto()
    """Nothing but dots."""
    LIKELY_ELISION = auto()
    """Dots around unknown words, or a usual wording without dots."""
    WEAK_ELISION = auto()
    """Dots before unknown words, or words that may as well describe what follows."""
    REMOVAL = auto()
    """Something was removed here."""
    WEAK_REMOVAL = auto()
    """Something was removed, perhaps long ago."""


@dataclass(frozen=True, slots=True)
class Reading:
    """A wording, and its words without dots and decoration."""

    kind: Wording
    words: str


_ADJECTIVE = r"(?:existing|original|previous|remaining|other|unchanged|current|rest|earlier|prior)"
_DETERMINER = r"(?:the|your|this|that|all|any|my|its|of|these|those|every|each|more|and|with|our)"
_NOUN = (
    r"(?:codes?|files?|contents?|lines?|logic|implementations?|definitions?|declarations?|imports?"
    r"|includes?|functions?|methods?|class(?:es)?|components?|modules?|scripts?|tests?|types?"
    r"|fields?|properties|props|attributes?|members?|variables?|constants?|constructors?|routes?"
    r"|handlers?|helpers?|rules?|styles?|markup|html|jsx|css|body|document|text|sections?"
    r"|statements?|cases?|branch(?:es)?|blocks?|setup|config(?:uration)?|settings?|options?"
    r"|entries|items|keys?|steps?|stuff|things|everything|structs?|enums?|traits?|impls?"
    r"|interfaces?|hooks?|state|template|program|package|schema|fixtures?|assertions?|usings?"
    r"|dependencies|selectors?|elements?|rest|parts?|parameters?|arguments?|args|values?)"
)
_SAME = (
    r"(?:(?:the )?same(?: as (?:before|above|previously|the original|it was|it is))?|unchanged"
    r"|as(?:[ -]is|[ -]before| it was| they were| above)|intact|untouched|unmodified|identical"
    r"|not changed|unaltered)"
)
_STATE = (
    rf"(?:(?:is |are |will |should |all )*(?:remains?|stays?|be|is|are|kept|left|keeps?|continues?)"
    rf"(?: (?:here|exactly|all|completely|entirely))? {_SAME}|{_SAME}|goes here|go here|here"
    r"|(?:is |are )?(?:omitted|elided|truncated|snipped|skipped|left out|not shown)"
    r"(?: (?:for|to) (?:brevity|clarity|keep .*|save .*))?|continues?(?: here)?|follows?)"
)
_OWN = rf"(?:(?:{_DETERMINER} )*(?:{_ADJECTIVE} )?(?:\w+ )?{_NOUN})"
_THING = (
    rf"(?:(?:{_DETERMINER} )*(?:"
    rf"(?:rest|remainder|remaining part|other parts?)(?: of)?(?: {_OWN})?"
    rf"|{_ADJECTIVE}(?: [\w./<>`'*-]+){{0,2}}? {_NOUN}"
    r"|everything(?: else)?|nothing else))"
)
_LIST = rf"{_THING}(?:(?:,| and|, and| &|/) (?:[\w./<>`'*-]+ ){{0,2}}?{_NOUN})*"

_PLACE = r"(?: (?:above|below|here|unchanged|in (?:the|this|your) \w+))?"
_PHRASE = rf"{_LIST}{_PLACE}(?:(?: |, | - |: ){_STATE})?"
_KEEP = (
    rf"(?:keep|leave|retain|preserve|include|insert|copy)(?:ing|s)? "
    rf"(?:{_LIST}|everything(?: else)?)(?: {_STATE})?"
)
_BREVITY = r"(?: (?:for|to) (?:brevity|clarity|save space|keep (?:it|this|the) .*))"
_STATE_ALONE = (
    rf"(?:{_SAME}|snip(?:ped)?|omitted{_BREVITY}?|elided|truncated{_BREVITY}?|skipped{_BREVITY}?"
    r"|no (?:other )?changes?(?: (?:needed|required|made))?(?: (?:here|below|above))?|etc|and so on"
    r"|(?:code )?continues?(?: here)?|abbreviated|redacted|more(?: code| here)?"
    rf"|(?:the )?(?:code|implementation|details?|content|body) (?:is |are )?omitted{_BREVITY}?)"
)
_UNIT = (
    r"(?:code|implementation|function|method|class|component|logic|imports|file|body|tests"
    r"|constructor|methods|functions|handlers|helpers|definitions|declarations)"
)
_UNIT_STATE = (
    rf"(?:(?:{_DETERMINER} )*(?:\w+ )?{_UNIT} (?:(?:is|are|remains?|stays?|kept) )?{_SAME}"
    rf"|(?:the )?same {_UNIT} as (?:before|above|original(?:ly)?)"
    rf"|continue(?:s)?(?: with)? (?:{_DETERMINER} )*(?:existing|rest of|remaining)"
    rf" (?:{_DETERMINER} )*{_UNIT}"
    rf"|(?:add|insert|keep|put|paste) (?:{_DETERMINER} )*(?:existing|original) {_UNIT}(?: here)?)"
)
_CODE_PHRASE = (
    rf"(?:{_DETERMINER} )*(?:existing|original|previous|unchanged|remaining|other|rest of)"
    rf"(?: (?:{_DETERMINER} )*)?(?:existing |original |remaining )?(?:code|file|implementation|content)"
    rf"(?: (?:goes )?here|{_PLACE} ?(?:{_STATE})?)?"
)
_REST_PHRASE = (
    rf"(?:the )?(?:rest|remainder) of (?:{_DETERMINER} )*(?:\w+ )?"
    r"(?:code|file|class|functions?|methods?|implementation|component|module|script|tests?|imports"
    r"|body|struct|logic|handlers?|program|document|contents?|styles?|html|jsx|markup|page|routes?"
    rf"|types?|fields|rules|template|config(?:uration)?)(?:(?: |, ){_STATE})?"
)
_HINT_WORD = (
    rf"\b(?:{_SAME}|existing|rest of|remain\w*|omitted|elided|truncated|keep|kept|other|previous"
    r"|snip|original|the rest|more|etc|continue[sd]?|left out|brevity)\b"
)
_REMOVAL = (
    r"(?:(?:code |was |is |has been )*(?:removed|deleted)\b ?[:\-]? ?(?P<what>.{0,60})"
    r"|(?P<subject>.{1,50}?) (?:was |were |is |are |has been |have been )?(?:removed|deleted)"
    r"(?: here)?)"
)
_REMOVED_WHEN = re.compile(
    r"\b(?:in v?\d|since|when|if|by|once|after|being|not|never|to be|from|will|must|should|can)\b"
)
_SAYS_ALL = rf"{_UNIT_STATE}|snip(?:ped)?|(?:\w+ ){{0,3}}\w+{_BREVITY}"
_NAMED = r"`?[\w.]+(?:\(\))?`?"
_NAMES_STATE = (
    rf"(?:{_NAMED})(?:(?:,| and|, and| &|/) {_NAMED})*"
    rf" (?:methods? |functions? )?(?:(?:is|are|all|both) )*(?:remains?|stays?|kept|left|is|are) {_SAME}"
)
"""Names of what is left out, as in ``load and save remain the same``."""
_REST_OF_ANY = rf"(?:the )?(?:rest|remainder) of (?:[\w<>./#-]+ ){{1,4}}{_STATE}"
"""Whatever the rest is of: that it stays is said."""
_STATE_AT_END = rf"(?:^| ){_STATE}$"
# Possessive: a row of dots is one, else it could be cut into rows in exponentially many ways.
_LEAD_DOTS = re.compile(r"(?:\.{3,}+|(?:\. ){2}\.|[…⋮⋯])++\s*")
_TRAIL_DOTS = re.compile(r"\s*(?:\.{3,}+|(?:\. ){2}\.|[…⋮⋯])++$")
_WRAPS = (("(", ")"), ("[", "]"), ("<", ">"), ("{", "}"), ("-", "-"), ("=", "="), ("*", "*"))
_SPACES = re.compile(r"\s+")
_MOST_WORDS = 14
_MOST_WORDS_NAMED = 9
_FEW_WORDS = 8
_REMOVED_FEW_WORDS = 6


def read_wording(inner: str) -> Reading | None:
    """Read the inside of a comment; ``None`` where it stands for no code.

    >>> [(reading.kind.name if (reading := read_wording(text)) else None) for text in
    ...  ("... existing code ...", "...", "Rest of your code...", "... (rest unchanged)",
    ...   "loading existing users", "... LeftJoin, RightJoin ...", "removed: the banner")]
    ['ELISION', 'DOTS', 'ELISION', 'ELISION', None, 'LIKELY_ELISION', 'REMOVAL']
    """
    text = inner.strip().strip("-=*_~ ").strip()
    if not text:
        return None
    core = _undotted(text)
    if not core.text:
        return Reading(Wording.DOTS, "") if core.leads or core.trails else None
    words = _SPACES.sub(" ", core.text).strip(" .,:;!-").lower()
    count = words.count(" ") + 1
    if count > _MOST_WORDS:
        return None
    if (removal := _removal(words, dotted=core.leads or core.trails)) is not None:
        return Reading(removal, words)
    grade = partial(_dotted, count=count) if core.leads else _undecorated
    kind = grade(words, trails=core.trails)
    return None if kind is None else Reading(kind, words)


@dataclass(frozen=True, slots=True)
class _Core:
    text: str
    leads: bool
    trails: bool


def _undotted(text: str) -> _Core:
    """Take dots and brackets off both ends, however they are nested."""
    leads = trails = False
    while True:
        before = text
        if match := _LEAD_DOTS.match(text):
            leads, text = True, text[match.end() :]
        if match := _TRAIL_DOTS.search(text):
            trails, text = True, text[: match.start()]
        for opening, closing in _WRAPS:
            if text.startswith(opening) and text.endswith(closing) and len(text) > 1:
                text = text[1:-1].strip()
        if text == before:
            return _Core(text, leads, trails)


def _usual(words: str) -> bool:
    patterns = (_PHRASE, _KEEP, _STATE_ALONE, _CODE_PHRASE, _UNIT_STATE)
    return any(_compiled(pattern).fullmatch(words) for pattern in patterns)


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    """Compile one of the long patterns when it is first needed: together they take 15 ms."""
    return re.compile(pattern)


def _dotted(words: str, *, count: int, trails: bool) -> Wording | None:
    """Grade words after dots; ``trails`` says that dots follow, too."""
    if _usual(words):
        return Wording.ELISION
    if count <= _MOST_WORDS_NAMED and _compiled(_HINT_WORD).search(words):
        return Wording.ELISION if trails or _ends_in_state(words) else Wording.LIKELY_ELISION
    if trails:
        return Wording.LIKELY_ELISION if count <= _FEW_WORDS else Wording.WEAK_ELISION
    return Wording.WEAK_ELISION if count <= _FEW_WORDS else None


def _undecorated(words: str, *, trails: bool) -> Wording | None:
    """Grade words that no dots precede."""
    if _compiled(_CODE_PHRASE).fullmatch(words):
        return Wording.ELISION
    if _compiled(_REST_PHRASE).fullmatch(words):
        return Wording.ELISION if trails else Wording.LIKELY_ELISION
    if not _usual(words):
        said = any(_compiled(one).fullmatch(words) for one in (_NAMES_STATE, _REST_OF_ANY))
        return Wording.LIKELY_ELISION if said and _ends_in_state(words) else None
    if trails or _ends_in_state(words) or _compiled(_SAYS_ALL).fullmatch(words):
        return Wording.LIKELY_ELISION
    return Wording.WEAK_ELISION


def _ends_in_state(words: str) -> bool:
    return _compiled(_STATE_AT_END).search(words) is not None and not words.endswith(" here")


def _removal(words: str, *, dotted: bool) -> Wording | None:
    match = _compiled(_REMOVAL).fullmatch(words)
    if match is None or _REMOVED_WHEN.search(words):
        return None
    said = match["what"] or match["subject"] or ""
    few = said.count(" ") < _REMOVED_FEW_WORDS
    opens = match["subject"] is None
    return Wording.REMOVAL if few and (opens or dotted) else Wording.WEAK_REMOVAL
