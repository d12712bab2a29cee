"""What does a file define, and on which lines? Definitions, nested as the file nests them."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING

from fastapply_lsp.syntax.shapes import SHAPES
from fastapply_lsp.syntax.tree import SyntaxTree, grammar_of, lines_of, parse
from fastapply_lsp.text.replacement import Span

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tree_sitter import Node, Query

    from fastapply_lsp.syntax.languages import Language
    from fastapply_lsp.syntax.shapes import Shape

_NAME, _OWNER, _ID = "name", "owner", "id"
_LONGEST_NAME = 300
"""Characters; a longer name is a parser's error."""
_OPENERS = frozenset({"{", "(", "[", "do"})
_CLOSERS = frozenset({"}", ")", "]", "end"})
_BLOCKS = frozenset({"block", "body_statement"})
_BODY_WRAPPERS = frozenset({"function_body"})
_BODY_HOLDERS = frozenset(
    {"init_declarator", "arguments", "arrow_function", "function_expression", "class"}
)
"""Nodes between a definition and its body: a C initialiser, a test's function argument."""
_BLANK = re.compile(r"\s+")
_TYPE_ARGUMENTS = re.compile(r"<.*>|\[.*\]", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Definition:
    """One definition and the lines it stands on (0-based, end exclusive).

    ``kind`` is one of the words in ``shapes.py`` (function, method, class, struct, impl, module,
    variable, field, block for a test or a call with a block, prototype, key, section, …).
    ``qualified`` is the dotted path from the file's top, a Go receiver or a C++ class included, so
    that a method is called the same wherever it stands.

    ``span`` holds decorators, attributes, annotations and an enclosing ``export`` or ``template``;
    ``leading`` is where the comments directly above it (no blank line between) begin, else
    ``span.start``. ``body`` holds the lines that are only body, without the header and without a
    closing line; ``None`` where there is none, as in a one-line function. ``signature`` is the
    text up to the body, white space reduced: it tells overloads apart.
    """

    kind: str
    name: str
    qualified: str
    signature: str
    span: Span
    leading: int
    body: Span | None
    children: tuple[Definition, ...]

    @property
    def whole(self) -> Span:
        """The span with its leading comments."""
        return Span(self.leading, self.span.end)

    def walk(self) -> Iterator[Definition]:
        """Yield this definition and all in it, in the order of the file."""
        yield self
        for child in self.children:
            yield from child.walk()


def definitions(
    text: str, language: Language | None, within: Span | None = None
) -> tuple[Definition, ...]:
    r"""Return the outermost definitions of ``text``, in its order; nested ones are children.

    Where ``within`` is given, only those that touch these lines, decorators left out, are found, at
    a cost that grows with the lines and not with the file; each is otherwise the same.

    A file that does not parse still has the definitions that the parser could read. Languages
    without a grammar here or without definitions have none.

    >>> from fastapply_lsp.syntax.languages import language_named
    >>> [outer] = definitions("class A:\n    # why\n    @b\n    def f(self):\n        pass\n",
    ...                       language_named("python"))
    >>> [inner] = outer.children
    >>> inner.qualified, inner.whole, inner.span, inner.body
    ('A.f', Span(start=1, end=5), Span(start=2, end=5), Span(start=4, end=5))
    """
    tree = parse(text, language)
    if tree is None or language is None or language.id not in SHAPES:
        return ()
    return definitions_in(tree, language, within)


def warm(language: Language) -> None:
    """Load the language's grammar and compile its patterns, so that the first use need not.

    That takes up to a tenth of a second, C++ the most. A language without either costs
    nothing.
    """
    if grammar_of(language) is not None and language.id in SHAPES:
        _query(language)


def definitions_in(
    tree: SyntaxTree, language: Language, within: Span | None = None
) -> tuple[Definition, ...]:
    """Return the outermost definitions of a tree that is already parsed."""
    if language.id not in SHAPES:
        return ()
    shape = SHAPES[language.id]
    top = _Open(end=len(tree.source) + 1, path="")
    stack = [top]
    for found in _matches(tree, language, within):
        while len(stack) > 1 and found.node.start_byte >= stack[-1].end:
            _close(stack)
        stack.append(_open(tree, shape, found, stack[-1].path))
    while len(stack) > 1:
        _close(stack)
    return tuple(top.children)


@dataclass(frozen=True, slots=True)
class _Match:
    node: Node
    kind: str
    name: str
    owner: str


@dataclass(slots=True)
class _Open:
    """A definition whose children are still being collected."""

    end: int
    path: str
    values: dict[str, object] = field(default_factory=dict)
    children: list[Definition] = field(default_factory=list)


def _close(stack: list[_Open]) -> None:
    done = stack.pop()
    stack[-1].children.append(Definition(children=tuple(done.children), **done.values))  # type: ignore[arg-type]


def _matches(tree: SyntaxTree, language: Language, within: Span | None) -> list[_Match]:
    """Return one match per definition node: outer before inner, in the order of the file."""
    from tree_sitter import QueryCursor  # noqa: PLC0415 - imported when first parsed

    query = _query(language)
    if query is None:
        return []
    cursor = QueryCursor(query)
    if within is not None:
        cursor.set_point_range((within.start, 0), (within.end, 0))
    best: dict[int, tuple[int, _Match]] = {}
    for pattern, captures in cursor.matches(tree.root):
        captured = " ".join(tree.text(node) for node in captures.get(_NAME, ()))
        owner = " ".join(tree.text(node) for node in captures.get(_OWNER, ()))
        for kind, nodes in captures.items():
            if kind in {_NAME, _OWNER, _ID}:
                continue
            node = nodes[0]
            name = captured or _own_name(tree, node)
            held = best.get(node.id)
            if not _defines(node, kind, name):
                continue
            if held is None or pattern < held[0]:
                best[node.id] = pattern, _Match(node, kind, _reduced(name), owner)
    found = [match for _, match in best.values()]
    found.sort(key=lambda match: (match.node.start_byte, -match.node.end_byte))
    return found


def _own_name(tree: SyntaxTree, node: Node) -> str:
    """Return the name that the grammar gives to a node, where its pattern captures none."""
    name = node.child_by_field_name(_NAME)
    return "" if name is None else tree.text(name)


def _defines(node: Node, kind: str, name: str) -> bool:
    """Whether it is no misreading: in C++ a local variable looks like a prototype."""
    if kind == "prototype":
        return node.parent is None or node.parent.type != "compound_statement"
    return ";" not in name and len(name) <= _LONGEST_NAME


def _open(tree: SyntaxTree, shape: Shape, found: _Match, path: str) -> _Open:
    outer = _outermost(found.node, shape)
    start, leading = _start(outer, shape)
    name = found.name or found.node.type
    owner = _owner(found)
    qualified = ".".join(part for part in (path, owner, _plain(name)) if part)
    span = Span(start, lines_of(outer).end)
    body = _body_node(found.node, shape)
    return _Open(
        end=found.node.end_byte,
        path=qualified,
        values={
            "kind": found.kind,
            "name": name,
            "qualified": qualified,
            "signature": _signature(tree, found.node, body),
            "span": span,
            "leading": min(leading, start),
            "body": None if body is None else _body_lines(tree, body, span),
        },
    )


def _owner(found: _Match) -> str:
    """Return the owner's bare name; a Rust trait is no owner but tells its impls apart."""
    if found.kind == "impl":
        return f"<{_reduced(found.owner)}>" if found.owner else ""
    return _plain(found.owner.removeprefix("*").removesuffix(".prototype"))


def _plain(name: str) -> str:
    """Return the name as a path without type arguments: ``a::b<T>`` is ``a.b``."""
    if not name[:1].isalpha() and name[:1] not in {"_", "*"}:
        return name
    return _TYPE_ARGUMENTS.sub("", name).replace("::", ".").lstrip("*")


def _outermost(node: Node, shape: Shape) -> Node:
    """Return the widest node that wraps just this definition."""
    while (parent := node.parent) is not None and parent.type in shape.wrappers:
        if any(
            sibling.id != node.id and sibling.type == node.type for sibling in parent.named_children
        ):
            return node
        node = parent
    return node


@dataclass(frozen=True, slots=True)
class _Start:
    start: int
    leading: int

    def __iter__(self) -> Iterator[int]:
        return iter((self.start, self.leading))


def _start(outer: Node, shape: Shape) -> _Start:
    """Return the first line with its attributes, and the first line of the comments above."""
    start = leading = outer.start_point.row
    comments_only = False
    node = outer.prev_sibling
    if node is None and outer.parent is not None and outer.parent.type in _BLOCKS:
        node = outer.parent.prev_sibling  # Python and Ruby keep a first comment out of the block
    while node is not None and (node.type in shape.attributes or node.type in shape.comments):
        lines = lines_of(node)
        if lines.end < leading or lines.end > leading + 1:
            break
        before = node.prev_sibling
        if before is not None and lines_of(before).end > lines.start:
            break  # it trails code on its own line
        leading = lines.start
        if node.type in shape.attributes and not comments_only:
            start = leading
        comments_only = comments_only or node.type in shape.comments
        node = before
    return _Start(start, leading)


def _body_node(node: Node, shape: Shape) -> Node | None:
    for name in ("body", "accessors", "value", "right", "block"):
        child = node.child_by_field_name(name)
        if child is not None:
            inner = child.child_by_field_name("body") if child.type not in shape.bodies else None
            return _unwrapped(inner or child)
    for child in reversed(node.named_children):
        if child.type in shape.bodies:
            return _unwrapped(child)
        if child.type in _BODY_HOLDERS and (held := _body_node(child, shape)) is not None:
            return held
    return None


def _unwrapped(body: Node) -> Node:
    """Return the node that holds the brackets: some grammars wrap a block in a body."""
    last = body.children[-1] if body.children else body
    if body.type in _BODY_WRAPPERS and last.children and last.children[0].type in _OPENERS:
        return last
    return body


def _signature(tree: SyntaxTree, node: Node, body: Node | None) -> str:
    end = node.end_byte if body is None else body.start_byte
    line_end = tree.source.find(b"\n", node.start_byte, end)
    if body is None and line_end >= 0:
        end = line_end
    return _reduced(tree.source[node.start_byte : end].decode(errors="ignore"))


def _body_lines(tree: SyntaxTree, body: Node, span: Span) -> Span | None:
    """Return the lines that hold nothing but body."""
    start, end = lines_of(body).start, lines_of(body).end
    line_start = tree.source.rfind(b"\n", 0, body.start_byte) + 1
    opens_on_header = bool(tree.source[line_start : body.start_byte].strip())
    closes = body.child_count > 0 and body.children[-1].type in _CLOSERS
    if opens_on_header or (body.child_count > 0 and body.children[0].type in _OPENERS):
        start += 1
    if closes or end > span.end:
        end -= 1
    return Span(start, end) if start < end else None


def _reduced(text: str) -> str:
    return _BLANK.sub(" ", text).strip()


@cache
def _query(language: Language) -> Query | None:
    grammar = grammar_of(language)
    if grammar is None:
        return None
    from tree_sitter import Query  # noqa: PLC0415 - imported when first parsed

    return Query(grammar, SHAPES[language.id].patterns)
