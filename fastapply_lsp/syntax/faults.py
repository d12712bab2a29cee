"""Where does the parser stumble? Error and missing nodes, as lines."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapply_lsp.syntax.tree import lines_of, parse
from fastapply_lsp.text.replacement import Span

if TYPE_CHECKING:
    from tree_sitter import Node

    from fastapply_lsp.syntax.languages import Language


def syntax_errors(text: str, language: Language | None) -> tuple[int, ...]:
    """Return the line (0-based) of each outermost error and each missing token, in order.

    What is missing at the end of the text is an error of its last line. Empty where the text is
    whole, and also where no grammar of the language is installed: ask ``has_grammar`` to tell these
    apart.
    """
    return tuple(span.start for span in syntax_error_spans(text, language))


def syntax_error_spans(text: str, language: Language | None) -> tuple[Span, ...]:
    """Return the lines of each outermost error and missing token: what the parser gave up on.

    One torn bracket may make one error of a whole file, so the number of lines says more than the
    number of errors.
    """
    tree = parse(text, language)
    if tree is None or not tree.root.has_error:
        return ()
    source = tree.source
    count = max(1, source.count(b"\n") + (not source.endswith(b"\n")))
    found: list[Span] = []
    waiting: list[Node] = [tree.root]
    while waiting:
        node = waiting.pop()
        if node.is_error or node.is_missing:
            lines = lines_of(node)
            start = min(lines.start, count - 1)
            found.append(Span(start, max(start + 1, min(lines.end, count))))
        elif node.has_error:
            waiting += node.children
    return tuple(sorted(found))
