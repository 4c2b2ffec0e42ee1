"""Names in code, and not in comments and strings, checked against Python's own tokenizer."""

from __future__ import annotations

import io
import re
import sys
import tokenize
from collections import defaultdict
from pathlib import Path

import click
import pytest

from codekin.chunking import occurrences_of

NAME = re.compile(r"(?<!\w)name(?!\w)")


def code_lines(path, text, word):
    found = occurrences_of(path, text, word)
    return None if found is None else found.code


CASES = {
    "a.py": ('"""name."""\n# name\nx = "name"\ny = f"{name}"\nz = f"name {x}"\nname = 1  # name\n', {3, 5}),
    "a.js": ("// name\n/* name */\nx = 'name'\ny = `name ${name}`\nz = `name`\nq = /name/\nname()\n", {3, 6}),
    "a.ts": ('const x: string = "name";\nlet name: string;\n', {1}),
    "a.tsx": ('const x = <p className="name">{name}</p>;\n// name\n', {0}),
    "a.go": ('// name\nvar x = "name"\nvar y = `name`\nfunc name() {}\n', {3}),
    "a.rs": ('/// name\nfn name() { println!("name"); }\n// name\nconst X: &str = "name";\n', {1}),
    "A.java": ('class A { /** name */ String x = "name";\nint name; // x\n}\n', {1}),
    "a.c": ('/* name */\nchar *x = "name";\nint name(void);\n#define X name\n', {2, 3}),
    "a.cpp": ('// name\nauto x = R"(name)";\nstd::vector<name> y;\n', {2}),
    "a.cs": ('class A { string x = "name";\nstring y = $"name {name}";\n// name\nstring z = $"name"; }\n', {1}),
    "a.rb": ('# name\nx = "name"\ny = "#{name}"\nz = :name\n', {2, 3}),
    "a.php": ("<?php\n// name\n$x = 'name';\n$y = \"$name\";\nname();\n", {3, 4}),
    "a.sh": ('# name\nx="name"\ny="$name"\nz="$(name)"\nname\n', {2, 3, 4}),
    "a.kt": ('// name\nval x = "name"\nval y = "$name"\nval z = "${name}"\nval name = 1\n', {2, 3, 4}),
    "a.swift": ('// name\nlet x = "name"\nlet y = "\\(name)"\nlet name = 1\n', {2, 3}),
    "a.scala": ('// name\nval x = "name"\nval y = s"name $x"\nval z = s"$name"\nval name = 1\n', {3, 4}),
    "a.ex": ('# name\nx = "name"\ny = "#{name}"\n<<name::8>> = y\n', {2, 3}),
    "a.ml": ('(* name *)\nlet x = "name"\nlet y = name.[0]\n', {2}),
    "a.hs": ('-- | name\nx = "name"\ny = name\n', {2}),
    "a.lua": ("-- name\nx = 'name'\ny = [[name]]\nname()\n", {3}),
    "a.zig": ('/// name\nconst x = "name";\nconst y = name;\n', {2}),
    "a.clj": ('; name\n(def x "name")\n(name)\n', {2}),
}


@pytest.mark.parametrize("path", CASES)
def test_names_in_comments_and_strings_are_left_out(path):
    text, expected = CASES[path]
    assert code_lines(path, text, NAME) == expected


def test_without_a_grammar_nothing_is_known():
    assert code_lines("a.md", "name\n", NAME) is None
    assert code_lines("a.py", "name\rname\n", NAME) is None


def test_the_innermost_definition_around_a_line():
    text = "class A:\n    def run(self):\n        name()\n\n    x = name\nname()\n"
    found = occurrences_of("a.py", text, NAME)
    around = [found.around(line) for line in sorted(found.code)]
    assert [item and (*item.scope, item.name) for item in around] == [("A", "run"), ("A", "x"), None]


def test_letters_beyond_ascii_do_not_shift_places():
    text = 'x = "äöü 日本 name"; y = name\nname = "ü"  # name\n"ü name"\n'
    assert code_lines("a.py", text, NAME) == {0, 1}


@pytest.mark.skipif(
    sys.version_info >= (3, 12), reason="f-strings are several tokens, so names are attributed otherwise"
)
def test_real_code_agrees_with_the_tokenizer_of_python():
    compared = 0
    for file in sorted(Path(click.__file__).parent.glob("*.py")):
        text = file.read_text(encoding="utf-8")
        code, formatted = defaultdict(set), set()
        for token in tokenize.generate_tokens(io.StringIO(text).readline):
            if token.type == tokenize.NAME:
                code[token.string].add(token.start[0] - 1)
            elif token.type == tokenize.STRING and "f" in token.string.partition("'")[0].partition('"')[0].lower():
                formatted.update(range(token.start[0] - 1, token.end[0]))
        for name in sorted(code, key=lambda name: -len(code[name]))[:20]:
            found = code_lines(file.name, text, re.compile(rf"(?<!\w){re.escape(name)}(?!\w)"))
            assert found is not None
            assert found - formatted == code[name] - formatted, (file.name, name)
            compared += 1
    assert compared > 200
