"""Where does the parser stumble? Error and missing nodes, as lines."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapply_lsp.syntax.tree import parse

if TYPE_CHECKING:
    from tree_sitter import Node

    from fastapply_lsp.syntax.languages import Language


def syntax_errors(text: str, language: Language | None) -> tuple[int, ...]:
    """Return the line (0-based) of each outermost error and each missing token, in order.

    What is missing at the end of the text is an error of its last line.

    Empty where the text is whole, and also where no grammar of the language is installed: ask
    ``has_grammar`` to tell these apart.
    """
    tree = parse(text, language)
    if tree is None or not tree.root.has_error:
        return ()
    source = tree.source
    last = source.count(b"\n") - source.endswith(b"\n")
    found: list[int] = []
    waiting: list[Node] = [tree.root]
    while waiting:
        node = waiting.pop()
        if node.is_error or node.is_missing:
            found.append(min(node.start_point.row, max(0, last)))
        elif node.has_error:
            waiting += node.children
    return tuple(sorted(found))
