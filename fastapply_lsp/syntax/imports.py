"""What does a file import? The names in its import statements, whatever the language calls them.

A table of tree-sitter patterns, one for each language; all words of a statement but the language's
own are names, so that ``from a import b as c`` names ``a``, ``b`` and ``c``.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING

from fastapply_lsp.syntax.tree import grammar_of, parse

if TYPE_CHECKING:
    from tree_sitter import Query

    from fastapply_lsp.syntax.languages import Language
    from fastapply_lsp.text.replacement import Span

_SCRIPT = "(import_statement) @import"
_STYLES = "(import_statement) @import"
_INCLUDE = "(preproc_include) @import"
PATTERNS: dict[str, str] = {
    "python": "[(import_statement) (import_from_statement)] @import",
    "javascript": _SCRIPT,
    "typescript": _SCRIPT,
    "tsx": _SCRIPT,
    "rust": "[(use_declaration) (extern_crate_declaration)] @import",
    "go": "(import_spec) @import",
    "java": "(import_declaration) @import",
    "kotlin": "(import) @import",
    "scala": "(import_declaration) @import",
    "swift": "(import_declaration) @import",
    "c": _INCLUDE,
    "cpp": f"{_INCLUDE} (using_declaration) @import",
    "csharp": "(using_directive) @import",
    "php": "(namespace_use_declaration) @import",
    "ruby": """(call method: (identifier) @word arguments: (argument_list (string))
      (#match? @word "^(require|require_relative|load|autoload)$")) @import""",
    "bash": """(command name: (command_name) @word (#match? @word "^(source|[.])$")) @import""",
    "css": _STYLES,
    "scss": f"{_STYLES} (use_statement) @import (forward_statement) @import",
}
"""How each language writes an import; ``@import`` is the whole statement."""

_NAME = re.compile(r"[^\W\d][\w$]*")
_OWN_WORDS = frozenset(
    {"import", "from", "as", "use", "using", "static", "require", "require_relative", "include"}
    | {"load", "autoload", "source", "pub", "crate", "extern", "type", "function", "const"}
    | {"namespace", "self", "super", "global", "forward", "with", "show", "hide", "defined"}
)


def imported_names(
    text: str, language: Language | None, within: Span | None = None
) -> dict[str, int]:
    r"""Return every name in an import statement, with the line (0-based) where it is first.

    Of statements that touch the lines ``within``, where given; a query of a whole file takes some
    milliseconds.

    Empty where the language has no imports that are known here, or no grammar.

    >>> from fastapply_lsp.syntax.languages import language_named
    >>> imported_names("import os.path\nfrom a import (\n  b as c,\n)\n", language_named("python"))
    {'os': 0, 'path': 0, 'a': 1, 'b': 2, 'c': 2}
    """
    tree = parse(text, language)
    if tree is None or language is None or (query := _query(language)) is None:
        return {}
    from tree_sitter import QueryCursor  # noqa: PLC0415 - imported when first parsed

    cursor = QueryCursor(query)
    if within is not None:
        cursor.set_point_range((within.start, 0), (within.end, 0))
    nodes = cursor.captures(tree.root).get("import", ())
    names: dict[str, int] = {}
    for node in sorted(nodes, key=lambda each: each.start_byte):
        for number, line in enumerate(tree.text(node).split("\n"), node.start_point.row):
            for found in _NAME.finditer(line):
                if found[0] not in _OWN_WORDS:
                    names.setdefault(found[0], number)
    return names


@cache
def _query(language: Language) -> Query | None:
    grammar = grammar_of(language)
    if grammar is None or language.id not in PATTERNS:
        return None
    from tree_sitter import Query  # noqa: PLC0415 - imported when first parsed

    return Query(grammar, PATTERNS[language.id])
