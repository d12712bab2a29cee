"""Which language is it? Known languages by path and by the word after a fence.

The table is data: a language is its names, its files, how it writes comments, whether indentation
carries meaning, and where its grammar lives. A language without an importable grammar still has
comments, so that markers are read in it; only trees and definitions are missing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache


@dataclass(frozen=True, slots=True)
class Delimiters:
    """The opening and the closing token of a comment."""

    opening: str
    closing: str


@dataclass(frozen=True, slots=True)
class Grammar:
    """A module that carries a compiled grammar, and the function in it that hands it out."""

    module: str
    function: str = "language"


@dataclass(frozen=True, slots=True)
class Language:
    """One language, as far as edits need to know it.

    ``names`` are lower-case words that stand after a fence; ``suffixes`` are file name endings
    with their dot, ``basenames`` whole file names, both lower-case. ``indents`` says that
    indentation is part of the grammar, so that a shifted line is a changed program.
    """

    id: str
    names: tuple[str, ...]
    suffixes: tuple[str, ...] = ()
    basenames: tuple[str, ...] = ()
    line_comments: tuple[str, ...] = ()
    block_comments: tuple[Delimiters, ...] = ()
    indents: bool = False
    grammar: Grammar | None = None


_SLASHES = ("//",)
_HASH = ("#",)
_STARS = (Delimiters("/*", "*/"),)
_ANGLES = (Delimiters("<!--", "-->"),)
_JSX = (Delimiters("{/*", "*/}"), *_STARS)
_DOCSTRINGS = (Delimiters('"""', '"""'), Delimiters("'''", "'''"))


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


def _c_like(
    id_: str,
    names: str,
    suffixes: str,
    *,
    grammar: Grammar | None = None,
    block_comments: tuple[Delimiters, ...] = _STARS,
) -> Language:
    return Language(
        id=id_,
        names=_words(names),
        suffixes=_words(suffixes),
        line_comments=_SLASHES,
        block_comments=block_comments,
        grammar=grammar,
    )


def _hash_like(
    id_: str,
    names: str,
    suffixes: str,
    basenames: str = "",
    *,
    grammar: Grammar | None = None,
) -> Language:
    return Language(
        id=id_,
        names=_words(names),
        suffixes=_words(suffixes),
        basenames=_words(basenames),
        line_comments=_HASH,
        grammar=grammar,
    )


def _markup(id_: str, names: str, suffixes: str, grammar: Grammar | None = None) -> Language:
    return Language(
        id=id_,
        names=_words(names),
        suffixes=_words(suffixes),
        block_comments=_ANGLES,
        grammar=grammar,
    )


LANGUAGES: tuple[Language, ...] = (
    Language(
        id="python",
        names=_words("python py python3 py3 python2 pyi starlark bazel"),
        suffixes=_words(".py .pyi .pyw .bzl"),
        basenames=_words("sconstruct build.bazel"),
        line_comments=_HASH,
        block_comments=_DOCSTRINGS,
        indents=True,
        grammar=Grammar("tree_sitter_python"),
    ),
    _c_like(
        "javascript",
        "javascript js jsx mjs cjs node ecmascript es6 javascriptreact",
        ".js .mjs .cjs .jsx",
        grammar=Grammar("tree_sitter_javascript"),
        block_comments=_JSX,
    ),
    _c_like(
        "typescript",
        "typescript ts mts cts",
        ".ts .mts .cts",
        grammar=Grammar("tree_sitter_typescript", "language_typescript"),
    ),
    _c_like(
        "tsx",
        "tsx typescriptreact",
        ".tsx",
        grammar=Grammar("tree_sitter_typescript", "language_tsx"),
        block_comments=_JSX,
    ),
    _c_like("rust", "rust rs", ".rs", grammar=Grammar("tree_sitter_rust")),
    _c_like("go", "go golang", ".go", grammar=Grammar("tree_sitter_go")),
    _c_like("java", "java", ".java", grammar=Grammar("tree_sitter_java")),
    _c_like("c", "c h", ".c .h", grammar=Grammar("tree_sitter_c")),
    _c_like(
        "cpp",
        "cpp c++ cc cxx hpp hxx h++ cplusplus cuda",
        ".cpp .cc .cxx .c++ .hpp .hh .hxx .h++ .ipp .inl .cu .cuh",
        grammar=Grammar("tree_sitter_cpp"),
    ),
    _c_like("csharp", "csharp cs c# dotnet", ".cs .csx", grammar=Grammar("tree_sitter_c_sharp")),
    _hash_like(
        "ruby",
        "ruby rb jruby",
        ".rb .rake .gemspec .ru .podspec",
        "rakefile gemfile podfile vagrantfile guardfile brewfile",
        grammar=Grammar("tree_sitter_ruby"),
    ),
    Language(
        id="php",
        names=_words("php php8 php7"),
        suffixes=_words(".php .phtml .php5"),
        line_comments=("//", "#"),
        block_comments=_STARS,
        grammar=Grammar("tree_sitter_php", "language_php"),
    ),
    _hash_like(
        "bash",
        "bash sh shell zsh ksh shellscript shell-script",
        ".sh .bash .zsh .ksh .bats .bashrc .zshrc .profile .bash_profile",
        "pkgbuild",
        grammar=Grammar("tree_sitter_bash"),
    ),
    Language(
        id="css",
        names=_words("css"),
        suffixes=_words(".css"),
        block_comments=_STARS,
        grammar=Grammar("tree_sitter_css"),
    ),
    _c_like("scss", "scss", ".scss", grammar=Grammar("tree_sitter_scss")),
    _c_like("less", "less", ".less"),
    _c_like("kotlin", "kotlin kt kts", ".kt .kts", grammar=Grammar("tree_sitter_kotlin")),
    _c_like("scala", "scala sc sbt", ".scala .sc .sbt", grammar=Grammar("tree_sitter_scala")),
    _c_like("swift", "swift", ".swift", grammar=Grammar("tree_sitter_swift")),
    _c_like("groovy", "groovy gradle jenkinsfile", ".groovy .gradle"),
    _c_like("dart", "dart", ".dart"),
    _c_like("zig", "zig", ".zig"),
    _c_like("proto", "proto protobuf", ".proto"),
    _c_like("solidity", "solidity sol", ".sol"),
    _c_like("objc", "objc objective-c objectivec obj-c", ".m .mm"),
    Language(
        id="lua",
        names=_words("lua luau"),
        suffixes=_words(".lua"),
        line_comments=("--",),
        block_comments=(Delimiters("--[[", "]]"),),
        grammar=Grammar("tree_sitter_lua"),
    ),
    _markup("html", "html htm xhtml", ".html .htm .xhtml", Grammar("tree_sitter_html")),
    _markup("xml", "xml svg xsl xsd plist", ".xml .svg .xsl .xsd .csproj .props .targets .plist"),
    _markup(
        "markdown",
        "markdown md mdx",
        ".md .markdown .mdx .mkd",
        Grammar("tree_sitter_markdown"),
    ),
    Language(
        id="vue",
        names=_words("vue svelte astro"),
        suffixes=_words(".vue .svelte .astro"),
        line_comments=_SLASHES,
        block_comments=(*_ANGLES, *_STARS),
    ),
    _c_like(
        "json",
        "json json5 jsonc jsonl",
        ".json .json5 .jsonc .webmanifest",
        grammar=Grammar("tree_sitter_json"),
    ),
    Language(
        id="yaml",
        names=_words("yaml yml"),
        suffixes=_words(".yaml .yml .clang-format"),
        line_comments=_HASH,
        indents=True,
        grammar=Grammar("tree_sitter_yaml"),
    ),
    _hash_like(
        "toml",
        "toml",
        ".toml",
        "cargo.lock poetry.lock uv.lock pipfile",
        grammar=Grammar("tree_sitter_toml"),
    ),
    Language(
        id="ini",
        names=_words("ini cfg conf properties dotenv env editorconfig"),
        suffixes=_words(".ini .cfg .conf .properties .env .editorconfig"),
        basenames=_words(".env .editorconfig .gitconfig .npmrc"),
        line_comments=("#", ";"),
    ),
    Language(
        id="sql",
        names=_words("sql postgresql postgres mysql sqlite plsql tsql"),
        suffixes=_words(".sql"),
        line_comments=("--",),
        block_comments=_STARS,
    ),
    _hash_like("dockerfile", "dockerfile docker", ".dockerfile", "dockerfile containerfile"),
    _hash_like("make", "makefile make mk", ".mk .mak", "makefile gnumakefile"),
    _hash_like("cmake", "cmake", ".cmake", "cmakelists.txt"),
    _hash_like("r", "r rscript", ".r .rmd"),
    _hash_like("perl", "perl pl", ".pl .pm"),
    _hash_like("elixir", "elixir ex exs", ".ex .exs"),
    _hash_like("julia", "julia jl", ".jl"),
    _hash_like("graphql", "graphql gql", ".graphql .gql"),
    _hash_like("nix", "nix", ".nix"),
    Language(
        id="hcl",
        names=_words("hcl terraform tf"),
        suffixes=_words(".tf .hcl .tfvars"),
        line_comments=("#", "//"),
        block_comments=_STARS,
    ),
    Language(
        id="powershell",
        names=_words("powershell ps1 pwsh"),
        suffixes=_words(".ps1 .psm1 .psd1"),
        line_comments=_HASH,
        block_comments=(Delimiters("<#", "#>"),),
    ),
    Language(
        id="haskell",
        names=_words("haskell hs elm"),
        suffixes=_words(".hs .elm"),
        line_comments=("--",),
        block_comments=(Delimiters("{-", "-}"),),
        indents=True,
    ),
    Language(
        id="ocaml",
        names=_words("ocaml ml"),
        suffixes=_words(".ml .mli"),
        block_comments=(Delimiters("(*", "*)"),),
    ),
    Language(
        id="clojure",
        names=_words("clojure clj cljs lisp elisp scheme racket commonlisp emacs-lisp"),
        suffixes=_words(".clj .cljs .cljc .edn .lisp .el .scm .rkt"),
        line_comments=(";",),
    ),
    Language(
        id="erlang",
        names=_words("erlang erl latex tex matlab"),
        suffixes=_words(".erl .hrl .tex .sty"),
        line_comments=("%",),
    ),
    Language(
        id="vim",
        names=_words("vim viml vimscript"),
        suffixes=_words(".vim"),
        basenames=_words(".vimrc"),
        line_comments=('"',),
    ),
)

_LONGEST_SUFFIX_PARTS = 2
_SNIFFED = 50_000
"""Characters of a header that are searched for C++; the first class comes early."""
_CPP_ONLY = re.compile(
    r"^\s*(?:namespace\b|template\s*<|class\s+\w|using\s+\w|(?:public|private|protected)\s*:)"
    r"|\bstd::|\bconstexpr\b|^\s*#\s*include\s*<(?:string|vector|memory|iostream|type_traits)>",
    re.MULTILINE,
)
_SHEBANG = re.compile(r"\ufeff?#!\s*\S*?/?(?:env\s+(?:-\S+\s+)*)?(?P<name>[^\s/]+)(?:\s|$)")
_INFO_WORD = re.compile(r"[A-Za-z0-9+#_.-]+")


@cache
def _by_name() -> dict[str, Language]:
    return {name: language for language in LANGUAGES for name in (language.id, *language.names)}


@cache
def _by_suffix() -> dict[str, Language]:
    return {suffix: language for language in LANGUAGES for suffix in language.suffixes}


@cache
def _by_basename() -> dict[str, Language]:
    return {name: language for language in LANGUAGES for name in language.basenames}


def language_of(path: str, text: str = "") -> Language | None:
    r"""Return the language of the file at ``path`` (a relative or absolute path, or a URI).

    The name decides. Its first characters of content, where given as ``text``, decide what a name
    leaves open: whether a ``.h`` is C++, and what a script without a suffix is written in.

    >>> [language.id if (language := language_of(path)) else None
    ...  for path in ("src/app.py", r"C:\work\A.TSX", "Makefile", "Dockerfile.dev", "notes.xyz")]
    ['python', 'tsx', 'make', 'dockerfile', None]
    >>> language_of("fmt/core.h", "namespace fmt {").id, language_of("run", "#!/bin/sh -e").id
    ('cpp', 'bash')
    """
    base = re.split(r"[\\/]", path.rstrip("/\\"))[-1].lower()
    found = _by_path(base)
    if not text:
        return found
    if found is None and (match := _SHEBANG.match(text)):
        return _by_name().get(match["name"].rstrip("0123456789."))
    if base.endswith(".h") and _CPP_ONLY.search(text[:_SNIFFED]):
        return _by_name()["cpp"]
    return found


def _by_path(base: str) -> Language | None:
    if found := _by_basename().get(base):
        return found
    parts = base.split(".")
    for count in range(min(_LONGEST_SUFFIX_PARTS, len(parts) - 1), 0, -1):
        if found := _by_suffix().get("." + ".".join(parts[-count:])):
            return found
    return _by_basename().get(parts[0])


def language_named(info: str) -> Language | None:
    """Return the language that a fence's info string names with its first word.

    A word that names no language may still be a file, as in ```` ```src/app.py ````.

    >>> [language.id if (language := language_named(info)) else None
    ...  for info in ("python3", "ts title=x", "{.rust}", "C++", "cs", "src/app.py", "", "text")]
    ['python', 'typescript', 'rust', 'cpp', 'csharp', 'python', None, None]
    """
    info = info.strip().lstrip("{.").rstrip("}")
    if not info:
        return None
    first = info.split()[0]
    word = _INFO_WORD.match(first)
    if word and (found := _by_name().get(word[0].lower().strip("."))):
        return found
    return language_of(first.split(":")[-1]) or language_of(first.split(":")[0])
