"""Chunks cover the text, exactly and always; definitions are found in every language."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from codekin.chunking import ChunkSizes, chunk_file, language_of
from codekin.domain.values import NodeKind
from support.places import SAMPLE
from support.texts.chunks import check_cover

SAMPLES = sorted(SAMPLE.rglob("*.*"))
NAMES = [
    "a.py",
    "a.ts",
    "a.go",
    "a.rs",
    "a.java",
    "a.c",
    "a.hs",
    "a.ex",
    "a.md",
    "a.sh",
    "a.zig",
    "a.lua",
    "a.txt",
    "a.kt",
    "a.swift",
    "a.rst",
    "a.adoc",
    "a.org",
    "a.vue",
    "a.razor",
    "a.sql",
    "a.tf",
    "a.toml",
    "a.R",
    "a.clj",
    "a.ps1",
    "a.dart",
    "a.ipynb",
    "Makefile",
    "Dockerfile",
    "CMakeLists.txt",
    "compose.yaml",
    "package.json",
]
PIECES = [
    "def f(x):",
    "class A {",
    "}",
    "{",
    "(",
    ")",
    "end",
    "fn g() {",
    "\t",
    "  ",
    "#",
    "//",
    '"',
    "'",
    "`",
    "\0",
    "\x0c",
    "\u2028",
    "é",
    "\ud800",
    "<",
    "```",
    "====",
    "<script>",
    "$$",
    "# %%",
    "services:",
    "create table t",
]


@settings(max_examples=300, deadline=None)
@given(
    path=st.sampled_from(NAMES),
    text=st.lists(
        st.one_of(st.sampled_from(PIECES), st.sampled_from(["\n", "\r\n", "\r"]), st.text(max_size=6)), max_size=60
    ).map("".join),
    most=st.integers(1, 40),
)
def test_any_text_is_covered_exactly(path, text, most):
    check_cover(
        path, text, ChunkSizes(merge_lines=most // 3 + 1, most_lines=most, most_characters=200, window_lines=most)
    )


@settings(max_examples=100, deadline=None)
@given(path=st.sampled_from(SAMPLES), cut=st.floats(0, 1), length=st.floats(0, 1), copies=st.integers(0, 3))
def test_mutilated_sources_are_covered_exactly(path, cut, length, copies):
    text = path.read_text()
    start = int(len(text) * cut)
    end = start + int((len(text) - start) * length)
    check_cover(path.name, text[:start] + text[start:end] * copies + text[end:], ChunkSizes())


def test_deep_nesting_and_giant_lines_survive():
    check_cover("a.py", "(" * 20_000, ChunkSizes())
    check_cover("a.js", "function f(){" * 5_000, ChunkSizes())
    check_cover("a.rs", "mod a {\n" * 3_000, ChunkSizes())
    check_cover("a.txt", "x" * 500_000 + "\n" + "y\n" * 10, ChunkSizes())


GOLDEN = {
    "a.py": ("class A:\n    def m(self):\n        pass\n\n@deco\ndef f():\n    pass\n\nLIMIT = 3\n", "A m f LIMIT"),
    "a.js": (
        "export function f() {}\nclass A { m() {} }\nconst g = () => 1;\nmodule.exports.h = function () {};\n",
        "f A m g h",
    ),
    "a.ts": (
        "export interface I { a(): void }\nexport type T = 1;\nabstract class Q { abstract m(): void }\nenum E { A }\n",
        "I T Q m E",
    ),
    "a.go": ("package a\ntype S struct{}\nfunc (s *S) M() {}\nfunc F() {}\nconst C = 1\n", "S M F C"),
    "a.rs": (
        "struct S;\nimpl S { fn m(&self) {} }\ntrait T { fn q(&self); }\nmacro_rules! mac { () => {} }\n",
        "S m T q mac",
    ),
    "a.java": (
        "class A { A() {} void m() {} }\ninterface I { void q(); }\nenum E { X }\nrecord R(int a) {}\n",
        "A m I q E R",
    ),
    "a.kt": ("class A { fun m() = 1 }\nfun top() {}\nobject O\nval limit = 1\n", "A m top O"),
    "a.scala": ("object O { def m = 1 }\ntrait T { def q: Int }\ncase class C(x: Int)\n", "O m T q C"),
    "a.cs": ("namespace N;\nclass A { public int P { get; } void M() {} }\ninterface I { }\n", "A P M I"),
    "a.c": (
        "static int f(void) { return 1; }\nstruct s { int a; };\nenum e { A };\n#define M(x) x\nint *g(int a) { return 0; }\n",
        "f s e M g",
    ),
    "a.cpp": (
        "namespace n { template <class T> class B { public: void m() {} }; }\nint B::q(int x) { return 1; }\n",
        "n B m B::q",
    ),
    "a.swift": (
        "struct S { func b() {}\n init() {} }\nextension S { func c() {} }\nprotocol P { func m() }\n",
        "S b c P m",
    ),
    "a.rb": ("module M\n class C\n  def m; end\n  def self.s; end\n end\nend\n", "M C m s"),
    "a.php": ("<?php\nclass B { public function m() {} }\nfunction f() {}\ninterface I {}\n", "B m f I"),
    "a.ex": (
        "defmodule A.B do\n  def hello(a) when a > 1, do: a\n  defp priv(a) do\n    a\n  end\nend\n",
        "A.B hello priv",
    ),
    "a.hs": (
        "module X where\n-- | doc\nfoo :: Int -> Int\nfoo x = x\ndata T = A | B\nclass C a where\n  m :: a\n",
        "foo T C m",
    ),
    "a.lua": (
        "local M = {}\nfunction M.foo(a) end\nlocal function bar() end\nM.baz = function() end\n",
        "M.foo bar baz",
    ),
    "a.zig": (
        "pub fn foo(a: i32) void { _ = a; }\npub const S = struct { pub fn bar(self: S) void { _ = self; } };\n",
        "foo S bar",
    ),
    "a.sh": ("foo() { echo 1; }\nfunction bar { :; }\n", "foo bar"),
    "a.md": ("# Title\ntext\n## Part\nmore\n", "Title Part"),
    "a.tsx": ("export function Box() { return <b/>; }\n", "Box"),
}


@pytest.mark.parametrize("path", sorted(GOLDEN))
def test_definitions_of_each_language(path):
    text, expected = GOLDEN[path]
    found = {definition.name for chunk in chunk_file(path, text) for definition in chunk.definitions}
    assert set(expected.split()) <= found


def test_a_function_takes_the_comment_above_it_and_its_qualified_name():
    text = (
        "import os\n\n\nclass A:\n    x = 1\n"
        "    # says why\n    @property\n    def m(self):\n"
        + "        y = 1\n" * 20
        + "\n    def n(self):\n"
        + "        z = 1\n" * 20
    )
    chunks = chunk_file("a.py", text)
    method = next(chunk for chunk in chunks if "def m" in chunk.text)
    assert method.text.lstrip().startswith("# says why")
    assert method.symbol == "A.m"
    assert method.scope == ("A",)
    assert "says why" in method.doc


def test_big_functions_are_split_and_keep_their_name():
    text = "def big():\n" + "".join(f"    value_{n} = {n}\n" for n in range(300))
    chunks = chunk_file("a.py", text)
    assert len(chunks) > 3
    assert all(chunk.symbol == "big" for chunk in chunks)


def test_tests_are_distinguished_from_code():
    assert chunk_file("tests/test_a.py", "def test_x():\n    pass\n")[0].kind is NodeKind.TEST
    assert chunk_file("src/a_test.go", "package a\n")[0].kind is NodeKind.TEST
    assert chunk_file("src/latest.py", "x = 1\n")[0].kind is NodeKind.CODE


@pytest.mark.parametrize(
    ("path", "first", "language"),
    [
        ("Makefile", "", "make"),
        ("x/Dockerfile.dev", "", "dockerfile"),
        ("run", "#!/usr/bin/env python3", "python"),
        ("run", "#!/bin/bash -e", "bash"),
        ("a.unknown", "", "text"),
        ("A.TSX", "", "tsx"),
    ],
)
def test_language_by_name_extension_and_first_line(path, first, language):
    assert language_of(path, first) == language


def test_content_key_depends_on_the_text_and_its_scope_only():
    one, other = (
        chunk_file("a.py", "def f():\n    return 1\n")[0],
        chunk_file("b/c.py", "\n\ndef f():\n    return 1\n")[0],
    )
    assert one.content_key("1") == other.content_key("1")
    assert one.content_key("1") != one.content_key("2")
    assert 0 <= one.content_key("1") < 2**63
