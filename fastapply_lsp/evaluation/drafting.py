"""How many tokens does a forward pass give? A model that writes a known file, and its drafts.

The model is an oracle: it writes the expected file, or a given deviation from it, token by token.
A pass takes the draft's tokens as far as they are right, and one token more. So the figures say
what a draft is worth, and nothing of any engine.
"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from fastapply_lsp.draft.drafter import Drafter
from fastapply_lsp.errors import MalformedEdit
from fastapply_lsp.evaluation.drafters import (
    Ceiling,
    Nothing,
    PromptLookup,
    SuffixMatch,
)
from fastapply_lsp.merge.merge import merge
from fastapply_lsp.request.model import EditFile
from fastapply_lsp.text.align import common_prefix

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from fastapply_lsp.evaluation.cases import Case
    from fastapply_lsp.evaluation.drafters import Drafting
    from fastapply_lsp.evaluation.tokenizer import Tokenizer

OURS, CEILING = "merge, code_edit, original", "ceiling"
OURS_ENDLESS, CEILING_ENDLESS = f"{OURS}, no limit", "ceiling, no limit"
_LOOKUP_DEFAULT = 10
"""Draft tokens of prompt lookup where nobody sets them."""
UNLIMITED = 1 << 30


@dataclass(frozen=True, slots=True)
class Method:
    """A way to draft, and its own limit of draft tokens, if it has one."""

    name: str
    make: Callable[[Tokens], Drafting]
    most: int | None = None


@dataclass(frozen=True, slots=True)
class Tokens:
    """The texts of one case."""

    original: Sequence[int]
    code_edit: Sequence[int]
    predicted: Sequence[int]
    expected: Sequence[int]
    written: Sequence[int]
    tokenizer: Tokenizer


@dataclass(slots=True)
class Count:
    """Tokens written, and forward passes that it took."""

    tokens: int = 0
    passes: int = 0

    @property
    def tokens_per_pass(self) -> float:
        """All tokens by all passes."""
        return self.tokens / self.passes if self.passes else 0.0


@dataclass(slots=True)
class Drafted:
    """What all cases came to. Processor time in seconds of our drafter: to prepare, to propose."""

    cases: int = 0
    counts: dict[str, Count] = field(default_factory=dict)
    by_style: dict[str, dict[str, Count]] = field(default_factory=dict)
    prepare_s: list[float] = field(default_factory=list)
    propose_s: list[float] = field(default_factory=list)


def methods(draft_tokens: int) -> tuple[Method, ...]:
    """Return what is measured, ours first and the ceiling last; ``draft_tokens`` limits most.

    Where there is a limit, ours and the ceiling come without it too, after all others.
    """

    def prompt(tokens: Tokens) -> list[int]:
        return [*tokens.original, *tokens.code_edit]

    def ours(tokens: Tokens) -> Drafting:
        sources = [tokens.predicted, tokens.code_edit, tokens.original]
        return Drafter(sources, tokens.tokenizer.vocabulary)

    def ceiling(tokens: Tokens) -> Drafting:
        return Ceiling(tokens.expected, tokens.written)

    endless = (
        Method(OURS_ENDLESS, ours, UNLIMITED),
        Method(CEILING_ENDLESS, ceiling, UNLIMITED),
    )
    return (
        Method(OURS, ours),
        Method(
            "code_edit, original",
            lambda t: Drafter([t.original, t.code_edit], t.tokenizer.vocabulary),
        ),
        Method("original file", lambda t: Drafter([t.original], t.tokenizer.vocabulary)),
        Method("suffix match", lambda t: SuffixMatch(prompt(t))),
        Method("prompt lookup", lambda t: PromptLookup(prompt(t)), min(64, draft_tokens)),
        Method(
            f"prompt lookup, K = {_LOOKUP_DEFAULT}",
            lambda t: PromptLookup(prompt(t)),
            min(_LOOKUP_DEFAULT, draft_tokens),
        ),
        Method("no draft", lambda _: Nothing()),
        Method(CEILING, ceiling),
        *(endless if draft_tokens < UNLIMITED else ()),
    )


def draft_cases(
    cases: Iterable[Case],
    tokenizer: Tokenizer,
    draft_tokens: int = UNLIMITED,
    written: Mapping[str, str] | None = None,
) -> Drafted:
    """Count the passes of every method for every case.

    ``written`` has the file that the model writes for a case, by its id; a case that is not in it
    is left out. Without it the model writes the expected files.
    """
    drafted = Drafted()
    told = methods(draft_tokens)
    for case in cases:
        text = case.expected if written is None else written.get(case.id)
        if case.left_out or text is None:
            continue
        tokens = tokens_of(case, text, tokenizer)
        drafted.cases += 1
        for method in told:
            most = draft_tokens if method.most is None else method.most
            began = time.thread_time()
            drafter = method.make(tokens)
            if method.name == OURS:
                drafted.prepare_s.append(time.thread_time() - began)
                drafter = _Timed(drafter, drafted.propose_s)
            passes = count_passes(drafter, tokens.written, most)
            for counts in (drafted.counts, drafted.by_style.setdefault(case.style, {})):
                count = counts.setdefault(method.name, Count())
                count.tokens += len(tokens.written)
                count.passes += passes
    return drafted


def count_passes(drafter: Drafting, written: Sequence[int], most: int) -> int:
    """Return the forward passes of an oracle that writes ``written``; 0 for an empty file."""
    at = passes = 0
    while at < len(written):
        draft = list(drafter.propose(most))
        right = common_prefix(draft, list(written[at : at + len(draft)]))
        drafter.observe(written[at : at + right + 1])
        at += right + 1
        passes += 1
    return passes


class _Timed:
    """A drafter, and how long each of its proposals took, with what it learns before."""

    def __init__(self, drafter: Drafting, took_s: list[float]) -> None:
        self._drafter = drafter
        self._took_s = took_s
        self._learned_s = 0.0

    def propose(self, most: int) -> Sequence[int]:
        began = time.thread_time()
        draft = self._drafter.propose(most)
        self._took_s.append(self._learned_s + time.thread_time() - began)
        return draft

    def observe(self, tokens: Sequence[int]) -> None:
        began = time.thread_time()
        self._drafter.observe(tokens)
        self._learned_s = time.thread_time() - began


def tokens_of(case: Case, written: str, tokenizer: Tokenizer) -> Tokens:
    """Return the texts of a case as tokens; where the code_edit cannot be read, none is merged."""
    call = EditFile(case.path, case.instruction, case.code_edit)
    try:
        predicted = merge(case.original, call).predicted
    except MalformedEdit:
        predicted = case.original
    return Tokens(
        original=tokenizer.encode(case.original),
        code_edit=tokenizer.encode(case.code_edit),
        predicted=tokenizer.encode(predicted),
        expected=tokenizer.encode(case.expected),
        written=tokenizer.encode(written),
        tokenizer=tokenizer,
    )
