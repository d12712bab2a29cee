"""Definitions of every language, drawn beside the source they come from."""

from __future__ import annotations

from dataclasses import replace
from textwrap import dedent

import pytest
import tree_sitter
from hypothesis import given, settings
from hypothesis import strategies as st

from fastapply_lsp.syntax.definitions import Definition, definitions, warm
from fastapply_lsp.syntax.languages import LANGUAGES, Grammar, Language, language_named
from fastapply_lsp.syntax.shapes import SHAPES
from fastapply_lsp.syntax.tree import has_grammar
from fastapply_lsp.text.lines import split_lines


def drawn(source: str, name: str) -> list[str]:
    """One line a definition: kind, path, whole lines, body lines (1-based, as an editor shows)."""
    found = []
    for outer in definitions(dedent(source).lstrip("\n"), language_named(name)):
        for one in outer.walk():
            body = f" body {one.body.start + 1}-{one.body.end}" if one.body else ""
            found.append(f"{one.kind} {one.qualified} {one.leading + 1}-{one.span.end}{body}")
    return found


def test_python() -> None:
    source = '''
        """Doc."""
        LIMIT = 3

        # Why this one.
        @cache
        def f(a):
            return a


        class A(B):
            x: int = 1

            # the first
            async def m(self):
                def inner():
                    pass
                return inner
    '''
    assert drawn(source, "python") == [
        "variable LIMIT 2-2",
        "function f 4-7 body 7-7",
        "class A 10-17 body 11-17",
        "variable A.x 11-11",
        "function A.m 13-17 body 15-17",
        "function A.m.inner 15-16 body 16-16",
    ]


def test_a_comment_first_in_a_class_belongs_to_the_method_below() -> None:
    source = """
        class A:  # of its own
            # why
            def f(self):
                pass
    """
    assert drawn(source, "py") == ["class A 1-4 body 3-4", "function A.f 2-4 body 4-4"]


def test_typescript() -> None:
    source = """
        /** Doc. */
        export default function f(a: string): void;
        export function g() {
          return 1;
        }
        export const h = async () => {
          g();
        };
        interface I {
          a: string;
          m(): void;
        }
        abstract class C {
          @dec()
          private p = () => {
            g();
          };
          abstract x(): void;
        }
        describe("a", () => {
          it("b", () => {
            h();
          });
        });
        exports.k = function () {
          g();
        };
    """
    assert drawn(source, "ts") == [
        "function f 1-2",
        "function g 3-5 body 4-4",
        "function h 6-8 body 7-7",
        "interface I 9-12 body 10-11",
        "field I.a 10-10",
        "method I.m 11-11",
        "class C 13-19 body 14-18",
        "field C.p 14-17 body 16-16",
        "method C.x 18-18",
        'block describe "a" 20-24 body 21-23',
        'block describe "a".it "b" 21-23 body 22-22',
        "function exports.k 25-27 body 26-26",
    ]


def test_rust() -> None:
    source = """
        /// Doc.
        #[derive(Debug)]
        pub struct S<T> {
            a: T,
        }

        impl<T> S<T> {
            // Why.
            pub fn m(&self) {
                todo!()
            }
        }

        impl Display for S<u8> {
            fn m(&self) {}
        }

        mod tests {
            #[test]
            fn t() {}
        }
    """
    assert drawn(source, "rs") == [
        "struct S 1-5 body 4-4",
        "impl S 7-12 body 8-11",
        "function S.m 8-11 body 10-10",
        "impl <Display>.S 14-16 body 15-15",
        "function <Display>.S.m 15-15",
        "module tests 18-21 body 19-20",
        "function tests.t 19-20",
    ]


def test_go_methods_belong_to_their_receiver() -> None:
    source = """
        // Doc.
        func (c *Ctx[T]) Next() {
        \tc.i++
        }

        type (
        \tA int
        \tB interface {
        \t\tM()
        \t}
        )

        func F() {
        }
    """
    assert drawn(source, "go") == [
        "method Ctx.Next 1-4 body 3-3",
        "type A 7-7",
        "type B 8-10 body 9-9",
        "method B.M 9-9",
        "function F 13-14",
    ]


