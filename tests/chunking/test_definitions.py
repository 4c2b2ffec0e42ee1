"""Definitions are found in conditions, blocks, calls, values, and behind macros of C and C++."""

from __future__ import annotations

import os
import random

import pytest

from codekin.chunking import chunk_file
from codekin.chunking.definitions import definitions
from codekin.chunking.parsing import parse


def found(path, text):
    """(name, kind) of every definition."""
    return {(item.name, item.kind) for chunk in chunk_file(path, text) for item in chunk.definitions}


def names(path, text):
    """The names of all definitions."""
    return {name for name, _ in found(path, text)}


BODY = "    x += 1;\n" * 4
PYTHON_BODY = "        x = 1\n" * 4

INSTANCES = {
    "linkage block": ("a.h", 'extern "C" {\nint a(void);\n}\n', "a"),
    "linkage block in a condition": (
        "a.h",
        '#ifdef __cplusplus\nextern "C" {\n#endif\nint a(void);\n#ifdef __cplusplus\n}\n#endif\n',
        "a",
    ),
    "linkage block of C++": ("a.cpp", 'extern "C" {\nint a(void);\nvoid b() {}\n}\nextern "C" int c();\n', "a b c"),
    "foreign functions of Rust": ("a.rs", 'extern "C" { fn c(); static D: i32; }\n', "c D"),
    "export macro": ("a.cpp", "class API_EXPORT W : public Q { public: void go() {} };\n", "W go"),
    "attribute macro with arguments": (
        "a.h",
        (
            'namespace n {\nclass ABSL_LOCKABLE MY_DEPRECATED("x") Lock final {\n public:\n  void Take() EXCLUSIVE(mu_) { x(); }\n'
            "  API_CALL(1) bool Try() const;\n};\n}\n"
        ),
        "n Lock Take Try",
    ),
    "macros in the place of labels": (
        "a.hpp",
        "class A {\n  SOME_PRIVATE:\n  int one() { return 1; }\n public Q_SLOTS:\n  void two();\n};\n",
        "A one two",
    ),
    "macros that open a namespace": (
        "a.hpp",
        "LIB_NAMESPACE_BEGIN\nnamespace detail\n{\nLIB_RETURNS(1)\ninline int f() { return 1; }\n}\nLIB_NAMESPACE_END\nint g();\n",
        "detail f g",
    ),
    "macro behind the name of a namespace": (
        "a.h",
        "namespace std VISIBILITY(default)\n{\nclass A {\n  NODISCARD bool\n  empty() const NOEXCEPT\n  { return 1; }\n};\n}\n",
        "std A empty",
    ),
    "macro around a type": (
        "a.h",
        "PyAPI_FUNC(int) PyX_One(int);\nAPI(long)\ntwo(void);\nextern int three (int) __THROW __nonnull ((1));\nclass Q {\n};\n",
        "PyX_One two three",
    ),
    "macros in what cannot be read": ("a.c", "enum {\n  A,\n#define A A\n};\n", "A"),
    "brace opened twice": (
        "a.c",
        "#ifdef A\nint f(int x) {\n#else\nint f(long x) {\n#endif\n}\nint two(void){}\nint three(void){}\n",
        "f two three",
    ),
    "condition in a body": (
        "a.c",
        "int f(int x) {\n#ifdef A\n  if (x) {\n#else\n  while (x) {\n#endif\n    y();\n  }\n}\nint two(void) {\n  return 1;\n}\n",
        "f two",
    ),
    "condition among parameters": (
        "a.c",
        "int f(int x\n#ifdef A\n  , int y\n#endif\n  )\n{\n  return x;\n}\nint two(void)\n{\n}\n",
        "f two",
    ),
    "test macros": ("a.cc", "TEST(Suite, Works) {\n  x();\n}\nTEST_F(Fixture, Too) {\n  x();\n}\n", "Works Too"),
    "defining macros": (
        "a.c",
        "DEFINE_MUTEX(lock);\nSYSCALL_DEFINE3(write, int, fd, char *, buf, int, n)\n{\n  return 1;\n}\nstatic DEFINE_SPINLOCK(spin)\nint g(void) { }\n",
        "lock write spin g",
    ),
    "function of an extension module": ("a.c", "PyMODINIT_FUNC\nPyInit_x(void)\n{\n    return 0;\n}\n", "PyInit_x"),
    "prefixes and calling conventions": (
        "a.h",
        "ZEXTERN int ZEXPORT deflate OF((z_streamp strm, int flush));\nFMT_API void print(int);\ntypedef VOID (NTAPI *Routine)(int);\n",
        "deflate print Routine",
    ),
    "type names and tags": ("a.c", "typedef struct _A { int x; } A, *PA;\n", "_A A PA"),
    "macro in a function": ("a.c", "int f(void) {\n#define LOCAL(x) (x)\n  return LOCAL(1);\n}\n", "f LOCAL"),
    "member declarations": (
        "a.cpp",
        (
            "struct S { ~S(); explicit operator bool() const; bool operator()(int); using T = int; friend void fr(); "
            "template <class U> void tm(); };\nS::~S() = default;\n"
        ),
        "S ~S operator() T fr tm",
    ),
    "classes of Python in branches": (
        "a.py",
        (
            'if sys.platform == "win32":\n    class W: ...\nelse:\n    def w(): ...\ntry:\n    import ssl\nexcept ImportError:\n'
            "    class X: ...\nelse:\n    class Y: ...\nfinally:\n    def z(): ...\nwith a:\n    def in_with(): ...\nfor i in a:\n"
            "    def in_for(): ...\nwhile 1:\n    def in_while(): ...\nmatch a:\n    case 1:\n        def in_match(): ...\n"
        ),
        "W w X Y z in_with in_for in_while in_match",
    ),
    "class that is exported as a value": ("a.js", "module.exports = class App { use () {} }\n", "App use"),
    "class that is a property": ("a.js", "exports.F = class F {}\nconst G = class { m(){} }\n", "F G m"),
    "object assigned twice": (
        "a.js",
        "const p = module.exports = { onerror () {}, x: function () {} }\n",
        "p onerror x",
    ),
    "functions in a function that is called": ("a.js", "(function () { function a() {} var b = () => 1 })()\n", "a b"),
    "functions in suites of tests": (
        "a.ts",
        "describe('x', () => { function helper() {} class Fake {} })\n",
        "helper Fake",
    ),
    "named function as an argument": ("a.js", "on('x', function handle() {\n  a()\n})\n", "handle"),
    "prototypes": (
        "a.js",
        "Shape.prototype = { area: function () {} };\nShape.prototype.size = function () {};\nb = a || function () {};\n",
        "area size b",
    ),
    "methods in an option": ("a.js", "Vue.component('x', { methods: { go() {} }, data: () => 1 })\n", "go data"),
    "blocks of Ruby": (
        "a.rb",
        (
            "RSpec.describe A do\n  def helper; end\nend\nclass B\n  included do\n    def c; end\n  end\n  private def d; end\n"
            "  define_method(:e) { 1 }\n  alias f d\nend\nif x\n  def g; end\nend\n"
        ),
        "helper B c d e f g",
    ),
    "tables of Lua": (
        "a.lua",
        (
            "local t = { f = function() end, g = { h = function() end }, ['i'] = function() end }\nM.j = function() end\n"
            "M.k = wrap(function() end)\nif x then\n  function l() end\nend\nreturn { n = function() end }\n"
        ),
        "t f h i j k l n",
    ),
    "functions of Haskell without a module": (
        "a.hs",
        "main :: IO ()\nmain = go\n  where go = print 1\na <+> b = 1\nx, y :: Int\n",
        "main <+> x y",
    ),
    "types of Haskell": (
        "a.hs",
        (
            "data T a = A Int | B { fld, other :: Int }\nnewtype N = N { unN :: Int }\nclass C a where\n  type F a\n  m :: a\n"
            "type family G a where\n  G Int = Bool\ndata family D a\ndata E where\n  K :: Int -> E\npattern P x = Just x\n"
        ),
        "T A B fld other N unN C F m G D E K P",
    ),
    "definitions of Elixir": (
        "a.ex",
        (
            "defmodule A do\n  @type t :: atom\n  @callback init(x) :: y\n  defguard is_x(a) when a > 1\n  defdelegate size(a), to: M\n"
            "  defmacrop m(a), do: a\n  deftask own(a) do\n    1\n  end\n  if true do\n    def in_if, do: 1\n  end\n  def a + b, do: 1\n"
            "  defmacro __using__(_) do\n    quote do\n      def quoted, do: 1\n    end\n  end\nend\ndefprotocol P do\nend\n"
            "defimpl P, for: A do\n  def size(_), do: 1\nend\n"
        ),
        "A t init is_x size m own in_if + __using__ quoted P",
    ),
    "functions of a shell": ("a.sh", "if x; then\n  a() { :; }\nfi\nb() {\n  c() { :; }\n}\n", "a b c"),
    "interfaces of Go": ("a.go", "package a\ntype I interface {\n\tName() string\n}\n", "I Name"),
    "functions of PHP in a condition": (
        "a.php",
        "<?php\nif (!function_exists('f')) {\n  function f() {}\n}\nenum E: int { case A = 1; public function label() {} }\n",
        "f E label",
    ),
    "branches of C#": (
        "a.cs",
        (
            "namespace N {\n#if A\nclass B { void M() {} }\n#else\nclass C { }\n#endif\n"
            "class D { public static bool operator ==(D a, D b) => true; void P() { *(int*)p = 1; } void Q() { } }\n}\n"
        ),
        "N B M C D operator== P Q",
    ),
    "annotations of Java": ("a.java", '@interface A { String value() default ""; }\n', "A value"),
    "classes in a function of Kotlin": (
        "a.kt",
        "fun make(): Any {\n    class Local(val x: Int) {\n        fun get() = x\n        fun two() = 2\n    }\n    return Local(1)\n}\n",
        "make Local get",
    ),
    "implementations in a function of Rust": (
        "a.rs",
        "fn f() {\n    struct V(\n        u8,\n        u16,\n    );\n    impl T for V {\n        fn go(&self) {}\n        fn to(&self) {}\n    }\n}\n",
        "f V go to",
    ),
}


