"""Definitions and uses of a name, apart from text and from other things of that name."""

from __future__ import annotations

import pytest

from codekin.searching import ReferenceKind
from support.engines import open_indexed

DEFINITION, USE, OTHER, MENTION = ReferenceKind


@pytest.fixture
def found_in(tmp_path):
    """Writes files and returns the lines with a name, as {(path, line): kind}, and the answer."""

    async def found(files, name):
        root = tmp_path / "code"
        for path, text in files.items():
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_text(text)
        async with open_indexed(root) as engine:
            answer = await engine.references(name)
        return {(item.path, item.line + 1): item.kind for item in answer.found}, answer

    return found


async def test_comments_strings_and_documents_are_mentions(found_in):
    files = {
        "a.py": 'def send(): ...\n# send\nx = "send"\nsend()  # send\n',
        "README.md": "Call `send`.\n",
        "run.toml": "send = 1\n",
    }
    kinds, answer = await found_in(files, "send")
    assert kinds == {
        ("a.py", 1): DEFINITION,
        ("a.py", 2): MENTION,
        ("a.py", 3): MENTION,
        ("a.py", 4): USE,
        ("README.md", 1): MENTION,
        ("run.toml", 1): USE,
    }
    assert answer.counts == {DEFINITION: 1, USE: 2, OTHER: 0, MENTION: 3}
    assert (answer.files, answer.unparsed) == (2, 1)
    assert [item.kind for item in answer.found] == sorted(item.kind for item in answer.found)


async def test_uses_in_a_language_that_cannot_call_it_are_probably_another(found_in):
    files = {"a.py": "def open_box(): ...\n", "b.go": "package b\nfunc f() { open_box() }\n", "c.py": "open_box()\n"}
    kinds, _ = await found_in(files, "open_box")
    assert kinds == {("a.py", 1): DEFINITION, ("b.go", 2): OTHER, ("c.py", 1): USE}
    files = {"a.c": "int open_can(void) { return 1; }\n", "b.cpp": "int f() { return open_can(); }\n"}
    kinds, _ = await found_in(files, "open_can")
    assert kinds[("b.cpp", 1)] is USE


TWO_CLASSES = {
    "one.py": "class One:\n    def run(self): ...\n    def go(self):\n        self.run()\n",
    "two.py": "class Two:\n    def run(self): ...\n    def go(self):\n        self.run()\n",
    "use.py": "from one import One\nOne().run()\n",
}


async def test_a_qualified_name_chooses_the_definition(found_in):
    kinds, answer = await found_in(TWO_CLASSES, "One.run")
    assert kinds == {
        ("one.py", 2): DEFINITION,
        ("one.py", 4): USE,
        ("two.py", 2): OTHER,
        ("two.py", 4): OTHER,
        ("use.py", 2): USE,
    }
    assert answer.defined == ("One.run",)
    both, answer = await found_in(TWO_CLASSES, "run")
    assert set(both.values()) == {DEFINITION, USE}
    assert set(answer.defined) == {"One.run", "Two.run"}


async def test_a_module_chooses_the_definition(found_in):
    files = {
        "pkg/a.py": "def load(): ...\n",
        "pkg/b.py": "def load(): ...\nload()\n",
        "c.py": "from pkg.a import load\n",
    }
    kinds, answer = await found_in(files, "pkg.a.load")
    assert kinds == {
        ("pkg/a.py", 1): DEFINITION,
        ("pkg/b.py", 1): OTHER,
        ("pkg/b.py", 2): OTHER,
        ("c.py", 1): USE,
    }
    assert answer.defined == ("a.load",)
    _, answer = await found_in(files, "load")
    assert set(answer.defined) == {"a.load", "b.load"}


async def test_a_method_is_not_called_without_a_receiver(found_in):
    files = {
        "a.js": "class Client {\n  request() {}\n  get() { return this.request(); }\n}\n",
        "b.js": "go(() => {\nuse(request);\nclient.request();\nreturn { request };\n});\n",
        "A.java": "class A {\n  void request() {}\n  void get() { request(); }\n}\n",
    }
    kinds, _ = await found_in({name: files[name] for name in ("a.js", "b.js")}, "request")
    assert kinds == {
        ("a.js", 2): DEFINITION,
        ("a.js", 3): USE,
        ("b.js", 2): OTHER,
        ("b.js", 3): USE,
        ("b.js", 4): OTHER,
    }


async def test_a_bare_name_is_a_use_within_its_class_and_where_receivers_are_optional(found_in):
    files = {
        "a.py": "class A:\n    def get_x(self): ...\n    x = property(get_x)\n",
        "b.py": "get_x = 1\n",
    }
    kinds, _ = await found_in(files, "get_x")
    assert (kinds[("a.py", 3)], kinds[("b.py", 1)]) == (USE, DEFINITION)
    kinds, _ = await found_in({"A.java": "class A {\n  void ask() {}\n  void go() { ask(); }\n}\n"}, "ask")
    assert kinds == {("A.java", 2): DEFINITION, ("A.java", 3): USE}


async def test_the_definition_around_a_use_is_the_innermost(found_in):
    files = {"a.py": "class A:\n    def go(self):\n        send()\n\nsend()\ndef send(): ...\n"}
    _, answer = await found_in(files, "send")
    assert [(item.line + 1, item.symbol) for item in answer.found] == [(6, "send"), (3, "A.go"), (5, "")]


async def test_no_name_has_no_references(found_in):
    kinds, answer = await found_in({"a.py": "x = 1\n"}, "nothing_here")
    assert (kinds, answer.files, sum(answer.counts.values())) == ({}, 0, 0)
    kinds, _ = await found_in({"a.py": "x = 1\n"}, "()")
    assert kinds == {}
