"""The language of a text without a name: of our own files, and of anything."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fastapply_lsp.syntax.detection import detected
from fastapply_lsp.syntax.languages import language_of

ROOT = Path(__file__).parents[2]
OURS = sorted(
    file
    for folder in ("fastapply_lsp", "examples", "docs", "tests/neovim", "tests/server")
    for file in (ROOT / folder).rglob("*")
    if file.suffix in {".py", ".ts", ".tsx", ".go", ".css", ".yaml", ".lua", ".toml", ".md"}
)


_FEW = 12
"""Lines in which there may be nothing but a docstring."""


def test_our_own_files_are_told_by_their_content() -> None:
    wrong = []
    for file in OURS:
        text = file.read_text(encoding="utf-8")
        if text.count("\n") > _FEW and detected(text) is not language_of(file.name, text):
            wrong.append(file.relative_to(ROOT).as_posix())
    assert len(OURS) > 300
    assert len(wrong) <= len(OURS) * 0.03, wrong


SNIPPETS = {
    "c": "#include <stdio.h>\n\nstatic int twice(int x)\n{\n    return 2 * x;\n}\n",
    "cpp": "#include <vector>\n\nnamespace a {\ntemplate <typename T> T one() { return T{1}; }\n}\n",
    "csharp": "using System;\n\nnamespace A\n{\n    public sealed class B\n    {\n        public int C { get; set; }\n    }\n}\n",
    "css": "a:hover {\n  color: red;\n}\n\n.b > li {\n  margin: 0 auto;\n}\n",
    "html": "<!doctype html>\n<html>\n<body><p>One</p></body>\n</html>\n",
    "java": "package a.b;\n\nimport java.util.List;\n\npublic class C {\n    private final int d = 1;\n}\n",
    "json": '{\n  "a": [1, 2],\n  "b": null\n}\n',
    "kotlin": "package a\n\nimport b.C\n\ndata class D(val e: Int) {\n    fun f(): Int = e\n}\n",
    "lua": "local function f(x)\n  if x then\n    return nil\n  end\n  return x\nend\n",
    "markdown": "# A title\n\nSome words, and\nmore of them.\n\n## A part\n\n- one\n- two\n",
    "php": "<?php\n\nnamespace A;\n\nfinal class B\n{\n    public function c(): int { return 1; }\n}\n",
    "ruby": "require 'set'\n\nmodule A\n  class B\n    def c(x)\n      return nil unless x\n    end\n  end\nend\n",
    "rust": "use std::fmt;\n\npub fn one(x: &mut u8) -> Option<u8> {\n    match *x {\n        0 => None,\n        _ => Some(1),\n    }\n}\n",
    "scss": "$gap: 4px;\n\n.a {\n  &:hover {\n    @include shadow;\n  }\n}\n",
    "toml": '[package]\nname = "a"\nversion = "1.0"\n\n[dependencies]\nb = { version = "2" }\n',
    "tsx": "import type { A } from './a';\n\nexport function B({ a }: { a: A }) {\n  return <p className=\"x\">{a.b as string}</p>;\n}\n",
    "typescript": "interface A {\n  b: string;\n}\n\nexport const c = (a: A): string => a.b;\n",
}  # fmt: skip


@pytest.mark.parametrize("language", SNIPPETS)
def test_a_few_lines_are_enough(language: str) -> None:
    found = detected(SNIPPETS[language])
    assert found is not None
    assert found.id == language


def test_a_hint_decides_only_what_the_text_leaves_open() -> None:
    code = "class A {\n  b() {\n    return 1;\n  }\n}\n"
    told = [detected(code, hints=[hint]) for hint in ("javascript", "typescript", "python")]
    assert [language and language.id for language in told[:2]] == ["javascript", "typescript"]
    assert told[2] is not None
    assert told[2].id != "python"


@pytest.mark.parametrize("text", ["", "\n\n", "Hello, how are you?\n", "a", "\ud800\n", "\0" * 99])
def test_what_is_no_code_is_not_taken_for_any(text: str) -> None:
    assert detected(text) is None


@settings(deadline=None)
@given(st.text(max_size=400), st.lists(st.text(max_size=8), max_size=3))
def test_any_text_has_a_language_or_none(text: str, hints: list[str]) -> None:
    found = detected(text, hints=hints)
    assert found is None or found.names


def test_a_large_file_is_told_by_its_beginning() -> None:
    unit = "def f_{0}(x):\n    if x:\n        return [{0}]\n    return {{}}\n\n\n"
    text = "".join(unit.format(number) for number in range(20_000))
    found = detected(text)
    assert found is not None
    assert found.id == "python"
