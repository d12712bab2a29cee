from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

from fastapply_lsp.syntax.faults import syntax_errors
from fastapply_lsp.syntax.languages import LANGUAGES, Language, language_named
from fastapply_lsp.syntax.tree import forget_trees, has_grammar, lines_of, parse, walk


def test_columns_are_code_points() -> None:
    tree = parse("x = '😀é' + yy\n", language_named("python"))
    assert tree is not None
    [name] = [node for node in walk(tree.root) if tree.text(node) == "yy" and not node.children]
    assert tree.column(name.start_byte) == 11


def test_a_lone_return_ends_a_line_and_surrogates_do_not_matter() -> None:
    tree = parse("a\rb\r\n'\udc00'\r", language_named("python"))
    assert tree is not None
    assert [lines_of(node).start for node in tree.root.children] == [0, 1, 2]
    assert lines_of(tree.root).end == 3


def test_unknown_languages_have_no_tree() -> None:
    assert parse("x", None) is None
    assert not has_grammar(None)
    assert syntax_errors("(((", None) == ()


@pytest.mark.parametrize(
    ("name", "text", "lines"),
    [
        ("python", "def f():\n    pass\n", ()),
        ("python", "x = 1\ndef f(:\n    pass\n", (1,)),
        ("ts", "function f() {\n  return 1;\n", (1,)),
        ("json", '{"a": }', (0,)),
        ("go", "package a\n\nfunc f() {\n\tx :=\n}\n", (3,)),
    ],
)
def test_errors_have_lines(name: str, text: str, lines: tuple[int, ...]) -> None:
    found = syntax_errors(text, language_named(name))
    assert bool(found) == bool(lines)
    if lines:
        assert found[0] in range(lines[0] - 1, lines[0] + 2)


@pytest.mark.parametrize(
    "language", [one for one in LANGUAGES if one.grammar], ids=lambda one: one.id
)
def test_every_named_grammar_loads_without_a_warning(language: Language) -> None:
    assert parse("x", language) is not None


def test_importing_the_room_loads_no_parser() -> None:
    code = (
        "import sys, fastapply_lsp.syntax.markers, fastapply_lsp.syntax.definitions,"
        " fastapply_lsp.syntax.faults;"
        "print([m for m in sys.modules if m.startswith('tree_sitter')])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_threads_parse_beside_each_other() -> None:
    text = "def f(a, b=(1, 2)):\n    return [a, {'b': b}]\n\n" * 300
    language = language_named("python")

    def errors_of_many(own: str) -> list[tuple[int, ...]]:
        # Half of the texts are the thread's own, half have one tree for all.
        texts = [f"{text}# {name} {n}\n(" for n in range(6) for name in (own, "shared")]
        return [syntax_errors(each, language) for each in texts]

    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)  # so that they do get in each other's way
    try:
        with ThreadPoolExecutor(4) as pool:
            found = [run.result() for run in [pool.submit(errors_of_many, each) for each in "abcd"]]
    finally:
        sys.setswitchinterval(interval)
    assert found == [errors_of_many("a")] * 4


def test_a_text_asked_of_again_is_not_parsed_again() -> None:
    python = language_named("python")
    first = parse("a = 1\n", python)
    assert parse("a = 1\n", python) is first
    forget_trees()
    assert parse("a = 1\n", python) is not first