@pytest.mark.parametrize("kind", INSTANCES)
def test_definitions_are_found(kind):
    path, text, expected = INSTANCES[kind]
    assert set(expected.split()) - names(path, text) == set()


KINDS = {
    "a.cpp": ("class API_EXPORT W : public Q { public: void go() {} };\n", {("W", "class"), ("go", "method")}),
    "a.js": ("exports.F = class F { m() {} }\n", {("F", "class"), ("m", "method")}),
    "a.cc": ("TEST(Suite, Works) {\n  x();\n}\n", {("Works", "test")}),
    "a.hs": ("data T = A { f :: Int }\n", {("T", "type"), ("A", "constructor"), ("f", "field")}),
    "a.py": ("if a:\n    class W:\n        def m(self): ...\n", {("W", "class"), ("m", "method")}),
}


@pytest.mark.parametrize("path", KINDS)
def test_definitions_have_their_kind(path):
    text, expected = KINDS[path]
    assert found(path, text) == expected


def test_a_named_function_of_some_lines_within_a_function_counts_and_a_small_one_does_not():
    text = (
        "def outer():\n    small = 1\n    def tiny(): return 1\n"
        f"    def closure(x):\n{PYTHON_BODY}    class Local:\n        def m(self): ...\n{PYTHON_BODY}    return closure\n"
    )
    assert names("a.py", text) == {"outer", "closure", "Local", "m"} | {"x"}  # `x` of the class
    script = (
        "function outer() {\n  const n = 1;\n  const tiny = () => 1;\n  const big = (x) => {\n" + BODY + "  };\n}\n"
    )
    assert names("a.js", script) == {"outer", "big"}


