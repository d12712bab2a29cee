r"""What does the parser see? Text to a tree-sitter tree, with our lines and our characters.

Three things differ between tree-sitter and an editor, and all are settled here:

* tree-sitter ends a row at ``\n`` only; an editor also at a lone ``\r``. A lone ``\r`` goes to
  the parser as ``\n``, which has the same length, so rows are the editor's lines.
* tree-sitter counts bytes of UTF-8, an editor's text code points; ``SyntaxTree`` converts.
* a byte order mark is text to an editor and an error to most grammars; it is left out.

Grammars are imported when a language is first parsed, never with this module.
"""

from __future__ import annotations

import importlib
import re
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import TYPE_CHECKING

from fastapply_lsp.text.replacement import Span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tree_sitter import Language as Grammar
    from tree_sitter import Node, Tree

    from fastapply_lsp.syntax.languages import Language

_BYTE_ORDER_MARK = "\ufeff"
_LONE_RETURN = re.compile(r"\r(?!\n)")
_CHUNK = 1 << 16
_REPORTS_MIN, _BYTES_PER_REPORT = 100, 20
"""Whole files of any grammar take at most one report of progress per 60 bytes."""
_PACK = "tree_sitter_language_pack"


@dataclass(frozen=True, slots=True)
class SyntaxTree:
    """A parsed text: the tree, and the bytes that the parser saw."""

    tree: Tree
    source: bytes

    @property
    def root(self) -> Node:
        """The node of the whole text."""
        return self.tree.root_node

    def text(self, node: Node) -> str:
        """Return the text that a node spans."""
        return self.source[node.start_byte : node.end_byte].decode(errors="replace")

    def column(self, byte: int) -> int:
        """Return the column, in code points, of a byte offset in its line."""
        start = self.source.rfind(b"\n", 0, byte) + 1
        return len(self.source[start:byte].decode(errors="ignore"))


def lines_of(node: Node) -> Span:
    """Return the lines that a node touches; a node that ends with a line end leaves the next out.

    An empty node touches the line it stands on.
    """
    start, end = node.start_point, node.end_point
    last = end.row if end.column or end.row == start.row else end.row - 1
    return Span(start.row, last + 1)


def parse(text: str, language: Language | None) -> SyntaxTree | None:
    """Parse ``text``; ``None`` where the language is unknown or no grammar of it is installed.

    The parser never fails: what it cannot read becomes error nodes. Some grammars need minutes to
    recover from broken text; such a text has no tree, either.
    """
    if language is None:
        return None
    return (_recent if len(text) <= _CACHED_CHARACTERS else _parsed)(text, language)


def _parsed(text: str, language: Language) -> SyntaxTree | None:
    grammar = grammar_of(language)
    if grammar is None:
        return None
    if "\r" in text:
        text = _LONE_RETURN.sub("\n", text)
    source = text.removeprefix(_BYTE_ORDER_MARK).encode(errors="replace")
    tree = _bounded(grammar, source)
    return None if tree is None else SyntaxTree(tree, source)


# One edit asks of its file twice and of its prediction twice: the merge, and then the verdict.
_CACHED_CHARACTERS = 500_000
_recent = lru_cache(maxsize=4)(_parsed)


def forget_trees() -> None:
    """Drop the trees that are kept for the next question; measurements begin with it."""
    _recent.cache_clear()


def _bounded(grammar: Grammar, source: bytes) -> Tree | None:
    """Parse with a limit on the parser's steps, which it reports now and then."""
    from tree_sitter import Parser  # noqa: PLC0415 - imported when first parsed

    # A parser costs less than a microsecond. Shared, it crashes the process: while it reads, the
    # interpreter may turn to another thread, which would parse with it as well.
    parser = Parser(grammar)
    reports = 0
    most = _REPORTS_MIN + len(source) // _BYTES_PER_REPORT

    def read(byte: int, _point: object) -> bytes:
        return source[byte : byte + _CHUNK]

    def stop(_byte: int, _has_error: bool) -> bool:  # noqa: FBT001 - the library's signature
        nonlocal reports
        reports += 1
        return reports > most

    try:
        return parser.parse(read, progress_callback=stop)
    except ValueError:
        return None


def has_grammar(language: Language | None) -> bool:
    """Whether ``parse`` can read this language on this machine."""
    return language is not None and grammar_of(language) is not None


@cache
def grammar_of(language: Language) -> Grammar | None:
    """Return the language's compiled grammar, from its own wheel or the optional pack."""
    return _from_wheel(language) or _from_pack(language)


def walk(root: Node) -> Iterator[Node]:
    """Yield every node below ``root``, itself included, in the order of the text."""
    cursor = root.walk()
    while True:
        node = cursor.node
        if node is not None:
            yield node
        if cursor.goto_first_child() or cursor.goto_next_sibling():
            continue
        while cursor.goto_parent():
            if cursor.goto_next_sibling():
                break
        else:
            return


def _from_wheel(language: Language) -> Grammar | None:
    if language.grammar is None:
        return None
    try:
        module = importlib.import_module(language.grammar.module)
    except ImportError:
        return None
    from tree_sitter import Language as Compiled  # noqa: PLC0415 - imported when first parsed

    pointer = getattr(module, language.grammar.function)()
    return Compiled(_capsule(pointer) if isinstance(pointer, int) else pointer)


def _from_pack(language: Language) -> Grammar | None:
    try:
        pack = importlib.import_module(_PACK)
    except ImportError:
        return None
    get_language = getattr(pack, "get_language")  # noqa: B009 - the pack is optional and untyped
    for name in (language.id, *language.names):
        try:
            grammar: Grammar = get_language(name)
        except LookupError:
            continue
        return grammar
    return None


def _capsule(pointer: int) -> object:
    """Wrap the bare address that older grammar wheels return, as tree-sitter wants it now."""
    import ctypes  # noqa: PLC0415 - needed for one old wheel only

    new = ctypes.pythonapi.PyCapsule_New
    new.restype, new.argtypes = (
        ctypes.py_object,
        (ctypes.c_void_p, ctypes.c_char_p, ctypes.c_void_p),
    )
    return new(pointer, b"tree_sitter.Language", None)
