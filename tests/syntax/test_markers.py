"""Markers are found in every style and wording; ordinary comments are left alone."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fastapply_lsp.syntax.languages import language_named
from fastapply_lsp.syntax.markers import (
    Certainty,
    MarkerKind,
    inline_markers,
    is_marker,
    markers_in,
)

_STYLES = [
    "// {}",
    "//{}",
    "# {}",
    "-- {}",
    "; {}",
    ";; {}",
    "% {}",
    "/* {} */",
    "{{/* {} */}}",
    "<!-- {} -->",
    '""" {} """',
    "    // {}",
    "/// {}",
    "{{# {} #}}",
    "(* {} *)",
]
_EXPLICIT = [
    "... existing code ...",
    "...existing code...",
    "… existing code …",
    "... rest of the code remains the same ...",
    "... (keep existing code) ...",
    "... (rest of the file unchanged) ...",
    "... rest of the class ...",
    "... other methods remain unchanged ...",
    "... unchanged ...",
    "... same as before ...",
    "... existing imports ...",
    "... existing imports and helpers ...",
    "... remaining methods stay the same",
    "... (existing implementation omitted for brevity)",
    "... keep the rest of the function as is ...",
    "... the rest of your component stays the same ...",
    "... snip ...",
    "[... existing code ...]",
    "... everything else is unchanged ...",
    "... previous test cases ...",
    "... [50 lines unchanged] ...",
    "... code truncated for brevity ...",
    "... lines 10-50 unchanged ...",
    "⋯ existing code ⋯",
    "existing code here",
    "Rest of your code...",
    "Previous code remains unchanged",
]


@pytest.mark.parametrize("style", _STYLES)
@pytest.mark.parametrize("wording", _EXPLICIT)
def test_usual_wordings_in_every_style_are_explicit(style: str, wording: str) -> None:
    line = style.format(wording)
    marker = is_marker(line + "\r\n")
    assert marker is not None
    assert marker.certainty is Certainty.EXPLICIT
    assert marker.kind is MarkerKind.ELISION
    assert line[marker.start : marker.end] == line.strip()


@pytest.mark.parametrize(
    ("line", "language", "certainty"),
    [
        ("  // ...", "ts", Certainty.LIKELY),
        ("  // …", "go", Certainty.LIKELY),
        ("# ...", "python", Certainty.LIKELY),
        ("/* ... */", "css", Certainty.LIKELY),
        ("{/* ... */}", "tsx", Certainty.LIKELY),
        ("...", "yaml", Certainty.LIKELY),
        ("...", "python", Certainty.WEAK),
        ("// ... LeftJoin, RightJoin ...", "cs", Certainty.LIKELY),
        ("// rest of the class", "java", Certainty.LIKELY),
        ("// everything else unchanged", "java", Certainty.LIKELY),
        ("// implementation remains the same", "java", Certainty.LIKELY),
        ("// code omitted for brevity", "java", Certainty.LIKELY),
        ("// same implementation as before", "java", Certainty.LIKELY),
        ("// continue with the rest of the code", "java", Certainty.LIKELY),
        ("// [snip]", "java", Certainty.LIKELY),
        ("<!-- rest of the markup -->", "html", Certainty.LIKELY),
        ("// existing imports", "java", Certainty.WEAK),
        ("// ... and then we retry", "java", Certainty.WEAK),
    ],
)
def test_less_sure_ones_say_so(line: str, language: str, certainty: Certainty) -> None:
    marker = is_marker(line, language_named(language))
    assert marker is not None
    assert marker.certainty is certainty


@pytest.mark.parametrize(
    ("line", "language"),
    [
        ("# rest of the arguments are passed on", "python"),
        ("// Loading existing users...", "ts"),
        ("// Remove the auth info from the URL", "ts"),
        ("// Use absolute URLs as-is", "ts"),
        ("// keep the connection alive", "go"),
        ("// if the code exists, it is the same as before the call was made by the user", "go"),
        ("x = [...existing, code]", "ts"),
        ("  ...props", "ts"),
        ("  ...rest,", "ts"),
        ("func f(args ...string) {", "go"),
        ("-- ...", "ts"),
        ("# removed in 3.0, use g instead", "python"),
        ("#[existing]", "rust"),
        ("the existing code", "markdown"),
        ("print('...')", "python"),
        ("# Try .../module/component.jq", "c"),
        ("@@ ... @@", "c"),
        ("* ...", "markdown"),
        ("# the value is the same for both arguments", "python"),
        ("", "python"),
        ("    pass", "python"),
    ],
)
def test_ordinary_lines_are_none(line: str, language: str) -> None:
    assert is_marker(line, language_named(language)) is None


@pytest.mark.parametrize(
    ("line", "certainty"),
    [
        ("// removed: the banner", Certainty.LIKELY),
        ("# removed old_handler()", Certainty.LIKELY),
        ("<!-- removed: HelloBar script -->", Certainty.LIKELY),
        ("// ... deleted ...", Certainty.LIKELY),
        ("// the old handler was removed", Certainty.WEAK),
    ],
)
def test_removals(line: str, certainty: Certainty) -> None:
    marker = is_marker(line)
    assert marker is not None
    assert (marker.kind, marker.certainty) == (MarkerKind.REMOVAL, certainty)


def test_a_stub_is_no_marker_but_dots_between_statements_are() -> None:
    python = language_named("python")
    stub = 'class A(Protocol):\n    def f(self) -> int:\n        """Doc."""\n        ...\n\n    x: int\n'
    assert markers_in(stub, python) == ()
    assert [m.line for m in markers_in("def f():\n    ...\n    return 1\n", python)] == [1]
    assert [m.line for m in markers_in("import a\n...\ndef g(): ...\n", python)] == [1]


def test_dots_in_a_docstring_are_hardly_a_marker() -> None:
    text = (
        'def f():\n    """Doc.\n\n    >>> f()\n    ...\n    2\n    """\n    a()\n    ...\n    b()\n'
    )
    found = markers_in(text, language_named("python"))
    assert [(m.line, m.certainty) for m in found] == [(4, Certainty.WEAK), (8, Certainty.LIKELY)]


def test_the_end_of_a_yaml_document_is_no_marker() -> None:
    yaml = language_named("yaml")
    assert markers_in("a: 1\n...\n---\nb: 2\n", yaml) == ()
    assert [m.line for m in markers_in("...\n  b: 2\n", yaml)] == [0]


def test_the_second_line_of_a_comment_is_prose() -> None:
    text = "// At this point the value is\n// unchanged.\nf();\n// unchanged\n"
    found = markers_in(text, language_named("ts"))
    assert [(m.line, m.certainty) for m in found] == [(1, Certainty.WEAK), (3, Certainty.LIKELY)]


def test_inline_markers_have_places() -> None:
    line = "f(a, /* ... */ b, /* ... rest ... */) { ... } // ... unchanged\n"
    found = inline_markers(line, language_named("c"))
    assert [line[m.start : m.end] for m in found] == [
        "/* ... */",
        "/* ... rest ... */",
        "{ ... }",
        "// ... unchanged",
    ]
    assert inline_markers("n = a + // unchanged prefix\n", language_named("go")) == ()
    assert inline_markers("x = {...}\n", language_named("python")) == ()
    assert inline_markers("# Sugar for `error { ... }`\n", language_named("ruby")) == ()


_WORDS = st.sampled_from(
    [
        "...",
        "…",
        "existing",
        "code",
        "rest",
        "of",
        "the",
        "file",
        "unchanged",
        "//",
        "#",
        "/*",
        "*/",
        "<!--",
        "-->",
        "{",
        "}",
        "[",
        "]",
        "removed:",
        "x",
        ",",
        "-",
        "'",
    ]
)


@settings(max_examples=200)
@given(words=st.lists(_WORDS, max_size=12), language=st.sampled_from(["py", "ts", "yaml", ""]))
def test_places_lie_in_their_line_and_the_end_does_not_matter(
    words: list[str], language: str
) -> None:
    line = " ".join(words)
    known = language_named(language)
    marker = is_marker(line, known)
    assert marker == is_marker(line + "\r\n", known)
    found = markers_in([line + "\n"], known)
    for one in found:
        assert one.line == 0
        assert 0 <= one.start < one.end <= len(line)
        assert line[one.start : one.end].strip() == line[one.start : one.end]


@settings(max_examples=100)
@given(text=st.text(alphabet="abc def,:()=", max_size=40))
def test_code_without_hints_is_never_a_marker(text: str) -> None:
    marker = is_marker(text)
    assert marker is None