def test_what_is_assigned_in_a_loop_or_a_callback_is_no_constant():
    assert names("a.py", "for i in y:\n    z = i\n") == set()
    assert names("a.js", "each(() => { const z = 1 })\n") == set()
    assert names("a.rb", "each do |x|\n  y = x\nend\n") == set()


def test_what_only_looks_like_a_definition_is_none():
    assert names("a.c", "struct a *f(void);\nenum b g(void);\nint x(1);\n") >= {"f", "g"}
    assert not names("a.c", "struct a *f(void);\nenum b g(void);\n") & {"a", "b"}
    assert names("a.c", "typedef int (*cb)(int a);\nstruct s { int (*p)(int); };\n") == {"cb", "s"}
    assert names("a.lua", "t[f()] = function() end\nlocal s = type(x) == 'function'\n") == {"s"}
    assert names("a.ex", "def unquote(name)(a), do: a\n") == set()


def test_a_definition_begins_where_what_is_wrapped_around_it_begins():
    (chunk,) = chunk_file("a.py", "@deco(\n    1,\n)\ndef f():\n" + PYTHON_BODY * 3)
    assert chunk.text.startswith("@deco(")
    syntax = parse("int a;\n\ntemplate <\n  class T>\nclass B {\n  void m();\n};\n", "cpp")
    assert [item.start_line for item in definitions(syntax) if item.name == "B"] == [2]


