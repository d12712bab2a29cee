from __future__ import annotations

import re
from collections import Counter

import pytest

from fastapply_lsp.syntax.languages import LANGUAGES, language_named, language_of


def test_no_name_or_file_belongs_to_two_languages() -> None:
    for of in ("names", "suffixes", "basenames"):
        counted = Counter(word for language in LANGUAGES for word in getattr(language, of))
        assert [word for word, count in counted.items() if count > 1] == []
        assert all(word == word.lower() for word in counted)


def test_names_are_words_of_a_fence() -> None:
    for language in LANGUAGES:
        assert language_named(language.id) is language
        for name in language.names:
            assert re.fullmatch(r"\S+", name)
            assert language_named(name.upper() + " title=x") is language


@pytest.mark.parametrize(
    ("path", "text", "expected"),
    [
        ("a/b.test.tsx", "", "tsx"),
        (".bashrc", "", "bash"),
        ("Gemfile", "", "ruby"),
        ("CMakeLists.txt", "", "cmake"),
        ("file:///home/x/a.PY", "", "python"),
        ("x.h", "#include <stdio.h>\nint f(void);\n", "c"),
        ("x.h", "template <typename T>\nstruct A;\n", "cpp"),
        ("bin/run", "#!/usr/bin/env python3\n", "python"),
        ("bin/run", "#! /usr/bin/env -S node --x\n", "javascript"),
        ("bin/run", "no shebang", None),
        ("", "", None),
    ],
)
def test_files(path: str, text: str, expected: str | None) -> None:
    found = language_of(path, text)
    assert (found.id if found else None) == expected


@pytest.mark.parametrize("info", ["", "   ", "text", "plaintext", "12", "{}", "diff", "console"])
def test_words_that_name_no_language(info: str) -> None:
    assert language_named(info) is None
