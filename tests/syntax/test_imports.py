"""Every language's imports are read."""

from __future__ import annotations

import pytest

from fastapply_lsp.syntax.imports import PATTERNS, imported_names
from fastapply_lsp.syntax.languages import language_named
from fastapply_lsp.text.replacement import Span

STATEMENTS = {
    "python": ("from a.b import (\n    c as d,\n    e,\n)\nx = f\n", "a b c d e"),
    "javascript": ("import a, { b as c } from './d';\nlet x = f;\n", "a b c d"),
    "typescript": ("import type { A } from 'b';\nlet x: F;\n", "A b"),
    "tsx": ("import A from 'b';\nconst x = <F/>;\n", "A b"),
    "rust": ("use a::{B, c};\nextern crate d;\nfn f() {}\n", "a B c d"),
    "go": ('package p\n\nimport (\n\t"a/b"\n\tc "d"\n)\n\nvar f = 1\n', "a b c d"),
    "java": ("package p;\nimport static a.b.C;\nclass F {}\n", "a b C"),
    "kotlin": ("package p\nimport a.B\nval f = 1\n", "a B"),
    "scala": ("import a.{B, C}\nval f = 1\n", "a B C"),
    "swift": ("import A\nlet f = 1\n", "A"),
    "c": ('#include <a.h>\n#include "b.h"\nint f;\n', "a h b"),
    "cpp": ("#include <a>\nusing b::c;\nint f;\n", "a b c"),
    "csharp": ("using A.B;\nusing C = D.E;\nclass F {}\n", "A B C D E"),
    "php": ("<?php\nuse A\\B;\nuse C as D;\n$f = 1;\n", "A B C D"),
    "ruby": ("require 'a'\nrequire_relative 'b'\nputs 'f'\n", "a b"),
    "bash": ("source ./a.sh\n. b\necho f\n", "a sh b"),
    "css": ("@import 'a';\n.f { color: red; }\n", "a"),
    "scss": ("@use 'a';\n@import 'b';\n.f { color: red; }\n", "a b"),
}


def test_every_language_has_a_statement() -> None:
    assert set(STATEMENTS) == set(PATTERNS)


@pytest.mark.parametrize("language", STATEMENTS)
def test_imports_are_read(language: str) -> None:
    text, names = STATEMENTS[language]
    found = imported_names(text, language_named(language))
    assert list(found) == names.split()
    assert all(name in text.split("\n")[line] for name, line in found.items())


def test_only_statements_in_these_lines() -> None:
    text = "import a\nimport b\nimport c\n"
    assert imported_names(text, language_named("python"), Span(1, 2)) == {"b": 1}


def test_what_has_no_imports() -> None:
    assert imported_names("import a\n", language_named("markdown")) == {}
    assert imported_names("import a\n", None) == {}