def test_cpp() -> None:
    source = """
        namespace a::b {
        template <typename T>
        class C : D<T> {
         public:
          C();
          int m() const { return 1; }
        };
        }
        int C::m() const {
          std::vector<int> local(3);
          return 1;
        }
        TEST(Suite, One) {
          x();
        }
        static const char* names[] = {
          "a",
        };
        #define MAX(a, b) \\
          a
    """
    assert drawn(source, "c++") == [
        "module a.b 1-8 body 2-7",
        "class a.b.C 2-7 body 4-6",
        "prototype a.b.C.C 5-5",
        "function a.b.C.m 6-6",
        "function C.m 9-12 body 10-11",
        "block TEST(Suite, One) 13-15 body 14-14",
        "variable names 16-18 body 17-17",
        "macro MAX 19-20 body 20-20",
    ]


def test_java_kotlin_and_csharp() -> None:
    java = """
        /** Doc. */
        @A
        public class C {
          int f = 1;

          /** Doc. */
          @Override
          public void m() {
            x();
          }
        }
    """
    assert drawn(java, "java") == [
        "class C 1-11 body 4-10",
        "field C.f 4-4",
        "method C.m 6-10 body 9-9",
    ]
    kotlin = """
        class C {
          // Why.
          @Test fun m(): Int {
            return 1
          }
          val p: Int = 2
        }
        fun String.ext() = 1
    """
    assert drawn(kotlin, "kt") == [
        "class C 1-7 body 2-6",
        "function C.m 2-5 body 4-4",
        "field C.p 6-6",
        "function ext 8-8",
    ]
    csharp = """
        namespace N
        {
            /// <summary>Doc.</summary>
            [A]
            public class C
            {
                public int P { get; set; }
                public void M<T>(int a)
                {
                    x();
                }
            }
        }
    """
    assert drawn(csharp, "cs") == [
        "module N 1-13 body 3-12",
        "class N.C 3-12 body 7-11",
        "field N.C.P 7-7",
        "method N.C.M 8-11 body 10-10",
    ]


def test_ruby_php_bash_and_lua() -> None:
    ruby = """
        module M
          # Why.
          def self.f
            1
          end
          describe 'x' do
            it 'y' do
            end
          end
        end
    """
    assert drawn(ruby, "rb") == [
        "module M 1-10 body 3-9",
        "method M.self.f 2-5 body 4-4",
        "block M.describe 'x' 6-9 body 7-8",
        "block M.describe 'x'.it 'y' 7-8",
    ]
    php = """
        <?php
        class C {
            public $x = 1;
            /** Doc. */
            public function m() {
                return 1;
            }
        }
    """
    assert drawn(php, "php") == [
        "class C 2-8 body 3-7",
        "field C.$x 3-3",
        "method C.m 4-7 body 6-6",
    ]
    assert drawn("X=1\n# Why.\nf() {\n  a\n}\n", "sh") == [
        "variable X 1-1",
        "function f 2-5 body 4-4",
    ]
    assert drawn("function M:c()\n  a()\nend\nM.d = function()\nend\n", "lua") == [
        "function M:c 1-3 body 2-2",
        "function M.d 4-5",
    ]


def test_style_sheets() -> None:
    scss = """
        @mixin m($a) {
          b: $a;
        }
        .a, .b {
          &:hover {
            c: d;
          }
        }
    """
    assert drawn(scss, "scss") == [
        "function m 1-3 body 2-2",
        "rule .a, .b 4-8 body 5-7",
        "rule .a, .b.&:hover 5-7 body 6-6",
    ]
    assert drawn("@media (x: y) {\n  .q {\n    a: b;\n  }\n}\n", "css") == [
        "block (x: y) 1-5 body 2-4",
        "rule (x: y)..q 2-4 body 3-3",
    ]


