"""Commits are found by the functions and classes that they changed, in every language."""

from __future__ import annotations

import pytest

from codekin.domain.search import SearchRequest
from codekin.errors import HistoryError
from codekin.history import changed_symbols, list_commits, open_repository
from support.engines import find_history, open_indexed

PYTHON = """LIMIT = 3


class Reader:
    def parse_config(self, text):
        first = text
        second = text
        third = text
        return first

    def load(self):
        return 2


def write():
    return 1
"""
GO = """package a

func (r *Reader) ParseConfig(text string) string {
	first := text
	return first
}

func Write() {
	println(1)
}
"""
SCRIPT = """export class Reader {
  parse(text) {
    return text
  }
}

export async function writeAll() {
  const one = 1
  return one
}
"""
C = """#include <stdio.h>

static int parse_config(const char *text)
{
    int first = 1;
    return first;
}

int write_all(void)
{
    return 1;
}
"""


def symbols(folder):
    repository = open_repository(folder)
    (newest, *_) = list_commits(repository, repository.heads().tips, limit=100, days=0)
    return changed_symbols(repository, [newest])[newest]


@pytest.mark.parametrize(
    ("name", "text", "old", "new", "expected"),
    [
        ("a.py", PYTHON, "second = text", "second = text + text", ("parse_config",)),
        ("a.py", PYTHON, "return 2", "return 3", ("load",)),
        ("a.py", PYTHON, "LIMIT = 3", "LIMIT = 4", ("LIMIT",)),
        ("a.py", PYTHON, "def write():", "def write(file):", ("write",)),
        (
            "a.py",
            PYTHON,
            "        return 2\n",
            "        return 2\n\n    def more(self):\n        return 4\n",
            ("more",),
        ),
        ("a.py", PYTHON, "\n\ndef write", "\n\n@cache\ndef once():\n    return 0\n\n\ndef write", ("once",)),
        ("a.py", PYTHON, "    return 1\n", "    return 1\n\n\nprint(2)\n", ()),
        ("a.go", GO, "first := text", "first := text + text", ("ParseConfig",)),
        ("a.ts", SCRIPT, "one = 1", "one = 2", ("writeAll",)),
        ("a.ts", SCRIPT, "export class Reader", "export class Loader", ("Reader", "Loader")),
        ("a.c", C, "first = 1", "first = 2", ("parse_config",)),
        ("a.md", "# def parse_config(x):\none\n", "one", "two", ()),
        ("a.py", "def ünï():\n    return 1\n", "1", "2", ("ünï",)),
    ],
)
def test_names_are_those_of_the_changed_functions(repo, name, text, old, new, expected):
    repo.commit("Begin", {name: text})
    repo.commit("Change", {name: text.replace(old, new)})
    assert symbols(repo.folder) == expected


def test_first_commit_merges_and_any_content_are_read(repo):
    repo.commit("Begin", {"a.py": PYTHON, "odd.py": "x = '\0//\0'\n" + "def hidden():\n    pass\n", "b.py": "é\n"})
    assert set(symbols(repo.folder)) >= {"Reader", "parse_config", "load", "write", "LIMIT"}
    repo.run("switch", "-qc", "side")
    repo.commit("Aside", {"a.py": PYTHON.replace("return 1", "return 5")})
    repo.run("switch", "-q", "main")
    repo.commit("More", {"c.py": "x = 1\n"})
    repo.merge("side", "Merge pull request #3 from ann/side\n\nWrite five")
    assert symbols(repo.folder) == ("write",)


def test_names_of_one_commit_are_bounded(repo):
    repo.commit("Many", {"a.py": "".join(f"def function_{number}():\n    pass\n" for number in range(500))})
    assert len(symbols(repo.folder)) == 100


async def test_commit_is_found_by_the_function_that_it_changed(repo):
    repo.commit("Begin", {"a.py": PYTHON, "other.py": "def other():\n    return 1\n"})
    tweak = repo.commit("Tweak", {"a.py": PYTHON.replace("second = text", "second = text + text")})
    repo.commit("Unrelated", {"other.py": "def other():\n    return 2\n"})
    async with open_indexed(repo.folder) as engine:
        best = (await engine.search(SearchRequest("which commit changed parse_config"))).results[0]
        assert best.commit == tweak
        assert best.snippet == "Tweak\n\na.py\n\nChanges parse_config"


async def test_clone_without_contents_says_what_is_missing(small, tmp_path):
    small.run("config", "uploadpack.allowFilter", "true")
    clone = tmp_path / "clone"
    small.run("clone", "-q", "--no-checkout", "--filter=blob:none", f"file://{small.folder}", str(clone))
    repository = open_repository(clone)
    with pytest.raises(HistoryError):
        changed_symbols(repository, list_commits(repository, repository.heads().tips, limit=9, days=0))
    async with open_indexed(clone) as engine:
        assert any(
            "Git could not list the functions that commits changed" in reason for reason in engine.status().reasons
        )
        assert (await find_history(engine, "rate limiting"))[0].symbol == "Add rate limiting to the client"
