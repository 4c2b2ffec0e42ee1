"""Definitions below half-typed code, whose brackets are still open, keep their names and lines."""

from __future__ import annotations

import pytest

from codekin.chunking import redacted_chunks
from codekin.chunking.definitions import definitions
from codekin.chunking.parsing import parse

HALF = {
    "typescript": (
        "function half(a: string) {\n  if (a) {\n    const x =\n\n",
        "export function one(a: string) {\n  return a;\n}\n\nclass Two {\n  first() {\n    return 1;\n  }\n}\n",
    ),
    "javascript": (
        "function half(a) {\n  call(a, (x) => {\n    [1,\n\n",
        "function one(a) {\n  return a;\n}\n\nclass Two {\n  first() {\n    return 1;\n  }\n}\n",
    ),
    "go": (
        "package a\n\nfunc half(a int) {\n\tif a > 1 {\n\n",
        "func one(a int) int {\n\treturn a\n}\n\ntype Two struct {\n\tx int\n}\n\nfunc (t *Two) first() int {\n\treturn 1\n}\n",
    ),
    "rust": (
        "fn half(a: i32) {\n    if a > 1 {\n\n",
        "fn one(a: i32) -> i32 {\n    a\n}\n\nstruct Two {\n    x: i32,\n}\n\nimpl Two {\n    fn first(&self) -> i32 {\n        1\n    }\n}\n",
    ),
    "java": (
        "class Two {\n  void half(int a)\n      throws E {\n    if (a > 1) {\n\n",
        "  int one(int a,\n      int b) {\n    return a;\n  }\n\n  int first() {\n    return 1;\n  }\n}\n",
    ),
    "csharp": (
        "class Two\n{\n  void half(int a)\n  {\n    if (a > 1)\n    {\n\n",
        "  int one(int a)\n  {\n    return a;\n  }\n\n  int first()\n  {\n    return 1;\n  }\n}\n",
    ),
    "php": (
        "<?php\nfunction half($a) {\n  if ($a) {\n\n",
        "function one($a) {\n  return $a;\n}\n\nclass Two {\n  function first() {\n    return 1;\n  }\n}\n",
    ),
    "kotlin": (
        "fun half(a: Int) {\n    if (a > 1) {\n\n",
        "fun one(a: Int): Int {\n    return a\n}\n\nclass Two {\n    fun first(): Int {\n        return 1\n    }\n}\n",
    ),
    "python": (
        "def half(a):\n    x = {'a': [1,\n\n",
        "def one(a):\n    return a\n\n\nclass Two:\n    def first(self):\n        return 1\n",
    ),
}
ENDED = "// }\nfunction half(a: string) {\n  if (a) {\n  return '}';\n}\n\nfunction one() {\n  return `${2}`;\n}\n"
SUITE = (
    "describe('a', () => {\n  it('b', () => {\n    const x = [\n  });\n\n  function one() {\n    return 1;\n  }\n});\n"
)


def named(text, language):
    """Return the (qualified name, line) of each definition."""
    syntax = parse(text, language)
    return [(".".join((*item.scope, item.name)), item.line) for item in definitions(syntax)]


@pytest.mark.parametrize("language", HALF)
def test_definitions_below_half_typed_code_keep_their_names_and_lines(language):
    head, rest = HALF[language]
    found = dict(named(head + rest, language))
    lines = (head + rest).split("\n")
    owner = "Two." if language in {"java", "csharp"} else ""
    assert {f"{owner}half", f"{owner}one", "Two", "Two.first"} <= found.keys()
    for name, line in found.items():
        assert name.rpartition(".")[2] in lines[line]


def test_a_bracket_that_is_opened_within_a_function_leaves_the_next_one_its_name():
    assert named(ENDED, "typescript") == [("half", 1), ("one", 6)]


def test_brackets_of_calls_are_closed_with_the_bracket_in_them():
    assert ("one", 5) in [(name.rpartition(".")[2], line) for name, line in named(SUITE, "javascript")]


def test_a_head_that_lacks_a_parenthesis_ends_on_its_line():
    text = "class Two:\n    def half(self, a:\n        return a\n\n    def one(self):\n        return 1\n"
    assert named(text, "python") == [("Two", 0), ("Two.half", 1), ("Two.one", 4)]


def test_chunks_below_half_typed_code_have_their_own_names():
    head, _ = HALF["typescript"]
    body = "".join(f"  console.log({number});\n" for number in range(12))
    text = f"{head}export function one() {{\n{body}}}\n\nexport function two() {{\n{body}}}\n"
    symbols = {chunk.symbol: chunk.start_line for chunk in redacted_chunks("a.ts", text).chunks}
    assert symbols == {"half": 0, "one": 4, "two": 19}