def test_data_and_prose() -> None:
    assert drawn('{\n  "a": {\n    "b": 1\n  }\n}\n', "json") == [
        'key "a" 2-4 body 3-3',
        'key "a"."b" 3-3',
    ]
    assert drawn("a: 1\nb:\n  c: 2\n", "yaml") == ["key a 1-1", "key b 2-3 body 3-3", "key b.c 3-3"]
    assert drawn("[dep]\nb = 2\n\n[[z]]\nq = 1\n", "toml")[:2] == ["table dep 1-3", "key dep.b 2-2"]
    assert drawn("# A\n\ntext\n\n## B\n\nmore\n", "md") == ["section A 1-7", "section A.B 5-7"]


def test_overloads_differ_in_their_signature() -> None:
    source = "class C {\n  void m(int a) {}\n  void m(String a,\n      int b) {\n  }\n}\n"
    [outer] = definitions(source, language_named("java"))
    assert [child.signature for child in outer.children] == [
        "void m(int a)",
        "void m(String a, int b)",
    ]


def test_a_broken_file_still_has_what_can_be_read() -> None:
    source = "def f(:\n    return\n\n\ndef g():\n    pass\n"
    names = [one.name for one in definitions(source, language_named("python"))]
    assert "g" in names


@pytest.mark.parametrize("ends", ["\n", "\r\n", "\r"])
def test_lines_are_the_editors_lines(ends: str) -> None:
    source = ends.join(["\ufeffa = '\u2028\x0c'", "", "def f():", "    pass", ""])
    [_, f] = definitions(source, language_named("python"))
    assert (f.span.start, f.span.end) == (2, 4)


@pytest.mark.parametrize("language", LANGUAGES, ids=lambda language: language.id)
def test_every_language_with_a_shape_has_its_grammar_here(language: Language) -> None:
    assert has_grammar(language) >= (language.id in SHAPES)
    assert definitions("", language) == ()


_PIECES = st.sampled_from(
    [
        *("def f():\n", "class A:\n", "    x = 1\n", "    def m(self):\n", "        pass\n"),
        *("# c\n", "@d\n", "\n", "}\n", "function f() {\n", "  a;\n", "/* c */\n"),
        "export const b = () => {\n",
    ]
)


@settings(max_examples=100)
@given(pieces=st.lists(_PIECES, max_size=25), name=st.sampled_from(["python", "js", "cpp", "rb"]))
def test_spans_nest_and_stay_inside_the_file(pieces: list[str], name: str) -> None:
    text = "".join(pieces)
    count = len(split_lines(text))

    def check(one: Definition, low: int, high: int) -> None:
        assert low <= one.leading <= one.span.start < one.span.end <= high
        if one.body is not None:
            assert one.span.start <= one.body.start < one.body.end <= one.span.end
        for child in one.children:
            check(child, one.leading, one.span.end)

    for outer in definitions(text, language_named(name)):
        check(outer, 0, count)


def test_a_warm_language_compiles_nothing_more(monkeypatch: pytest.MonkeyPatch) -> None:
    python = language_named("python")
    assert python is not None
    fresh = replace(python, names=("fresh",))
    warm(fresh)
    monkeypatch.delattr(tree_sitter, "Query")
    assert [one.name for one in definitions("def f():\n    pass\n", fresh)] == ["f"]


def test_what_has_no_grammar_or_no_patterns_is_warm_already() -> None:
    warm(Language("python", ("python",), grammar=Grammar("no_such_module_anywhere")))
    warm(Language("ini", ("ini",)))


def test_a_swift_operator_is_not_named_after_its_result() -> None:
    text = """\
    protocol P {
        static func < (a: Self, b: Self) -> Bool
    }
    struct S: P {
        init(x: Int) {}
        static func == (a: S, b: S) -> Bool { true }
        static func < (a: S, b: S) -> Bool { false }
        func plain() -> Foo.Bar { x }
    }
    """
    found = definitions(dedent(text), language_named("swift"))
    names = [one.qualified for top in found for one in top.walk()]
    assert names == ["P", "P.<", "S", "S.init", "S.==", "S.<", "S.plain"]