def test_lines_of_definitions_are_exact_behind_blanked_macros():
    text = "LIB_BEGIN\n\nclass LIB_API W {\n public:\n  LIB_CALL int go();\n};\nLIB_END\n"
    lines = {item.name: item.line for chunk in chunk_file("a.cpp", text) for item in chunk.definitions}
    assert lines == {"W": 2, "go": 4}


@pytest.mark.parametrize(
    "head", ["class A {\npublic:\n", "namespace n {\n", "template <class T>\n", "using X = int;\n"]
)
def test_a_header_is_read_as_cpp_where_it_is(head):
    assert "f" in names("a.h", head + "virtual int f() const noexcept;\n")


def test_text_that_is_hostile_to_the_recovery_is_chunked_in_time():
    for piece in ("AAA_B(x) ", "DEFINE_", "class AAA ", "#if 0\n{\n", ") const ", "AAA(", "f() : a(", "{"):
        text = "}\n" + piece * (20_000 // len(piece))
        assert "".join(chunk.text for chunk in chunk_file("a.cpp", text)).strip() != ""


MUTATIONS = int(os.environ.get("CODEKIN_TEST_MUTATIONS", "400"))


def test_mutated_sources_of_every_language_raise_nothing_and_lose_no_line():
    draw = random.Random(15)
    texts = [(path, text.encode() * 4) for path, text, _ in INSTANCES.values()]
    for _ in range(MUTATIONS):
        (path, text), (_, other) = draw.choice(texts), draw.choice(texts)
        at, end = sorted(draw.randrange(len(text) + 1) for _ in range(2))
        flipped = bytearray(text)
        for _ in range(8):
            flipped[draw.randrange(len(text))] = draw.choice(b"\0(){}[]\"'`\\\t#/*;:<>,\xff")
        mutated = draw.choice((text[:at], text[:at] + other + text[at:], text[:end] + text[at:], bytes(flipped)))
        lines = mutated.decode("utf-8", "replace").splitlines(keepends=True)
        covered = set()
        for chunk in chunk_file(path, "".join(lines)):
            covered.update(range(chunk.start_line, chunk.end_line))
            assert all(chunk.start_line <= item.line < chunk.end_line for item in chunk.definitions)
        assert all(number in covered for number, line in enumerate(lines) if line.strip())
